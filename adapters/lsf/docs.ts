import type { AdapterDocs } from "../docs.ts";

export const docs: AdapterDocs = {
  title: "LSF",
  manuals: [["bsub", "https://www.ibm.com/docs/en/SSWRJV_10.1.0/lsf_command_ref/bsub.man_top.1.html"], [
    "jsrun",
    "https://www.ibm.com/docs/en/SSWRJV_10.1.0/jsm/jsrun.html",
  ]],
  batch: {
    shell: "`#!`",
    "queue or partition": "`-q`",
    "bank or account": "`-G`",
    nodes: "`-nnodes`, else 1",
    reservation: "`-U`",
    mem: "`-R rusage[mem=…]`",
    constraint: "`-R select[…]`",
    launcher: "instead of `jsrun`",
    args: "unchanged",
  },
  run: {
    nodes: "`-nnodes`, 1 if unset",
    walltime: "`-W`",
    reservation: "`-U`",
    mem: "`-R rusage[mem=…]`",
    constraint: "`-R select[…]`",
    args: "unchanged",
  },
  launcher: {
    program: "jsrun",
    run: {
      nodes: "`--nrs` if there are no procs: nodes × `rs per node`",
      procs: "`--nrs`",
      gpus: "`-g`",
      "tasks per rs": "`-a`, 1 if unset",
      "rs per node": "`-r`, 1 if unset",
      "cpus per rs": "`-c`, 1 if unset",
      bind: "`-b`, `rs` if unset",
      "bind gpus": "`-B`",
    },
  },
  jobs: {
    submitted: "`bsub < script`",
    token: "the name",
    asked: "`bjobs -noheader -o`, of those gone `bhist -l`",
    waits: "`pend_reason`",
    ended: "`bkill`",
    again: "`args: [-r]`",
    memory: "`TERM_MEMLIMIT`",
    time: "`TERM_RUNLIMIT`",
  },
  older: [
    [
      "`bjobs -o`, or one of its fields",
      "`bjobs -a -w`, and `bhist -l` for ended jobs: it shows who ended a job, or that its time was up",
    ],
    [
      "`bsub -nnodes`, and with it jsrun",
      "`-n` procs and one `-R` with `select`, `rusage` and, on several nodes, `span[ptile=…]`; `$(LAUNCHER)` is `mpirun`",
    ],
    ["`bsub -G`", "nothing: without user groups, no group is charged"],
    ["long names of jobs", "cut at 90 bytes"],
  ],
};
