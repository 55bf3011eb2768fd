/** A plan as a graph to be drawn: of its steps, or of all their combinations; with states where it has been run. */

import { allParents, paramsOf } from "../plan/node_text.ts";
import type { Plan, PlanStep } from "../plan/types.ts";
import { BY_WEIGHT, type StepState } from "../study/states.ts";

export type StateCounts = Readonly<Partial<Record<StepState, number>>>;

export interface GraphNode {
  /** The step's name, then the text that distinguishes its nodes. Empty: a joint of lines, not a step. */
  readonly lines: readonly string[];
  /** Its states; undefined where nothing has been run. */
  readonly counts?: StateCounts;
  /** The state that it is drawn in. */
  readonly state?: StepState;
}

export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  /** The one before need only have ended. */
  readonly after?: true;
}

export interface GraphView {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** `states`: of all nodes of the plan. */
export function graphView(plan: Plan, folded: boolean, states?: readonly StepState[]): GraphView {
  return { name: plan.study.name, ...(folded ? ofSteps(plan, states) : ofNodes(plan, states)) };
}

function ofSteps(plan: Plan, states: readonly StepState[] | undefined): Omit<GraphView, "name"> {
  const nodes = plan.steps.map((step) => {
    const count = step.end - step.first;
    const uses = step.uses.map((use) => plan.study.parameters[use]!.key).join(", ");
    const counts = states && countStates(states.slice(step.first, step.end));
    const lines = uses === "" ? [step.name] : [step.name, `${count} × ${uses}`];
    return withState(lines, counts);
  });
  return { nodes, edges: plan.steps.flatMap((step, to) => stepEdges(step, to)) };
}

function stepEdges(step: PlanStep, to: number): GraphEdge[] {
  const matched = (after: boolean) =>
    (step.matched ?? []).filter((funnel) => (funnel.after ?? false) === after).map(({ step }) => step);
  const needs = new Set([...step.depends, ...step.funnels, ...matched(false)]);
  const late = new Set([...step.after ?? [], ...step.afterFunnels ?? [], ...matched(true)]);
  return [
    ...[...needs].map((from) => ({ from, to })),
    ...[...late].filter((from) => !needs.has(from)).map((from) => ({ from, to, after: true as const })),
  ];
}

function ofNodes(plan: Plan, states: readonly StepState[] | undefined): Omit<GraphView, "name"> {
  const nodes = plan.nodes.map((node, i) => {
    const params = Object.entries(paramsOf(plan, node)).map(([name, value]) => `${name}=${value}`).join(" ");
    return withState(
      params === "" ? [node.step.name] : [node.step.name, params],
      states && { [states[i]!]: 1 },
    );
  });
  const edges: GraphEdge[] = [];
  for (const step of plan.steps) {
    for (const kind of ["depends", "after"] as const) edges.push(...nodeEdges(plan, step, kind, nodes));
  }
  return { nodes, edges };
}

/** Lines to the nodes of one step. Where all wait for all of several, the lines meet in a joint. */
function nodeEdges(plan: Plan, step: PlanStep, kind: "depends" | "after", nodes: GraphNode[]): GraphEdge[] {
  const mark = kind === "after" ? { after: true as const } : {};
  const own = Array.from({ length: step.end - step.first }, (_, i) => step.first + i);
  const funnels = (kind === "after" ? step.afterFunnels : step.funnels) ?? [];
  const joined = own.length > 1 ? funnels.filter((funnel) => sizeOf(plan.steps[funnel]!) > 1) : [];
  const inJoint = new Set(joined.flatMap((funnel) => {
    const { first, end } = plan.steps[funnel]!;
    return Array.from({ length: end - first }, (_, i) => first + i);
  }));
  const edges: GraphEdge[] = own.flatMap((to) =>
    allParents(plan, plan.nodes[to]!, kind).filter((from) => !inJoint.has(from)).map((from) => ({
      from,
      to,
      ...mark,
    }))
  );
  if (joined.length === 0) return edges;
  const joint = nodes.push({ lines: [] }) - 1;
  return [
    ...edges,
    ...[...inJoint].map((from) => ({ from, to: joint, ...mark })),
    ...own.map((to) => ({ from: joint, to, ...mark })),
  ];
}

const sizeOf = ({ first, end }: PlanStep) => end - first;

function countStates(states: readonly StepState[]): StateCounts {
  const counts: Partial<Record<StepState, number>> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function withState(lines: readonly string[], counts: StateCounts | undefined): GraphNode {
  if (!counts) return { lines };
  const state = BY_WEIGHT.find((state) => (counts[state] ?? 0) > 0);
  return state === undefined ? { lines } : { lines, counts, state };
}

/** States of a node in words: `3 FINISHED, 1 FAILED`, or just `FINISHED`. */
export function stateWords({ counts = {} }: GraphNode): string {
  const states = BY_WEIGHT.toReversed().filter((state) => (counts[state] ?? 0) > 0);
  if (states.length === 1) return states[0]!;
  return states.map((state) => `${counts[state]} ${state}`).join(", ");
}
