/**
 * Expansion: every step with every combination of the parameters it uses becomes a node. Linear in the number
 * of nodes and edges. A funnel over n nodes is one edge, however many steps wait for it.
 */

import { tooManyEdges } from "../errors.ts";
import { distinctNames, type TextList } from "../names.ts";
import { distinctCombos, nameRules, numberedLeaves } from "./combos.ts";
import { logFile, META_FILES, STUDY_NAMES } from "../paths.ts";
import { nodeOf, renameDoubles } from "./plan_nodes.ts";
import { splitTokens } from "../tokens.ts";
import type {
  BoundParameter,
  BoundStep,
  BoundStudy,
  MatchedFunnel,
  MatchedNodes,
  Plan,
  PlanFacts,
  PlanNode,
  PlanStep,
  SlottedText,
  TextSlot,
} from "./types.ts";

/**
 * Names below a study's folder that a step's workspace must not have. `logs` and `meta` are folders: shared,
 * as in Maestro.
 */
const RESERVED = STUDY_NAMES.filter((name) => name !== "logs" && name !== "meta");

/** Most edges between the nodes of two steps. Each costs a few bytes while the study is conducted. */
const MOST_EDGES = 50_000_000;

/**
 * Expands a bound study. `md5` returns the hexadecimal digest that names workspaces in studies of version
 * 0.1. `facts`: results of an earlier expansion.
 */
export function expand(study: BoundStudy, md5: (text: string) => string, facts?: PlanFacts): Plan {
  const names = nameRules(study);
  const reserved = [...RESERVED, ...study.reserved ?? []];
  const folders = distinctNames(study.steps.map((step) => step.name), reserved, names);
  const splitter = slotSplitter(study);
  const combosOf = distinctCombos(study, md5, facts);
  const steps: PlanStep[] = [];
  let size = 0;
  study.steps.forEach((bound, index) => {
    const first = size;
    const workspace = folders[index]!;
    const { leaves, ...combos } = combosOf(bound.uses);
    const step: PlanStep = {
      ...bound,
      index,
      text: splitter(bound),
      workspace,
      first,
      end: first + combos.labels.length,
      ...combos,
      leaves: leavesOf(study, bound, workspace, combos.labels, leaves, () => [...reserved, ...folders]),
      names,
      hashed: study.hashWorkspaces !== false,
      singles: {
        depends: bound.depends.map((parent) => steps[parent]!),
        after: (bound.after ?? []).map((parent) => steps[parent]!),
      },
      matchedNodes: (bound.matched ?? []).map((funnel) =>
        matchedNodes(funnel, steps[funnel.step]!, study.parameters)
      ),
    };
    checkEdges(step);
    steps.push(step);
    size = step.end;
  });
  const stepNamed = new Map(steps.map((step) => [step.name, step]));
  let nodes: PlanNode[] | undefined;
  return {
    study,
    steps,
    size,
    get nodes() {
      return nodes ??= allNodes(steps, size);
    },
    stepNamed,
    renamed: facts?.namesAreDistinct ? new Map() : renameDoubles(steps, stepNamed),
  };
}

/** Facts that make some work of `expand` unnecessary. */
export function factsOf({ steps, size, renamed }: Plan): PlanFacts {
  const labelsAreFolders = steps.every(({ labels, leaves }) => leaves === labels);
  return { nodes: size, labelsAreFolders, namesAreDistinct: renamed.size === 0 };
}

/** Names of the folders of a step's nodes. `shared`: those that all steps with these parameters may have. */
function leavesOf(
  study: BoundStudy,
  { uses }: BoundStep,
  workspace: string,
  labels: TextList,
  shared: TextList,
  beside: () => readonly string[],
): TextList {
  if (uses.length === 0) return shared;
  if (study.hashWorkspaces === "numbered") return numberedLeaves(workspace, labels.length);
  // A step without a safe character in its name works in the study's own folder.
  const own = workspace === "" || workspace === "."
    ? ["logs", "meta", ...beside()]
    : ownFiles(study, workspace);
  return own.length > 0 && !study.hashWorkspaces ? distinctNames(labels, own, nameRules(study)) : shared;
}

