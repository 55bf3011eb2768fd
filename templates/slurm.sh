#!@shell@
## Header of a job script for Slurm; the step's command follows it. `@name@` is filled in, a line of which a name has
## no value is dropped, lines that begin with two # (like this one) are dropped too.
#SBATCH --nodes=@nodes@
#SBATCH --partition=@queue@
#SBATCH --account=@bank@
#SBATCH --time=@walltime@
#SBATCH --job-name="@job@"
#SBATCH --output="@out@"
#SBATCH --error="@err@"
#SBATCH --comment "@description@"
#SBATCH --reservation="@reservation@"
#SBATCH --gres=@gres@
#SBATCH --ntasks=@procs@
#SBATCH @exclusive@
#SBATCH --qos=@qos@
#SBATCH --mem=@mem@
#SBATCH --constraint="@constraint@"
#SBATCH --cpus-per-task=@cores@
#SBATCH --mincpus=@mincpus@
#SBATCH --chdir="@folder@"
#SBATCH --open-mode=append
#SBATCH @args@
