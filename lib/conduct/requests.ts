/** What other commands ask of the conductor, and what it means. Each request is a file of its own in the study. */

import { cancelStudy, endWith } from "./decide.ts";
import { nodeNamed } from "../plan/plan_nodes.ts";
import { eachChild, isInFlight, isRuledOut, isSatisfied } from "./readiness.ts";
import type { Progress } from "./study_state.ts";
import { type Change, waitingUpdate } from "./update_lock.ts";
import { isTransient, type System } from "../system.ts";
import type { Settings, StudyEvent, StudyRequest } from "../types.ts";

const requestFolder = (root: string) => `${root}/.maestro/requests`;

/** Leaves a request for whoever conducts the study. */
export function makeRequest(system: System, root: string, request: StudyRequest): void {
  system.makeDirectory(requestFolder(root));
  const name = `${String(system.now()).padStart(15, "0")}-${system.token()}.json`;
  system.replaceText(`${requestFolder(root)}/${name}`, JSON.stringify(request) + "\n");
}

/** Requests waiting, oldest first, each with its file. A file that cannot be read as one is passed over. */
export function waitingRequests(system: System, root: string): { file: string; request: StudyRequest }[] {
  const folder = requestFolder(root);
  const update = waitingUpdate(system, root) ?? [];
  if (system.facts(folder) === undefined) return [update].flat();
  const asked = system.list(folder).filter((name) => name.endsWith(".json")).flatMap((name) => {
    const file = `${folder}/${name}`;
    try {
      const request = requestIn(JSON.parse(system.readText(file)));
      return request ? [{ file, request }] : [];
    } catch (error) {
      // It was taken since, or is no request. One that cannot be read now still waits.
      if (isTransient(error)) throw error;
      return [];
    }
  });
  return [...asked, update].flat();
}

/** The request that a value is; undefined for what only a later version knows, and for what is none. */
function requestIn(value: unknown): StudyRequest | undefined {
  const { ask, steps, settings } = (value ?? {}) as { ask?: unknown; steps?: unknown; settings?: unknown };
  const hasNames = Array.isArray(steps) && steps.every((name) => typeof name === "string");
  switch (ask) {
    case "cancel":
      return steps === undefined ? { ask } : hasNames ? { ask, steps } : undefined;
    case "hold":
    case "release":
    case "rerun":
      return hasNames ? { ask, steps } : undefined;
    case "update":
      return isChange(settings) ? { ask, settings } : undefined;
    default:
      return undefined;
  }
}

/** Whether a value has settings that can be changed, each with a number that it can have. */
function isChange(value: unknown): value is Partial<Settings> {
  if (typeof value !== "object" || value === null) return false;
  const changes = Object.entries(value);
  return changes.length > 0 &&
    changes.every(([setting, number]) =>
      Object.hasOwn(LEAST, setting) && typeof number === "number" && number >= LEAST[setting as keyof Change]
    );
}

const LEAST: Readonly<Record<keyof Change, number>> = { rlimit: 0, throttle: 0, sleep: 0, localJobs: 1 };

/** The events that carry a request out. Steps that it does not fit are left alone. */
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
      return nodes.filter((node) => records[node]!.held).map((node) => ({
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
    case "update":
      return [{ event: "updated", at, settings: request.settings }];
  }
}

/**
 * The nodes that run again when some do: themselves, those behind them unless `only`, and ended ancestors that never
 * finished, without which they could not start.
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
