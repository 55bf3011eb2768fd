#!@shell@
## Header of a job script for LSF; the step's command follows it. `@name@` is filled in, a line of which a name has
## no value is dropped, lines that begin with two # (like this one) are dropped too.
#BSUB -nnodes @nodes@
#BSUB -n @slots@
#BSUB -q @queue@
#BSUB -G @bank@
#BSUB -W @walltime@
#BSUB -J @job@
#BSUB -o @out@
#BSUB -U @reservation@
#BSUB -e @err@
#BSUB -R @mem@
#BSUB -R @constraint@
#BSUB -R @required@
#BSUB @args@
