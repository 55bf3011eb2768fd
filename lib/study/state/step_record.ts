/** The record of a node as an object: a row of the columns, one property for each. */

import type { StateColumn } from "./columns.ts";
import { type Columns, newColumns } from "./step_columns.ts";

/** What is known of one node: the fold of its events. `step_columns.ts` has the meaning of each property. */
export type StepRecord = { [NAME in keyof Columns]: ReturnType<Columns[NAME]["get"]> };

/** The records of all nodes, in the order of the plan: who changes one changes the columns. */
export function recordsOf(columns: Columns, size: number): StepRecord[] {
  const rows = new Array<StepRecord>(size);
  const list = NAMES.map((name): StateColumn<unknown> => columns[name]);
  for (let node = 0; node < size; node++) rows[node] = new StepRow(list, node) as unknown as StepRecord;
  return rows;
}

/** Its properties are in its class: what copies or lists an object's own gets none of them. */
class StepRow {
  constructor(readonly list: readonly StateColumn<unknown>[], readonly node: number) {}

  /** What is known, without what is not. */
  toJSON(): Partial<StepRecord> {
    const record = this as unknown as StepRecord;
    return Object.fromEntries(
      NAMES.flatMap((name) => record[name] === undefined ? [] : [[name, record[name]]]),
    );
  }
}

const NAMES = Object.keys(newColumns(0)) as (keyof Columns)[];

NAMES.forEach((name, index) =>
  // By its index: V8 finds that in the same way for all columns, and a name in another way for each.
  Object.defineProperty(StepRow.prototype, name, {
    get(this: StepRow) {
      return this.list[index]!.get(this.node);
    },
    set(this: StepRow, value: unknown) {
      this.list[index]!.set(this.node, value);
    },
  })
);
