/** What is known of every node, in columns: a record is a row of them (`step_record.ts`). */

import { Counts, Numbers, Texts, Words } from "./columns.ts";
import { type Again, STEP_STATES } from "../states.ts";

const AGAIN: readonly (Again | undefined)[] = [undefined, "restart", "retry"];
const NOTED: readonly (true | undefined)[] = [undefined, true];

/** Columns of which nothing is known yet. Times in ms since 1970. */
export function newColumns(size: number) {
  return {
    state: new Words(size, STEP_STATES),
    /** Whether it has come to its end. A state alone does not show that: a step that timed out may be about to run again. */
    over: new Words(size, [false, true]),
    /** Submissions so far; 0 before the first. */
    attempt: new Counts(size),
    /** Runs of the restart command. */
    restarts: new Counts(size),
    /** Other runs after the first, by the retry policy. */
    retries: new Counts(size),
    /** Submissions in a row that were refused. */
    refusals: new Counts(size),
    /** Submissions in a row that made no job, without a clear answer. */
    unclear: new Counts(size),
    /** What its next submission is, where it is not the first. */
    again: new Words(size, AGAIN),
    /** What its latest submission was, where it was not the first. */
    latest: new Words(size, AGAIN),
    /** The next submission must not come before. */
    notBefore: new Numbers(size),
    /** It ended without a run, because of a step before it. */
    skipped: new Words(size, NOTED),
    /** The user wants it not to start. */
    held: new Words(size, NOTED),
    /** The user asked to cancel it. */
    cancelling: new Words(size, NOTED),
    /** Scheduler's id, or the process id of a local step. */
    jobId: new Texts(size),
    /** Where a local step's process is. */
    host: new Texts(size),
    /** Cluster that later commands must name. */
    cluster: new Texts(size),
    /** First submission. */
    submittedAt: new Numbers(size),
    /** When the intent of its latest submission was noted. */
    intendedAt: new Numbers(size),
    /** Successful queries in a row that did not know its job, and when the first of them was. */
    missingTimes: new Counts(size),
    missingSince: new Numbers(size),
    startedAt: new Numbers(size),
    endedAt: new Numbers(size),
    /** Why its job will not begin until someone changes something. */
    stuck: new Texts(size),
    exitCode: new Numbers(size),
    /** Why it is in this state, in words for the user. */
    reason: new Texts(size),
  };
}
export type Columns = ReturnType<typeof newColumns>;

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

/** Whether the same is known of every node. */
export function isSameInColumns(a: Columns, b: Columns, size: number): boolean {
  return (Object.keys(a) as (keyof Columns)[]).every((key) => {
    for (let node = 0; node < size; node++) if (a[key].get(node) !== b[key].get(node)) return false;
    return true;
  });
}
