/** What to do next. All policy is here, and none of it touches the world. */

import {
  awaitsUser,
  dequeue,
  eachChild,
  enqueue,
  isInFlight,
  MOST_BLOCKED,
  MOST_UNCLEAR,
} from "../study/state/ready.ts";
import { settle } from "../study/state/fold.ts";
import { takeScheduled } from "../study/state/pack_queue.ts";
import type { Progress } from "../study/state/progress.ts";
import { type FailureKind, policyOf } from "../spec/failure_kinds.ts";
import { type Again, type EndState, STATE_OF_FAILURE } from "../study/states.ts";
import type { Sighting } from "./runner.ts";
import type { StepRecord } from "../study/state/step_record.ts";
import type { StudyEvent } from "../study/events.ts";

/** Nodes to start now. Takes them off their queues. */
export interface Start {
  readonly local: number[];
  readonly scheduled: number[];
}

/**
 * Nodes to start now: in the order in which they became free, as many as there are slots. The throttle counts jobs at
 * the scheduler; where the study has none it counts local steps, as in Maestro. `mostJobs` is what the scheduler may be
 * handed now.
 */
export function takeReady(progress: Progress, now: number, mostJobs = Infinity): Start {
  settle(progress);
  if (progress.cancelling || progress.stoppedAt !== undefined) return { local: [], scheduled: [] };
  const { settings, inFlight, queues, records, plan } = progress;
  const throttle = settings.throttle > 0 ? settings.throttle : Infinity;
  const atMost = plan.study.batch.type === "local"
    ? Math.min(settings.localJobs, throttle)
    : settings.localJobs;
  const early: number[] = [];
  const wanted = (node: number): boolean => {
    const record = records[node]!;
    if (record.over || record.held || record.cancelling || isInFlight(progress, node)) return false;
    if (awaitsUser(record)) return false;
    if (record.notBefore === undefined || record.notBefore <= now) return true;
    early.push(node);
    return false;
  };
  const start = {
    local: dequeue(progress, queues.local, atMost - inFlight.local.size, wanted),
    scheduled: takeScheduled(progress, throttle, mostJobs, wanted),
  };
  for (const node of early) enqueue(progress, node);
  return start;
}

/** Whether a conductor that works for `ms` submits nothing new from now on: its time is up, and that is not noted yet. */
export function isTimeUp({ settings: { stopAfter }, stoppedAt }: Progress, ms: number): boolean {
  return stopAfter > 0 && stoppedAt === undefined && ms >= stopAfter * 1000;
}

/** Whether a conductor whose time is up leaves: nothing is in flight. */
export function mayLeave({ stoppedAt, inFlight }: Progress): boolean {
  return stoppedAt !== undefined && inFlight.local.size + inFlight.scheduled.size === 0;
}

/** The intent to submit a node. */
export function intent(progress: Progress, node: number, at: number): StudyEvent {
  const { attempt, again } = progress.records[node]!;
  const step = progress.plan.nodes[node]!.name;
  return { event: "submitting", at, step, attempt: attempt + 1, ...(again ? { again } : {}) };
}

/** What a sighting means: for the node, and for those behind it. Sightings of nodes that are not in flight are late. */
export function interpret(progress: Progress, sighting: Sighting): StudyEvent[] {
  const { node, at } = sighting;
  const step = progress.plan.nodes[node]!.name;
  if (sighting.see === "used") {
    return [{ event: "used", at, step, attempt: sighting.attempt, used: sighting.used }];
  }
  if (!isInFlight(progress, node)) return [];
  const record = progress.records[node]!;
  switch (sighting.see) {
    case "accepted": {
      const { jobId, cluster, host } = sighting;
      if (record.jobId === jobId) return [];
      return [{
        event: "submitted",
        at,
        step,
        jobId,
        ...(host === undefined ? {} : { host }),
        ...(cluster === undefined ? {} : { cluster }),
      }];
    }
    case "unclear":
      return [{ event: "unclear", at, step, reason: sighting.reason }];
    case "started":
      return started(record, step, sighting);
    case "requeued":
      return record.state === "RUNNING" ? [{ event: "requeued", at, step }] : [];
    case "missing":
      return [{ event: "missing", at, step }];
    case "found":
      return record.missingTimes > 0 ? [{ event: "found", at, step }] : [];
    case "stuck":
      return record.stuck === sighting.reason ? [] : [stuck(step, sighting)];
    case "refused":
      return neverBegan(progress, node, record, sighting);
    case "ended":
      return attemptEnded(progress, node, record, sighting);
  }
}

