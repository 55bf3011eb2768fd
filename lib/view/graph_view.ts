/** A plan as a graph to be drawn: of its steps, or of all their combinations; with states where it has been run. */

import { allParents, paramsOf } from "../plan/node_text.ts";
import type { Plan, PlanStep } from "../plan/types.ts";
import { STEP_STATE, type StepState } from "../study/states.ts";
import type { StatusStep } from "./status_view.ts";
import { type Fate, FATE_WORDS, fateOf } from "./tally.ts";

/** How many nodes of a step are in a state, with the same fate. */
export interface StatePart {
  readonly state: StepState;
  readonly fate?: Fate | undefined;
  readonly count: number;
}

/** What is known of a node. */
export type NodeStatus = Pick<StatusStep, "state" | "ended">;

export interface GraphNode {
  /** The step's name, then the text that distinguishes its nodes. Empty: a joint of lines, not a step. */
  readonly lines: readonly string[];
  /** Its states, those that ask for attention last; undefined if nothing has been run. */
  readonly parts?: readonly StatePart[];
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
export function graphView(plan: Plan, folded: boolean, states?: readonly NodeStatus[]): GraphView {
  return { name: plan.study.name, ...(folded ? ofSteps(plan, states) : ofNodes(plan, states)) };
}

function ofSteps(plan: Plan, states: readonly NodeStatus[] | undefined): Omit<GraphView, "name"> {
  const nodes = plan.steps.map((step) => {
    const count = step.end - step.first;
    const uses = step.uses.map((use) => plan.study.parameters[use]!.key).join(", ");
    const lines = uses === "" ? [step.name] : [step.name, `${count} × ${uses}`];
    return withParts(lines, states?.slice(step.first, step.end));
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

function ofNodes(plan: Plan, states: readonly NodeStatus[] | undefined): Omit<GraphView, "name"> {
  const nodes = plan.nodes.map((node, i) => {
    const params = Object.entries(paramsOf(plan, node)).map(([name, value]) => `${name}=${value}`).join(" ");
    return withParts(params === "" ? [node.step.name] : [node.step.name, params], states && [states[i]!]);
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

function withParts(lines: readonly string[], states: readonly NodeStatus[] | undefined): GraphNode {
  if (states === undefined || states.length === 0) return { lines };
  return { lines, parts: partsOf(states) };
}

/** By their weight. Failures of other steps weigh less than those of the step, and more than what goes well. */
export function partsOf(states: readonly NodeStatus[]): StatePart[] {
  const parts = new Map<string, { state: StepState; fate: Fate | undefined; count: number }>();
  for (const status of states) {
    const fate = fateOf(status);
    const key = `${status.state} ${fate}`;
    const part = parts.get(key);
    if (part) part.count++;
    else parts.set(key, { state: status.state, fate, count: 1 });
  }
  return [...parts.values()].sort((a, b) => weightOf(a) - weightOf(b));
}

const weightOf = ({ state, fate }: StatePart) => STEP_STATE[state].weight - (fate === undefined ? 0 : 3.5);

/** The part whose colour a node has: the one that asks for attention first. */
export const markOf = ({ parts }: GraphNode): StatePart | undefined => parts?.at(-1);

/** `FAILED (did not run)` */
export const partWords = ({ state, fate }: StatePart): string =>
  fate === undefined ? state : `${state} (${FATE_WORDS[fate]})`;

/** States of a node in words: `3 FINISHED, 1 FAILED`, or just `FINISHED`. */
export function stateWords({ parts = [] }: GraphNode): string {
  if (parts.length === 1) return partWords(parts[0]!);
  return parts.map((part) => `${part.count} ${partWords(part)}`).join(", ");
}
