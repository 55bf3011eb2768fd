/**
 * The events of a step, each with its effects. These are its meaning for the state, what a shorter journal keeps of it,
 * its words, and its row of docs/json.md. A late event, of an attempt that is over, changes nothing.
 */

import { isInFlight } from "./ready.ts";
import {
  begin,
  endNode,
  forget,
  found,
  learnEnd,
  OF_SUBMISSIONS,
  relapse,
  release,
  reset,
  setState,
  withdraw,
} from "./step_changes.ts";
import { learnUse } from "./attempts.ts";
import { formatLocalTime } from "../../times.ts";
import { usageText } from "../usage.ts";
import type { Progress } from "./progress.ts";
import type { StepHistory } from "../journal/step_history.ts";
import type { StepEvent, StepEventName } from "../events.ts";
import type { FieldsOf, InLog } from "../study_facts.ts";

interface StepEventRow<EVENT> {
  /** For docs/json.md. */
  readonly doc: string;
  readonly fields: FieldsOf<EVENT>;
  /** For `maestro events`, and for the log. They follow the name of the step. */
  words(event: EVENT): string;
  /** How the log shows it. */
  log(event: EVENT, progress: Progress, node: number): InLog;
  /** The only place where what is known of a step changes. */
  apply(progress: Progress, node: number, event: EVENT): void;
  /** Puts the event's number where it belongs in the step's history, as `apply` has it; `reopen`: the study has not ended. */
  keep(history: StepHistory, index: number, event: EVENT, reopen: () => void): void;
}

/** What `request` means of an event that a user asked for. */
const REQUEST = "the file of the request, which is carried out once";

const USED = "[what it used](#what-an-attempt-used)";

const WITHIN_LIFE = (history: StepHistory, index: number) => void history.life.push(index);

