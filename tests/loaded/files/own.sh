#!@shell@
## note
#SBATCH -N @nodes@
#SBATCH -p @queue@
#SBATCH -q @qos@

module load mpi