function allNodes(steps: readonly PlanStep[], size: number): PlanNode[] {
  const nodes = new Array<PlanNode>(size);
  for (const step of steps) {
    for (let index = step.first; index < step.end; index++) nodes[index] = nodeOf(step, index);
  }
  return nodes;
}

function checkEdges({ name, firstCombo, matchedNodes }: PlanStep): void {
  if (matchedNodes.length === 0) return;
  let edges = 0;
  for (const combo of firstCombo) {
    for (const { groupOf } of matchedNodes) edges += groupOf(combo).length;
    if (edges > MOST_EDGES) throw tooManyEdges(name, MOST_EDGES);
  }
}

function matchedNodes(
  { by, after }: MatchedFunnel,
  { firstCombo, first }: PlanStep,
  parameters: readonly BoundParameter[],
): MatchedNodes {
  const key = (combo: number) =>
    JSON.stringify(by.map((parameter) => parameters[parameter]!.labels.at(combo)!));
  const groups = new Map<string, number[]>();
  firstCombo.forEach((combo, i) => {
    const of = key(combo);
    const group = groups.get(of);
    if (group) group.push(first + i);
    else groups.set(of, [first + i]);
  });
  return { after: after === true, groupOf: (combo) => groups.get(key(combo)) ?? [] };
}

/** Files of the study in a folder that a step of that name shares with it. */
function ownFiles(study: BoundStudy, folder: string): readonly string[] {
  if (folder === "logs") return [logFile(study.name)];
  return folder === "meta" ? META_FILES : [];
}

/**
 * Splits a step's text at the parts that differ between its nodes. Knows each step's name and each
 * parameter's tokens.
 */
function slotSplitter(study: BoundStudy): (step: BoundStep) => PlanStep["text"] {
  const slots = new Map<string, TextSlot>([["WORKSPACE", { kind: "own" }]]);
  study.parameters.forEach(({ key }, parameter) => {
    slots.set(key, { kind: "value", parameter });
    slots.set(`${key}.label`, { kind: "label", parameter });
    slots.set(`${key}.name`, { kind: "name", parameter });
  });
  const stepOf = new Map(study.steps.map((step, index) => [`${step.name}.workspace`, index]));
  return (step) => {
    const parameterSlot = (name: string): TextSlot | undefined => {
      const slot = slots.get(name);
      // Parameters do not change a step that uses none: its text remains unchanged.
      return slot?.kind === "own" || (slot !== undefined && step.uses.length > 0) ? slot : undefined;
    };
    const commandSlot = (name: string): TextSlot | undefined => {
      const target = stepOf.get(name);
      if (target === undefined) return parameterSlot(name);
      if (study.steps[target] === step) return { kind: "own" };
      return { kind: "workspace", step: target, all: isWide(step, target) };
    };
    const plainSlot = (name: string) => name === "WORKSPACE" ? undefined : parameterSlot(name);
    const split = (text: string): SlottedText => splitTokens(text, plainSlot);
    return {
      description: split(step.description),
      cmd: splitTokens(step.cmd, commandSlot),
      restart: splitTokens(step.restart, commandSlot),
      resources: Object.entries(step.resources).map(([key, text]) => [key, split(text)] as const),
      ...(step.env
        ? { env: step.env.map(({ name, text }) => [name, splitTokens(text, commandSlot)] as const) }
        : {}),
      ...(step.results
        ? { resultFiles: step.results.map(({ file }) => splitTokens(file, commandSlot)) }
        : {}),
    };
  };
}

/** Whether a step waits for more than one node of another. */
function isWide({ funnels, afterFunnels, matched }: BoundStep, target: number): boolean {
  return funnels.includes(target) || (afterFunnels?.includes(target) ?? false) ||
    (matched?.some(({ step }) => step === target) ?? false);
}
