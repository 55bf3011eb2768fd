/** What to do next. All policy is here, and none of it touches the world. */

import { eachChild, hasEnded, type Progress } from "./records.ts";
import type { EndState, StudyEvent } from "./types.ts";

/** Nodes to start now: in the order in which they became free, as many as there are slots. Takes them off the queue. */
export function takeReady(progress: Progress): number[] {
  if (progress.cancelling) return [];
  const { ready, records, settings, inFlight } = progress;
  const limit = settings.throttle > 0 ? Math.min(settings.localJobs, settings.throttle) : settings.localJobs;
  const slots = limit - inFlight.size;
  const taken: number[] = [];
  while (taken.length < slots && ready.head < ready.items.length) {
    const node = ready.items[ready.head++]!;
    if (records[node]!.state === "INITIALIZED") taken.push(node);
  }
  if (ready.head > 4096 && ready.head * 2 > ready.items.length) {
    ready.items.splice(0, ready.head);
    ready.head = 0;
  }
  return taken;
}

/**
 * What the end of a node means for those behind it: unless it finished, all of them, however far, end with it.
 * Stops at nodes that have ended already, so a node is passed once over the whole study.
 */
export function consequences(progress: Progress, node: number, state: EndState, at: number): StudyEvent[] {
  if (state === "FINISHED") return [];
  const { nodes } = progress.plan;
  const name = nodes[node]!.name;
  const cancelled = state === "CANCELLED";
  const reason = cancelled ? `step "${name}" was cancelled` : `step "${name}" failed`;
  const events: StudyEvent[] = [];
  const seen = new Set([node]);
  const queue = [node];
  for (let i = 0; i < queue.length; i++) {
    const parent = queue[i]!;
    const step = nodes[parent]!.step.index;
    const visit = (child: number) => {
      if (seen.has(child)) return;
      seen.add(child);
      if (hasEnded(progress.records[child]!)) return;
      queue.push(child);
      events.push({
        event: "ended",
        at,
        step: nodes[child]!.name,
        state: cancelled ? "CANCELLED" : "FAILED",
        reason,
      });
    };
    eachChild(progress, parent, visit, progress.funnelsTold[step] === 0);
    progress.funnelsTold[step] = 1;
  }
  return events;
}

/** Nodes that a cancelled study will never start. */
export function neverStarted(progress: Progress, at: number): StudyEvent[] {
  return progress.records.flatMap((record, i): StudyEvent[] =>
    record.state === "INITIALIZED"
      ? [{
        event: "ended",
        at,
        step: progress.plan.nodes[i]!.name,
        state: "CANCELLED",
        reason: "the study was cancelled",
      }]
      : []
  );
}

/** How the study ended, or undefined while something is left to do. As Maestro: cancelled wins over failed. */
export function outcome(progress: Progress): "finished" | "failed" | "cancelled" | undefined {
  if (progress.unended > 0) return undefined;
  const { counts } = progress;
  if (counts.CANCELLED) return "cancelled";
  return counts.FAILED || counts.TIMEDOUT || counts.HWFAILURE ? "failed" : "finished";
}
