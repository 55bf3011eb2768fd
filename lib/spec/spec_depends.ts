/** `depends` and `after` of a step: lists, and `depends` as a mapping with a condition. */

import * as problem from "./problems.ts";
import { funnelTarget, isFunnel } from "./dependence.ts";
import { isMapping, isNothing, listOf, readLevel, type Section, textOf } from "./spec_values.ts";
import type { Problem, SpecPath, YamlValue } from "./types.ts";

/** Items of a step's `depends` or `after`, and their places in the file. */
export interface Dependence {
  readonly step: string;
  /** The step in words. */
  readonly where: string;
  readonly key: "depends" | "after";
  readonly path: SpecPath;
  readonly items: readonly YamlValue[];
  /** These only need to have ended, other than by cancellation. */
  readonly completed?: true;
}

const CONDITIONS = ["all-succeeded", "all-completed"];

export function readDepends(
  run: Section,
  step: string,
  where: string,
  path: SpecPath,
  problems: Problem[],
): Dependence[] {
  const after: Dependence = {
    step,
    where,
    key: "after",
    path: [...path, "after"],
    items: listOf(run, "after"),
  };
  const value = run.get("depends");
  const place = [...path, "depends"];
  if (!isMapping(value)) {
    return [{ step, where, key: "depends", path: place, items: listOf(run, "depends") }, after];
  }
  const name = `"depends" of ${where}`;
  const section = readLevel(value, "depends", { name, path: place }, problems);
  const condition = textOf(section, "condition") || "all-succeeded";
  if (!CONDITIONS.includes(condition)) {
    problems.push(problem.unknownWord(condition, name, [...place, "condition"], CONDITIONS));
  }
  const completed = condition === "all-completed" ? { completed: true as const } : {};
  const items = listOf(section, "steps");
  return [{ step, where, key: "depends", path: [...place, "steps"], items, ...completed }, after];
}

/** Tokens in items and in step names are replaced later. What depends on them is checked by the planner. */
export function checkDepends(
  { step, where, key, path, items }: Dependence,
  names: readonly string[],
  known: ReadonlyMap<string, number>,
  problems: Problem[],
): void {
  const hasTokens = names.some((name) => name.includes("$("));
  const seen = new Set<string>();
  items.forEach((item, i) => {
    const place = [...path, i];
    if (typeof item !== "string" || item === "" || isNothing(item)) {
      const what = `Item ${i + 1} of "${key}" in ${where}`;
      problems.push(problem.wrongThing(what, place, "the name of a step", isNothing(item) ? null : item));
      return;
    }
    if (seen.has(item)) problems.push(problem.dependsTwice(where, key, item, place));
    seen.add(item);
    const target = funnelTarget(item);
    if (target === step) problems.push(problem.dependsOnItself(step, place));
    else if (!known.has(target) && !item.includes("$(") && !hasTokens) {
      problems.push(problem.dependsOnUnknown(where, key, target, place, names, isFunnel(item) ? "_*" : ""));
    }
  });
}
