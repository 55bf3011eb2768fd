#!@shell@
## Header of a job script for PBS; the step's command follows it. `@name@` is filled in, a line of which a name has
## no value is dropped, lines that begin with two # (like this one) are dropped too.
#PBS -N @job@
#PBS -q @queue@
#PBS -A @bank@
#PBS -l @select@
#PBS -l @place@
#PBS -l walltime=@walltime@
#PBS -S @interpreter@
#PBS @args@
## PBS starts jobs in the home directory.
@chdir@
