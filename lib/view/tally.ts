/** How steps have ended, and how many of each kind there are. */

import type { Columns } from "../study/state/step_columns.ts";
import { FAILURES, type StateKind, STEP_STATE, STEP_STATES, type StepState } from "../study/states.ts";
import type { EndedBy, StatusStep, Tally } from "./status_view.ts";

/** How a node has ended; undefined while it has not. */
export function endedBy({ over, state, skipped }: Columns, node: number): EndedBy | undefined {
  if (!over.get(node)) return undefined;
  const word = state.get(node);
  return IS_FAILURE[word] && skipped.get(node) ? "skipped" : ENDED_BY[word];
}

const ENDED_BY = ofStates((state): EndedBy | undefined => {
  const { kind } = STEP_STATE[state];
  if (kind === "cancelled") return "cancelled";
  return kind === "finished" || kind === "failed" ? "itself" : undefined;
});

/** What a failure means for a step that did not fail by itself, or not for good. */
export type Fate = "skipped" | "retrying";

/** In words, behind a state. */
export const FATE_WORDS: Readonly<Record<Fate, string>> = {
  skipped: "did not run",
  retrying: "will run again",
};

/** The fate of a step; undefined if its state shows all. */
export function fateOf({ state, ended }: Pick<StatusStep, "state" | "ended">): Fate | undefined {
  if (ended === "skipped") return "skipped";
  return ended === undefined && IS_FAILURE[state] ? "retrying" : undefined;
}

type Key = keyof Tally;

/** Where a state is counted; of a failed step it depends on more. */
const KEYS: Readonly<Record<StateKind, Key>> = {
  waiting: "waiting",
  "under way": "waiting",
  finished: "finished",
  failed: "failed",
  cancelled: "cancelled",
  written: "dry",
  unknown: "unknown",
};

/** Of the failed nodes from `first` up to, not including, `end`: how many run again, and how many did not run. */
export interface Failures {
  readonly retrying: number;
  readonly skipped: number;
}

const NO_FAILURES: Failures = { retrying: 0, skipped: 0 };

export function failuresAmong(columns: Columns, counts: Counts, first: number, end: number): Failures {
  // Most steps have none, and many nodes.
  if (FAILURES.every((state) => counts[state] === undefined)) return NO_FAILURES;
  const { state, over, skipped } = columns;
  const found = { retrying: 0, skipped: 0 };
  for (let node = first; node < end; node++) {
    if (!IS_FAILURE[state.get(node)]) continue;
    if (!over.get(node)) found.retrying++;
    else if (skipped.get(node)) found.skipped++;
  }
  return found;
}

const IS_FAILURE = ofStates((state) => FAILURES.includes(state));

type Counts = Readonly<Partial<Record<StepState, number>>>;

/** The tally of nodes, from how many are in each state. */
export function tallyOf(counts: Counts, { retrying, skipped }: Failures): Tally {
  const tally = noTally();
  for (const state of STEP_STATES) {
    tally[state === "RUNNING" ? "running" : KEYS[STEP_STATE[state].kind]] += counts[state] ?? 0;
  }
  return { ...tally, failed: tally.failed - retrying - skipped, retrying, skipped };
}

/** In the order in which JSON has them. */
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

const TALLY_KEYS = Object.keys(noTally()) as readonly Key[];

function ofStates<VALUE>(valueOf: (state: StepState) => VALUE): Readonly<Record<StepState, VALUE>> {
  return Object.fromEntries(STEP_STATES.map((state) => [state, valueOf(state)])) as Record<StepState, VALUE>;
}
