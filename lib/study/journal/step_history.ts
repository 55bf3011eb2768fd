/** What compaction knows of one step: the numbers of its events, by what they belong to. */
export interface StepHistory {
  /** Of the lives before that had an attempt which was not withdrawn: their attempts are kept. */
  past: number[];
  /** Of the last other life before, as long as there is no attempt since: it counts the attempts. */
  before: number[];
  reset: number[];
  /** Since the last reset, but for the last attempt. */
  life: number[];
  attempt: number[];
  missing: number[];
  stuck: number[];
  /** Attempts since the last reset. */
  attempts: number;
  /** Whether one of them was not withdrawn. */
  counts: boolean;
  /** The last one's number. */
  number: number;
  inFlight: boolean;
  over: boolean;
  /** Whether the last attempt leaves nothing behind if it is withdrawn and another one follows. */
  leavesNothing: boolean;
  withdrawn: boolean;
}

export function newHistory(): StepHistory {
  return {
    past: [],
    before: [],
    reset: [],
    life: [],
    attempt: [],
    missing: [],
    stuck: [],
    attempts: 0,
    counts: false,
    number: 0,
    inFlight: false,
    over: false,
    leavesNothing: false,
    withdrawn: false,
  };
}

/** All events that are kept of a step. */
export function keptOf({ past, before, reset, life, attempt, missing, stuck }: StepHistory): number[] {
  return [...past, ...before, ...reset, ...life, ...attempt, ...missing, ...stuck];
}
