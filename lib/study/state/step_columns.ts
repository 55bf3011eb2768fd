/** What is known of every node, in columns: a record is a row of them (`step_record.ts`). */

import { Counts, Numbers, Texts, Words } from "./columns.ts";
import { type Again, STEP_STATES } from "../states.ts";

const AGAIN: readonly (Again | undefined)[] = [undefined, "restart", "retry"];
const NOTED: readonly (true | undefined)[] = [undefined, true];

/** Columns of which nothing is known yet. */
export function newColumns(size: number) {
  return {
    state: new Words(size, STEP_STATES),
    over: new Words(size, [false, true]),
    attempt: new Counts(size),
    restarts: new Counts(size),
    retries: new Counts(size),
    again: new Words(size, AGAIN),
    latest: new Words(size, AGAIN),
    notBefore: new Numbers(size),
    skipped: new Words(size, NOTED),
    held: new Words(size, NOTED),
    cancelling: new Words(size, NOTED),
    jobId: new Texts(size),
    host: new Texts(size),
    cluster: new Texts(size),
    submittedAt: new Numbers(size),
    intendedAt: new Numbers(size),
    missingTimes: new Counts(size),
    missingSince: new Numbers(size),
    startedAt: new Numbers(size),
    endedAt: new Numbers(size),
    stuck: new Texts(size),
    exitCode: new Numbers(size),
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
