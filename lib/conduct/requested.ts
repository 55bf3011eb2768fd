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

/**
 * The nodes that run again: the given ones, their dependents unless `only`, and ended ancestors that never
 * finished. Without these they could not start.
 */
export function rerunSet(progress: Progress, chosen: Iterable<number>, downstream: boolean): number[] {
  const again = new Set<number>(chosen);
  const behind = [...again];
  for (let i = 0; downstream && i < behind.length; i++) {
    const visit = (child: number) => {
      if (again.has(child)) return;
      again.add(child);
      behind.push(child);
    };
    eachChild(progress, behind[i]!, visit, true);
    eachChild(progress, behind[i]!, visit, true, progress.children.after);
  }
  const { nodes, steps } = progress.plan;
  const upward = [...again];
  for (let i = 0; i < upward.length; i++) {
    const node = nodes[upward[i]!]!;
    const visit = (parent: number) => {
      if (again.has(parent) || !progress.records[parent]!.over || isSatisfied(progress, parent)) return;
      again.add(parent);
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
  return [...again].sort((a, b) => a - b);
}
