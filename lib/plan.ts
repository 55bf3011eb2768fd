/**
 * Expansion: every step with every combination of the parameters it uses becomes a node. Linear in nodes and in
 * edges between nodes; a funnel over n nodes is one edge, however many steps wait for it.
 */

import { tooManyEdges } from "./errors.ts";
import { distinctNames, safeName, shortHash } from "./names.ts";
import { logFile, META_FILES, STUDY_NAMES } from "./paths.ts";
import { splitTokens } from "./tokens.ts";
import type {
  BoundStep,
  BoundStudy,
  MatchedFunnel,
  Parameter,
  Plan,
  PlanNode,
  PlanStep,
  SlottedText,
  TextSlot,
} from "./types.ts";

/** Names below a study's folder that a step's workspace must not take. `logs` and `meta` are folders: shared, as in Maestro. */
const RESERVED = STUDY_NAMES.filter((name) => name !== "logs" && name !== "meta");

/** Edges between nodes that a step may have; each costs a few bytes for as long as the study is conducted. */
const MOST_EDGES = 50_000_000;

/** Expands a bound study. `md5` gives the hexadecimal digest that names hashed workspaces. */
export function expand(study: BoundStudy, md5: (text: string) => string): Plan {
  const folders = distinctNames(study.steps.map((step) => step.name), [
    ...RESERVED,
    ...study.reserved ?? [],
  ]);
  const splitter = slotSplitter(study);
  const steps: PlanStep[] = [];
  const nodes: PlanNode[] = [];
  const taken = new Set<string>();
  study.steps.forEach((bound, index) => {
    const first = nodes.length;
    const combos = bound.uses.length > 0 ? distinctCombos(bound, study.parameters) : SINGLE;
    const step: PlanStep = {
      ...bound,
      index,
      text: splitter(bound),
      workspace: folders[index]!,
      first,
      end: first + combos.labels.length,
      nodeOfCombo: combos.nodeOfCombo.map((node) => node + first),
    };
    steps.push(step);
    let edges = 0;
    const matched = (bound.matched ?? []).map((funnel) =>
      matchedNodes(funnel, steps, nodes, study.parameters)
    );
    const leaves = study.hashWorkspaces
      ? combos.labels.map(md5)
      : distinctNames(combos.labels, ownFiles(study, step.workspace));
    combos.labels.forEach((label, i) => {
      const combo = combos.firstCombo[i]!;
      const name = distinctNodeName(combo < 0 ? bound.name : `${bound.name}_${label}`, taken);
      nodes.push({
        index: nodes.length,
        name,
        step,
        combo,
        workspace: combo < 0 ? step.workspace : `${step.workspace}/${leaves[i]!}`,
        fileBase: combo >= 0 && study.hashWorkspaces ? leaves[i]! : fileBase(name),
        parents: parentsOf(bound, false, steps, combo, matched),
        ...(bound.after || bound.matched ? { after: parentsOf(bound, true, steps, combo, matched) } : {}),
      });
      if (matched.length === 0) return;
      const { parents, after = [] } = nodes.at(-1)!;
      if ((edges += parents.length + after.length) > MOST_EDGES) throw tooManyEdges(bound.name, MOST_EDGES);
    });
  });
  return { study, steps, nodes };
}

/** Nodes to wait for alone, in the order of `depends` (or `after`): each once. */
function parentsOf(
  bound: BoundStep,
  after: boolean,
  steps: readonly PlanStep[],
  combo: number,
  matched: readonly Matched[],
): readonly number[] {
  const single = ((after ? bound.after : bound.depends) ?? []).map((parent) =>
    nodeIndex(steps[parent]!, combo)
  );
  const groups = matched.filter((funnel) => funnel.after === after).map(({ groupOf }) => groupOf(combo));
  if (groups.length === 0) return single;
  // One group for many nodes is one list in memory.
  if (groups.length === 1 && single.length === 0) return groups[0]!;
  return [...new Set([...single, ...groups.flat()])];
}

interface Matched {
  readonly after: boolean;
  /** The nodes that are the same as a combination in what must match. */
  groupOf(combo: number): readonly number[];
}

function matchedNodes(
  { step, by, after }: MatchedFunnel,
  steps: readonly PlanStep[],
  nodes: readonly PlanNode[],
  parameters: readonly Parameter[],
): Matched {
  const key = (combo: number) => JSON.stringify(by.map((parameter) => parameters[parameter]!.labels[combo]!));
  const groups = new Map<string, number[]>();
  for (let node = steps[step]!.first; node < steps[step]!.end; node++) {
    const of = key(nodes[node]!.combo);
    const group = groups.get(of);
    if (group) group.push(node);
    else groups.set(of, [node]);
  }
  return { after: after === true, groupOf: (combo) => groups.get(key(combo)) ?? [] };
}

/** The node of a step in a combination. */
export function nodeIndex(step: PlanStep, combo: number): number {
  return step.nodeOfCombo.length === 0 ? step.first : step.nodeOfCombo[combo]!;
}

interface Combos {
  /** The joined labels of each distinct combination, in order of appearance. */
  readonly labels: readonly string[];
  readonly firstCombo: readonly number[];
  /** Combination to position in `labels`. */
  readonly nodeOfCombo: Int32Array;
}

const SINGLE: Combos = { labels: [""], firstCombo: [-1], nodeOfCombo: new Int32Array(0) };

/** Combinations that differ in the labels of the parameters the step uses: equal ones fold into the first. */
function distinctCombos(step: BoundStep, parameters: readonly Parameter[]): Combos {
  const columns = step.uses.map((use) => parameters[use]!.labels);
  const count = columns[0]!.length;
  const position = new Map<string, number>();
  const firstCombo: number[] = [];
  const nodeOfCombo = new Int32Array(count);
  for (let combo = 0; combo < count; combo++) {
    let label = columns[0]![combo]!;
    for (let column = 1; column < columns.length; column++) label += "." + columns[column]![combo]!;
    let at = position.get(label);
    if (at === undefined) {
      at = firstCombo.length;
      position.set(label, at);
      firstCombo.push(combo);
    }
    nodeOfCombo[combo] = at;
  }
  return { labels: [...position.keys()], firstCombo, nodeOfCombo };
}

/** Files of the study in a folder that a step of that name shares with it. */
function ownFiles(study: BoundStudy, folder: string): readonly string[] {
  if (folder === "logs") return [logFile(study.name)];
  return folder === "meta" ? META_FILES : [];
}

/** A step "a_X.1" beside the combination X.1 of a step "a": the later one gets a hash. */
function distinctNodeName(name: string, taken: Set<string>): string {
  let distinct = name;
  for (let n = taken.size; taken.has(distinct); n++) distinct = `${name}-${shortHash(`${name}#${n}`)}`;
  taken.add(distinct);
  return distinct;
}

function fileBase(name: string): string {
  const safe = safeName(name);
  // Most names are safe as they stand: then both are one string in memory.
  if (safe === name && name.length <= 200) return name;
  return distinctNames([name])[0]!;
}

/** Splits a step's text at what differs between its nodes; knows each step's name and each parameter's tokens. */
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
      // A step that uses no parameter is not touched by them: its text stays as it is.
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