export const STEP_EVENTS: {
  readonly [NAME in StepEventName]: StepEventRow<StepEvent & { event: NAME }>;
} = {
  submitting: {
    doc: "the intent, on disk before anything starts",
    fields: { attempt: "", again: "restart or retry" },
    words: ({ again, attempt }) => `${again ? `to ${again}: ` : ""}submitting, attempt ${attempt}`,
    log: () => "none",
    apply(progress, node, event) {
      const { columns } = progress;
      const { attempt, again } = event;
      // Two conductors at once may both have noted it.
      if (columns.over.get(node) || attempt <= columns.attempt.get(node)) return;
      begin(progress, node, event);
      if (again === "restart") columns.restarts.set(node, columns.restarts.get(node) + 1);
      if (again === "retry") columns.retries.set(node, columns.retries.get(node) + 1);
    },
    keep(history, index, { attempt }) {
      if (history.over || attempt <= history.number) return;
      // What came of an earlier life's attempts since the reset is wiped out by the next one.
      const wiped = history.attempts === 0 && history.number > 0;
      if (!wiped && !(history.withdrawn && history.leavesNothing)) history.life.push(...history.attempt);
      if (history.inFlight) history.counts = true;
      history.before = [];
      history.attempt = [index];
      history.missing = [];
      history.stuck = [];
      // From the first attempt it is known when the step was first submitted.
      history.leavesNothing = history.attempts > 0 && !history.inFlight;
      history.withdrawn = false;
      history.attempts++;
      history.number = attempt;
      history.inFlight = true;
    },
  },
  submitted: {
    doc: "this machine or a scheduler has it",
    fields: { jobId: "", host: "of a step on this machine", cluster: "" },
    words: ({ jobId, cluster }) => `submitted, job ${jobId}${cluster === undefined ? "" : ` on ${cluster}`}`,
    log: () => "info",
    apply(progress, node, { jobId, host, cluster }) {
      if (!isInFlight(progress, node)) return;
      const { columns } = progress;
      columns.jobId.set(node, jobId);
      if (host !== undefined) columns.host.set(node, host);
      if (cluster !== undefined) columns.cluster.set(node, cluster);
      forget(columns, node, OF_SUBMISSIONS);
      columns.stuck.clear(node);
    },
    keep(history, index) {
      history.attempt.push(index);
      history.stuck = [];
      // It sets back what is counted of submissions.
      history.leavesNothing = false;
    },
  },
  unclear: {
    doc: "the answer to the submission does not show whether there is a job: the scheduler is queried",
    fields: { reason: "" },
    words: ({ reason }) => `has an ${reason}. Looking it up.`,
    log: () => "warning",
    apply(progress, node, { reason }) {
      if (isInFlight(progress, node)) progress.columns.stuck.set(node, reason);
    },
    keep(history, index) {
      if (history.inFlight) history.stuck = [index];
    },
  },
  started: {
    doc: "it runs",
    fields: {},
    words: () => "running",
    log: ({ step }) => ({ info: `Step '${step}' found to be running.` }),
    apply(progress, node, { at }) {
      if (!isInFlight(progress, node)) return;
      const { columns } = progress;
      setState(progress, node, "RUNNING");
      if (columns.startedAt.get(node) === undefined) columns.startedAt.set(node, at);
      columns.stuck.clear(node);
      columns.reason.clear(node);
    },
    keep(history, index) {
      if (!history.inFlight) return;
      history.attempt.push(index);
      history.stuck = [];
      history.leavesNothing = false;
    },
  },
  requeued: {
    doc: "its scheduler has put the job back into the queue, under the same id",
    fields: {},
    words: () => "requeued by its scheduler",
    log: () => "warning",
    apply(progress, node) {
      if (!isInFlight(progress, node)) return;
      const { columns } = progress;
      setState(progress, node, "PENDING");
      columns.startedAt.clear(node);
      columns.reason.set(node, "requeued by its scheduler");
    },
    keep(history, index) {
      if (history.inFlight) history.attempt.push(index);
    },
  },
  missing: {
    doc: "the scheduler answered and did not know the job",
    fields: {},
    words: () => "the scheduler does not know its job",
    log: () => "none",
    apply(progress, node, { at }) {
      if (!isInFlight(progress, node)) return;
      const { missingTimes, missingSince } = progress.columns;
      missingTimes.set(node, missingTimes.get(node) + 1);
      if (missingSince.get(node) === undefined) missingSince.set(node, at);
    },
    keep(history, index) {
      if (history.inFlight) history.missing.push(index);
    },
  },
  found: {
    doc: "the scheduler knew the job again",
    fields: {},
    words: () => "the scheduler knows its job again",
    log: () => "none",
    apply: (progress, node) => found(progress, node),
    keep: (history) => void (history.missing = []),
  },
  stuck: {
    doc: "its job waits for something that needs a user or an administrator",
    fields: { reason: "absent if the job can start again" },
    words: ({ reason }) =>
      reason === undefined ? "can start again" : `cannot start unless something changes: ${reason}`,
    log: ({ reason }) => reason === undefined ? "info" : "warning",
    apply(progress, node, { reason }) {
      if (isInFlight(progress, node)) progress.columns.stuck.set(node, reason);
    },
    keep(history, index) {
      if (history.inFlight) history.stuck = [index];
    },
  },
  withdrawn: {
    doc: "the attempt never began",
    fields: {
      reason: "",
      why: "refused, unclear, blocked: counted until a job is submitted; later: refused for now",
      notBefore: "when the step is tried again",
    },
    words: ({ reason }) => `did not start: ${reason}`,
    log: () => "warning",
    apply(progress, node, event) {
      if (isInFlight(progress, node)) withdraw(progress, node, event);
    },
    keep(history, index, { why }) {
      if (!history.inFlight) return;
      history.attempt.push(index);
      history.missing = [];
      history.withdrawn = why === undefined || why === "later";
      endAttempt(history);
    },
  },
  relapsed: {
    doc: "the attempt failed and the step runs again",
    fields: {
      state: "",
      again: "restart or retry",
      notBefore: "",
      reason: "",
      exitCode: "",
      startedAt: "",
      host: "",
      used: USED,
    },
    words: ({ state, again, notBefore, ...event }) =>
      `${state}${why(event)}; it will ${again}` +
      (notBefore === undefined ? "" : `, not before ${formatLocalTime(notBefore)}`),
    log({ step, state, again }, { columns, settings }, node) {
      if (state !== "TIMEDOUT" || again !== "restart") return "warning";
      const restarts = columns.restarts.get(node) + 1;
      return { info: `Step '${step}' timed out. Restarting (${restarts} of ${settings.rlimit}).` };
    },
    apply(progress, node, event) {
      if (isInFlight(progress, node)) relapse(progress, node, event);
    },
    keep(history, index) {
      if (!history.inFlight) return;
      history.attempt.push(index);
      history.counts = true;
      endAttempt(history);
    },
  },
  ended: {
    doc: "the step has come to its end",
    fields: {
      state: "",
      exitCode: "",
      reason: "",
      skipped: "not run because of another step",
      startedAt: "the true start, if started was late",
      host: "",
      used: USED,
    },
    words: ({ state, skipped, ...event }) => `${state}${skipped ? ", before it ran" : ""}${why(event)}`,
    log: ({ step, state }) =>
      state === "FINISHED"
        ? { info: `Step '${step}' marked as finished. Adding to complete set.` }
        : "warning",
    apply(progress, node, event) {
      const { columns } = progress;
      if (columns.over.get(node)) return;
      columns.endedAt.set(node, event.at);
      if (event.skipped) columns.skipped.set(node, true);
      learnEnd(progress, node, event);
      endNode(progress, node, event.state);
    },
    keep(history, index) {
      if (history.over) return;
      history.attempt.push(index);
      history.counts ||= history.inFlight;
      history.over = true;
      endAttempt(history);
    },
  },
  used: {
    doc: "what an attempt used, by the accounting of its scheduler",
    fields: { attempt: "", used: USED },
    words: ({ attempt, used }) => `attempt ${attempt} used ${usageText(used) || "nothing that was measured"}`,
    log: () => "none",
    apply(progress, node, { attempt, used }) {
      learnUse(progress.columns, node, attempt, used);
    },
    keep(history, index, { attempt }) {
      (attempt === history.number && history.attempts > 0 ? history.attempt : history.past).push(index);
    },
  },
  cancelling: {
    doc: "the user asked to cancel the step",
    fields: { request: REQUEST },
    words: () => "cancellation requested",
    log: () => "none",
    apply(progress, node) {
      progress.columns.cancelling.set(node, true);
      if (isInFlight(progress, node)) progress.unwanted.add(node);
    },
    keep: WITHIN_LIFE,
  },
  held: {
    doc: "the user does not want it to start",
    fields: { request: REQUEST },
    words: () => "held",
    log: () => "none",
    apply: ({ columns }, node) => columns.held.set(node, true),
    keep: WITHIN_LIFE,
  },
  released: {
    doc: "it may start again",
    fields: { request: REQUEST },
    words: () => "released",
    log: () => "none",
    apply(progress, node) {
      release(progress, node);
    },
    keep(history, index) {
      history.life.push(index);
      // Between two attempts it would mean more.
      if (history.inFlight) history.leavesNothing = false;
    },
  },
  reset: {
    doc: "it will run again from the beginning; attempts are counted on",
    fields: { request: REQUEST },
    words: () => "to run again",
    log: () => "none",
    apply: (progress, node) => reset(progress, node),
    keep(history, index, _event, reopen) {
      if (history.inFlight) return;
      const { attempts, counts, past, reset, life, attempt } = history;
      if (counts) past.push(...reset, ...life, ...attempt);
      history.before = attempts > 0 && !counts
        ? [...reset, ...life, ...attempt]
        : counts
        ? []
        : history.before;
      Object.assign(history, { reset: [index], life: [], attempt: [], missing: [], stuck: [], attempts: 0 });
      history.counts = false;
      Object.assign(history, { over: false, leavesNothing: false, withdrawn: false });
      reopen();
    },
  },
};

function endAttempt(history: StepHistory): void {
  history.inFlight = false;
  history.stuck = [];
}

function why({ reason, exitCode }: { reason?: string; exitCode?: number }): string {
  if (reason !== undefined) return `: ${reason}`;
  return exitCode ? `: exit code ${exitCode}` : "";
}

/** The row of an event; undefined for one of a later version. */
export function stepEvent({ event }: StepEvent): StepEventRow<StepEvent> | undefined {
  return STEP_EVENTS[event] as StepEventRow<StepEvent> | undefined;
}
