#!@shell@
## Header of a job script for Flux; the step's command follows it. `@name@` is filled in, a line of which a name has
## no value is dropped, lines that begin with two # (like this one) are dropped too.
## The #INFO lines tell a reader what was asked for. Flux does not read them: it is asked on the command line.
#INFO (nodes) @nodes@
#INFO (walltime) @walltime@
#INFO (queue) @queue@
#INFO (flux_uri) @uri@