/** Starts of one run that a scheduler reports differ by less. */
const SAME_START_MS = 5000;

/** A job that runs, and has been seen to run: it may have been put back into the queue and have begun again since. */
function started(
  { state, startedAt = Infinity }: StepRecord,
  step: string,
  { at, by }: Sighting & { see: "started" },
): StudyEvent[] {
  const event = { event: "started", at, step } as const;
  if (state !== "RUNNING") return [event];
  const isAnother = by === "scheduler" && at - startedAt > SAME_START_MS;
  return isAnother ? [{ event: "requeued", at, step }, event] : [];
}

/** Between submissions of a step that were refused: so long for each. */
const REFUSED_MS = 2000;
/** After the first submission without a clear answer; then twice as long each time. */
const UNCLEAR_MS = 60_000;
/** One budget for submissions: a plain refusal counts against `attempts`, others against their own limits. */
function neverBegan(
  progress: Progress,
  node: number,
  record: StepRecord,
  { at, reason, why, notBefore }: Sighting & { see: "refused" },
): StudyEvent[] {
  const step = progress.plan.nodes[node]!.name;
  const end = (state: EndState, reason: string) =>
    endWith(progress, node, { event: "ended", at, step, state, reason });
  if (progress.cancelling || record.cancelling) return end("CANCELLED", "cancelled before it began");
  const withdrawn = { event: "withdrawn", at, step, reason } as const;
  if (why === "passing") return [{ ...withdrawn, ...(notBefore === undefined ? {} : { notBefore }) }];
  if (why === "later") return [{ ...withdrawn, why }];
  if (why === "refused") {
    const times = record.refusals + 1;
    if (times >= progress.settings.attempts) return end("FAILED", reason);
    return [{ ...withdrawn, why, notBefore: at + REFUSED_MS * times }];
  }
  if (why === "blocked") {
    const waits = record.blocked + 1 < MOST_BLOCKED ? "" : " (`maestro resume` tries it again)";
    return [{ ...withdrawn, reason: reason + waits, why, notBefore: notBefore ?? at }];
  }
  const times = record.unclear + 1;
  const waits = times < MOST_UNCLEAR ? "" : ` (${times} times; \`maestro release\` submits it again)`;
  return [{ ...withdrawn, reason: reason + waits, why, notBefore: at + UNCLEAR_MS * 2 ** (times - 1) }];
}

/** Steps that wait for the user: a conductor that the user starts tries them again. */
export function triedAgain({ plan, records }: Progress, at: number): StudyEvent[] {
  return records.flatMap((record, node): StudyEvent[] =>
    !record.over && awaitsUser(record) ? [{ event: "released", at, step: plan.nodes[node]!.name }] : []
  );
}

function stuck(step: string, { at, reason }: Sighting & { see: "stuck" }): StudyEvent {
  return { event: "stuck", at, step, ...(reason === undefined ? {} : { reason }) };
}

function attemptEnded(
  progress: Progress,
  node: number,
  record: StepRecord,
  { at, end, startedAt, host, used }: Sighting & { see: "ended" },
): StudyEvent[] {
  const step = progress.plan.nodes[node]!.name;
  const known = startedAt === undefined || record.startedAt === startedAt;
  const began = {
    ...(known ? {} : { startedAt }),
    ...(host === undefined || host === record.host ? {} : { host }),
    ...(used === undefined ? {} : { used }),
  };
  if (end.kind === "finished") {
    return endWith(progress, node, { event: "ended", at, step, state: "FINISHED", exitCode: 0, ...began });
  }
  const code = "exitCode" in end && end.exitCode !== undefined ? { exitCode: end.exitCode } : {};
  const told = { reason: end.reason, ...code, ...began };
  const asked = record.cancelling ? "cancelled" : progress.cancelling ? "the study was cancelled" : undefined;
  if (end.kind === "cancelled" || asked !== undefined) {
    // A scheduler reports our own cancellation like anyone's.
    const vague = end.kind !== "cancelled" || end.elsewhere;
    const reason = vague && asked !== undefined ? asked : end.reason;
    return endWith(progress, node, { event: "ended", at, step, state: "CANCELLED", ...told, reason });
  }
  const state = STATE_OF_FAILURE[end.kind];
  const next = runsAgain(progress, node, record, end.kind, end.exitCode);
  if (!next) return endWith(progress, node, { event: "ended", at, step, state, ...told });
  const notBefore = next.delay > 0 ? { notBefore: at + next.delay * 1000 } : {};
  return [{ event: "relapsed", at, step, state, again: next.again, ...notBefore, ...told }];
}

