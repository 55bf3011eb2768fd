/** What is known of every node, in columns: a record is a row of them (`step_record.ts`). */

import { Counts, Lists, Numbers, Texts, Words } from "./columns.ts";
import type { Attempt, AttemptKind } from "../attempt.ts";
import { type Usage, USAGE_FIELDS } from "../usage.ts";
import { type Again, STEP_STATES } from "../states.ts";

const AGAIN: readonly (Again | undefined)[] = [undefined, "restart", "retry"];
const KINDS: readonly (AttemptKind | undefined)[] = [undefined, "first", "restart", "retry", "rerun"];
/** `refused`: its scheduler did not take it, for now. `trouble`: this machine could not start it. */
const PUT_OFF = [undefined, "refused", "unclear", "trouble"] as const;
const NOTED: readonly (true | undefined)[] = [undefined, true];

/** Columns of which nothing is known yet. Times in ms since 1970. */
export function newColumns(size: number) {
  return { ...stepColumns(size), ...attemptColumns(size) };
}
export type Columns = ReturnType<typeof newColumns>;

/** Of the step as a whole. */
function stepColumns(size: number) {
  return {
    state: new Words(size, STEP_STATES),
    /** Whether it has come to its end. A state alone does not show that: a step that timed out may be about to run again. */
    over: new Words(size, [false, true]),
    /** Submissions so far; 0 before the first. */
    attempt: new Counts(size),
    /** Runs of the restart command, and other runs after the first, by the retry policy. */
    restarts: new Counts(size),
    retries: new Counts(size),
    /** Submissions in a row that were refused. */
    refusals: new Counts(size),
    /** Submissions in a row that made no job, without a clear answer. */
    unclear: new Counts(size),
    /** Starts in a row that met an error of the system that does not pass. */
    blocked: new Counts(size),
    /** What keeps it from starting since its last submission was withdrawn; `stuck` has the reason in words. */
    putOff: new Words(size, PUT_OFF),
    /** What its next submission is, where it is not the first. */
    again: new Words(size, AGAIN),
    /** The attempts before the present one, in order. */
    earlier: new Lists<Attempt>(size),
    /** The next submission must not come before. */
    notBefore: new Numbers(size),
    /** It ended without a run, because of a step before it. */
    skipped: new Words(size, NOTED),
    /** The user wants it not to start. */
    held: new Words(size, NOTED),
    /** The user asked to cancel it. */
    cancelling: new Words(size, NOTED),
    /** First submission. */
    submittedAt: new Numbers(size),
    /** When it ended. */
    endedAt: new Numbers(size),
    /** Why its job will not begin until someone changes something, or why there is no job yet. */
    stuck: new Texts(size),
    /** Why it is in this state, in words for the user. */
    reason: new Texts(size),
  };
}

/** Of its attempt: the one in flight, or the one that the step ended with. */
function attemptColumns(size: number) {
  return {
    /** Undefined if there is none: before the first, and after one that was withdrawn or is followed by another. */
    kind: new Words(size, KINDS),
    /** Scheduler's id, or the process id of a local step. */
    jobId: new Texts(size),
    /** Where a local step's process is, or where a job ran. */
    host: new Texts(size),
    /** Cluster that later commands must name. */
    cluster: new Texts(size),
    /** When the intent of its submission was noted: it was submitted then. */
    intendedAt: new Numbers(size),
    /** Successful queries in a row that did not know its job, and when the first of them was. */
    missingTimes: new Counts(size),
    missingSince: new Numbers(size),
    startedAt: new Numbers(size),
    exitCode: new Numbers(size),
    ...usageColumns(size),
  };
}

/** What its last attempt used, and was given. */
const usageColumns = (size: number) =>
  Object.fromEntries(USAGE_FIELDS.map((field) => [field, new Numbers(size)])) as Record<keyof Usage, Numbers>;

/** The columns that hold anything, as bytes. */
export function savedColumns(columns: Columns): [name: string, bytes: Uint8Array][] {
  return Object.entries(columns).flatMap(([name, column]): [string, Uint8Array][] => {
    const bytes = column.save();
    return bytes === undefined ? [] : [[name, bytes]];
  });
}

/** Takes over the bytes of a column; false where there is none of the name. */
export function loadColumn(columns: Columns, name: string, bytes: Uint8Array): boolean {
  if (!Object.hasOwn(columns, name)) return false;
  columns[name as keyof Columns].load(bytes);
  return true;
}

const isSameValue = (a: unknown, b: unknown) =>
  a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));

/** Whether the same is known of every node. */
export function isSameInColumns(a: Columns, b: Columns, size: number): boolean {
  return (Object.keys(a) as (keyof Columns)[]).every((key) => {
    for (let node = 0; node < size; node++) {
      if (!isSameValue(a[key].get(node), b[key].get(node))) return false;
    }
    return true;
  });
}
