/** Keys of a spec that its scheduler lacks: reported before the run, with an alternative. */

import { noEffect } from "./step_problems.ts";
import type { Adapter } from "../../adapters/adapter.ts";
import type { Problem, Spec, SpecPath, YamlValue } from "./types.ts";

/** Keys that count for every scheduled step. Only in `batch` a scheduler may ignore them. */
const OF_STEPS: ReadonlySet<string> = new Set(["nodes", "procs"]);

/** Keys of `run` with the same meaning as the key of `batch`. */
const OF_BATCH: ReadonlySet<string> = new Set(["mem", "constraint", "gres", "args"]);

/** As in Maestro these are a step's own affair. */
const NOT_OF_BATCH: Readonly<Record<string, string>> = {
  gpus: "Set it in the steps.",
  walltime: "Set it in the steps.",
};

/** In Maestro a mapping is for one scheduler's launcher, and specs for other schedulers have one, too. */
const MAPPING =
  "Here a mapping has no effect, as in Maestro. Write a list of options: args: [--mail-type=END].";

/** Keys of `batch` and of scheduled steps that have no effect. */
export function ignoredKeys({ batch, steps }: Spec, adapter: Adapter, others: readonly Adapter[]): Problem[] {
  const { name } = adapter;
  const problems: Problem[] = [];
  const lookAtArgs = (args: YamlValue | undefined, where: string, path: SpecPath) => {
    if (!isMapping(args) || adapter.launcherArgs || !adapter.batchKeys.includes("args")) return;
    problems.push(noEffect("args", where, [...path, "args"], name, MAPPING));
  };
  const look = (keys: Iterable<string>, where: string, path: SpecPath) => {
    for (const key of keys) {
      const hint = hintOf(key, adapter, others);
      if (hint !== undefined) problems.push(noEffect(key, where, [...path, key], name, hint));
    }
  };
  look(Object.keys(batch), '"batch"', ["batch"]);
  lookAtArgs(batch["args"], '"batch"', ["batch"]);
  for (const [key, hint] of Object.entries(NOT_OF_BATCH)) {
    if (name !== "local" && batch[key] !== undefined) {
      problems.push(noEffect(key, '"batch"', ["batch", key], name, hint));
    }
  }
  for (const { name, position, resources, batch: own = {} } of steps) {
    if (own["type"] === "local" || !(resources["nodes"] || resources["procs"])) continue;
    const asked = Object.keys(resources).filter((key) => !OF_STEPS.has(key));
    look(asked.filter((key) => OF_BATCH.has(key) || Object.hasOwn(adapter.ignores, key)), `step "${name}"`, [
      "study",
      position,
      "run",
    ]);
    look(Object.keys(own), `"batch" of step "${name}"`, ["study", position, "run", "batch"]);
    lookAtArgs(own["args"], `"batch" of step "${name}"`, ["study", position, "run", "batch"]);
  }
  return problems;
}

/** What to do instead of a key of `batch`; undefined if the adapter reads it, or if no adapter does. */
function hintOf(key: string, adapter: Adapter, others: readonly Adapter[]): string | undefined {
  const { ignores, batchKeys, scheduler } = adapter;
  if (Object.hasOwn(ignores, key)) return ignores[key];
  if (scheduler === undefined || batchKeys.includes(key)) return undefined;
  const readers = others.filter((other) => other.batchKeys.includes(key)).map(({ name }) => name);
  return readers.length === 0 ? undefined : `It is for ${readers.join(", ")}.`;
}

function isMapping(value: YamlValue | undefined): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
