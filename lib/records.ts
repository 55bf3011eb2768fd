/** The fold: from events to the state of a study. The only place where a record changes. */

import {
  adjust,
  type Children,
  childrenOf,
  enqueue,
  isSatisfied,
  newQueues,
  type Queues,
  release,
} from "./readiness.ts";
import type { Plan, Settings, StepRecord, StepState, StudyEvent } from "./types.ts";

/** A study's state in memory. Costs O(nodes + edges) to make and O(what it concerns) for each event. */
export interface Progress {
  readonly plan: Plan;
  readonly records: readonly StepRecord[];
  /** Whether a scheduler runs the node; otherwise this machine does. */
  readonly isScheduled: (node: number) => boolean;
  readonly queues: Queues;
  /** Nodes in a queue: 1. */
  readonly queued: Uint8Array;
  /** Nodes submitted and not ended, by who runs them. */
  readonly inFlight: { readonly local: Set<number>; readonly scheduled: Set<number> };
  readonly counts: Partial<Record<StepState, number>>;
  /** Nodes that have not come to their end. */
  unended: number;
  cancelling: boolean;
  settings: Settings;
  /** The last conductor to take the study. */
  taken?: StudyEvent & { event: "taken" };
  closed?: "finished" | "failed" | "cancelled";
  /** Parents, and steps funnelled over, that a node still waits for. */
  readonly unmet: Int32Array;
  /** Nodes of each step that have not finished, nor failed where that is allowed. */
  readonly unfinished: Int32Array;
  /** Nodes of each step that have not ended. */
  readonly going: Int32Array;
  /** Nodes whose failure is allowed. */
  forgiven: number;
  readonly children: Children;
  /** Steps with a failed node whose funnels have been told: 1. Spares walking a wide funnel for every failure. */
  readonly funnelsTold: Uint8Array;
  readonly indexOf: ReadonlyMap<string, number>;
  /** Steps were reset: what is ready must be worked out anew (`settle`). */
  unsettled: boolean;
}

export function newProgress(
  plan: Plan,
  settings: Settings,
  isScheduled: (node: number) => boolean,
): Progress {
  const { nodes, steps } = plan;
  const progress: Progress = {
    plan,
    records: nodes.map(() => ({ state: "INITIALIZED", over: false, attempt: 0, restarts: 0, retries: 0 })),
    isScheduled,
    queues: newQueues(),
    queued: new Uint8Array(nodes.length),
    inFlight: { local: new Set(), scheduled: new Set() },
    counts: nodes.length > 0 ? { INITIALIZED: nodes.length } : {},
    unended: nodes.length,
    cancelling: false,
    settings,
    unmet: new Int32Array(nodes.length),
    unfinished: new Int32Array(steps.length),
    going: new Int32Array(steps.length),
    forgiven: 0,
    children: childrenOf(plan),
    funnelsTold: new Uint8Array(steps.length),
    indexOf: new Map(nodes.map((node, i) => [node.name, i])),
    unsettled: true,
  };
  adjust(progress);
  return progress;
}

/** Whether a node has been submitted and not ended. */
export function isInFlight({ inFlight }: Progress, node: number): boolean {
  return inFlight.local.has(node) || inFlight.scheduled.has(node);
}

/** Works out anew what is ready, if steps were reset since. */
export function settle(progress: Progress): void {
  if (progress.unsettled) adjust(progress);
}

/** Lays one event over the state. Events about steps that the plan does not have are ignored. */
export function applyEvent(progress: Progress, event: StudyEvent): void {
  const node = "step" in event && event.step !== undefined ? progress.indexOf.get(event.step) : undefined;
  if (node !== undefined) applyToStep(progress, node, event);
  else if (!("step" in event) || event.step === undefined) applyToStudy(progress, event);
}

function applyToStudy(progress: Progress, event: StudyEvent): void {
  switch (event.event) {
    case "taken":
      progress.taken = event;
      return;
    case "cancelling":
      progress.cancelling = true;
      return;
    case "updated":
      progress.settings = { ...progress.settings, ...event.settings };
      return;
    case "written":
      for (let node = 0; node < progress.records.length; node++) end(progress, node, "DRYRUN");
      return;
    case "closed":
      progress.closed = event.state;
      return;
  }
}

