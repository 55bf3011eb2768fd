/**
 * Flux: https://flux-framework.readthedocs.io/projects/flux-core/en/latest/man1/flux-run.html (launcher). The header
 * holds no directives: a job's resources are given when it is submitted.
 */

import template from "../templates/flux.sh" with { type: "text" };
import type { Adapter, Batch, Fields, LaunchRequest, ScriptRequest } from "../lib/types.ts";
import { walltimeSeconds } from "../lib/units.ts";
import { fluxJobs } from "./flux_jobs.ts";
import { batchCount, batchText, lineOrNone, nodesOf, OF_LSF } from "./values.ts";

/** From this minor version of 0.x on `flux mini run` is `flux run`. */
const WITHOUT_MINI = 48;

/** `batch.type: flux`. */
export const flux: Adapter = {
  name: "flux",
  infix: "flux",
  template,
  // `host` is read by nobody, but every spec for Maestro has it. `bank` and `constraint` are for the submission.
  batchKeys: [
    "host",
    "shell",
    "bank",
    "account",
    "queue",
    "partition",
    "nodes",
    "version",
    "uri",
    "flux_uri",
    "args",
    "constraint",
  ],
  ignores: {
    ...OF_LSF,
    bind: "Write args: {cpu-affinity: ...}.",
    "bind gpus": "Write args: {gpu-affinity: ...}.",
    reservation: "Flux has none.",
    qos: "Flux has none: say queue or bank.",
    mem: "Flux does not schedule memory.",
    gres: "Say gpus, or a constraint.",
    procs: "Say it in the steps.",
    project: "Flux's word is bank.",
    pe: "It is for Grid Engine: say procs.",
    launcher: "The launcher is flux run.",
  },
  launcherArgs: true,
  // Flux fills in {{id}}: flux-submit(1), "OUTPUT".
  logName: (jobName, stream) => `${jobName}.{{id}}.${stream}`,
  fields,
  launcher,
  scheduler: fluxJobs,
};

function fields({ resources, batch }: ScriptRequest): Fields {
  return {
    nodes: nodesOf(resources, batch) ?? "1",
    walltime: walltime(resources.walltime ?? ""),
    queue: batchText(batch, "queue", "partition"),
    uri: batchText(batch, "uri", "flux_uri"),
  };
}

/** Flux refuses more nodes than tasks: without procs there is one task a node, and a default of nodes gives way to procs. */
function launcher({ nodes, procs, resources, batch }: LaunchRequest): string[] {
  const tasks = procs || nodes;
  return [
    ...(hasMini(batch) ? ["flux", "mini", "run"] : ["flux", "run"]),
    ...(tasks ? ["-n", String(tasks)] : []),
    ...["-N", nodes ? String(nodes) : defaultNodes(batch, procs)],
    ...["-c", String(resources["cores per task"] || 1)],
    ...(resources.gpus ? ["-g", String(resources.gpus)] : []),
    ...shellOptions(batch),
  ];
}

function defaultNodes(batch: Batch, procs: number | undefined): string {
  const nodes = batchCount(batch, "nodes") ?? "1";
  return procs && Number(nodes) > procs ? String(procs) : nodes;
}

/** `batch.version` is that of Maestro's adapter, which is that of the Flux it was written for. */
function hasMini(batch: Batch): boolean {
  const match = /^0\.(\d+)/.exec(batchText(batch, "version") ?? "");
  return match !== null && Number(match[1]) < WITHOUT_MINI;
}

/** `batch.args: {mpi: spectrum, verbose: 1}` is `-o mpi=spectrum,verbose=1`; a key without a value stands alone. */
function shellOptions(batch: Batch): string[] {
  const { args } = batch;
  if (args === null || typeof args !== "object" || Array.isArray(args)) return [];
  const options = Object.entries(args).flatMap(([key, value]) => {
    if (value === null || value === "") return [key];
    return typeof value === "string" ? [`${key}=${value}`] : [];
  });
  return options.length > 0 ? ["-o", options.join(",")] : [];
}

/** Seconds, as Maestro prints them: with `.0` unless they came from whole minutes; 0 is no limit. */
function walltime(text: string): string {
  const seconds = walltimeSeconds(text);
  if (seconds === undefined) return lineOrNone(text) ?? "0";
  if (seconds === Infinity) return "0";
  return /^\s*\d+\s*$/.test(text) || !Number.isInteger(seconds) ? String(seconds) : `${seconds}.0`;
}
