/** The parameters that each step uses: they decide the number of its nodes. */

import { textsOf } from "./bind_warnings.ts";
import type { References } from "./bind_warnings.ts";
import { onlyNamedBy } from "../spec/graph_problems.ts";
import { propagate } from "./graph.ts";
import { eachToken } from "../tokens.ts";
import type { Parameter, Problem, SpecStep } from "../spec/types.ts";
import type { Waits } from "./waits.ts";

export interface Uses {
  /** For each step the indices of its parameters, by key. */
  readonly uses: readonly number[][];
  readonly problems: readonly Problem[];
}

/**
 * A step uses the parameters that its texts name, including the description, as in Maestro. It also uses
 * those of the steps it waits for, and of the workspaces it names. Funnels contribute none: they cover all
 * combinations.
 */
export function usedParameters(
  parameters: readonly Parameter[],
  steps: readonly SpecStep[],
  waits: readonly Waits[],
  references: readonly References[],
): Uses {
  const named = tokenReader(parameters);
  const own = steps.map((step, i) => named(workingTexts(step), waits[i]!.matched.flatMap(({ by }) => by)));
  const prose = steps.map((step) => proseOf(step).map(([key, text]) => [key, named([text])] as const));
  const all = own.map((set, i) => new Set([...set, ...prose[i]!.flatMap(([, found]) => [...found])]));
  const sources = waits.map(({ depends, after, wide }, i) => [
    ...depends,
    ...after,
    ...[...references[i]!.keys()].filter((step) => !wide.includes(step)),
  ]);
  const sets = propagate(all, sources);
  const problems = steps.flatMap((step, i) => {
    const otherwise = new Set([...own[i]!, ...sources[i]!.flatMap((source) => [...sets[source]!])]);
    const said = new Set<number>();
    return prose[i]!.flatMap(([key, found]) =>
      [...found].filter((parameter) => !otherwise.has(parameter) && !said.has(parameter)).map((parameter) => {
        said.add(parameter);
        return onlyNamedBy(step, key, parameters[parameter]!.key);
      })
    );
  });
  const byKey = (a: number, b: number) => parameters[a]!.key < parameters[b]!.key ? -1 : 1;
  return { uses: sets.map((set) => [...set].sort(byKey)), problems };
}

/** Texts of a step that have an effect. */
function workingTexts(step: SpecStep): string[] {
  return [
    step.name,
    ...step.depends,
    ...step.after ?? [],
    ...step.completed ?? [],
    ...textsOf(step).map(([, text]) => text),
    ...(step.results ?? []).map(({ file }) => file),
  ];
}

/** Texts that no shell sees. Maestro looks for parameters in them anyway. */
function proseOf({ description, unused = [] }: SpecStep): (readonly [key: string, text: string])[] {
  return [["description", description], ...unused.map(({ name, text }) => [name, text] as const)];
}

/** `$(KEY)` and `$(KEY.word)`, with any word, name a parameter. */
const WITH_WORD = /^(.*)\.[\p{L}\p{N}_]+$/su;

function tokenReader(
  parameters: readonly Parameter[],
): (texts: readonly string[], more?: readonly number[]) => Set<number> {
  const indexOf = new Map(parameters.map(({ key }, i) => [key, i]));
  return (texts, more = []) => {
    const found = new Set(more);
    if (indexOf.size === 0) return found;
    for (const text of texts) {
      eachToken(text, (token) => {
        for (const key of [token, WITH_WORD.exec(token)?.[1]]) {
          const parameter = key === undefined ? undefined : indexOf.get(key);
          if (parameter !== undefined) found.add(parameter);
        }
      });
    }
    return found;
  };
}
