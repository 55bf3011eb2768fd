import type { AdapterDocs } from "../docs.ts";

export const docs: AdapterDocs = {
  title: "Flux",
  manuals: [[
    "flux batch",
    "https://flux-framework.readthedocs.io/projects/flux-core/en/latest/man1/flux-batch.html",
  ], ["flux run", "https://flux-framework.readthedocs.io/projects/flux-core/en/latest/man1/flux-run.html"]],
  batch: {
    shell: "`#!`",
    "queue or partition": "`-q`, `--queue`",
    "bank or account": "`--bank`",
    constraint: "`--requires`",
    "uri or flux_uri": "`#MAESTRO-INFO (flux_uri)`",
    version: "below 0.48: `flux mini run` instead of `flux run`",
    args: "a list: of `flux batch`; a mapping: `--setopt=key=value` of the launcher",
    allocation_args: "options of `flux batch` (below)",
    launcher_args: "options of `flux run` (below)",
  },
  run: {
    nodes: "`-N`",
    procs: "`-n`, nodes if unset",
    "cores per task": "`-c`, 1 if unset",
    gpus: "`-g`, over nodes, rounded up",
    walltime: "`--time-limit`",
    exclusive: "`--exclusive`",
    nested: "`false`, one node: `flux submit`",
    waitable: "`--flags=waitable`",
    priority: "`--urgency`",
    constraint: "`--requires`",
    args: "as in `batch`",
  },
  job: "flux batch",
  launcher: {
    program: "flux run",
    run: {
      nodes: "`-N`",
      procs: "`-n`",
      "cores per task": "`-c`",
      gpus: "`-g`",
      exclusive: "`--exclusive`",
      args: "as in `batch`",
    },
  },
  jobs: {
    submitted: "`flux batch`, many in one process",
    token: "the name",
    asked: "`flux jobs --json`",
    waits: "holds, dependencies, `t_estimate`",
    ended: "`flux cancel`",
    again: "never",
    memory: "the program fails",
    time: "`TIMEOUT`",
  },
  older: [
    ["`flux batch`, `flux cancel` (before 0.48)", "`flux mini batch`, `flux job cancel`"],
    ["`flux jobs --json` (before 0.48)", "`flux jobs -o`"],
    ["`flux batch --cwd` (before 0.48)", "the folder that the command is run in"],
    [
      "named queues, in an instance with only the anonymous queue (such as an allocation)",
      "commands and scripts have no `queue`, as in Maestro",
    ],
  ],
};
