/** Specs of Merlin, which extends Maestro's format: reports Merlin's keys, and what to write instead. */

import type { Problem, SpecPath, SpecStep, YamlValue } from "./types.ts";

/** Keys at the top that only Merlin has. `user` holds anchors. */
export const MERLIN_TOP = ["merlin", "user"] as const;

/** Keys of `run` that only Merlin has, and what to write instead. */
const RUN_KEYS: Readonly<Record<string, string>> = {
  task_queue: "Remove it: every step is a separate job.",
  max_retries: "Write retry: {limit: 3}",
  retry_delay: "Write retry: {delay: 30s}",
  exit_on_error: "Begin cmd with: set -e",
  "gpus per task": "Write gpus: N for the whole step.",
  "num resource set": "Write rs per node.",
  launch_distribution: "Leave it out.",
  slurm: "Write args: [--option]",
  flux: "Write args: [--option]",
  lsf: "Write args: [-option]",
};

/** Keys of `batch` that only Merlin has: they are about its workers. */
const BATCH_KEYS: ReadonlySet<string> = new Set([
  ...["dry_run", "flux_path", "flux_start_opts", "flux_exec", "flux_exec_workers"],
  ...["launch_pre", "launch_args", "worker_launch"],
]);

/** The problem of a key that only Merlin has. Undefined for all other keys. */
export function merlinKey(level: string, key: string, where: string, path: SpecPath): Problem | undefined {
  const at = { path, at: "key" } as const;
  if (level === "run" && Object.hasOwn(RUN_KEYS, key)) {
    const message = `Key "${key}" in ${where} belongs to Merlin; Maestro does not have it`;
    return { level: "error", message, ...at, hint: RUN_KEYS[key]! };
  }
  if (level !== "batch" || !BATCH_KEYS.has(key)) return undefined;
  const message = `Key "${key}" in ${where} belongs to Merlin and is ignored`;
  return {
    level: "warning",
    message,
    ...at,
    hint: "It configures Merlin's workers. Here every step is a job.",
  };
}

function below(value: YamlValue, key: string): YamlValue | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value[key] : undefined;
}

/** The effect of the section `merlin` of a spec: without its samples, the study would differ. */
export function merlinProblems({ merlin }: { [key: string]: YamlValue }): Problem[] {
  if (merlin === undefined) return [];
  const samples = below(merlin, "samples");
  if (samples != null && Object.keys(samples).length > 0) {
    const labels = below(samples, "column_labels");
    const names = Array.isArray(labels) ? labels.filter((label) => typeof label === "string") : [];
    const columns = names.length === 0 ? "their names" : names.join(", ");
    return [{
      level: "error",
      message: `This is a Merlin spec, and its samples would be missing`,
      path: ["merlin", "samples"],
      at: "key",
      hint:
        `Write them to a CSV file with ${columns} in its first row, run with -p FILE, and delete "samples".`,
    }];
  }
  return [{
    level: "warning",
    message: `This is a Merlin spec: "merlin" is ignored`,
    path: ["merlin"],
    at: "key",
    hint: 'Merlin\'s workers and queues have no equivalent: every step is a job, and "batch" configures it.',
  }];
}

/** Tokens that only Merlin replaces. */
export function isMerlinToken(token: string): boolean {
  return /^(MERLIN_[A-Z_]+|merlin_sample_\w+)$/.test(token);
}

const EXITS = /^MERLIN_(SUCCESS|SOFT_FAIL|HARD_FAIL|RAISE_ERROR|RESTART|RETRY|STOP_WORKERS)$/;

/** A token of Merlin in a step. A shell would run it as a command. */
export function merlinToken({ name, position }: SpecStep, place: string, token: string): Problem {
  const hint = EXITS.test(token)
    ? "Write an exit code, such as exit 0 or exit 1; retry: {on: [exit:75]} runs the step again after one."
    : /sample/i.test(token)
    ? "Write samples as parameters: $(NAME) of a column, and $(WORKSPACE) where the step runs."
    : "Only Merlin replaces it. Use $(SPECROOT), $(OUTPUT_PATH) or $(WORKSPACE).";
  const message = `$(${token}) in step "${name}" belongs to Merlin; Maestro does not have it`;
  return { level: "error", message, path: ["study", position, "run", place], at: "value", hint };
}
