/** Combinations of parameters: those for which a step has nodes, and the names of their folders. */

import { distinctNames, FIRST_NAMES, MAESTRO_NAMES, type NameRules, type TextList } from "../names.ts";
import { joinedLabels, listOf } from "./parameters.ts";
import type { BoundStudy, PlanFacts, PlanStep } from "./types.ts";

type Combos = Pick<PlanStep, "labels" | "positionOf" | "firstCombo" | "nodeOfCombo" | "leaves">;

/** How a study names its folders and files. */
export function nameRules({ names }: BoundStudy): NameRules {
  return names === "maestro" ? MAESTRO_NAMES : FIRST_NAMES;
}

/** The number of nodes of a study in which no two combinations of a step are equal. */
function mostNodes({ steps, parameters }: BoundStudy): number {
  const combos = parameters[0]?.labels.length ?? 0;
  return steps.reduce((nodes, { uses }) => nodes + (uses.length === 0 ? 1 : combos), 0);
}

const NONE = [""];
const SINGLE: Combos = {
  labels: NONE,
  positionOf: () => undefined,
  firstCombo: Int32Array.of(-1),
  nodeOfCombo: new Int32Array(0),
  leaves: NONE,
};

/**
 * Combinations that differ in the labels of a step's parameters; equal ones are merged into the first. Steps
 * that use the same parameters share the result. If the number of nodes is the largest possible one, no
 * labels are compared.
 */
export function distinctCombos(
  study: BoundStudy,
  md5: (text: string) => string,
  facts?: PlanFacts,
): (uses: readonly number[]) => Combos {
  const { parameters, hashWorkspaces } = study;
  const areDistinct = facts?.nodes === mostNodes(study);
  const known = new Map<string, Combos>();
  const leavesOf = (labels: TextList): TextList => {
    if (hashWorkspaces === "md5") return listOf(labels).map(md5);
    if (hashWorkspaces === "numbered") return labels;
    return facts?.labelsAreFolders ? labels : distinctNames(labels, [], nameRules(study));
  };
  const make = (uses: readonly number[]): Combos => {
    const all = joinedLabels(uses.map((use) => parameters[use]!.labels));
    const folded = areDistinct ? allDistinct(all) : foldEqual(all);
    return { ...folded, leaves: leavesOf(folded.labels) };
  };
  return (uses) => {
    if (uses.length === 0) return SINGLE;
    const key = uses.join();
    if (!known.has(key)) known.set(key, make(uses));
    return known.get(key)!;
  };
}

/** Folders as `--hashws` names them: `STEP_instance_007`, with as many digits as the last one needs. */
export function numberedLeaves(step: string, count: number): TextList {
  const digits = String(count - 1).length;
  const at = (position: number) =>
    position < 0 || position >= count
      ? undefined
      : `${step}_instance_${String(position).padStart(digits, "0")}`;
  return { length: count, at };
}

/** Combinations of which no two are equal. */
function allDistinct(labels: TextList, known?: ReadonlyMap<string, number>): Omit<Combos, "leaves"> {
  const same = new Int32Array(labels.length).map((_, combo) => combo);
  // Showing a study needs no positions. To compute them for many labels takes as long as reading the labels.
  const positionOf = (label: string) => (known ??= positionsOf(labels)).get(label);
  return { labels, positionOf, firstCombo: same, nodeOfCombo: same };
}

/** Of equal labels, the position of the last. */
function positionsOf(labels: TextList): Map<string, number> {
  const positions = new Map<string, number>();
  for (let position = 0; position < labels.length; position++) positions.set(labels.at(position)!, position);
  return positions;
}

/** The distinct labels of all combinations, in order, and the combinations of each. */
function foldEqual(all: TextList): Omit<Combos, "leaves"> {
  const positions = positionsOf(all);
  // Nearly always all are distinct. Looking up each one first would double the time.
  if (positions.size === all.length) return allDistinct(all, positions);
  const labels: string[] = [];
  const firstCombo: number[] = [];
  positions.clear();
  const nodeOfCombo = new Int32Array(all.length).map((_, combo) => {
    const label = all.at(combo)!;
    const known = positions.get(label);
    if (known !== undefined) return known;
    positions.set(label, labels.length);
    firstCombo.push(combo);
    return labels.push(label) - 1;
  });
  return {
    labels,
    positionOf: (label) => positions.get(label),
    firstCombo: Int32Array.from(firstCombo),
    nodeOfCombo,
  };
}
