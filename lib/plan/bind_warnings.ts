/** What is allowed in a spec and yet more likely a slip than meant. Shows once names are resolved. */

import * as problem from "../spec/graph_problems.ts";
import { eachToken } from "../tokens.ts";
import type { Problem, Spec, SpecStep } from "../types.ts";
import type { Waits } from "./waits.ts";

/** Steps whose workspace a step names, and where. */
export type References = ReadonlyMap<number, "cmd" | "restart">;

/** The texts of a step that its scripts are made of, by the key they stand under. */
export function textsOf(step: SpecStep): (readonly [key: string, text: string])[] {
  const env = (step.env ?? []).map(({ text }) => ["env", text] as const);
  return [...Object.entries({ cmd: step.cmd, restart: step.restart, ...step.resources }), ...env];
}

export function unusedParameters(spec: Spec, uses: readonly number[][]): Problem[] {
  const used = new Set(uses.flat());
  return spec.parameters.filter((_, i) => !used.has(i)).map(({ key }) => problem.unusedParameter(key));
}

/** `$(UPPER_CASE)` that stands for nothing is more likely a slip than a command of that name. */
export function unknownTokens(spec: Spec, steps: readonly SpecStep[]): Problem[] {
  const known = new Set(["WORKSPACE", "LAUNCHER", "OUTPUT_PATH", "SPECROOT"]);
  for (
    const { name } of [...spec.variables, ...spec.labels, ...spec.pathDependencies, ...spec.gitDependencies]
  ) {
    known.add(name);
  }
  const parameters = new Set(spec.parameters.map(({ key }) => key));
  for (const key of parameters) known.add(key);
  return steps.flatMap((step) => {
    const found = new Map<string, string>();
    for (const [place, text] of textsOf(step)) {
      eachToken(text, (token) => {
        const name = token.split(".")[0]!;
        if (!/^[A-Z][A-Z0-9_]*$/.test(name) || token.endsWith(".workspace")) return;
        const suffix = token.slice(name.length);
        const fine = suffix === ""
          ? known.has(name)
          : parameters.has(name) && (suffix === ".label" || suffix === ".name");
        if (!fine && !found.has(token)) found.set(token, place);
      });
    }
    return [...found].map(([token, place]) => problem.unknownToken(step, place, token, known));
  });
}

/** Edges that are walked for the sake of warnings; in a study that needs more, the rest goes unchecked. */
const MOST_EDGES = 20_000_000;

/**
 * Workspaces named by a step that does not wait, directly or not, for the step that fills them. One walk from each
 * step that is named, down to the last step that names it. `order` has parents first.
 */
export function notAncestors(
  steps: readonly SpecStep[],
  waits: readonly Waits[],
  references: readonly References[],
  order: readonly number[],
): Problem[] {
  const placeOf = new Int32Array(order.length);
  order.forEach((step, place) => placeOf[step] = place);
  const children: number[][] = steps.map(() => []);
  const namedBy = new Map<number, number[]>();
  waits.forEach(({ all }, step) => {
    for (const parent of all) children[parent]!.push(step);
    for (const target of references[step]!.keys()) {
      if (all.includes(target)) continue;
      const list = namedBy.get(target);
      if (list) list.push(step);
      else namedBy.set(target, [step]);
    }
  });
  const found: Problem[] = [];
  const seenFrom = new Int32Array(steps.length).fill(-1);
  let edges = 0;
  for (const [target, list] of namedBy) {
    const last = list.reduce((place, step) => Math.max(place, placeOf[step]!), 0);
    const queue = [target];
    for (let at = 0; at < queue.length; at++) {
      for (const child of children[queue[at]!]!) {
        if (++edges > MOST_EDGES) return found;
        if (seenFrom[child] === target || placeOf[child]! > last) continue;
        seenFrom[child] = target;
        queue.push(child);
      }
    }
    for (const step of list) {
      if (seenFrom[step] === target) continue;
      found.push(problem.notAnAncestor(steps[step]!, references[step]!.get(target)!, steps[target]!.name));
    }
  }
  return found;
}
