/**
 * Grid Engine (Son of Grid Engine, Univa, Altair): qsub(1),
 * https://gridscheduler.sourceforge.net/htmlman/htmlman1/qsub.html (header). MPI's own launcher starts
 * programs, and learns the job's hosts from Grid Engine.
 *
 * A job has slots of a parallel environment. The site chooses their names: `pe` in `batch`, or else `smp` on
 * one node and `mpi` on several.
 */

import template from "../../templates/sge.sh" with { type: "text" };
import type { Adapter, Fields, LaunchRequest, ScriptRequest } from "../adapter.ts";
import type { Batch } from "../../lib/spec/types.ts";
import type { Resources } from "../../lib/plan/types.ts";
import { walltimeSeconds } from "../../lib/units.ts";
import { sgeJobs, sgeName } from "./jobs.ts";
import {
  argsLine,
  batchCount,
  batchText,
  clockTime,
  count,
  lineOrNone,
  mpiLauncher,
  nodesOf,
  OF_FLUX,
  OF_LSF,
  OWN,
  plainName,
  shellPath,
} from "../values.ts";

/** `batch.type: sge`. */
export const sge: Adapter = {
  name: "sge",
  otherNames: ["gridengine", "grid_engine", "uge", "ogs", "soge"],
  infix: "sge",
  template,
  // `host` is read by nobody, but every spec for Maestro has it.
  batchKeys: [
    ...["host", "shell", "bank", "account", "queue", "partition", "nodes", "procs", "reservation"],
    ...["project", "pe", "mem", "constraint", "launcher", "args"],
  ],
  ignores: {
    ...OF_LSF,
    ...OF_FLUX,
    bind: "Write args: [-binding ...].",
    "bind gpus": "Pass it to the launcher.",
    qos: "Grid Engine has none. Use queue or project.",
    priority: "Write args: [-p N].",
    gres: "Write constraint: NAME=N.",
  },
  own: {
    directive: /^#\$\s/,
    everywhere: true,
    options: [
      { words: ["-t"], hint: OWN.array },
      { words: ["-N"], hint: OWN.name },
      { words: ["-o", "-e"], hint: OWN.logs },
      { words: ["-j"], hint: OWN.joined },
      { words: ["-sync"], hint: OWN.waits },
      { words: ["-verify"], hint: OWN.nothing },
      { words: ["-wd", "-cwd"], hint: OWN.folder },
    ],
  },
  // Grid Engine fills in $JOB_ID: qsub(1), "-o".
  jobIdSign: "$JOB_ID",
  logName: (jobName, stream) => `${plainName(jobName)}.$JOB_ID.${stream}`,
  fields,
  launcher,
  scheduler: sgeJobs,
};

function fields({ jobName, resources, batch, out, err, workspace }: ScriptRequest): Fields {
  const seconds = walltimeSeconds(resources.walltime ?? "");
  return {
    job: sgeName(jobName),
    interpreter: word(shellPath(batch)),
    // A quote or a backslash cannot be expressed.
    folder: workspace === undefined || /["'`\\]/.test(workspace) ? "-cwd" : `-wd ${word(workspace)}`,
    queue: word(batchText(batch, "queue", "partition")),
    bank: word(batchText(batch, "bank", "account")),
    project: word(batchText(batch, "project")),
    slots: slots(resources, batch),
    walltime: clockTime(seconds) ?? (seconds === undefined ? word(resources.walltime) : undefined),
    gpus: count(resources.gpus),
    exclusive: resources.exclusive === true ? "exclusive=true" : undefined,
    mem: word(batchText(batch, "mem")),
    constraint: word(batchText(batch, "constraint")),
    reservation: word(lineOrNone(resources.reservation) ?? batchText(batch, "reservation")),
    out: word(out),
    err: word(err),
    args: argsLine(batch),
  };
}

/** `-pe NAME SLOTS`; a job of one slot needs none, unless one is named. */
function slots(resources: Resources, batch: Batch): string | undefined {
  const nodes = Number(nodesOf(resources, batch)) || 1;
  const procs = resources.procs || Number(batchCount(batch, "procs")) || nodes;
  const wanted = procs * (resources["cores per task"] || 1);
  const environment = word(batchText(batch, "pe"));
  if (wanted === 1 && environment === undefined) return undefined;
  return `${environment ?? (nodes > 1 ? "mpi" : "smp")} ${wanted}`;
}

function launcher({ nodes, procs, batch }: LaunchRequest): string[] {
  const tasks = procs || nodes;
  return mpiLauncher(batch, "mpirun", tasks ? ["-np", String(tasks)] : []);
}

/** A value as one word of a `#$` line. */
function word(text: string | undefined): string | undefined {
  const line = lineOrNone(text);
  if (line === undefined || /^[\w.,:+=@%$/*&|!-]+$/.test(line)) return line;
  return `'${line.replace(/["'`]/g, "").replaceAll("\\", "_")}'`;
}
