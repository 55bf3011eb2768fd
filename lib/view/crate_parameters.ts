/** Parameters and results of a study in a crate: what each is for (FormalParameter), what it was (PropertyValue). */

import { type Entity, idPart, refer } from "./crate_entities.ts";
import { listOf } from "../plan/parameters.ts";
import type { Plan, PlanNode, PlanStep } from "../plan/types.ts";

const parameterId = (key: string) => `#parameter/${idPart(key)}`;
const resultId = (step: PlanStep, name: string) => `#result/${idPart(step.name)}/${idPart(name)}`;
const valueId = (key: string, number: number) => `#value/${idPart(key)}/${number}`;
const foundId = (node: PlanNode, name: string) => `#found/${node.workspace}/${idPart(name)}`;

export const inputIds = (plan: Plan, uses: readonly number[]): string[] =>
  uses.map((use) => parameterId(plan.study.parameters[use]!.key));

export const outputIds = (step: PlanStep): string[] =>
  (step.results ?? []).map(({ name }) => resultId(step, name));

/** A node, and what its step's rules found, in their order. */
interface Found {
  readonly node: PlanNode;
  readonly results: readonly (string | undefined)[];
}

/** What a node's rules found. */
export function foundIds({ node, results }: Found): string[] {
  return (node.step.results ?? []).flatMap(({ name }, rule) =>
    results[rule] === undefined ? [] : [foundId(node, name)]
  );
}

/** Integer, Number or Text: the narrowest of schema.org's types that all values are of. */
export function dataType(values: Iterable<string>): "Integer" | "Number" | "Text" {
  let type: "Integer" | "Number" = "Integer";
  let any = false;
  for (const value of values) {
    any = true;
    if (/^[-+]?\d+$/.test(value)) continue;
    if (!/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(value)) return "Text";
    type = "Number";
  }
  return any ? type : "Text";
}

const formal = (id: string, name: string, values: Iterable<string>, description: string): Entity => ({
  "@id": id,
  "@type": "FormalParameter",
  name,
  additionalType: dataType(values),
  description,
});

const actual = (id: string, name: string, value: string, of: string): Entity => ({
  "@id": id,
  "@type": "PropertyValue",
  name,
  value,
  exampleOfWork: refer(of),
});

/** The values of the parameters; one entity for each that is distinct. */
export interface ParameterValues {
  /** The values that a node was run with. */
  of(node: PlanNode): string[];
  /** All of them. */
  readonly ids: readonly string[];
  readonly entities: readonly Entity[];
}

export function parameterValues({ study: { parameters } }: Plan): ParameterValues {
  const known = parameters.map(({ values }) => {
    const numbers = new Map<string, number>();
    for (const value of listOf(values)) if (!numbers.has(value)) numbers.set(value, numbers.size + 1);
    return numbers;
  });
  const id = (parameter: number, value: string) =>
    valueId(parameters[parameter]!.key, known[parameter]!.get(value)!);
  const entities = parameters.flatMap(({ key }, parameter) => [
    formal(
      parameterId(key),
      key,
      known[parameter]!.keys(),
      "A parameter of the study, swept over its values",
    ),
    ...known[parameter]!.keys().map((value) => actual(id(parameter, value), key, value, parameterId(key))),
  ]);
  return {
    of: ({ step, combo }) => step.uses.map((use) => id(use, parameters[use]!.values.at(combo)!)),
    ids: known.flatMap((values, parameter) => [...values.keys()].map((value) => id(parameter, value))),
    entities,
  };
}

/** What steps' `results` picked from their output. */
export function* resultEntities({ steps }: Plan, runs: readonly Found[]): Generator<Entity> {
  for (const step of steps) {
    const own = step.results ? runs.filter(({ node }) => node.step === step) : [];
    for (const [rule, { name }] of (step.results ?? []).entries()) {
      const found = own.flatMap(({ node, results }) =>
        results[rule] === undefined ? [] : [[node, results[rule]] as const]
      );
      const picked = `Extracted from the output of step "${step.name}"`;
      yield formal(resultId(step, name), name, found.map(([, value]) => value), picked);
      for (const [node, value] of found) yield actual(foundId(node, name), name, value, resultId(step, name));
    }
  }
}
