/** What a request of another command means for the study, as events; which nodes a rerun takes along. */

import { cancelStudy, endWith } from "./decide.ts";
import { nodeNamed } from "../plan/plan_nodes.ts";
import { awaitsUser, eachChild, isInFlight, isRuledOut, isSatisfied } from "../study/state/ready.ts";
import type { Progress } from "../study/state/progress.ts";
import type { StudyRequest } from "../study/requests.ts";
import type { StudyEvent } from "../study/events.ts";

/** The events that carry a request out. Steps in an unsuitable state do not change. */
export function requestEvents(progress: Progress, request: StudyRequest, at: number): StudyEvent[] {
  const { plan, records } = progress;
  const nodes = "steps" in request && request.steps
    ? request.steps.flatMap((name) => nodeNamed(plan, name) ?? [])
    : [];
  const name = (node: number) => plan.nodes[node]!.name;
  const waiting = (node: number) => !records[node]!.over && !isInFlight(progress, node);
  switch (request.ask) {
    case "cancel":
      if (request.steps === undefined) return progress.cancelling ? [] : cancelStudy(progress, at);
      return nodes.filter((node) => !records[node]!.over).flatMap((node) => {
        const asked: StudyEvent = { event: "cancelling", at, step: name(node) };
        if (!waiting(node)) return [asked];
        return [
          asked,
          ...endWith(progress, node, {
            event: "ended",
            at,
            step: name(node),
            state: "CANCELLED",
            reason: "cancelled",
          }),
        ];
      });
    case "hold":
      return nodes.filter(waiting).map((node) => ({ event: "held", at, step: name(node) }));
    case "release":
      return nodes.filter((node) => records[node]!.held || awaitsUser(records[node]!)).map((node) => ({
        event: "released",
        at,
        step: name(node),
      }));
    case "rerun":
      return nodes.filter((node) => records[node]!.over).map((node) => ({
        event: "reset",
        at,
        step: name(node),
      }));
    case "leave":
      return [];
    case "update":
      return [{ event: "updated", at, settings: request.settings }];
  }
}

/** Why a node runs again: the user chose it; it waits for another that does; another that does waits for it. */
export type RerunReason =
  | { readonly why: "chosen" }
  | { readonly why: "behind" | "needed"; readonly by: number };

/**
 * The nodes that run again, in order: the given ones, their dependents unless `only`, and ended ancestors that never
 * finished. Without these they could not start.
 */
export function rerunSet(progress: Progress, chosen: Iterable<number>, downstream: boolean): number[] {
  return [...rerunReasons(progress, chosen, downstream).keys()];
}

/** The same, each with the reason. */
export function rerunReasons(
  progress: Progress,
  chosen: Iterable<number>,
  downstream: boolean,
): Map<number, RerunReason> {
  const again = new Map<number, RerunReason>();
  for (const node of chosen) again.set(node, { why: "chosen" });
  const behind = [...again.keys()];
  for (let i = 0; downstream && i < behind.length; i++) {
    const by = behind[i]!;
    const visit = (child: number) => {
      if (again.has(child)) return;
      again.set(child, { why: "behind", by });
      behind.push(child);
    };
    eachChild(progress, by, visit, true);
    eachChild(progress, by, visit, true, progress.children.after);
  }
  addNeeded(progress, again);
  return new Map([...again].sort(([a], [b]) => a - b));
}

/** Adds those without which the nodes could not start. */
function addNeeded(progress: Progress, again: Map<number, RerunReason>): void {
  const { nodes, steps } = progress.plan;
  const upward = [...again.keys()];
  for (let i = 0; i < upward.length; i++) {
    const node = nodes[upward[i]!]!;
    const visit = (parent: number) => {
      if (again.has(parent) || !progress.records[parent]!.over || isSatisfied(progress, parent)) return;
      again.set(parent, { why: "needed", by: node.index });
      upward.push(parent);
    };
    node.parents.forEach(visit);
    const { uncancelled } = node.step;
    const cancelled = (parent: number) => {
      if (isRuledOut(progress, parent, node.index)) visit(parent);
    };
    if (uncancelled) node.after?.forEach(cancelled);
    for (const funnel of uncancelled ? node.step.afterFunnels ?? [] : []) {
      for (let parent = steps[funnel]!.first; parent < steps[funnel]!.end; parent++) cancelled(parent);
    }
    for (const funnel of node.step.funnels) {
      for (let parent = steps[funnel]!.first; parent < steps[funnel]!.end; parent++) visit(parent);
    }
  }
}
