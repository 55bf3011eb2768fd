/**
 * Flux: https://flux-framework.readthedocs.io/projects/flux-core/en/latest/man1/flux-run.html (launcher),
 * flux-batch.html ("SUBMISSION DIRECTIVES"). Header and launcher are those of Maestro 1.2.
 */

import template from "../../templates/flux.sh" with { type: "text" };
import type { Adapter, Fields, LaunchRequest, ScriptRequest } from "../adapter.ts";
import type { Batch } from "../../lib/spec/types.ts";
import { walltimeSeconds } from "../../lib/units.ts";
import { exclusiveIn, fluxArgs, gpusOfSlot, isShared, launcherArgs } from "./args.ts";
import { fluxJobs, further, NO_QUEUES } from "./jobs.ts";
import { batchText, count, lineOrNone, OF_LSF, OWN } from "../values.ts";

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
    "version",
    "uri",
    "flux_uri",
    "args",
    "allocation_args",
    "launcher_args",
    "constraint",
  ],
  ignores: {
    ...OF_LSF,
    bind: "Write args: {cpu-affinity: ...}.",
    "bind gpus": "Write args: {gpu-affinity: ...}.",
    reservation: "Flux has none.",
    qos: "Flux has none. Use queue or bank.",
    mem: "Flux does not schedule memory.",
    gres: "Use gpus, or a constraint.",
    nodes: "Set it in the steps.",
    procs: "Set it in the steps.",
    project: "Flux's word is bank.",
    pe: "It is for Grid Engine. Use procs.",
    launcher: "The launcher is flux run.",
  },
  launcherArgs: true,
  own: {
    options: [
      { words: ["--job(-name)"], hint: OWN.name },
      { words: ["--out(put)", "--er(ror)"], hint: OWN.logs },
      { words: ["--cc", "--bcc"], hint: OWN.array },
      { words: ["--wait", "--watch"], hint: OWN.waits },
      { words: ["--quiet"], hint: OWN.silent },
      { words: ["--dry-run"], hint: OWN.nothing },
      { words: ["--cwd"], hint: OWN.folder },
    ],
  },
  // Flux fills in {{id}}: flux-submit(1), "OUTPUT".
  jobIdSign: "{{id}}",
  logName: (jobName, stream) => `${jobName}.{{id}}.${stream}`,
  fields,
  launcher,
  scheduler: fluxJobs,
};

function fields(request: ScriptRequest): Fields {
  const { jobName, resources, batch, out, err, workspace, lacks } = request;
  const shared = isShared(resources, batch);
  return {
    uri: batchText(batch, "uri", "flux_uri"),
    nodes: count(resources.nodes),
    procs: shared ? count(resources.procs) : undefined,
    walltime: walltime(resources.walltime ?? ""),
    queue: lacks?.has(NO_QUEUES) ? undefined : word(batchText(batch, "queue", "partition")),
    bank: word(batchText(batch, "bank", "account")),
    job: jobName.replace(/["\\]/g, "\\$&"),
    out: word(out),
    err: word(err),
    exclusive: shared ? undefined : "--exclusive",
    allocation: fluxArgs(batch["allocation_args"], "allocation"),
    cores: shared ? count(resources["cores per task"]) : undefined,
    gpus: shared ? count(gpusOfSlot(resources)) : undefined,
    folder: word(workspace),
    more: further(request),
  };
}

/** A word of a directive: Flux splits it as a shell does, comments included. */
function word(text: string | undefined): string | undefined {
  return text === undefined || /^[^\s"'\\#]*$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}

function launcher({ nodes, procs, resources, batch }: LaunchRequest): string[] {
  const cores = resources["cores per task"];
  if (hasMini(batch)) {
    return [
      ...["flux", "mini", "run", "-n", String(procs || nodes || 1), "-N", String(nodes || 1)],
      ...(cores ? ["-c", String(cores)] : []),
      ...(resources.gpus ? ["-g", String(resources.gpus)] : []),
      ...shellOptions(batch),
    ];
  }
  const exclusive = exclusiveIn("launcher", resources, batch);
  return [
    "flux",
    "run",
    ...(nodes ? ["-N", String(nodes)] : []),
    ...(procs ? ["-n", String(procs)] : []),
    ...(cores && !exclusive ? ["-c", String(cores)] : []),
    ...(resources.gpus && !exclusive ? ["-g", String(resources.gpus)] : []),
    ...(exclusive ? ["--exclusive"] : []),
    ...launcherArgs(batch),
  ];
}

/** `batch.version` is that of Maestro's adapter, which is that of the Flux it was written for. */
function hasMini(batch: Batch): boolean {
  const match = /^0\.(\d+)/.exec(batchText(batch, "version") ?? "");
  return match !== null && Number(match[1]) < WITHOUT_MINI;
}

/**
 * `batch.args: {mpi: spectrum, verbose: 1}` is `-o mpi=spectrum,verbose=1`; a key without a value is printed
 * alone.
 */
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
  if (seconds === undefined) return lineOrNone(text) ?? "0s";
  if (seconds === Infinity) return "0s";
  return /^\s*\d+\s*$/.test(text) || !Number.isInteger(seconds) ? `${seconds}s` : `${seconds}.0s`;
}