/** Whether and how a failed step runs again: its restart command after a timeout, as in Maestro; else its policy. */
function runsAgain(
  { plan, settings }: Progress,
  node: number,
  record: StepRecord,
  kind: FailureKind,
  exitCode: number | undefined,
): { again: Again; delay: number } | undefined {
  const { step } = plan.nodes[node]!;
  if (kind === "timeout" && step.restart !== "") {
    return settings.rlimit === 0 || record.restarts < settings.rlimit
      ? { again: "restart", delay: 0 }
      : undefined;
  }
  const policy = policyOf(step);
  const covered = policy.on.some((on) =>
    on === "any" || on === kind || (on === "exit" && kind === "exit") ||
    on === `exit:${exitCode}`
  );
  return covered && record.retries < policy.limit ? { again: "retry", delay: policy.delay } : undefined;
}

/** Why an attempt has ended that nobody could ask to end. */
export function givenUp(jobId: string | undefined): string {
  return jobId === undefined ? "given up: a job of it may still run" : `given up: job ${jobId} may still run`;
}

/** An end, and what it means for those behind. */
export function endWith(
  progress: Progress,
  node: number,
  ended: StudyEvent & { event: "ended" },
): StudyEvent[] {
  return [ended, ...consequences(progress, node, ended.state, ended.at)];
}

/** Bits of `funnelsTold`. */
const TOLD = { failed: 1, cancelled: 2 };

/**
 * Unless a node finished or may fail, all behind it, however far, end with it (those that only run after it do not).
 * Stops at nodes that have ended already, so a node is passed once over the whole study.
 */
function consequences(progress: Progress, node: number, state: EndState, at: number): StudyEvent[] {
  const { nodes } = progress.plan;
  const record = progress.records[node]!;
  const allowed = nodes[node]!.step.allowFailure === true && state !== "CANCELLED" && !record.skipped;
  if (state === "FINISHED" || allowed) return [];
  const name = nodes[node]!.name;
  const cancelled = state === "CANCELLED";
  const reason = record.skipped && record.reason !== undefined
    ? record.reason
    : cancelled
    ? `step "${name}" was cancelled`
    : `step "${name}" failed`;
  const events: StudyEvent[] = [];
  const seen = new Set([node]);
  const queue = [node];
  for (let i = 0; i < queue.length; i++) {
    const parent = queue[i]!;
    const step = nodes[parent]!.step.index;
    const visit = (child: number) => {
      if (seen.has(child)) return;
      seen.add(child);
      if (progress.records[child]!.over || isInFlight(progress, child)) return;
      queue.push(child);
      events.push({
        event: "ended",
        at,
        step: nodes[child]!.name,
        state: cancelled ? "CANCELLED" : "FAILED",
        reason,
        skipped: true,
      });
    };
    eachChild(progress, parent, visit, (progress.funnelsTold[step]! & TOLD.failed) === 0);
    progress.funnelsTold[step]! |= TOLD.failed;
    if (!cancelled) continue;
    // Those that wait for its end, and not for one like this.
    const told = (progress.funnelsTold[step]! & TOLD.cancelled) !== 0;
    const strict = (child: number) => {
      if (nodes[child]!.step.uncancelled?.includes(step)) visit(child);
    };
    eachChild(progress, parent, strict, !told, progress.children.after);
    progress.funnelsTold[step]! |= TOLD.cancelled;
  }
  return events;
}

/** What cancelling the study means at once: everything that is not in flight is over. */
export function cancelStudy(progress: Progress, at: number): StudyEvent[] {
  const reason = "the study was cancelled";
  const over = progress.records.flatMap((record, i): StudyEvent[] =>
    record.over || isInFlight(progress, i)
      ? []
      : [{ event: "ended", at, step: progress.plan.nodes[i]!.name, state: "CANCELLED", reason }]
  );
  return [{ event: "cancelling", at }, ...over];
}

/**
 * Consequences that the journal implies but lacks. A conductor that died in the middle of a line may have
 * recorded that a step failed, without the consequences for its dependents.
 */
export function overdue(progress: Progress, at: number): StudyEvent[] {
  if (progress.cancelling) return cancelStudy(progress, at).slice(1);
  return progress.records.flatMap(({ state, over, cancelling }, node): StudyEvent[] => {
    if (over) return state === "DRYRUN" ? [] : consequences(progress, node, state as EndState, at);
    if (!cancelling || isInFlight(progress, node)) return [];
    const step = progress.plan.nodes[node]!.name;
    return endWith(progress, node, { event: "ended", at, step, state: "CANCELLED", reason: "cancelled" });
  });
}
