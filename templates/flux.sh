#!@shell@
## Header of a job script for Flux; the step's command follows it. `@name@` is filled in, a line of which a name has
## no value is dropped, one of which it has several is written for each, lines that begin with two # (like this one)
## are dropped too.
#MAESTRO-INFO (flux_uri) @uri@
#flux: -N @nodes@
#flux: -n @procs@
#flux: -t @walltime@
#flux: -q @queue@
#flux: --bank=@bank@
#flux: --job-name="@job@"
#flux: --output=@out@
#flux: --error=@err@
#flux: @exclusive@
#flux: @allocation@
#flux: -c @cores@
#flux: -g @gpus@
#flux: --cwd=@folder@
#flux: @more@
