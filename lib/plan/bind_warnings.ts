/** Parts of a spec that are allowed, but are probably mistakes. They are visible when names are resolved. */

import * as problem from "../spec/graph_problems.ts";
import { isMerlinToken, merlinToken } from "../spec/merlin.ts";
import { isLiteral } from "./shell_text.ts";
import { didYouMean } from "../suggest.ts";
import { eachToken } from "../tokens.ts";
import type { Problem, Spec, SpecStep } from "../spec/types.ts";
import type { Waits } from "./waits.ts";

/** Steps whose workspace a step names, and where. */
export type References = ReadonlyMap<number, "cmd" | "restart">;

/** The texts of a step that become its scripts, by their keys. */
export function textsOf(step: SpecStep): (readonly [key: string, text: string])[] {
  const env = (step.env ?? []).map(({ text }) => ["env", text] as const);
  return [...Object.entries({ cmd: step.cmd, restart: step.restart, ...step.resources }), ...env];
}

/** The kind of each name of `env`. Of two equal names, the first. */
function kindsOf(spec: Spec): Map<string, string> {
  const kinds = {
    variable: spec.variables,
    label: spec.labels,
    "path dependency": spec.pathDependencies,
    "git dependency": spec.gitDependencies,
  };
  const pairs = Object.entries(kinds).flatMap(([kind, items]) =>
    items.map(({ name }) => [name, kind] as const)
  );
  return new Map(pairs.reverse());
}

export function unusedParameters(spec: Spec, uses: readonly number[][]): Problem[] {
  const used = new Set(uses.flat());
  const kinds = kindsOf(spec);
  return spec.parameters.filter((_, i) => !used.has(i)).map(({ key }) => {
    const kind = kinds.get(key);
    return kind === undefined ? problem.unusedParameter(key) : problem.parameterHidden(key, kind);
  });
}

/**
 * Names of `env` that refer to each other in a circle, if a step then contains a token without a value. A
 * parameter of that name supplies a value.
 */
export function circles(
  found: readonly (readonly string[])[],
  spec: Spec,
  steps: readonly SpecStep[],
): Problem[] {
  if (found.length === 0) return [];
  const parameters = new Set(spec.parameters.map(({ key }) => key));
  const left = new Set<string>();
  for (const step of steps) for (const [, text] of textsOf(step)) eachToken(text, (token) => left.add(token));
  return found.filter((circle) => circle.some((name) => left.has(name) && !parameters.has(name)))
    .map((circle) => problem.environmentCircle(circle));
}

/** Tokens that the program itself defines. */
const OWN_TOKENS = ["WORKSPACE", "LAUNCHER", "OUTPUT_PATH", "SPECROOT"];

/** An undefined `$(UPPER_CASE)` is more likely a mistake than a command of that name. */
export function unknownTokens(spec: Spec, steps: readonly SpecStep[]): Problem[] {
  const known = new Set([...OWN_TOKENS, ...kindsOf(spec).keys()]);
  const parameters = new Set(spec.parameters.map(({ key }) => key));
  for (const key of parameters) known.add(key);
  return steps.flatMap((step) => {
    const found = new Map<string, string>();
    for (const [place, text] of textsOf(step)) {
      eachToken(text, (token) => {
        const name = token.split(".")[0]!;
        const merlin = isMerlinToken(token) && !known.has(token);
        if (!merlin && (!/^[A-Z][A-Z0-9_]*$/.test(name) || token.endsWith(".workspace"))) return;
        const suffix = token.slice(name.length);
        const fine = suffix === ""
          ? known.has(name)
          : parameters.has(name) && (suffix === ".label" || suffix === ".name");
        if (!fine && !found.has(token)) found.set(token, place);
      });
    }
    return [...found].flatMap(([token, place]) => {
      if (isMerlinToken(token)) return [merlinToken(step, place, token)];
      const texts = textsOf(step).filter(([key]) => key === place).map(([, text]) => text);
      const near = didYouMean(token, known);
      // If no shell reads it as a command, it is a mistake only if it looks like one.
      if (near === undefined && texts.every((text) => isLiteral(text, `$(${token})`))) return [];
      return [problem.unknownToken(step, place, token, near, parameters.size > 0)];
    });
  });
}

/** Most edges that are searched for warnings. In a larger study, the rest remains unchecked. */
const MOST_EDGES = 20_000_000;

/**
 * Workspaces that a step names without waiting, directly or indirectly, for the step that fills them. One
 * walk starts at each named step, and ends at the last step that names it. `order` has parents first.
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
