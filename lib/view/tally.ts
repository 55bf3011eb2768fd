/** How steps have ended, and how many of each kind there are. */

import type { Columns } from "../study/state/step_columns.ts";
import { isEndState, type StateKind, STEP_STATE } from "../study/states.ts";
import type { EndedBy, Tally } from "./status_view.ts";

/** How a node has ended; undefined while it has not. */
export function endedBy({ over, state, skipped }: Columns, node: number): EndedBy | undefined {
  if (!over.get(node)) return undefined;
  switch (STEP_STATE[state.get(node)].kind) {
    case "finished":
      return "itself";
    case "failed":
      return skipped.get(node) ? "skipped" : "itself";
    case "cancelled":
      return "cancelled";
    default:
      return undefined;
  }
}

type Key = keyof Tally;

/** Where a node is counted. */
export function tallyKey(columns: Columns, node: number): Key {
  const state = columns.state.get(node);
  if (isEndState(state) && !columns.over.get(node)) return "retrying";
  const { kind } = STEP_STATE[state];
  if (kind === "failed") return columns.skipped.get(node) ? "skipped" : "failed";
  return state === "RUNNING" ? "running" : KEYS[kind];
}

const KEYS: Readonly<Record<Exclude<StateKind, "failed">, Key>> = {
  waiting: "waiting",
  "under way": "waiting",
  finished: "finished",
  cancelled: "cancelled",
  written: "dry",
  unknown: "unknown",
};

/** The nodes from `first` up to, not including, `end`. */
export function tallyOf(columns: Columns, first: number, end: number): Tally {
  const tally = noTally();
  for (let node = first; node < end; node++) tally[tallyKey(columns, node)]++;
  return tally;
}

const noTally = (): { -readonly [KEY in Key]: number } => ({
  finished: 0,
  failed: 0,
  skipped: 0,
  retrying: 0,
  waiting: 0,
  running: 0,
  cancelled: 0,
  unknown: 0,
  dry: 0,
});

/** All of several. */
export function sumOfTallies(tallies: readonly Tally[]): Tally {
  const sum = noTally();
  for (const tally of tallies) for (const key of TALLY_KEYS) sum[key] += tally[key];
  return sum;
}

/** In the order in which JSON has them. */
export const TALLY_KEYS = Object.keys(noTally()) as readonly Key[];
