/**
 * OpenPBS and PBS Professional: qsub(1B), https://github.com/openpbs/openpbs/blob/master/doc/man1/qsub.1B (header);
 * programs are started by MPI's own launcher, which learns of the job's hosts from $PBS_NODEFILE.
 *
 * What qsub reads in a `#PBS` line is split at blanks, and quotes group. Names of jobs have letters, digits and
 * `._+-` only; so have our logs, for PBS reads colons and commas in their paths.
 */

import { cshQuote, quote } from "../../lib/shell_words.ts";
import template from "../../templates/pbs.sh" with { type: "text" };
import { familyOf } from "../../lib/plan/script.ts";
import type { Adapter, Fields, LaunchRequest, ScriptRequest } from "../adapter.ts";
import type { Batch } from "../../lib/spec/types.ts";
import type { Resources } from "../../lib/plan/types.ts";
import { walltimeSeconds } from "../../lib/units.ts";
import { pbsJobs, pbsName } from "./jobs.ts";
import {
  argsLine,
  batchCount,
  batchText,
  clockTime,
  lineOrNone,
  mpiLauncher,
  nodesOf,
  OF_FLUX,
  OF_LSF,
  OWN,
  plainName,
  shellPath,
} from "../values.ts";

/** `batch.type: pbs`. */
export const pbs: Adapter = {
  name: "pbs",
  otherNames: ["openpbs", "pbspro", "pbs_pro"],
  infix: "pbs",
  template,
  // `host` is read by nobody, but every spec for Maestro has it.
  batchKeys: [
    ...["host", "shell", "bank", "account", "queue", "partition", "nodes", "procs", "reservation"],
    ...["mem", "constraint", "gres", "launcher", "args"],
  ],
  ignores: {
    ...OF_LSF,
    ...OF_FLUX,
    bind: "Pass it to the launcher: $(LAUNCHER) --bind-to ...",
    "bind gpus": "Pass it to the launcher.",
    qos: "PBS has none: sites make queues of them.",
    priority: "Write args: [-p N].",
    project: "Write args: [-P NAME].",
    pe: "It is for Grid Engine. Use procs.",
  },
  own: {
    directive: /^\s*#PBS\s/,
    options: [
      { words: ["-J…"], hint: OWN.array },
      { words: ["-N…"], hint: OWN.name },
      { words: ["-o…", "-e…", "-k…"], hint: OWN.logs },
      { words: ["-j…"], hint: OWN.joined },
      { words: ["-I", "-Wblock=true", "block=true"], hint: OWN.waits },
      { words: ["-z"], hint: OWN.silent },
    ],
  },
  logName: (jobName, stream) => `${plainName(jobName)}.${stream}`,
  fields,
  launcher,
  scheduler: pbsJobs,
};

function fields({ jobName, resources, batch, workspace }: ScriptRequest): Fields {
  const reservation = lineOrNone(resources.reservation) ?? batchText(batch, "reservation");
  const seconds = walltimeSeconds(resources.walltime ?? "");
  const placed = [...(resources.nodes ? ["scatter"] : []), ...(resources.exclusive === true ? ["excl"] : [])];
  const interpreter = shellPath(batch);
  return {
    job: pbsName(jobName),
    // A reservation is a separate queue.
    queue: word(reservation ?? batchText(batch, "queue", "partition")),
    bank: word(batchText(batch, "bank", "account")),
    select: word(`select=${
      select(resources, nodesOf(resources, batch), batchCount(batch, "procs"), [
        ...tagIf("mem=", batchText(batch, "mem")),
        ...tagIf("", batchText(batch, "constraint")),
        ...tagIf("", batchText(batch, "gres")),
      ])
    }`),
    place: placed.length > 0 ? `place=${placed.join(":")}` : undefined,
    walltime: clockTime(seconds) ?? (seconds === undefined ? word(resources.walltime) : undefined),
    // PBS has no placeholder for a job's id. For a submission by hand, logs have PBS's own names. The names
    // of the study's logs are options of the submission. The fields remain for templates of earlier versions.
    out: undefined,
    err: undefined,
    interpreter: word(interpreter),
    args: argsLine(batch),
    chdir: workspace === undefined ? undefined : chdir(batch, workspace),
  };
}

/**
 * PBS starts jobs in the home directory. qsub reads on for directives behind a line that begins with a colon. A script
 * that is no batch job stays where it is.
 */
function chdir(batch: Batch, workspace: string): string | undefined {
  switch (familyOf(batch)) {
    case "sh":
      return `: ; [ "\${PBS_ENVIRONMENT-}" != PBS_BATCH ] || cd ${quote(workspace)} || exit 97`;
    case "csh":
      return `: ; cd ${cshQuote(workspace)} || exit 97`;
    default:
      return undefined;
  }
}

function tagIf(name: string, text: string | undefined): string[] {
  return text === undefined ? [] : [name + text];
}

/**
 * Chunks: pbs_resources(7B). With nodes, one a node, the procs dealt out; without, one a proc, which PBS puts where
 * there is room.
 */
function select(
  resources: Resources,
  nodesText: string | undefined,
  batchProcs: string | undefined,
  more: readonly string[],
): string {
  const { gpus, "cores per task": cores } = resources;
  const nodes = Number(nodesText) || (gpus ? 1 : 0);
  const procs = resources.procs || Number(batchProcs) || nodes || 1;
  const chunk = (count: number, tasks: number) =>
    [
      ...[count, `ncpus=${Math.max(tasks, 1) * (cores || 1)}`, `mpiprocs=${Math.max(tasks, 1)}`],
      ...(gpus ? [`ngpus=${gpus}`] : []),
      ...more,
    ].join(":");
  if (nodes === 0) return chunk(procs, 1);
  const full = Math.floor(procs / nodes);
  const over = procs % nodes;
  if (over === 0 || full === 0) return chunk(nodes, full);
  return `${chunk(over, full + 1)}+${chunk(nodes - over, full)}`;
}

/** The number on each host follows from the job's chunks. Launchers have different options for it. */
function launcher({ nodes, procs, batch }: LaunchRequest): string[] {
  const tasks = procs || nodes;
  return mpiLauncher(batch, "mpiexec", tasks ? ["-n", String(tasks)] : []);
}

/** A value as one word of a `#PBS` line. */
function word(text: string | undefined): string | undefined {
  const line = lineOrNone(text);
  if (line === undefined || /^[\w.,:+=@%/-]+$/.test(line)) return line;
  return `'${line.replace(/["'`]/g, "").replaceAll("\\", "_")}'`;
}
