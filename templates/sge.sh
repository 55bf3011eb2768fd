#!@shell@
## Header of a job script for Grid Engine; the step's command follows it. `@name@` is filled in, a line of which a name
## has no value is dropped, lines that begin with two # (like this one) are dropped too.
#$ -N @job@
#$ -S @interpreter@
#$ @folder@
#$ -q @queue@
#$ -A @bank@
#$ -P @project@
#$ -pe @slots@
#$ -l h_rt=@walltime@
#$ -l gpu=@gpus@
#$ -l @exclusive@
#$ -l h_vmem=@mem@
#$ -l @constraint@
#$ -ar @reservation@
#$ -o @out@
#$ -e @err@
#$ @args@
