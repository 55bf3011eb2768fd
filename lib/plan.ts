/**
 * Expansion: every step with every combination of the parameters it uses becomes a node. Linear in nodes and in
 * edges between nodes; a funnel over n nodes is one edge, however many steps wait for it.
 */

import { distinctNames, safeName, shortHash } from "./names.ts";
import { splitTokens } from "./tokens.ts";
import type {
  BoundStep,
  BoundStudy,
  Parameter,
  Plan,
  PlanNode,
  PlanStep,
  SlottedText,
  TextSlot,
} from "./types.ts";

/** Names below a study's folder that a step's workspace must not take. `logs` and `meta` are folders: shared, as in Maestro. */
const RESERVED = [".maestro", "status.csv", "batch.info"];

/** Expands a bound study. `md5` gives the hexadecimal digest that names hashed workspaces. */
export function expand(study: BoundStudy, md5: (text: string) => string): Plan {
  const folders = distinctNames(study.steps.map((step) => step.name), RESERVED);
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
    const leaves = workspaceLeaves(combos.labels, study.hashWorkspaces, md5);
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
        parents: bound.depends.map((parent) => nodeIndex(steps[parent]!, combo)),
      });
    });
  });
  return { study, steps, nodes };
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

function workspaceLeaves(
  labels: readonly string[],
  hashed: boolean,
  md5: (text: string) => string,
): readonly string[] {
  return hashed ? labels.map(md5) : distinctNames(labels);
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
      return { kind: "workspace", step: target, all: step.funnels.includes(target) };
    };
    const plainSlot = (name: string) => name === "WORKSPACE" ? undefined : parameterSlot(name);
    const split = (text: string): SlottedText => splitTokens(text, plainSlot);
    return {
      description: split(step.description),
      cmd: splitTokens(step.cmd, commandSlot),
      restart: splitTokens(step.restart, commandSlot),
      resources: Object.entries(step.resources).map(([key, text]) => [key, split(text)] as const),
    };
  };
}
