#!@shell@
## Header of a job script for HTCondor; the step's command follows it. condor_submit does not read scripts: maestro gives
## it the lines behind #CONDOR as its submit description. By hand:
##   { sed -n 's/^#CONDOR //p' STEP.htcondor.sh; echo queue; } | condor_submit - executable=STEP.htcondor.sh
#CONDOR universe = vanilla
#CONDOR batch_name = @job@
#CONDOR initialdir = @folder@
#CONDOR output = @out@
#CONDOR error = @err@
#CONDOR should_transfer_files = NO
#CONDOR accounting_group = @bank@
#CONDOR request_cpus = @cpus@
#CONDOR request_gpus = @gpus@
#CONDOR request_memory = @mem@
#CONDOR requirements = @constraint@
#CONDOR allowed_job_duration = @seconds@
#CONDOR @args@
