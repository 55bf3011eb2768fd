/**
 * Slurm: https://slurm.schedmd.com/sbatch.html (header) and https://slurm.schedmd.com/srun.html (launcher).
 *
 * How sbatch reads a `#SBATCH` line: blanks separate words, and `"` and `'` group. A backslash escapes the
 * next character, also inside quotes. A `#` outside of quotes begins a comment. An open quote is fatal to the
 * submission. sbatch expands neither `$` nor a backquote. A value inside the template's double quotes must
 * therefore escape `"` and backslashes. A bare value must escape blanks, quotes, `#` and backslashes.
 */

import template from "../../templates/slurm.sh" with { type: "text" };
import type { Adapter, Fields, LaunchRequest, ScriptRequest } from "../adapter.ts";
import { walltimeSeconds } from "../../lib/units.ts";
import { slurmJobs } from "./jobs.ts";
import {
  argsLine,
  batchCount,
  batchText,
  clockTime,
  count,
  lineOrNone,
  nodesOf,
  OF_FLUX,
  OF_LSF,
  oneLine,
  OWN,
  shortened,
} from "../values.ts";

/** slurmctld refuses a job whose comment is longer than 1024 bytes, closing NUL included. */
const LONGEST_COMMENT = 1000;

/** `batch.type: slurm`. */
export const slurm: Adapter = {
  name: "slurm",
  infix: "slurm",
  template,
  laterLines: ["#SBATCH --cpus-per-task=@cores@", "#SBATCH --mincpus=@mincpus@"],
  // `host` is read by nobody, but every spec for Maestro has it.
  batchKeys: [
    "host",
    "shell",
    "bank",
    "account",
    "queue",
    "partition",
    "nodes",
    "procs",
    "reservation",
    "qos",
    "mem",
    "constraint",
    "gres",
    "args",
  ],
  ignores: {
    ...OF_LSF,
    ...OF_FLUX,
    bind: "Pass it to srun: $(LAUNCHER) --cpu-bind=...",
    "bind gpus": "Pass it to srun: $(LAUNCHER) --gpu-bind=...",
    priority: "Write args: [--nice=N] or [--priority=N].",
    project: "Slurm's word is bank.",
    pe: "It is for Grid Engine. Use procs.",
    launcher: "The launcher is srun.",
  },
  own: {
    directive: /^#SBATCH\s/,
    options: [
      { words: ["--ar(ray)", "-a…"], hint: OWN.array },
      { words: ["--com(ment)"], hint: OWN.comment },
      { words: ["--ou(tput)", "-o…", "--er(ror)", "-e…"], hint: OWN.logs },
      { words: ["--j(ob-name)", "-J…"], hint: OWN.name },
      { words: ["--wait", "-W…"], hint: OWN.waits },
      { words: ["--qu(iet)", "-Q…"], hint: OWN.silent },
      { words: ["--te(st-only)"], hint: OWN.nothing },
      { words: ["--ch(dir)", "-D…"], hint: OWN.folder },
    ],
  },
  logName: (jobName, stream) => `${jobName}.${stream}`,
  fields,
  launcher,
  scheduler: slurmJobs,
};

function fields(request: ScriptRequest): Fields {
  const { jobName, description, resources, batch, workspace } = request;
  const nodes = nodesOf(resources, batch);
  const batchProcs = batchCount(batch, "procs");
  // As in Maestro: a step's own procs size its srun, not the allocation, unless nothing else sizes the allocation.
  const sizedByProcs = nodes === undefined || batchProcs !== undefined;
  return {
    nodes: bare(nodes),
    queue: bare(batchText(batch, "queue", "partition")),
    bank: bare(batchText(batch, "bank", "account")),
    walltime: bare(walltime(resources.walltime)),
    job: quoted(jobName),
    out: quoted(byHand(request.out)),
    err: quoted(byHand(request.err)),
    folder: quoted(workspace),
    description: comment(description),
    reservation: quoted(resources.reservation) ?? quoted(batchText(batch, "reservation")),
    gres: bare(gres(resources.gpus, batchText(batch, "gres"))),
    procs: sizedByProcs ? bare(count(resources.procs) ?? batchProcs) : undefined,
    exclusive: resources.exclusive === true ? "--exclusive" : undefined,
    qos: bare(resources.qos) ?? bare(batchText(batch, "qos")),
    mem: bare(batchText(batch, "mem")),
    constraint: quoted(batchText(batch, "constraint")),
    ...room(request),
    args: argsLine(batch),
  };
}

/** A description, as Maestro writes it: with a blank for each line break, those at the end included. */
function comment(description: string): string | undefined {
  if (oneLine(description) === "") return undefined;
  const text = shortened(description.replace(/\p{Cc}/gu, " "), LONGEST_COMMENT);
  return text.replaceAll("\\", "\\\\").replaceAll('"', "'");
}

/** A log's name in the header, which counts when a person submits the script: it is not one of the study's. */
function byHand(log: string): string {
  return log.replace(/\.(?:out|err)$/, ".%j$&");
}

/**
 * Maestro's header asks for nodes, and not for the CPUs that the step's procs need there. That is enough if
 * nodes are given out whole. On shared nodes, this requests the CPUs. It does not set tasks, so that a bare
 * `srun` starts the same programs.
 */
function room({ resources, batch }: ScriptRequest): Fields {
  const cores = resources["cores per task"] || 1;
  const nodes = Number(nodesOf(resources, batch));
  if (!nodes || batchCount(batch, "procs") !== undefined) {
    return { cores: cores > 1 ? String(cores) : undefined, mincpus: undefined };
  }
  const cpus = Math.ceil((resources.procs || nodes) / nodes) * cores;
  return { cores: undefined, mincpus: cpus > 1 ? String(cpus) : undefined };
}

/** A step's GPUs are a generic resource, beside those that the batch names. */
function gres(gpus: number | undefined, more: string | undefined): string | undefined {
  return [...(gpus ? [`gpu:${gpus}`] : []), ...(more === undefined ? [] : [more])].join(",") || undefined;
}

function launcher({ nodes, procs, resources }: LaunchRequest): string[] {
  const cores = resources["cores per task"];
  return [
    "srun",
    ...(procs ? ["-n", String(procs)] : []),
    ...(nodes ? ["-N", String(nodes)] : []),
    ...(cores ? ["-c", String(cores)] : []),
  ];
}

/**
 * The original walltime, if sbatch can read it: minutes, `MM:SS`, `HH:MM:SS`, `D-HH[:MM[:SS]]`. 0 means "not
 * asked for", as in Maestro. For sbatch, 0 means "no limit", which is what `inf` asks for.
 */
function walltime(text: string | undefined): string | undefined {
  const trimmed = lineOrNone(text);
  if (trimmed === undefined || /^0+$/.test(trimmed)) return undefined;
  if (/^(\d+-)?\d+(:\d+){0,2}$/.test(trimmed)) return trimmed;
  const seconds = walltimeSeconds(trimmed);
  if (seconds === undefined) return trimmed; // sbatch will report the problem
  return seconds === Infinity ? "0" : clockTime(seconds);
}

/** A value outside of quotes. */
function bare(text: string | undefined): string | undefined {
  return lineOrNone(text)?.replace(/[\s"'\\#]/g, "\\$&");
}

/** A value between double quotes. `"` becomes `'`: accounting changes it anyway. */
function quoted(text: string | undefined): string | undefined {
  return lineOrNone(text)?.replaceAll("\\", "\\\\").replaceAll('"', "'");
}