function applyToStep(progress: Progress, node: number, event: StudyEvent): void {
  const record = progress.records[node]!;
  switch (event.event) {
    case "submitting":
      return submitting(progress, node, record, event);
    case "submitted":
      record.jobId = event.jobId;
      if (event.host !== undefined) record.host = event.host;
      if (event.cluster !== undefined) record.cluster = event.cluster;
      return;
    case "started":
      if (!isInFlight(progress, node)) return;
      setState(progress, record, "RUNNING");
      record.startedAt ??= event.at;
      return;
    case "missing":
      if (!isInFlight(progress, node)) return;
      record.missing = { times: (record.missing?.times ?? 0) + 1, since: record.missing?.since ?? event.at };
      return;
    case "found":
      delete record.missing;
      return;
    case "withdrawn":
      if (!isInFlight(progress, node)) return;
      leave(progress, node);
      withdraw(progress, record);
      enqueue(progress, node);
      return;
    case "relapsed":
      if (!isInFlight(progress, node)) return;
      leave(progress, node);
      setState(progress, record, event.state);
      tell(record, event);
      record.again = event.again;
      if (event.notBefore !== undefined) record.notBefore = event.notBefore;
      enqueue(progress, node);
      return;
    case "ended":
      if (record.over) return;
      record.endedAt = event.at;
      if (event.skipped) record.skipped = true;
      tell(record, event);
      end(progress, node, event.state);
      return;
    case "cancelling":
      record.cancelling = true;
      return;
    case "held":
      record.held = true;
      return;
    case "released":
      delete record.held;
      enqueue(progress, node);
      return;
    case "reset":
      reset(progress, node, record);
  }
}

function submitting(
  progress: Progress,
  node: number,
  record: StepRecord,
  event: StudyEvent & { event: "submitting" },
): void {
  // Two conductors at once may both have noted it.
  if (record.over || event.attempt <= record.attempt) return;
  setState(progress, record, "PENDING");
  record.attempt = event.attempt;
  record.intendedAt = event.at;
  record.submittedAt ??= event.at;
  if (event.again === "restart") record.restarts++;
  if (event.again === "retry") record.retries++;
  if (event.again) record.latest = event.again;
  else delete record.latest;
  for (const key of OF_ATTEMPT) delete record[key];
  progress.inFlight[progress.isScheduled(node) ? "scheduled" : "local"].add(node);
}

/** What is known of one attempt only. */
const OF_ATTEMPT = [
  "again",
  "notBefore",
  "missing",
  "jobId",
  "host",
  "cluster",
  "reason",
  "exitCode",
] as const;

/** The attempt never began: whatever it was to be, the next one is. */
function withdraw(progress: Progress, record: StepRecord): void {
  setState(progress, record, "INITIALIZED");
  if (record.latest === "restart") record.restarts--;
  if (record.latest === "retry") record.retries--;
  if (record.latest) record.again = record.latest;
  delete record.latest;
  delete record.missing;
}

function tell(record: StepRecord, event: { exitCode?: number; reason?: string }): void {
  if (event.exitCode !== undefined) record.exitCode = event.exitCode;
  if (event.reason !== undefined) record.reason = event.reason;
}

function setState(progress: Progress, record: StepRecord, state: StepState): void {
  const { counts } = progress;
  const left = counts[record.state]! - 1;
  if (left > 0) counts[record.state] = left;
  else delete counts[record.state];
  record.state = state;
  counts[state] = (counts[state] ?? 0) + 1;
}

function leave({ inFlight }: Progress, node: number): void {
  inFlight.local.delete(node);
  inFlight.scheduled.delete(node);
}

function end(progress: Progress, node: number, state: StepState): void {
  const record = progress.records[node]!;
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
  const { attempt } = record;
  for (const key of Object.keys(record)) if (key !== "state") delete record[key as keyof StepRecord];
  Object.assign(record, { over: false, attempt, restarts: 0, retries: 0 });
  delete progress.closed;
  progress.cancelling = false;
  progress.unsettled = true;
}
