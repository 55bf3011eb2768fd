/**
 * From a checked spec to a study that can be expanded: the environment is laid over every step, names of steps become
 * indices, steps are put behind those they wait for, and each is told which parameters it uses. Reports what only
 * shows once names are resolved.
 */

import { resolve } from "@std/path";
import {
  notAncestors,
  type References,
  unknownTokens,
  unusedParameters,
  type Waits,
} from "./bind_warnings.ts";
import { resolveEnvironment } from "./environment.ts";
import * as problem from "./graph_problems.ts";
import { parentsFirst, propagate } from "./graph.ts";
import { stepNameTaken } from "./problems.ts";
import { funnelTarget, isFunnel } from "./spec.ts";
import { eachToken, substitute } from "./tokens.ts";
import type { BoundStep, BoundStudy, NamedText, Problem, Spec, SpecStep } from "./types.ts";

export interface BindOptions {
  /** Absolute path of the study's folder: `$(OUTPUT_PATH)`. */
  readonly root: string;
  /** Absolute path of the spec's folder: `$(SPECROOT)`. */
  readonly specRoot: string;
  /** Where relative dependency paths start. */
  readonly cwd: string;
  readonly hashWorkspaces: boolean;
}

/** The study, unless an error stands in its way. Warnings come with or without one. */
export function bindStudy(spec: Spec, options: BindOptions): { study?: BoundStudy; problems: Problem[] } {
  const problems: Problem[] = [];
  const environment = resolveEnvironment(environmentItems(spec, options));
  for (const circle of environment.circles) problems.push(problem.environmentCircle(circle));
  const steps = spec.steps.map((step) => layOver(step, (name) => environment.texts.get(name)));
  const indexOf = new Map(steps.map((step, i) => [step.name, i] as const).reverse());
  // Names that are equal as written have been reported; these are once their tokens are filled in.
  steps.forEach(({ name, position }, i) => {
    const first = indexOf.get(name)!;
    if (first !== i) problems.push(stepNameTaken(name, ["study", position, "name"], steps[first]!.position));
  });
  const waits = resolveDepends(steps, indexOf, problems);
  const { order, cycle } = parentsFirst(waits.map(({ depends, funnels }) => [...depends, ...funnels]));

  if (cycle) problems.push(problem.cycle(cycle.map((i) => steps[i]!.name), steps[cycle[0]!]!));
  const references = steps.map((step) => workspaceReferences(step, indexOf, problems));
  const uses = usedParameters(spec, steps, waits, references);
  problems.push(...unusedParameters(spec, uses), ...unknownTokens(spec, steps));
  if (order) problems.push(...notAncestors(steps, waits, references, order));
  if (!order || problems.some(({ level }) => level === "error")) return { problems };
  const placeOf = new Int32Array(order.length);
  order.forEach((step, place) => placeOf[step] = place);
  const bound = order.map((i): BoundStep => {
    const place = (step: number) => placeOf[step]!;
    const { after: _, ...step } = steps[i]!;
    return {
      ...step,
      uses: uses[i]!,
      depends: waits[i]!.depends.map(place),
      funnels: waits[i]!.funnels.map(place),
    };
  });
  const { name, description, batch, parameters } = spec;
  const { root, hashWorkspaces } = options;
  return { study: { name, description, root, batch, hashWorkspaces, parameters, steps: bound }, problems };
}

/** All that `$(NAME)` may stand for, the spec's own names first. The spec's OUTPUT_PATH gives way to the real one. */
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

/** Each name of the spec's environment with its full text, OUTPUT_PATH and SPECROOT among them. */
export function environmentTexts(spec: Spec, options: BindOptions): Record<string, string> {
  return Object.fromEntries(resolveEnvironment(environmentItems(spec, options)).texts);
}

/** A path that starts with a token is left to what the token stands for. */
function absolute(path: string, cwd: string): string {
  return path.startsWith("$(") ? path.replace(/\/+$/, "") : resolve(cwd, path);
}

/** Full paths of the dependencies: what must exist, and where clones go. Same rules as `$(NAME)`. */
export function dependencyPaths(
  spec: Spec,
  options: BindOptions,
): { paths: NamedText[]; clones: Map<string, string> } {
  const { texts } = resolveEnvironment(environmentItems(spec, options));
  return {
    paths: spec.pathDependencies.map(({ name }) => ({
      name,
      text: resolve(options.cwd, texts.get(name) ?? ""),
    })),
    clones: new Map(
      spec.gitDependencies.map(({ name }) => [name, resolve(options.cwd, texts.get(name) ?? "")]),
    ),
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
    resources: Object.fromEntries(Object.entries(step.resources).map(([key, text]) => [key, over(text)])),
  };
}

function resolveDepends(
  steps: readonly SpecStep[],
  indexOf: ReadonlyMap<string, number>,
  problems: Problem[],
): Waits[] {
  return steps.map((step) => {
    const depends = new Set<number>();
    const funnels = new Set<number>();
    step.depends.forEach((item, i) => {
      const target = indexOf.get(isFunnel(item) ? funnelTarget(item) : item);
      if (target === undefined) problems.push(problem.unknownDependency(step, i, item, indexOf.keys()));
      else (isFunnel(item) ? funnels : depends).add(target);
    });
    return { depends: [...depends], funnels: [...funnels] };
  });
}

/** Steps whose `$(name.workspace)` a step's commands name, and where. */
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

/**
 * A step uses the parameters its text names, those of the steps it waits for, and those of the workspaces it names.
 * Funnels contribute none: they stand for all combinations. Text in descriptions is prose, not use.
 */
function usedParameters(
  spec: Spec,
  steps: readonly SpecStep[],
  waits: readonly Waits[],
  references: readonly References[],
): number[][] {
  const parameterOf = new Map<string, number>();
  spec.parameters.forEach(({ key }, i) =>
    ["", ".label", ".name"].forEach((end) => parameterOf.set(key + end, i))
  );
  const own = steps.map((step) => {
    const used = new Set<number>();
    const texts = [step.name, step.cmd, step.restart, ...step.depends, ...Object.values(step.resources)];
    for (const text of texts) {
      eachToken(text, (token) => {
        const parameter = parameterOf.get(token);
        if (parameter !== undefined) used.add(parameter);
      });
    }
    return used;
  });
  const sources = waits.map(({ depends, funnels }, i) => [
    ...depends,
    ...[...references[i]!.keys()].filter((step) => !funnels.includes(step)),
  ]);
  const byKey = (a: number, b: number) => spec.parameters[a]!.key < spec.parameters[b]!.key ? -1 : 1;
  return propagate(own, sources).map((set) => [...set].sort(byKey));
}
