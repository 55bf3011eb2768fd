/**
 * Turns a checked spec into a study that can be expanded. It substitutes the environment in every step, turns
 * names of steps into indices, orders the steps, and finds the parameters that each step uses. Reports
 * problems that are visible only when names are resolved.
 */

import { addAll } from "../spec/problem.ts";
import { resolve } from "@std/path";
import { circles, notAncestors, type References, unknownTokens, unusedParameters } from "./bind_warnings.ts";
import { resolveEnvironment } from "./environment.ts";
import * as problem from "../spec/graph_problems.ts";
import { parentsFirst } from "./graph.ts";
import { stepNameTaken } from "../spec/problems.ts";
import { eachToken, substitute } from "../tokens.ts";
import { usedParameters } from "./uses.ts";
import { shellProblems } from "./wrap.ts";
import { resolveWaits, unmatched, type Waits } from "./waits.ts";
import type { Batch, NamedText, Problem, Spec, SpecStep, StepBatch, YamlValue } from "../spec/types.ts";
import type { BoundStep, BoundStudy } from "./types.ts";

export interface BindOptions {
  /** Absolute path of the study's folder: `$(OUTPUT_PATH)`. */
  readonly root: string;
  /** Absolute path of the spec's folder: `$(SPECROOT)`. */
  readonly specRoot: string;
  /** The folder of relative dependency paths. */
  readonly cwd: string;
  readonly hashWorkspaces: boolean;
}

/** The study, unless there is an error. Warnings come with or without one. */
export function bindStudy(spec: Spec, options: BindOptions): { study?: BoundStudy; problems: Problem[] } {
  const problems: Problem[] = [];
  const environment = resolveEnvironment(environmentItems(spec, options));
  const steps = spec.steps.map((step) => layOver(step, (name) => environment.texts.get(name)));
  addAll(problems, circles(environment.circles, spec, steps));
  const indexOf = new Map(steps.map((step, i) => [step.name, i] as const).reverse());
  // Names that are equal as text have been reported. These are equal once their tokens are replaced.
  steps.forEach(({ name, position }, i) => {
    const first = indexOf.get(name)!;
    if (first !== i) problems.push(stepNameTaken(name, ["study", position, "name"], steps[first]!.position));
  });
  const waits = resolveWaits(steps, indexOf, spec.parameters, problems);
  const { order, cycle } = parentsFirst(waits.map(({ all }) => all));
  if (cycle) problems.push(problem.cycle(cycle.map((i) => steps[i]!.name), steps[cycle[0]!]!));
  const references = steps.map((step) => workspaceReferences(step, indexOf, problems));
  const { uses, problems: odd } = usedParameters(spec.parameters, steps, waits, references);
  addAll(problems, odd, unusedParameters(spec, uses), unknownTokens(spec, steps));
  addAll(problems, unmatched(steps, waits, uses, spec.parameters), shellProblems(spec.batch, steps));
  if (order) addAll(problems, notAncestors(steps, waits, references, order));
  if (!order || problems.some(({ level }) => level === "error")) return { problems };
  const { name, description } = spec;
  const parameters = spec.parameters.map(({ raws: _, ...parameter }) => parameter);
  const { root, hashWorkspaces } = options;
  const batch = batchOver(spec.batch, (name) => environment.texts.get(name));
  const bound = inOrder(order, steps, waits, uses);
  const folders = hashWorkspaces ? "numbered" : false;
  const study = {
    name,
    description,
    root,
    batch,
    hashWorkspaces: folders,
    parameters,
    steps: bound,
    names: "maestro",
  } as const;
  return { study, problems };
}

/** The steps in their order, so that an index of a step is its position. Empty fields are left out. */
function inOrder(
  order: readonly number[],
  steps: readonly SpecStep[],
  waits: readonly Waits[],
  uses: readonly number[][],
): BoundStep[] {
  const placeOf = new Int32Array(order.length);
  order.forEach((step, place) => placeOf[step] = place);
  const places = (list: readonly number[]) => list.map((step) => placeOf[step]!);
  return order.map((i): BoundStep => {
    const { after: _, completed: __, unused: ___, ...step } = steps[i]!;
    const { depends, funnels, after, afterFunnels, matched, uncancelled } = waits[i]!;
    return {
      ...step,
      uses: uses[i]!,
      depends: places(depends),
      funnels: places(funnels),
      ...(after.length > 0 ? { after: places(after) } : {}),
      ...(afterFunnels.length > 0 ? { afterFunnels: places(afterFunnels) } : {}),
      ...(uncancelled.length > 0 ? { uncancelled: places(uncancelled) } : {}),
      ...(matched.length > 0
        ? { matched: matched.map((funnel) => ({ ...funnel, step: placeOf[funnel.step]! })) }
        : {}),
    };
  });
}

