#!@shell@
## Header of a script that runs here, without a scheduler; the step's command follows it.
