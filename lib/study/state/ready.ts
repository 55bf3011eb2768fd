/** Which nodes may start: counts of what each still waits for, and queues of those that wait for nothing. */

import { stepOf } from "../../plan/plan_nodes.ts";
import type { Children, Edges, Progress, Queue, Queues } from "./progress.ts";
import type { Plan, PlanNode, PlanStep } from "../../plan/types.ts";
import { FAILURES } from "../states.ts";

/** Whether a node has been submitted and not ended. */
export function isInFlight({ inFlight }: Progress, node: number): boolean {
  return inFlight.local.has(node) || inFlight.scheduled.has(node);
}

/** Submissions of a step in a row that may stay unclear. Then it waits: each of them may be in a queue somewhere. */
export const MOST_UNCLEAR = 3;

/** Starts of a step in a row that may meet an error that does not pass: about a minute. A file server may lie for seconds. */
export const MOST_BLOCKED = 8;

/**
 * Whether a step waits for the user: nobody knows what becomes of its submissions, or the system will not start it before
 * something changes.
 */
export function awaitsUser(
  { unclear, blocked }: { readonly unclear: number; readonly blocked: number },
): boolean {
  return unclear >= MOST_UNCLEAR || blocked >= MOST_BLOCKED;
}

export function newQueues(): Queues {
  return { local: { items: [], head: 0 }, scheduled: { items: [], head: 0 } };
}

export function childrenOf(plan: Plan): Children {
  const after = edges(plan, (node) => node.after ?? [], (step) => step.afterFunnels ?? []);
  return { ...edges(plan, (node) => node.parents, (step) => step.funnels), after };
}

function edges(
  { nodes, steps }: Plan,
  parentsOf: (node: PlanNode) => readonly number[],
  funnelsOf: (step: PlanStep) => readonly number[],
): Edges {
  const start = new Int32Array(nodes.length + 1);
  for (const node of nodes) for (const parent of parentsOf(node)) start[parent + 1]!++;
  for (let i = 0; i < nodes.length; i++) start[i + 1]! += start[i]!;
  const list = new Int32Array(start[nodes.length]!);
  const next = start.slice();
  for (const node of nodes) for (const parent of parentsOf(node)) list[next[parent]!++] = node.index;
  const funnels: number[][] = steps.map(() => []);
  for (const step of steps) for (const funnel of funnelsOf(step)) funnels[funnel]!.push(step.index);
  return { start, list, funnels };
}

/**
 * Whether those that wait for a node to finish may start: it finished, or its own failure is allowed. Where it did not
 * run because of a failure before it, nothing is allowed.
 */
export function isSatisfied({ plan, columns }: Progress, node: number): boolean {
  const state = columns.state.get(node);
  return state === "FINISHED" ||
    (FAILURES.includes(state) && columns.over.get(node) && columns.skipped.get(node) === undefined &&
      stepOf(plan, node).allowFailure === true);
}

/** Calls `visit` with each node that waits for `node` alone, and with those that wait for its whole step. */
export function eachChild(
  progress: Progress,
  node: number,
  visit: (child: number) => void,
  withFunnels: boolean,
  edges: Edges = progress.children,
): void {
  const { start, list } = edges;
  for (let i = start[node]!; i < start[node + 1]!; i++) visit(list[i]!);
  if (withFunnels) eachOfFunnels(progress, node, visit, edges);
}

function eachOfFunnels(
  { plan }: Progress,
  node: number,
  visit: (child: number) => void,
  { funnels }: Edges,
): void {
  for (const step of funnels[stepOf(plan, node).index]!) {
    const { first, end } = plan.steps[step]!;
    for (let child = first; child < end; child++) visit(child);
  }
}

/** Puts a node that waits for nothing at the end of its queue. */
export function enqueue(progress: Progress, node: number): void {
  if (progress.unsettled || progress.unmet[node]! > 0 || progress.queued[node]) return;
  progress.queued[node] = 1;
  progress.queues[progress.isScheduled(node) ? "scheduled" : "local"].items.push(node);
}

/** Frees those that waited only for a node that has ended; `satisfied` those that waited for it to finish, too. */
export function release(progress: Progress, node: number, satisfied: boolean): void {
  const { children, unfinished, going } = progress;
  const met = (child: number) => {
    if (--progress.unmet[child]! === 0) enqueue(progress, child);
  };
  const { index } = stepOf(progress.plan, node);
  if (satisfied) eachChild(progress, node, met, --unfinished[index]! === 0);
  const last = --going[index]! === 0;
  const ended = (child: number) => {
    if (!isRuledOut(progress, node, child)) met(child);
  };
  eachChild(progress, node, ended, false, children.after);
  if (!last) return;
  eachOfFunnels(progress, node, (child) => {
    if (!isStepRuledOut(progress, index, child)) met(child);
  }, children.after);
}

/** Whether a node waits for what ends, and for this one in vain: it was cancelled, and that does not count. */
export function isRuledOut({ plan, columns }: Progress, node: number, child: number): boolean {
  const { uncancelled } = stepOf(plan, child);
  return uncancelled !== undefined && columns.state.get(node) === "CANCELLED" &&
    uncancelled.includes(stepOf(plan, node).index);
}

/** The same of a funnel: of the step's nodes one was cancelled. */
function isStepRuledOut(progress: Progress, step: number, child: number): boolean {
  const { steps } = progress.plan;
  if (!stepOf(progress.plan, child).uncancelled?.includes(step)) return false;
  for (let node = steps[step]!.first; node < steps[step]!.end; node++) {
    if (progress.columns.state.get(node) === "CANCELLED") return true;
  }
  return false;
}

/** Takes at most `most` nodes from the front that `wanted` accepts; others are dropped. */
export function dequeue(
  { queued }: Progress,
  queue: Queue,
  most: number,
  wanted: (node: number) => boolean,
): number[] {
  const taken: number[] = [];
  while (taken.length < most && queue.head < queue.items.length) {
    const node = queue.items[queue.head++]!;
    queued[node] = 0;
    if (wanted(node)) taken.push(node);
  }
  if (queue.head > 4096 && queue.head * 2 > queue.items.length) {
    queue.items.splice(0, queue.head);
    queue.head = 0;
  }
  return taken;
}

/** Works out from the records alone who waits for what, and who is ready, in the order of the plan. */
export function adjust(progress: Progress): void {
  const { plan, records, unmet, unfinished, going, queues } = progress;
  unfinished.fill(0);
  going.fill(0);
  progress.funnelsTold.fill(0);
  progress.queued.fill(0);
  for (const node of plan.nodes) {
    if (!isSatisfied(progress, node.index)) unfinished[node.step.index]!++;
    if (!records[node.index]!.over) going[node.step.index]!++;
  }
  for (const queue of [queues.local, queues.scheduled]) {
    queue.items.length = 0;
    queue.head = 0;
  }
  progress.unsettled = false;
  for (const node of plan.nodes) {
    let left = 0;
    for (const parent of node.parents) if (!isSatisfied(progress, parent)) left++;
    for (const funnel of node.step.funnels) if (unfinished[funnel]! > 0) left++;
    for (const parent of node.after ?? []) {
      if (!records[parent]!.over || isRuledOut(progress, parent, node.index)) left++;
    }
    for (const funnel of node.step.afterFunnels ?? []) {
      if (going[funnel]! > 0 || isStepRuledOut(progress, funnel, node.index)) left++;
    }
    unmet[node.index] = left;
    const { state, over, again } = records[node.index]!;
    if (!over && (state === "INITIALIZED" || again !== undefined)) enqueue(progress, node.index);
  }
}
