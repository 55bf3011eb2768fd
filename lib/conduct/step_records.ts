/** What is known of every node: its record is a row of columns. */

import { Counts, Numbers, Texts, Words } from "./columns.ts";
import type { Again, StepRecord, StepState } from "../types.ts";

export const STEP_STATES: readonly StepState[] = [
  "INITIALIZED",
  "PENDING",
  "RUNNING",
  "FINISHED",
  "FAILED",
  "TIMEDOUT",
  "HWFAILURE",
  "CANCELLED",
  "DRYRUN",
  "UNKNOWN",
];

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
  return ALL.every((key) => {
    for (let node = 0; node < size; node++) if (a[key].get(node) !== b[key].get(node)) return false;
    return true;
  });
}

/** The records of all nodes, in the order of the plan: who changes one changes the columns. */
export function recordsOf(columns: Columns, size: number): StepRecord[] {
  const rows = new Array<StepRecord>(size);
  for (let node = 0; node < size; node++) rows[node] = new Row(columns, node);
  return rows;
}

/** A node's part of the columns: a property for each of them, made below. */
interface Row extends StepRecord {}
class Row {
  constructor(private readonly columns: Columns, private readonly node: number) {}

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
    const known = KEYS.map((key) => [key, this[key]]).filter(([, value]) => value !== undefined);
    return Object.fromEntries(known);
  }
}

const ALL = Object.keys(newColumns(0)) as (keyof Columns)[];
const DIRECT = ALL.filter((key) => key !== "missingTimes" && key !== "missingSince");
const KEYS = [...DIRECT, "missing" as const];

for (const key of DIRECT) {
  Object.defineProperty(Row.prototype, key, {
    get(this: Row) {
      return this["columns"][key].get(this["node"]);
    },
    set(this: Row, value: never) {
      this["columns"][key].set(this["node"], value);
    },
  });
}
