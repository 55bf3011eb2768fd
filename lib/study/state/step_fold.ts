/** What each event means for the record of the step it is about. The only place where a record changes. */

import { enqueue, isInFlight, isSatisfied, release } from "./ready.ts";
import { recordAt, type StepRecord } from "./step_record.ts";
import type { Progress } from "./progress.ts";
import type { StepState } from "../states.ts";
import type { StudyEvent } from "../events.ts";

type StepEventName = Exclude<StudyEvent["event"], "taken" | "updated" | "written" | "closed">;
type Lay<NAME> = (
  progress: Progress,
  node: number,
  record: StepRecord,
  event: StudyEvent & { event: NAME },
) => void;

/** Lays an event over the record of its step. */
export function applyToStep(progress: Progress, node: number, event: StudyEvent): void {
  const lay = LAY[event.event as StepEventName] as Lay<StudyEvent["event"]> | undefined;
  // Not `progress.records`: whoever looks at a study needs a few of many.
  lay?.(progress, node, recordAt(progress.columns, node), event);
}

/** By event. What comes late, of an attempt that is over, changes nothing. */
const LAY: { readonly [NAME in StepEventName]: Lay<NAME> } = {
  submitting,
  submitted(_progress, _node, record, event) {
    record.jobId = event.jobId;
    if (event.host !== undefined) record.host = event.host;
    if (event.cluster !== undefined) record.cluster = event.cluster;
  },
  started(progress, node, record, event) {
    if (!isInFlight(progress, node)) return;
    setState(progress, record, "RUNNING");
    record.startedAt ??= event.at;
    record.stuck = undefined;
  },
  missing(progress, node, record, event) {
    if (!isInFlight(progress, node)) return;
    record.missing = { times: (record.missing?.times ?? 0) + 1, since: record.missing?.since ?? event.at };
  },
  found(_progress, _node, record) {
    record.missing = undefined;
  },
  stuck(progress, node, record, event) {
    if (!isInFlight(progress, node)) return;
    record.stuck = event.reason;
  },
  withdrawn(progress, node, record, event) {
    if (!isInFlight(progress, node)) return;
    leave(progress, node);
    withdraw(progress, record);
    record.notBefore = event.notBefore;
    if (event.notBefore !== undefined) record.stuck = event.reason;
    enqueue(progress, node);
  },
  relapsed(progress, node, record, event) {
    if (!isInFlight(progress, node)) return;
    leave(progress, node);
    setState(progress, record, event.state);
    tell(record, event);
    record.again = event.again;
    if (event.notBefore !== undefined) record.notBefore = event.notBefore;
    enqueue(progress, node);
  },
  ended(progress, node, record, event) {
    if (record.over) return;
    record.endedAt = event.at;
    if (event.skipped) record.skipped = true;
    tell(record, event);
    endNode(progress, node, event.state);
  },
  cancelling(progress, node, record) {
    record.cancelling = true;
    if (isInFlight(progress, node)) progress.unwanted.add(node);
  },
  held(_progress, _node, record) {
    record.held = true;
  },
  released(progress, node, record) {
    record.held = undefined;
    enqueue(progress, node);
  },
  reset,
};

function submitting(
  progress: Progress,
  node: number,
  record: StepRecord,
  event: StudyEvent & { event: "submitting" },
): void {
  // Two conductors at once may both have noted it.
  if (record.over || event.attempt <= record.attempt) return;
  setState(progress, record, "PENDING");
  // Nothing is known of an attempt before the first one: most steps have no other.
  if (record.attempt > 0) { for (const key of OF_ATTEMPT) record[key] = undefined; }
  record.attempt = event.attempt;
  record.intendedAt = event.at;
  record.submittedAt ??= event.at;
  if (event.again === "restart") record.restarts++;
  if (event.again === "retry") record.retries++;
  record.latest = event.again;
  progress.inFlight[progress.isScheduled(node) ? "scheduled" : "local"].add(node);
  if (record.cancelling) progress.unwanted.add(node);
}

/** What is known of one attempt only. */
const OF_ATTEMPT = [
  "again",
  "notBefore",
  "missing",
  "stuck",
  "jobId",
  "host",
  "cluster",
  "reason",
  "exitCode",
] as const;

/** What is known since a step was last reset. */
const OF_LIFE = [
  ...OF_ATTEMPT,
  "latest",
  "skipped",
  "held",
  "cancelling",
  "submittedAt",
  "intendedAt",
  "startedAt",
  "endedAt",
] as const;

/** The attempt never began: whatever it was to be, the next one is. */
function withdraw(progress: Progress, record: StepRecord): void {
  setState(progress, record, "INITIALIZED");
  if (record.latest === "restart") record.restarts--;
  if (record.latest === "retry") record.retries--;
  if (record.latest) record.again = record.latest;
  record.latest = undefined;
  record.missing = undefined;
}

/** What the end of an attempt tells. */
function tell(
  record: StepRecord,
  event: { exitCode?: number; reason?: string; startedAt?: number },
): void {
  // A step began with the first of its attempts; when, that one knows better at its end than who saw it run.
  if (event.startedAt !== undefined && record.latest === undefined) record.startedAt = event.startedAt;
  if (event.exitCode !== undefined) record.exitCode = event.exitCode;
  if (event.reason !== undefined) record.reason = event.reason;
}

function setState(progress: Progress, record: StepRecord, state: StepState): void {
  const { counts } = progress;
  const left = counts[record.state]! - 1;
  if (left > 0) counts[record.state] = left;
  else delete counts[record.state];
  record.state = state;
  counts[record.state] = (counts[record.state] ?? 0) + 1;
}

function leave({ inFlight, isScheduled, unwanted, columns }: Progress, node: number): void {
  columns.stuck.set(node, undefined);
  inFlight[isScheduled(node) ? "scheduled" : "local"].delete(node);
  if (unwanted.size > 0) unwanted.delete(node);
}

/** The node has come to its end; those that it frees are free. */
export function endNode(progress: Progress, node: number, state: StepState): void {
  const record = recordAt(progress.columns, node);
  leave(progress, node);
  setState(progress, record, state);
  record.over = true;
  progress.unended--;
  const satisfied = isSatisfied(progress, node);
  if (satisfied && state !== "FINISHED") progress.forgiven++;
  if (!progress.unsettled) release(progress, node, satisfied);
}

/** As if it had never run, but for the count of its attempts, which names its files. */
function reset(progress: Progress, node: number, record: StepRecord): void {
  if (isInFlight(progress, node)) return;
  if (record.over) progress.unended++;
  if (record.state !== "FINISHED" && isSatisfied(progress, node)) progress.forgiven--;
  setState(progress, record, "INITIALIZED");
  Object.assign(record, { over: false, restarts: 0, retries: 0 });
  for (const key of OF_LIFE) record[key] = undefined;
  delete progress.closed;
  progress.cancelling = false;
  progress.unsettled = true;
}
