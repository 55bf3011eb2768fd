#!@shell@
## @notes@ are not looked at
#$ -N @job@
#$ -q @queu@ -l x=@nosuch@
