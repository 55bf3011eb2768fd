#!@shell@
#SBATCH -N @node@
## @unknown@
  @zzzzzz@ @nodes@
