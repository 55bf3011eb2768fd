/** Results of a study: for each combination the values that its steps' `results` pick from what they wrote. */

import { nodeIndex } from "../plan/plan_nodes.ts";
import { PATTERN_FLAGS } from "../spec/spec_results.ts";
import type { Plan, PlanNode, PlanStep } from "../plan/types.ts";
import type { ResultRule } from "../spec/types.ts";

/** What a rule picks from a text; undefined where it finds nothing. */
export function pickResult({ pick }: ResultRule, text: string): string | undefined {
  if (pick.kind === "image") return undefined;
  return pick.kind === "json" ? fromJson(text, pick.path) : fromPattern(text, pick.pattern, pick.take);
}

function fromPattern(text: string, pattern: string, take: "first" | "last"): string | undefined {
  const expression = new RegExp(pattern, PATTERN_FLAGS);
  let found: RegExpExecArray | undefined;
  for (const match of text.matchAll(expression)) {
    found = match;
    if (take === "first") break;
  }
  return found &&
    (found.length > 1 ? found.slice(1).find((group) => group !== undefined) ?? "" : found[0]).trim();
}

/** Numbers as they are written: 0.10 stays 0.10. What is no single value is given as JSON. */
function fromJson(text: string, path: readonly (string | number)[]): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(
      text,
      (_, item, context?: { source?: string }) =>
        typeof item === "number" ? new Written(context?.source ?? String(item)) : item,
    );
  } catch {
    return undefined;
  }
  for (const step of path) {
    if (typeof value !== "object" || value === null || value instanceof Written) return undefined;
    const key = typeof step === "number" && step < 0 && Array.isArray(value) ? value.length + step : step;
    value = Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined;
  }
  if (value === undefined || value === null) return undefined;
  if (value instanceof Written) return value.text;
  return typeof value === "string" ? value : JSON.stringify(value, plainNumbers);
}

/** A number with the text it was written as. */
class Written {
  constructor(readonly text: string) {}
}

const plainNumbers = (_: string, item: unknown) => item instanceof Written ? Number(item.text) : item;

/** The columns of a study's table. */
export interface ResultColumns {
  /** Indices of the parameters that the steps with results use, in the order of the spec. */
  readonly parameters: readonly number[];
  readonly results: readonly { readonly name: string; readonly step: PlanStep; readonly rule: number }[];
}

/** Undefined if no step has results. A name that two steps share is distinguished by the steps' names. */
export function resultColumns({ study, steps }: Plan): ResultColumns | undefined {
  const all = steps.filter(({ results }) => results !== undefined && results.length > 0);
  if (all.length === 0) return undefined;
  const used = new Set(all.flatMap(({ uses }) => uses));
  const names = all.flatMap(({ results }) => results!.map(({ name }) => name));
  const keys = new Set(study.parameters.map(({ key }) => key));
  const alone = (name: string) => !keys.has(name) && names.indexOf(name) === names.lastIndexOf(name);
  const results = all.flatMap((step) =>
    step.results!.map(({ name }, rule) => ({ name: alone(name) ? name : `${step.name}.${name}`, step, rule }))
  );
  return { parameters: study.parameters.flatMap((_, i) => used.has(i) ? [i] : []), results };
}

export interface ResultRow {
  readonly params: readonly string[];
  /** Undefined: not there, or not there yet. */
  readonly values: readonly (string | undefined)[];
  /** For each value its node: a step that uses fewer parameters has the same node in several rows. */
  readonly nodes: readonly number[];
}

/** One row for each combination of the parameters in the columns. `valuesOf` gives those of a node's rules, in order. */
export function* resultRows(
  { study, nodes }: Plan,
  { parameters, results }: ResultColumns,
  valuesOf: (node: PlanNode) => readonly (string | undefined)[],
): Generator<ResultRow> {
  const columns = parameters.map((parameter) => study.parameters[parameter]!);
  const count = columns[0]?.values.length ?? 1;
  const seen = new Set<string>();
  // A step that uses fewer parameters occurs in many rows with the same values.
  const known = new Map<number, readonly (string | undefined)[]>();
  const steps = [...new Set(results.map(({ step }) => step))];
  for (let combo = 0; combo < count; combo++) {
    const label = JSON.stringify(columns.map(({ labels }) => labels.at(combo)));
    if (seen.has(label)) continue;
    seen.add(label);
    const found = new Map(steps.map((step) => {
      const node = nodes[nodeIndex(step, combo)]!;
      if (step.uses.length === parameters.length) return [step, { node, values: valuesOf(node) }];
      const values = known.get(node.index) ?? valuesOf(node);
      known.set(node.index, values);
      return [step, { node, values }];
    }));
    yield {
      params: columns.map(({ values }) => values.at(combo)!),
      values: results.map(({ step, rule }) => found.get(step)!.values[rule]),
      nodes: results.map(({ step }) => found.get(step)!.node.index),
    };
  }
}
