/**
 * IBM Spectrum LSF with Job Step Manager: bsub,
 * https://www.ibm.com/docs/en/SSWRJV_10.1.0/lsf_command_ref/bsub.man_top.1.html (header; `-nnodes`:
 * https://www.ibm.com/docs/en/SSWRJV_10.1.0/lsf_command_ref/bsub.nnodes.1.html), and jsrun,
 * https://www.ibm.com/docs/en/SSWRJV_10.1.0/jsm/jsrun.html (launcher).
 *
 * How bsub reads a `#BSUB` line is not specified beyond "options as on the command line"; quotes of both kinds group.
 * So anything but plain characters goes into single quotes, which nothing expands, and loses its own quotes.
 */

import template from "../../templates/lsf.sh" with { type: "text" };
import type { Adapter, Fields, LaunchRequest, ScriptRequest } from "../adapter.ts";
import { twoDigits, walltimeSeconds } from "../../lib/units.ts";
import { lsfJobs, lsfName } from "./jobs.ts";
import { NO_GROUP, NO_NODES } from "./lacks.ts";
import { argsLine, batchText, lineOrNone, mpiLauncher, nodesOf, OF_FLUX, OWN } from "../values.ts";

/** `batch.type: lsf`. */
export const lsf: Adapter = {
  name: "lsf",
  otherNames: ["openlava", "spectrum_lsf"],
  infix: "lsf",
  template,
  // `host` is read by nobody, but every spec for Maestro has it.
  batchKeys: [
    ...["host", "shell", "bank", "account", "queue", "partition", "nodes", "reservation"],
    ...["mem", "constraint", "launcher", "args"],
  ],
  ignores: {
    ...OF_FLUX,
    "cores per task": "LSF's word is cpus per rs.",
    qos: "LSF has service classes: write args: [-sla NAME].",
    priority: "Write args: [-sp N].",
    gres: "Write args: [-gpu ...], or a constraint.",
    project: "Write args: [-P NAME].",
    pe: "It is for Grid Engine. Use procs.",
    procs: "jsrun gets a step's own procs.",
    exclusive: "Write args: [-x]. A queue without EXCLUSIVE=Y refuses it.",
  },
  own: {
    directive: /^\s*#\s*BSUB\s/,
    everywhere: true,
    options: [
      { words: ["-J"], hint: OWN.name },
      { words: ["-o", "-oo", "-e", "-eo", "-outdir"], hint: OWN.logs },
      { words: ["-K", "-I", "-Ip", "-Is"], hint: OWN.waits },
      { words: ["-cwd"], hint: OWN.folder },
    ],
  },
  jobIdSign: "%J",
  logName: (jobName, stream) => `${jobName}.%J.${stream}`,
  fields,
  launcher,
  scheduler: lsfJobs,
};

function fields(request: ScriptRequest): Fields {
  const { jobName, resources, batch, out, err, lacks } = request;
  const slotted = lacks?.has(NO_NODES) === true;
  const mem = requirement("rusage", batchText(batch, "mem"), "mem=");
  const constraint = requirement("select", batchText(batch, "constraint"));
  const args = argsLine(batch);
  return {
    nodes: slotted ? undefined : word(nodesOf(resources, batch) ?? "1"),
    slots: slotted ? String(slotsOf(request)) : undefined,
    queue: word(batchText(batch, "queue", "partition")),
    bank: lacks?.has(NO_GROUP) ? undefined : word(batchText(batch, "bank", "account")),
    walltime: word(walltime(resources.walltime)),
    job: word(lsfName(jobName, lacks)),
    out: word(out),
    err: word(err),
    reservation: word(resources.reservation) ?? word(batchText(batch, "reservation")),
    mem: slotted ? undefined : word(mem),
    constraint: slotted ? undefined : word(constraint),
    required: slotted ? word(required(request, [constraint, mem], args)) : undefined,
    args,
  };
}

/** Slots of a job whose nodes cannot be named. */
function slotsOf({ resources, batch }: ScriptRequest): number {
  const nodes = Number(nodesOf(resources, batch)) || 1;
  return Math.max(resources.procs || nodes, nodes);
}

/** All that is required, in one text: OpenLava refuses a second `-R`. One of the user's own leaves no place for ours. */
function required(
  request: ScriptRequest,
  asked: readonly (string | undefined)[],
  args: string | undefined,
): string | undefined {
  if (/(?:^|\s)-R\b/.test(args ?? "")) return undefined;
  const nodes = Number(nodesOf(request.resources, request.batch)) || 1;
  const span = nodes > 1 ? `span[ptile=${Math.ceil(slotsOf(request) / nodes)}]` : undefined;
  return [...asked, span].filter((text) => text !== undefined).join(" ") || undefined;
}

/** A section of a requirement string (`-R`). A text that already has its brackets is unchanged. */
function requirement(section: string, text: string | undefined, name = ""): string | undefined {
  if (text === undefined || text.includes("[")) return text;
  return `${section}[${name}${text}]`;
}

/**
 * Without `-nnodes` there is no Job Step Manager either, and therefore no jsrun.
 *
 * jsrun counts resource sets. Without procs there are as many as the nodes can hold. The number of nodes is
 * not an option of jsrun: it follows from the number of sets and the sets on each node.
 */
function launcher({ nodes, procs, resources, batch, lacks }: LaunchRequest): string[] {
  if (batchText(batch, "launcher") || lacks?.has(NO_NODES)) {
    const tasks = procs || nodes;
    return mpiLauncher(batch, "mpirun", tasks ? ["-n", String(tasks)] : []);
  }
  const setsPerNode = resources["rs per node"] || 1;
  const sets = procs || (nodes ? nodes * setsPerNode : 0);
  return [
    "jsrun",
    ...(sets ? ["--nrs", String(sets)] : []),
    ...["-b", lineOrNone(resources.bind) ?? "rs"],
    ...(resources.gpus ? ["-g", String(resources.gpus)] : []),
    ...(lineOrNone(resources["bind gpus"]) ? ["-B", lineOrNone(resources["bind gpus"])!] : []),
    ...["-a", String(resources["tasks per rs"] || 1)],
    ...["-r", String(setsPerNode)],
    ...["-c", String(resources["cpus per rs"] || 1)],
  ];
}

/**
 * `-W [hours:]minutes`. Minutes alone, and two parts, are unchanged: LSF reads two parts as hours and
 * minutes. All other forms become hours and minutes, rounded up. For no limit the line is omitted: LSF has no
 * word for it.
 */
function walltime(text: string | undefined): string | undefined {
  const trimmed = lineOrNone(text);
  if (trimmed === undefined) return undefined;
  const seconds = walltimeSeconds(trimmed);
  if (seconds === Infinity) return undefined;
  if (seconds === undefined || /^\d+(:\d+)?$/.test(trimmed)) return trimmed;
  const minutes = Math.ceil(seconds / 60);
  return `${twoDigits(minutes / 60)}:${twoDigits(minutes % 60)}`;
}

/** A value as one word of a `#BSUB` line. */
function word(text: string | undefined): string | undefined {
  const line = lineOrNone(text);
  if (line === undefined || /^[\w.,:+=@%/-]+$/.test(line)) return line;
  return `'${line.replace(/["'`]/g, "").replaceAll("\\", "_")}'`;
}
