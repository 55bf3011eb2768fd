/**
 * HTCondor: https://htcondor.readthedocs.io/en/latest/man-pages/condor_submit.html (header); programs are started by
 * MPI's own launcher.
 *
 * condor_submit reads no directives in a script. The header holds the lines of a submit description behind `#CONDOR`,
 * and the submission passes them on. A submit description has a command a line, `NAME = VALUE`. In a value `$(NAME)` is
 * a macro, and a backslash at the end takes the next line along. Nothing is quoted.
 *
 * A job has one machine. The parallel universe has more, and starts the script on each.
 */

import template from "../../templates/htcondor.sh" with { type: "text" };
import type { Adapter, Fields, LaunchRequest, ScriptRequest } from "../adapter.ts";
import type { Batch } from "../../lib/spec/types.ts";
import type { Resources } from "../../lib/plan/types.ts";
import { walltimeSeconds } from "../../lib/units.ts";
import { htcondorJobs } from "./jobs.ts";
import { ID, whole, written } from "./description.ts";
import {
  batchCount,
  batchText,
  count,
  extraArgs,
  lineOrNone,
  mpiLauncher,
  OF_FLUX,
  OF_LSF,
  OWN,
  plainName,
} from "../values.ts";

/** `batch.type: htcondor`. */
export const htcondor: Adapter = {
  name: "htcondor",
  otherNames: ["condor"],
  infix: "htcondor",
  template,
  // `host` is read by nobody, but every spec for Maestro has it.
  batchKeys: ["host", "shell", "bank", "account", "procs", "mem", "constraint", "launcher", "args"],
  ignores: {
    ...OF_LSF,
    ...OF_FLUX,
    bind: "Pass it to the launcher: $(LAUNCHER) --bind-to ...",
    "bind gpus": "Pass it to the launcher.",
    queue: "HTCondor has none. Use constraint.",
    partition: "HTCondor has none. Use constraint.",
    reservation: "HTCondor has none. Use constraint.",
    qos: "HTCondor has none. Use bank.",
    exclusive: "Write procs or mem for all of a machine.",
    priority: "Write args: [priority = N].",
    project: "HTCondor's word is bank.",
    pe: "It is for Grid Engine. Use procs.",
    gres: "Write args: [request_NAME = N].",
  },
  own: {
    directive: /^#CONDOR\s/,
    options: [
      { words: ["queue", "Queue"], hint: OWN.array },
      { words: ["batch_name", "batch_name=…"], hint: OWN.name },
      { words: ["output", "output=…", "error", "error=…"], hint: OWN.logs },
      { words: ["initialdir", "initialdir=…"], hint: OWN.folder },
      {
        words: ["environment", "environment=…"],
        hint: "The job's id is in it. Write env, or export in the commands.",
      },
    ],
  },
  jobIdSign: ID,
  logName: (jobName, stream) => `${plainName(jobName)}.${ID}.${stream}`,
  fields,
  launcher,
  scheduler: htcondorJobs,
};

function fields({ jobName, resources, batch, out, err, workspace }: ScriptRequest): Fields {
  return {
    job: plainName(jobName),
    folder: workspace === undefined ? undefined : written(workspace),
    out: written(out),
    err: written(err),
    bank: value(batchText(batch, "bank", "account")),
    cpus: cpus(resources, batch),
    gpus: count(resources.gpus),
    mem: value(batchText(batch, "mem")),
    constraint: value(batchText(batch, "constraint")),
    seconds: seconds(resources.walltime),
    args: extraArgs(batch).map(whole),
  };
}

function cpus(resources: Resources, batch: Batch): string {
  const procs = resources.procs || Number(batchCount(batch, "procs")) || resources.nodes || 1;
  return String(procs * (resources["cores per task"] || 1));
}

/** One that cannot be read is a line that condor_submit refuses. A single word would be the name of an attribute. */
function seconds(walltime: string | undefined): string | undefined {
  const text = lineOrNone(walltime);
  const read = walltimeSeconds(text ?? "");
  if (read === undefined) return text === undefined ? undefined : whole(`unreadable walltime: ${text}`);
  return Number.isFinite(read) && read > 0 ? String(Math.ceil(read)) : undefined;
}

/** What is written in the language of submit descriptions already. */
function value(text: string | undefined): string | undefined {
  return text === undefined ? undefined : whole(text);
}

function launcher({ nodes, procs, batch }: LaunchRequest): string[] {
  const tasks = procs || nodes;
  return mpiLauncher(batch, "mpirun", tasks ? ["-n", String(tasks)] : []);
}