/** Commands of the batch may contain names of the environment. The other keys belong to the scheduler. */
function batchOver(batch: Batch, lookup: (name: string) => string | undefined): Batch {
  const commands = ["pre", "post"].flatMap((key) => {
    const text = batch[key];
    return typeof text === "string" ? [[key, substitute(text, lookup)]] : [];
  });
  return commands.length === 0 ? batch : { ...batch, ...Object.fromEntries(commands) };
}

/** All values of `$(NAME)`, the spec's own names first. The real OUTPUT_PATH replaces that of the spec. */
function environmentItems(spec: Spec, options: BindOptions): NamedText[] {
  return [
    ...spec.variables.filter(({ name }) => name !== "OUTPUT_PATH"),
    ...spec.labels,
    ...spec.pathDependencies.map(({ name, text }) => ({ name, text: absolute(text, options.cwd) })),
    ...spec.gitDependencies.map(({ name, path }) => ({
      name,
      text: `${absolute(path, options.cwd)}/${name}`,
    })),
    { name: "OUTPUT_PATH", text: options.root },
    { name: "SPECROOT", text: options.specRoot },
  ];
}

/** Each name of the spec's environment with its full text, including OUTPUT_PATH and SPECROOT. */
export function environmentTexts(spec: Spec, options: BindOptions): Record<string, string> {
  return Object.fromEntries(resolveEnvironment(environmentItems(spec, options)).texts);
}

/** A path that starts with a token depends on the value of the token. */
function absolute(path: string, cwd: string): string {
  return path.startsWith("$(") ? path.replace(/\/+$/, "") : resolve(cwd, path);
}

/** Dependencies with all names replaced: paths that must exist, targets of clones, and their sources. */
export function dependencyPaths(
  spec: Spec,
  options: BindOptions,
): { paths: NamedText[]; clones: Map<string, string>; urls: Map<string, string> } {
  const { texts } = resolveEnvironment(environmentItems(spec, options));
  return {
    paths: spec.pathDependencies.map(({ name }) => ({
      name,
      text: resolve(options.cwd, texts.get(name) ?? ""),
    })),
    clones: new Map(
      spec.gitDependencies.map(({ name }) => [name, resolve(options.cwd, texts.get(name) ?? "")]),
    ),
    urls: new Map(spec.gitDependencies.map(({ name, url }) => [name, substitute(url, (n) => texts.get(n))])),
  };
}

function layOver(step: SpecStep, lookup: (name: string) => string | undefined): SpecStep {
  const over = (text: string) => substitute(text, lookup);
  return {
    ...step,
    name: over(step.name),
    description: over(step.description),
    cmd: over(step.cmd),
    restart: over(step.restart),
    depends: step.depends.map(over),
    ...(step.shell === undefined ? {} : { shell: over(step.shell) }),
    ...(step.after ? { after: step.after.map(over) } : {}),
    ...(step.completed ? { completed: step.completed.map(over) } : {}),
    ...(step.env ? { env: step.env.map(({ name, text }) => ({ name, text: over(text) })) } : {}),
    ...(step.results ? { results: step.results.map((rule) => ({ ...rule, file: over(rule.file) })) } : {}),
    ...(step.batch ? { batch: within(step.batch, over) } : {}),
    ...(step.unused ? { unused: step.unused.map(({ name, text }) => ({ name, text: over(text) })) } : {}),
    resources: Object.fromEntries(Object.entries(step.resources).map(([key, text]) => [key, over(text)])),
  };
}

/** A mapping with all its texts converted. */
function within(batch: StepBatch, over: (text: string) => string): StepBatch {
  const change = (value: YamlValue): YamlValue => {
    if (typeof value === "string") return over(value);
    if (Array.isArray(value)) return value.map(change);
    return value === null ? null : { ...within(value, over) };
  };
  return Object.fromEntries(Object.entries(batch).map(([key, value]) => [key, change(value)]));
}

/** Steps whose `$(name.workspace)` occurs in a step's commands, and where. */
function workspaceReferences(
  step: SpecStep,
  indexOf: ReadonlyMap<string, number>,
  problems: Problem[],
): References {
  const found = new Map<number, "cmd" | "restart">();
  const unknown = new Set<string>();
  for (const place of ["cmd", "restart"] as const) {
    eachToken(step[place], (token) => {
      if (!token.endsWith(".workspace")) return;
      const name = token.slice(0, -".workspace".length);
      const target = indexOf.get(name);
      if (target !== undefined) {
        if (name !== step.name && !found.has(target)) found.set(target, place);
      } else if (!/[$\s"'|;&]/.test(name) && !unknown.has(name)) {
        unknown.add(name);
        problems.push(problem.unknownWorkspace(step, place, name, indexOf.keys()));
      }
    });
  }
  return found;
}
