/**
 * The nodes of a plan: a number and a step for each. All other facts follow from these and are computed on
 * request, so a study may have millions of nodes.
 */

import { fileBase, safeName, shortHash } from "../names.ts";
import { listOf } from "./parameters.ts";
import type { Plan, PlanNode, PlanStep } from "./types.ts";

class Node implements PlanNode {
  constructor(readonly index: number, readonly step: PlanStep) {}

  get combo(): number {
    return this.step.firstCombo[this.index - this.step.first]!;
  }

  get name(): string {
    return nameAt(this.step, this.index);
  }

  get workspace(): string {
    return workspaceAt(this.step, this.index);
  }

  get fileBase(): string {
    const { step } = this;
    return this.combo >= 0 && step.hashed
      ? step.leaves.at(this.index - step.first)!
      : fileBase(this.name, step.names);
  }

  get parents(): readonly number[] {
    return waitedFor(this.step, this.index, false);
  }

  get after(): readonly number[] {
    return waitedFor(this.step, this.index, true);
  }
}

/** One node, for a moment: `Plan.nodes` needs memory for all of them. */
export function nodeOf(step: PlanStep, index: number): PlanNode {
  return new Node(index, step);
}

/** The step that a node belongs to. */
export function stepOf({ steps }: Plan, node: number): PlanStep {
  let [low, high] = [0, steps.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (node < steps[middle]!.end) high = middle;
    else low = middle + 1;
  }
  return steps[low]!;
}

/** The name of one of a step's nodes. */
export function nameAt(step: PlanStep, index: number): string {
  return step.renamed?.get(index) ?? plainName(step, index);
}

/** The workspace of one of a step's nodes, relative to the study's folder. */
export function workspaceAt({ workspace, uses, leaves, first }: PlanStep, index: number): string {
  if (uses.length === 0) return workspace;
  const leaf = leaves.at(index - first)!;
  return workspace === "" ? leaf : `${workspace}/${leaf}`;
}

/** The name of a node, unless another node has that name. */
function plainName({ name, labels, first, uses }: PlanStep, index: number): string {
  return uses.length === 0 ? name : `${name}_${labels.at(index - first)!}`;
}

/** The file of a node's script: its whole name as in Maestro, if the name and its suffix are short enough. */
export function scriptFile({ name, combo, fileBase: base, step }: PlanNode, ending: string): string {
  const { hashed, names } = step;
  const whole = safeName(name) + ending;
  return (combo >= 0 && hashed) || !names.above || whole.length > names.folder ? base + ending : whole;
}

const NONE: readonly number[] = [];

/** Single nodes to wait for, in the order of `depends` (or `after`), without duplicates. */
function waitedFor(step: PlanStep, index: number, after: boolean): readonly number[] {
  const combo = step.firstCombo[index - step.first]!;
  const singles = step.singles[after ? "after" : "depends"];
  if (singles.length + step.matchedNodes.length === 0) return NONE;
  const single = singles.map((parent) => nodeIndex(parent, combo));
  if (step.matchedNodes.length === 0) return single;
  const groups = step.matchedNodes.filter((funnel) => funnel.after === after)
    .map(({ groupOf }) => groupOf(combo));
  if (groups.length === 0) return single;
  // One group for many nodes is one list in memory.
  if (groups.length === 1 && single.length === 0) return groups[0]!;
  return [...new Set([...single, ...groups.flat()])];
}

/** The node of a step in a combination. */
export function nodeIndex(step: PlanStep, combo: number): number {
  return step.uses.length === 0 ? step.first : step.first + step.nodeOfCombo[combo]!;
}

/**
 * Renames a step "a_X.1" if a step "a" has the combination X.1: the later one gets a hash. Compares the names
 * of all nodes only if the names of steps make a conflict possible. Returns the renamed nodes.
 */
export function renameDoubles(
  steps: readonly PlanStep[],
  stepNamed: ReadonlyMap<string, PlanStep>,
): Map<string, number> {
  const given = new Map<string, number>();
  const known = new Map<PlanStep, readonly string[]>();
  const labelsOf = (step: PlanStep) => {
    if (!known.has(step)) known.set(step, listOf(step.labels));
    return known.get(step)!;
  };
  if (!steps.some((step) => mayBeDouble(step, stepNamed, labelsOf))) return given;
  const taken = new Set<string>();
  for (const step of steps) {
    for (let index = step.first; index < step.end; index++) {
      const name = plainName(step, index);
      let distinct = name;
      for (let n = index; taken.has(distinct); n++) distinct = `${name}-${shortHash(`${name}#${n}`)}`;
      taken.add(distinct);
      if (distinct === name) continue;
      (step.renamed ??= new Map()).set(index, distinct);
      given.set(distinct, index);
    }
  }
  return given;
}

/** Whether the step's name is another's name and then a text like that step's labels. */
function mayBeDouble(
  { name }: PlanStep,
  stepNamed: ReadonlyMap<string, PlanStep>,
  labelsOf: (step: PlanStep) => readonly string[],
): boolean {
  return splitsOf(name).some(([before, rest]) => {
    const other = stepNamed.get(before);
    return other !== undefined && other.uses.length > 0 &&
      labelsOf(other).some((label) => label.startsWith(rest));
  });
}

/** The text before and after each "_" of a name. */
function splitsOf(name: string): [before: string, behind: string][] {
  return [...name.matchAll(/_/g)].map(({ index }) => [name.slice(0, index), name.slice(index + 1)]);
}

/** The node of a name. */
export function nodeNamed({ stepNamed, renamed }: Plan, name: string): number | undefined {
  for (let at = name.indexOf("_"); at >= 0; at = name.indexOf("_", at + 1)) {
    const step = stepNamed.get(name.slice(0, at));
    const position = step?.positionOf(name.slice(at + 1));
    if (position === undefined) continue;
    const index = step!.first + position;
    if (!step!.renamed?.has(index)) return index;
  }
  const single = stepNamed.get(name);
  if (single?.uses.length === 0 && !single.renamed?.has(single.first)) return single.first;
  return renamed.get(name);
}
