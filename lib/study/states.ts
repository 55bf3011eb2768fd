/**
 * The states of a step and of a study: one table of each. Orders, ends, failures, colours, words of docs and exit codes
 * follow from these tables. What a new state needs is one row.
 */

import { EXIT } from "../exits.ts";
import type { FailureKind } from "../spec/failure_kinds.ts";

/** What a state means for those that wait, and for the study's end. */
export type StateKind =
  | "waiting"
  | "under way"
  | "finished"
  | "failed"
  | "cancelled"
  /** Its scripts are written, and nothing runs: a dry run. */
  | "written"
  | "unknown";

/** The colours that states share; `view` has the codes. */
export type StateColor = "grey" | "slate" | "blue" | "green" | "red" | "amber" | "white";

interface StepStateRow {
  readonly kind: StateKind;
  readonly color: StateColor;
  /** A sign for it in the report. */
  readonly glyph: string;
  /** Where several states meet the heaviest is shown; counts are listed in this order, behind what finished. */
  readonly weight: number;
  readonly meaning: string;
}

/**
 * The states of a step, in Maestro's words. Their order is part of the copy of the state and of JSON: new ones come last,
 * or `COPY_VERSION` changes.
 */
const STEPS = {
  INITIALIZED: { kind: "waiting", color: "grey", glyph: "○", weight: 2, meaning: "not submitted yet" },
  PENDING: { kind: "under way", color: "slate", glyph: "…", weight: 3, meaning: "submitted" },
  RUNNING: { kind: "under way", color: "blue", glyph: "▶", weight: 4, meaning: "running" },
  FINISHED: { kind: "finished", color: "green", glyph: "✓", weight: 0, meaning: "ended with exit code 0" },
  FAILED: {
    kind: "failed",
    color: "red",
    glyph: "✕",
    weight: 9,
    meaning: "ended with another exit code, or a dependency failed",
  },
  TIMEDOUT: { kind: "failed", color: "red", glyph: "◷", weight: 8, meaning: "over its time limit" },
  HWFAILURE: { kind: "failed", color: "red", glyph: "⚡", weight: 7, meaning: "the machine failed" },
  CANCELLED: { kind: "cancelled", color: "amber", glyph: "–", weight: 5, meaning: "cancelled" },
  DRYRUN: { kind: "written", color: "white", glyph: "◇", weight: 1, meaning: "a dry run wrote its scripts" },
  UNKNOWN: {
    kind: "unknown",
    color: "amber",
    glyph: "?",
    weight: 6,
    meaning: "only in studies of LLNL's Maestro: its scheduler did not know the job",
  },
} as const satisfies Readonly<Record<string, StepStateRow>>;

export type StepState = keyof typeof STEPS;

/** The row of each state of a step. */
export const STEP_STATE: Readonly<Record<StepState, StepStateRow>> = STEPS;

/** All states of a step, in the order of the table. */
export const STEP_STATES = Object.keys(STEPS) as readonly StepState[];

type OfKind<KIND extends StateKind> = {
  [STATE in StepState]: (typeof STEPS)[STATE]["kind"] extends KIND ? STATE : never;
}[StepState];

/** States that a step does not leave by itself. */
export type EndState = OfKind<"finished" | "failed" | "cancelled">;

export const isEndState = (state: string): state is EndState =>
  Object.hasOwn(STEPS, state) &&
  ["finished", "failed", "cancelled"].includes(STEP_STATE[state as StepState].kind);

/** The states of one of these kinds. */
export const statesOf = (...kinds: readonly StateKind[]): readonly StepState[] =>
  STEP_STATES.filter((state) => kinds.includes(STEP_STATE[state].kind));

/** Submitted and not ended. */
export const isUnderWay = (state: StepState): boolean => STEP_STATE[state].kind === "under way";

/** States of steps that ended badly, but for those that were cancelled. */
export const FAILURES = statesOf("failed");

/** States that ask for attention first. */
export const BY_WEIGHT = STEP_STATES.toSorted((a, b) => STEP_STATE[b].weight - STEP_STATE[a].weight);

/** States as people read their counts: what finished, then by weight. */
export const SHOWN_STATES: readonly StepState[] = [
  ...statesOf("finished"),
  ...BY_WEIGHT.filter((state) => STEP_STATE[state].kind !== "finished"),
];

interface StudyStateRow {
  /** The study has come to its end, and the journal is closed with this word. */
  readonly ended: boolean;
  /** The state of a step that has its colour and its sign. */
  readonly like: StepState;
  /** Of several studies the heaviest is the exit code of `wait`. */
  readonly weight: number;
  /** Exit code of a command that reports it. */
  readonly exit: number;
  /** Maestro's word for the end, in the log of a conductor. */
  readonly original?: string;
  readonly meaning: string;
}

/** The states of a study. */
const STUDIES = {
  initialized: {
    ended: false,
    like: "INITIALIZED",
    weight: 3,
    exit: EXIT.stillRunning,
    meaning: "created, never started",
  },
  running: {
    ended: false,
    like: "RUNNING",
    weight: 3,
    exit: EXIT.stillRunning,
    meaning: "a conductor works on it, or the last single pass was recent",
  },
  finished: {
    ended: true,
    like: "FINISHED",
    weight: 0,
    exit: EXIT.ok,
    original: "FINISHED",
    meaning: "all steps finished, or failed with allow-failure",
  },
  failed: {
    ended: true,
    like: "FAILED",
    weight: 2,
    exit: EXIT.studyFailed,
    original: "FAILURE",
    meaning: "a step failed",
  },
  cancelled: {
    ended: true,
    like: "CANCELLED",
    weight: 1,
    exit: EXIT.studyCancelled,
    original: "CANCELLED",
    meaning: "the study or a step was cancelled",
  },
  stalled: {
    ended: false,
    like: "UNKNOWN",
    weight: 3,
    exit: EXIT.stillRunning,
    meaning: "not ended, and without a conductor",
  },
} as const satisfies Readonly<Record<string, StudyStateRow>>;

export type StudyState = keyof typeof STUDIES;

/** The row of each state of a study. */
export const STUDY_STATE: Readonly<Record<StudyState, StudyStateRow>> = STUDIES;

/** How a study can end. */
export type StudyEnd = {
  [STATE in StudyState]: (typeof STUDIES)[STATE]["ended"] extends true ? STATE : never;
}[StudyState];

/** How a step runs again: its restart command, or the same command once more. */
export type Again = "restart" | "retry";

/** The state of a step that fails so. */
export const STATE_OF_FAILURE: Readonly<Record<FailureKind, EndState>> = {
  timeout: "TIMEDOUT",
  hwfailure: "HWFAILURE",
  preempted: "HWFAILURE",
  oom: "FAILED",
  exit: "FAILED",
  lost: "FAILED",
};
