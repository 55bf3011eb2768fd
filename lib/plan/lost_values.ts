/** Values of a sweep that do not run: other values have the same label, or the same text. */

import * as problem from "../spec/sweep_problems.ts";
import type { Problem } from "../spec/types.ts";
import type { BoundParameter, Plan, PlanStep } from "./types.ts";

/** Combinations of a larger study are not compared. */
const MOST_COMPARED = 200_000;

export function lostValues({ study: { parameters }, steps }: Plan): Problem[] {
  const count = parameters[0]?.values.length ?? 0;
  const using = stepsByUses(steps);
  if (count < 2 || using.length === 0) return [];
  const found = new Map<string, Problem>();
  for (const step of using) {
    if (step.end - step.first === count) continue;
    for (const [key, lost] of sharedLabels(parameters, step)) if (!found.has(key)) found.set(key, lost);
  }
  // A parameter that no step uses has a warning already: what only it separates is not equal.
  const whole = using.some(({ uses, first, end }) =>
    uses.length === parameters.length && end - first === count
  );
  const equal = whole || count > MOST_COMPARED ? [] : equalCombinations(parameters, count);
  return [...found.values(), ...equal];
}

/** One step for each set of parameters. */
function stepsByUses(steps: readonly PlanStep[]): PlanStep[] {
  return [
    ...new Map(steps.filter(({ uses }) => uses.length > 0).map((step) => [step.uses.join(), step])).values(),
  ];
}

/** For each parameter whose labels hide values of the step, a problem; for the step, if only joined labels do. */
function sharedLabels(
  parameters: readonly BoundParameter[],
  { name, uses, firstCombo, nodeOfCombo, labels }: PlanStep,
): Map<string, Problem> {
  const found = new Map<string, Problem>();
  nodeOfCombo.forEach((node, combo) => {
    const first = firstCombo[node]!;
    if (first === combo) return;
    const differing = uses.map((use) => parameters[use]!).filter(({ values }) =>
      values.at(combo) !== values.at(first)
    );
    if (differing.length === 0) return;
    const hidden = differing.filter(({ labels }) => labels.at(combo) === labels.at(first));
    for (const parameter of hidden) {
      if (!found.has(parameter.key)) found.set(parameter.key, sharedLabel(parameter));
    }
    const key = `step ${name}`;
    if (hidden.length === 0 && !found.has(key)) {
      found.set(key, problem.joinedLabelsEqual(name, labels.at(node)!));
    }
  });
  return found;
}

function sharedLabel({ key, values, labels }: BoundParameter): Problem {
  const byLabel = new Map<string, Set<string>>();
  for (let combo = 0; combo < values.length; combo++) {
    const label = labels.at(combo)!;
    byLabel.set(label, (byLabel.get(label) ?? new Set()).add(values.at(combo)!));
  }
  const shared = [...byLabel].filter(([, own]) => own.size > 1);
  const count = shared.reduce((sum, [, own]) => sum + own.size, 0);
  return problem.sharedLabel(key, count, shared.map(([label]) => label), byLabel.size === 1);
}

/** Combinations in which all values are equal. */
function equalCombinations(parameters: readonly BoundParameter[], count: number): Problem[] {
  const times = new Map<string, number>();
  for (let combo = 0; combo < count; combo++) {
    const row = JSON.stringify(parameters.map(({ values }) => values.at(combo)));
    times.set(row, (times.get(row) ?? 0) + 1);
  }
  const repeated = [...times].filter(([, count]) => count > 1);
  if (repeated.length === 0) return [];
  const all = repeated.reduce((sum, [, count]) => sum + count, 0);
  const keys = parameters.map(({ key }) => key);
  const values: string[] = JSON.parse(repeated[0]![0]);
  return [problem.equalCombinations(keys, all, repeated.length, values)];
}
