/** The record of a node as an object: a row of the columns, one property for each. */

import type { Columns } from "./step_columns.ts";
import type { Again, StepState } from "../states.ts";

/** What is known of one node: the fold of its events. Times in ms since 1970. */
export interface StepRecord {
  state: StepState;
  /** Whether it has come to its end. A state alone does not tell: a step that timed out may be about to run again. */
  over: boolean;
  /** Submissions so far; 0 before the first. */
  attempt: number;
  /** Runs of the restart command. */
  restarts: number;
  /** Other runs after the first, by the retry policy. */
  retries: number;
  /** What its next submission is, where it is not the first. */
  again: Again | undefined;
  /** What its latest submission was, where it was not the first. */
  latest: Again | undefined;
  /** The next submission must not come before. */
  notBefore: number | undefined;
  /** It ended without having run, because of a step before it. */
  skipped: true | undefined;
  /** The user wants it not to start. */
  held: true | undefined;
  /** The user asked to cancel it. */
  cancelling: true | undefined;
  /** Scheduler's id, or the process id of a local step. */
  jobId: string | undefined;
  /** Where a local step's process is. */
  host: string | undefined;
  /** Cluster that later commands must name. */
  cluster: string | undefined;
  submittedAt: number | undefined;
  /** When the intent of its latest submission was noted. */
  intendedAt: number | undefined;
  /** Successful queries in a row that did not know its job, and when the first of them was. */
  missing: { readonly times: number; readonly since: number } | undefined;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** Why its job will not begin until someone changes something. */
  stuck: string | undefined;
  exitCode: number | undefined;
  /** Why it is in this state, in words for the user. */
  reason: string | undefined;
}
/** The record of one node, for a moment. */
export function recordAt(columns: Columns, node: number): StepRecord {
  return new Row(columns, node);
}

/** The records of all nodes, in the order of the plan: who changes one changes the columns. */
export function recordsOf(columns: Columns, size: number): StepRecord[] {
  const rows = new Array<StepRecord>(size);
  for (let node = 0; node < size; node++) rows[node] = new Row(columns, node);
  return rows;
}

/** Its properties are in its class: what copies or lists an object's own gets none of them. */
class Row implements StepRecord {
  constructor(private readonly columns: Columns, private readonly node: number) {}

  get state(): StepState {
    return this.columns.state.get(this.node);
  }
  set state(state) {
    this.columns.state.set(this.node, state);
  }

  get over(): boolean {
    return this.columns.over.get(this.node);
  }
  set over(over) {
    this.columns.over.set(this.node, over);
  }

  get attempt(): number {
    return this.columns.attempt.get(this.node);
  }
  set attempt(attempt) {
    this.columns.attempt.set(this.node, attempt);
  }

  get restarts(): number {
    return this.columns.restarts.get(this.node);
  }
  set restarts(restarts) {
    this.columns.restarts.set(this.node, restarts);
  }

  get retries(): number {
    return this.columns.retries.get(this.node);
  }
  set retries(retries) {
    this.columns.retries.set(this.node, retries);
  }

  get again(): Again | undefined {
    return this.columns.again.get(this.node);
  }
  set again(again) {
    this.columns.again.set(this.node, again);
  }

  get latest(): Again | undefined {
    return this.columns.latest.get(this.node);
  }
  set latest(latest) {
    this.columns.latest.set(this.node, latest);
  }

  get notBefore(): number | undefined {
    return this.columns.notBefore.get(this.node);
  }
  set notBefore(notBefore) {
    this.columns.notBefore.set(this.node, notBefore);
  }

  get skipped(): true | undefined {
    return this.columns.skipped.get(this.node);
  }
  set skipped(skipped) {
    this.columns.skipped.set(this.node, skipped);
  }

  get held(): true | undefined {
    return this.columns.held.get(this.node);
  }
  set held(held) {
    this.columns.held.set(this.node, held);
  }

  get cancelling(): true | undefined {
    return this.columns.cancelling.get(this.node);
  }
  set cancelling(cancelling) {
    this.columns.cancelling.set(this.node, cancelling);
  }

  get jobId(): string | undefined {
    return this.columns.jobId.get(this.node);
  }
  set jobId(jobId) {
    this.columns.jobId.set(this.node, jobId);
  }

  get host(): string | undefined {
    return this.columns.host.get(this.node);
  }
  set host(host) {
    this.columns.host.set(this.node, host);
  }

  get cluster(): string | undefined {
    return this.columns.cluster.get(this.node);
  }
  set cluster(cluster) {
    this.columns.cluster.set(this.node, cluster);
  }

  get submittedAt(): number | undefined {
    return this.columns.submittedAt.get(this.node);
  }
  set submittedAt(submittedAt) {
    this.columns.submittedAt.set(this.node, submittedAt);
  }

  get intendedAt(): number | undefined {
    return this.columns.intendedAt.get(this.node);
  }
  set intendedAt(intendedAt) {
    this.columns.intendedAt.set(this.node, intendedAt);
  }

  get startedAt(): number | undefined {
    return this.columns.startedAt.get(this.node);
  }
  set startedAt(startedAt) {
    this.columns.startedAt.set(this.node, startedAt);
  }

  get endedAt(): number | undefined {
    return this.columns.endedAt.get(this.node);
  }
  set endedAt(endedAt) {
    this.columns.endedAt.set(this.node, endedAt);
  }

  get stuck(): string | undefined {
    return this.columns.stuck.get(this.node);
  }
  set stuck(stuck) {
    this.columns.stuck.set(this.node, stuck);
  }

  get exitCode(): number | undefined {
    return this.columns.exitCode.get(this.node);
  }
  set exitCode(exitCode) {
    this.columns.exitCode.set(this.node, exitCode);
  }

  get reason(): string | undefined {
    return this.columns.reason.get(this.node);
  }
  set reason(reason) {
    this.columns.reason.set(this.node, reason);
  }

  get missing(): StepRecord["missing"] {
    const times = this.columns.missingTimes.get(this.node);
    return times === 0 ? undefined : { times, since: this.columns.missingSince.get(this.node)! };
  }
  set missing(missing) {
    this.columns.missingTimes.set(this.node, missing?.times ?? 0);
    this.columns.missingSince.set(this.node, missing?.since);
  }

  /** What is known, without what is not. */
  toJSON(): Partial<StepRecord> {
    return Object.fromEntries(KEYS.flatMap((key) => this[key] === undefined ? [] : [[key, this[key]]]));
  }
}

const KEYS = Object.entries(Object.getOwnPropertyDescriptors(Row.prototype))
  .flatMap(([key, { get }]) => get === undefined ? [] : [key as keyof StepRecord]);
