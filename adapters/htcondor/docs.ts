import type { AdapterDocs } from "../docs.ts";

export const docs: AdapterDocs = {
  title: "HTCondor",
  manuals: [
    ["condor_submit", "https://htcondor.readthedocs.io/en/latest/man-pages/condor_submit.html"],
    ["condor_q", "https://htcondor.readthedocs.io/en/latest/man-pages/condor_q.html"],
    ["condor_history", "https://htcondor.readthedocs.io/en/latest/man-pages/condor_history.html"],
  ],
  batch: {
    shell: "`#!`",
    "bank or account": "`accounting_group`",
    procs: "`request_cpus` of steps without any",
    mem: "`request_memory`",
    constraint: "`requirements`",
    launcher: "instead of `mpirun`",
    args: "each item a line of the submit description",
  },
  run: {
    nodes: "more than 1 are refused",
    procs: "`request_cpus`, `mpirun -n`",
    "cores per task": "`request_cpus`: procs × cores",
    gpus: "`request_gpus`",
    walltime: "`allowed_job_duration`",
    mem: "`request_memory`",
    constraint: "`requirements`",
    args: "as in `batch`",
  },
  added: "`CONDOR_JOB_ID`, the job's id",
  jobs: {
    submitted: "`condor_submit -terse`",
    token: "the batch name",
    asked: "`condor_q -json`, of those gone `condor_history -json`",
    waits: "`HoldReason`",
    ended: "`condor_rm`",
    again: "when its machine is taken away: same id, log begun anew",
    memory: "held, hold reason code 34",
    time: "held, hold reason code 46",
  },
};
