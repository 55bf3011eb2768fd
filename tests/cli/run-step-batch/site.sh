#!@shell@
#SBATCH --partition=@queue@
#SBATCH --account=@bank@
#SBATCH --mem=@mem@
#SBATCH --qos=@qos@
#SBATCH @args@
module load ours
