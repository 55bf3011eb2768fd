/** What a limit on jobs has room for, where a job may be a pack of nodes. */

import { dequeue } from "./ready.ts";
import type { Progress } from "./progress.ts";

/** Scheduled nodes to start now: as many as make so many jobs in flight, and so many new ones. */
export function takeScheduled(
  progress: Progress,
  throttle: number,
  most: number,
  wanted: (node: number) => boolean,
): number[] {
  const { inFlight, queues, plan } = progress;
  const queue = queues.scheduled;
  if (plan.steps.every(({ pack }) => pack === undefined)) {
    const room = Math.min(throttle - inFlight.scheduled.size, most);
    return dequeue(progress, queue, room, wanted);
  }
  const taken: number[] = [];
  let room = Math.min(
    throttle === Infinity ? Infinity : throttle - jobsInFlight(progress, inFlight.scheduled),
    most,
  );
  /** Places in the pack that is being filled, by step. */
  const places = new Map<number, number>();
  while (room > 0 || [...places.values()].some((left) => left > 0)) {
    const next = plan.nodes[queue.items[queue.head] ?? -1];
    if (next === undefined) break;
    const { index, pack } = next.step;
    const left = places.get(index) ?? 0;
    if (left === 0 && room <= 0) break;
    const [node] = dequeue(progress, queue, 1, wanted);
    if (node === undefined) break;
    taken.push(node);
    if (left > 0) places.set(index, left - 1);
    else {
      room--;
      places.set(index, (pack?.most ?? 1) - 1);
    }
  }
  return taken;
}

/** The jobs of these nodes. Packs of which the job is not known yet are counted as full ones. */
export function jobsInFlight({ records, plan }: Progress, scheduled: ReadonlySet<number>): number {
  const jobs = new Set<string>();
  const unnamed = new Map<number, number>();
  let count = 0;
  if (plan.steps.every(({ pack }) => pack === undefined)) return scheduled.size;
  for (const node of scheduled) {
    const { step } = plan.nodes[node]!;
    const { jobId } = records[node]!;
    if (step.pack === undefined) count++;
    else if (jobId === undefined) unnamed.set(step.index, (unnamed.get(step.index) ?? 0) + 1);
    else jobs.add(jobId);
  }
  for (const [step, nodes] of unnamed) count += Math.ceil(nodes / plan.steps[step]!.pack!.most);
  return count + jobs.size;
}
