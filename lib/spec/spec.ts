/** Converts YAML values to a `Spec`, and reports all problems at once. */

import { addAll } from "./problem.ts";
import type { Raw } from "./python_text.ts";
import * as problem from "./problems.ts";
import { MERLIN_TOP, merlinProblems } from "./merlin.ts";
import { readEnvironment } from "./spec_env.ts";
import { readParameters } from "./spec_parameters.ts";
import { readConductor } from "./spec_conductor.ts";
import type { ParameterFiles } from "./spec_generators.ts";
import { readStudy } from "./spec_study.ts";
import { isMapping, isNothing, listOf, mappingOf, readLevel, type Section, textOf } from "./spec_values.ts";
import { noBatchType, unknownBatchType } from "./step_problems.ts";
import { keepRaw, rawOf } from "./yaml.ts";
import type { Batch, Problem, Spec, YamlValue } from "./types.ts";
export { funnelTarget, isFunnel } from "./dependence.ts";

/**
 * What a check must know about a scheduler: its word in `batch.type`, and the keys of `batch` that it reads.
 */
export interface KnownScheduler {
  readonly name: string;
  readonly otherNames?: readonly string[];
  readonly batchKeys: readonly string[];
}

/**
 * The readable part of the spec, and all its problems. It is valid only if no problem is an error. With
 * errors, later checks can still find theirs.
 */
export function checkSpec(
  value: YamlValue,
  schedulers: readonly KnownScheduler[],
  files: ParameterFiles = new Map(),
): { spec?: Spec; problems: Problem[] } {
  const problems: Problem[] = [];
  if (!isMapping(value)) {
    problems.push(problem.wrongThing("The spec", [], "a mapping", isNothing(value) ? null : value));
    return { problems };
  }
  const isMerlin = value["merlin"] !== undefined;
  const place = { name: "the spec", path: [] };
  const top = readLevel(value, "spec", place, problems, isMerlin ? MERLIN_TOP : []);
  addAll(problems, merlinProblems(value));
  const description = readDescription(top, problems);
  const environment = readEnvironment(mappingOf(top, "env"), problems);
  const batch = readBatch(mappingOf(top, "batch"), schedulers, problems);
  const batchKeys = schedulers.flatMap(({ batchKeys }) => batchKeys);
  const steps = top.has("study")
    ? readStudy(listOf(top, "study"), { type: batch.type, batchKeys, nameOf: nameIn(schedulers) }, problems)
    : [];
  const sweep = mappingOf(top, "global.parameters");
  const parameters = readParameters(sweep, top.get("global.combine"), files, problems);
  const conductor = readConductor(mappingOf(top, "conductor"), problems);
  return { spec: { ...description, ...environment, batch, steps, parameters, ...conductor }, problems };
}

function readDescription(top: Section, problems: Problem[]): { name: string; description: string } {
  if (!top.has("description")) return { name: "", description: "" };
  const where = { name: '"description"', path: ["description"] };
  const section = readLevel(mappingOf(top, "description"), "description", where, problems);
  return { name: textOf(section, "name"), description: textOf(section, "description") };
}

/** The name of a scheduler by any word for it. Other words remain unchanged. */
function nameIn(schedulers: readonly KnownScheduler[]): (word: string) => string {
  return (word) => schedulers.find(({ otherNames }) => otherNames?.includes(word))?.name ?? word;
}

/** A key that another scheduler reads is not a mistake: users change the type. */
function readBatch(
  value: { [key: string]: YamlValue },
  schedulers: readonly KnownScheduler[],
  problems: Problem[],
): Batch {
  const more = schedulers.flatMap(({ batchKeys }) => batchKeys);
  const section = readLevel(value, "batch", { name: '"batch"', path: ["batch"] }, problems, more);
  const written = textOf(section, "type");
  const word = written.toLowerCase() || "local";
  const type = nameIn(schedulers)(word);
  const known = schedulers.map(({ name }) => name);
  if (written !== "" && !known.includes(type)) {
    const others = schedulers.flatMap(({ otherNames = [] }) => otherNames);
    problems.push(unknownBatchType(written, ["batch", "type"], known, others));
  }
  const asked = OF_SCHEDULERS.filter((key) => textOf(section, key) !== "");
  if (written === "" && asked.length > 0) problems.push(noBatchType(["batch"], asked));
  const batch = { ...Object.fromEntries(section), type };
  // `batch.info` has all of it with its types, including keys that have no effect here.
  const raw = rawOf(value) as { [key: string]: Raw } | undefined;
  const items = Object.entries(value).map(([key, item]): [string, Raw] => [key, raw?.[key] ?? item]);
  keepRaw(batch, { ...Object.fromEntries(items), type });
  return batch;
}

/** Keys of `batch` without effect on this machine. */
const OF_SCHEDULERS = ["host", "bank", "queue", "reservation", "qos"];
