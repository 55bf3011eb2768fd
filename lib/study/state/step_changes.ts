/** The changes that events make to what is known of a step, and what else is counted of it. */

import { leaveBehind, noteUse } from "./attempts.ts";
import { enqueue, isInFlight, isSatisfied, release as releaseChildren } from "./ready.ts";
import { reopen } from "../study_facts.ts";
import type { Progress } from "./progress.ts";
import type { Columns } from "./step_columns.ts";
import type { AttemptKind } from "../attempt.ts";
import type { Again, StepState } from "../states.ts";
import type { StepEvent, Withdrawal } from "../events.ts";
import { type Usage, USAGE_FIELDS } from "../usage.ts";

/** A new attempt. */
export function begin(
  progress: Progress,
  node: number,
  { attempt, at, again }: { attempt: number; at: number; again?: Again },
): void {
  const { columns } = progress;
  // Another conductor began one at the same time: nobody knows what became of it.
  leaveBehind(columns, node, {});
  setState(progress, node, "PENDING");
  // Nothing is known of an attempt before the first one: most steps have no other.
  if (columns.attempt.get(node) > 0) forget(columns, node, OF_ATTEMPT);
  columns.kind.set(node, kindOf(columns, node, again));
  columns.attempt.set(node, attempt);
  columns.intendedAt.set(node, at);
  if (columns.submittedAt.get(node) === undefined) columns.submittedAt.set(node, at);
  progress.inFlight[progress.isScheduled(node) ? "scheduled" : "local"].add(node);
  if (columns.cancelling.get(node)) progress.unwanted.add(node);
}

function kindOf(columns: Columns, node: number, again: Again | undefined): AttemptKind {
  if (again !== undefined) return again;
  return columns.earlier.get(node).length > 0 ? "rerun" : "first";
}

/** What is known of one attempt only. */
const OF_ATTEMPT = [
  "again",
  "notBefore",
  "putOff",
  "missingTimes",
  "missingSince",
  "stuck",
  "jobId",
  "host",
  "cluster",
  "reason",
  "exitCode",
  "kind",
  "startedAt",
  ...USAGE_FIELDS,
] as const;

/** What is counted until a job is submitted. */
export const OF_SUBMISSIONS = ["refusals", "unclear", "blocked"] as const;

/** What is known since a step was last reset. Its attempts stay, and their count, which names its files. */
const OF_LIFE = [
  ...OF_ATTEMPT,
  ...OF_SUBMISSIONS,
  "over",
  "restarts",
  "retries",
  "skipped",
  "held",
  "cancelling",
  "submittedAt",
  "intendedAt",
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

/** What keeps a step from starting, by the reason why its submission was withdrawn. */
const PUT_OFF = { refused: "refused", later: "refused", unclear: "unclear", blocked: "trouble" } as const;

/** The attempt never began: the next one has the same purpose. */
export function withdraw(
  progress: Progress,
  node: number,
  { reason, why, notBefore }: { reason: string; why?: Withdrawal; notBefore?: number },
): void {
  const { columns } = progress;
  leave(progress, node);
  setState(progress, node, "INITIALIZED");
  const kind = columns.kind.get(node);
  if (kind === "restart") columns.restarts.set(node, columns.restarts.get(node) - 1);
  if (kind === "retry") columns.retries.set(node, columns.retries.get(node) - 1);
  if (kind === "restart" || kind === "retry") columns.again.set(node, kind);
  forget(columns, node, ["kind", "startedAt"]);
  found(progress, node);
  if (why === "refused") columns.refusals.set(node, columns.refusals.get(node) + 1);
  if (why === "unclear") columns.unclear.set(node, columns.unclear.get(node) + 1);
  if (why === "blocked") columns.blocked.set(node, columns.blocked.get(node) + 1);
  columns.notBefore.set(node, notBefore);
  const putOff = why === undefined ? (notBefore === undefined ? undefined : "trouble") : PUT_OFF[why];
  columns.putOff.set(node, putOff);
  columns.stuck.set(node, putOff && reason);
  enqueue(progress, node);
}

/** The user lets it start. */
export function release(progress: Progress, node: number): void {
  const { columns } = progress;
  columns.held.clear(node);
  if (columns.unclear.get(node) + columns.blocked.get(node) > 0 && !isInFlight(progress, node)) {
    forget(columns, node, ["unclear", "blocked", "notBefore", "stuck", "putOff"]);
  }
  enqueue(progress, node);
}

/** What becomes known at the end of an attempt. */
export function learnEnd(
  { columns }: Progress,
  node: number,
  { exitCode, reason, startedAt, host, used }: {
    exitCode?: number;
    reason?: string;
    startedAt?: number;
    host?: string;
    used?: Usage;
  },
): void {
  // It knows better at its end when it began than who saw it run.
  if (startedAt !== undefined && columns.kind.get(node) !== undefined) columns.startedAt.set(node, startedAt);
  if (host !== undefined && columns.kind.get(node) !== undefined) columns.host.set(node, host);
  if (exitCode !== undefined) columns.exitCode.set(node, exitCode);
  // A job that waited once more has ended since.
  columns.reason.set(node, reason);
  if (used !== undefined) noteUse(columns, node, used);
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

/** The attempt failed, and the step runs again. */
export function relapse(
  progress: Progress,
  node: number,
  { at, state, again, notBefore, ...end }: Relapse,
): void {
  const { columns } = progress;
  leave(progress, node);
  setState(progress, node, state);
  learnEnd(progress, node, end);
  leaveBehind(columns, node, { state, endedAt: at });
  columns.again.set(node, again);
  if (notBefore !== undefined) columns.notBefore.set(node, notBefore);
  enqueue(progress, node);
}

type Relapse = StepEvent & { event: "relapsed" };

/** As if it had never run, but for its attempts. */
export function reset(progress: Progress, node: number): void {
  const { columns } = progress;
  if (isInFlight(progress, node)) return;
  if (columns.over.get(node)) progress.unended++;
  if (columns.state.get(node) !== "FINISHED" && isSatisfied(progress, node)) progress.forgiven--;
  if (columns.over.get(node)) {
    leaveBehind(columns, node, { state: columns.state.get(node), endedAt: columns.endedAt.get(node)! });
  }
  setState(progress, node, "INITIALIZED");
  forget(columns, node, OF_LIFE);
  reopen(progress);
  progress.unsettled = true;
}
