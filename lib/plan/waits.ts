/** The dependencies of each step: the items of `depends` and `after`, as indices of steps and parameters. */

import { funnelTarget, isFunnel, matchNames } from "../spec/dependence.ts";
import * as problem from "../spec/graph_problems.ts";
import type { MatchedFunnel } from "./types.ts";
import type { Parameter, Problem, SpecStep } from "../spec/types.ts";

/** The dependencies of a step, by index. */
export interface Waits {
  readonly depends: readonly number[];
  readonly funnels: readonly number[];
  readonly after: readonly number[];
  readonly afterFunnels: readonly number[];
  readonly matched: readonly MatchedFunnel[];
  /** Those that must end, but not by cancellation. */
  readonly uncancelled: readonly number[];
  /** All of them. */
  readonly all: readonly number[];
  /** Steps of which it waits for more than the node of the same combination. */
  readonly wide: readonly number[];
}

export function resolveWaits(
  steps: readonly SpecStep[],
  indexOf: ReadonlyMap<string, number>,
  parameters: readonly Parameter[],
  problems: Problem[],
): Waits[] {
  const parameterOf = new Map(parameters.map(({ key }, i) => [key, i]));
  return steps.map((step) => {
    const sets = {
      depends: new Set<number>(),
      funnels: new Set<number>(),
      matched: new Map<string, MatchedFunnel>(),
    };
    const late = { depends: new Set<number>(), funnels: new Set<number>() };
    const uncancelled = new Set<number>();
    for (const key of ["depends", "after", "completed"] as const) {
      (step[key] ?? []).forEach((item, i) => {
        const target = indexOf.get(funnelTarget(item));
        if (target === undefined) {
          problems.push(problem.unknownDependency(step, key, i, item, indexOf.keys()));
          return;
        }
        if (key === "completed") uncancelled.add(target);
        const names = matchNames(item);
        if (names === undefined) {
          const into = key === "depends" ? sets : late;
          (isFunnel(item) ? into.funnels : into.depends).add(target);
          return;
        }
        const unknown = names.find((name) => !parameterOf.has(name));
        if (unknown !== undefined) {
          problems.push(problem.unknownMatch(step, key, i, item, unknown, parameterOf.keys()));
          return;
        }
        const by = [...new Set(names.map((name) => parameterOf.get(name)!))];
        const after = key === "depends" ? {} : { after: true as const };
        sets.matched.set(`${key === "depends"} ${item}`, { step: target, by, ...after });
      });
    }
    // A step that must finish must also end.
    const after = [...late.depends].filter((step) => !sets.depends.has(step));
    const afterFunnels = [...late.funnels].filter((step) => !sets.funnels.has(step));
    const matched = [...sets.matched.values()];
    const wide = [...sets.funnels, ...afterFunnels, ...matched.map(({ step }) => step)];
    return {
      depends: [...sets.depends],
      funnels: [...sets.funnels],
      after,
      afterFunnels,
      matched,
      uncancelled: [...uncancelled],
      all: [...new Set([...sets.depends, ...after, ...wide])],
      wide,
    };
  });
}

/** Matched funnels over steps that do not use the parameters that must match. */
export function unmatched(
  steps: readonly SpecStep[],
  waits: readonly Waits[],
  uses: readonly (readonly number[])[],
  parameters: readonly Parameter[],
): Problem[] {
  return steps.flatMap((step, i) =>
    waits[i]!.matched.flatMap(({ step: target, by, after }) => {
      const missing = by.find((parameter) => !uses[target]!.includes(parameter));
      if (missing === undefined) return [];
      const key = after ? "after" : "depends";
      return [problem.matchNotUsed(step, key, steps[target]!.name, parameters[missing]!.key)];
    })
  );
}
