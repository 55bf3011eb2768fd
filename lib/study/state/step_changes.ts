/** The changes that events make to what is known of a step, and what else is counted of it. */

import { enqueue, isInFlight, isSatisfied, release as releaseChildren } from "./ready.ts";
import { reopen } from "../study_facts.ts";
import type { Progress } from "./progress.ts";
import type { Columns } from "./step_columns.ts";
import type { StepState } from "../states.ts";
import type { Withdrawal } from "../events.ts";

/** A new attempt. */
export function begin(progress: Progress, node: number, attempt: number, at: number): void {
  const { columns } = progress;
  setState(progress, node, "PENDING");
  // Nothing is known of an attempt before the first one: most steps have no other.
  if (columns.attempt.get(node) > 0) forget(columns, node, OF_ATTEMPT);
  columns.attempt.set(node, attempt);
  columns.intendedAt.set(node, at);
  if (columns.submittedAt.get(node) === undefined) columns.submittedAt.set(node, at);
  progress.inFlight[progress.isScheduled(node) ? "scheduled" : "local"].add(node);
  if (columns.cancelling.get(node)) progress.unwanted.add(node);
}

/** What is known of one attempt only. */
const OF_ATTEMPT = [
  "again",
  "notBefore",
  "missingTimes",
  "missingSince",
  "stuck",
  "jobId",
  "host",
  "cluster",
  "reason",
  "exitCode",
] as const;

/** What is counted until a job is submitted. */
export const OF_SUBMISSIONS = ["refusals", "unclear"] as const;

/** What is known since a step was last reset, but for the count of its attempts, which names its files. */
const OF_LIFE = [
  ...OF_ATTEMPT,
  ...OF_SUBMISSIONS,
  "over",
  "restarts",
  "retries",
  "latest",
  "skipped",
  "held",
  "cancelling",
  "submittedAt",
  "intendedAt",
  "startedAt",
  "endedAt",
] as const;

export function forget(columns: Columns, node: number, names: readonly (keyof Columns)[]): void {
  for (const name of names) columns[name].clear(node);
}

/** Its job is known again. */
export function found({ columns }: Progress, node: number): void {
  columns.missingTimes.clear(node);
  columns.missingSince.clear(node);
}

/** The attempt never began: the next one has the same purpose. */
export function withdraw(
  progress: Progress,
  node: number,
  { reason, why, notBefore }: { reason: string; why?: Withdrawal; notBefore?: number },
): void {
  const { columns } = progress;
  leave(progress, node);
  setState(progress, node, "INITIALIZED");
  const latest = columns.latest.get(node);
  if (latest === "restart") columns.restarts.set(node, columns.restarts.get(node) - 1);
  if (latest === "retry") columns.retries.set(node, columns.retries.get(node) - 1);
  if (latest) columns.again.set(node, latest);
  columns.latest.clear(node);
  found(progress, node);
  if (why === "refused") columns.refusals.set(node, columns.refusals.get(node) + 1);
  if (why === "unclear") columns.unclear.set(node, columns.unclear.get(node) + 1);
  columns.notBefore.set(node, notBefore);
  if (notBefore !== undefined) columns.stuck.set(node, reason);
  enqueue(progress, node);
}

/** The user lets it start. */
export function release(progress: Progress, node: number): void {
  const { columns } = progress;
  columns.held.clear(node);
  if (columns.unclear.get(node) > 0 && !isInFlight(progress, node)) {
    forget(columns, node, ["unclear", "notBefore", "stuck"]);
  }
  enqueue(progress, node);
}

/** What becomes known at the end of an attempt. */
export function learnEnd(
  { columns }: Progress,
  node: number,
  { exitCode, reason, startedAt }: { exitCode?: number; reason?: string; startedAt?: number },
): void {
  // A step began with the first of its attempts; that one knows better at its end than who saw it run.
  if (startedAt !== undefined && columns.latest.get(node) === undefined) {
    columns.startedAt.set(node, startedAt);
  }
  if (exitCode !== undefined) columns.exitCode.set(node, exitCode);
  if (reason !== undefined) columns.reason.set(node, reason);
}

export function setState({ counts, columns }: Progress, node: number, state: StepState): void {
  const before = columns.state.get(node);
  const left = counts[before]! - 1;
  if (left > 0) counts[before] = left;
  else delete counts[before];
  columns.state.set(node, state);
  counts[state] = (counts[state] ?? 0) + 1;
}

/** It is in flight no longer. */
export function leave({ inFlight, isScheduled, unwanted, columns }: Progress, node: number): void {
  columns.stuck.clear(node);
  inFlight[isScheduled(node) ? "scheduled" : "local"].delete(node);
  if (unwanted.size > 0) unwanted.delete(node);
}

/** The node has come to its end; those that it frees are free. */
export function endNode(progress: Progress, node: number, state: StepState): void {
  leave(progress, node);
  setState(progress, node, state);
  progress.columns.over.set(node, true);
  progress.unended--;
  const satisfied = isSatisfied(progress, node);
  if (satisfied && state !== "FINISHED") progress.forgiven++;
  if (!progress.unsettled) releaseChildren(progress, node, satisfied);
}

/** As if it had never run, but for the count of its attempts. */
export function reset(progress: Progress, node: number): void {
  const { columns } = progress;
  if (isInFlight(progress, node)) return;
  if (columns.over.get(node)) progress.unended++;
  if (columns.state.get(node) !== "FINISHED" && isSatisfied(progress, node)) progress.forgiven--;
  setState(progress, node, "INITIALIZED");
  forget(columns, node, OF_LIFE);
  reopen(progress);
  progress.unsettled = true;
}
