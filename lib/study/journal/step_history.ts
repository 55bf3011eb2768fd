/** What compaction knows of one step: the numbers of its events, by what they belong to. */
export interface StepHistory {
  /** Of the life before, as long as there is no attempt since: it counts the attempts. */
  before: number[];
  reset: number[];
  /** Since the last reset, but for the last attempt. */
  life: number[];
  attempt: number[];
  missing: number[];
  stuck: number[];
  /** Attempts since the last reset. */
  attempts: number;
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
    before: [],
    reset: [],
    life: [],
    attempt: [],
    missing: [],
    stuck: [],
    attempts: 0,
    number: 0,
    inFlight: false,
    over: false,
    leavesNothing: false,
    withdrawn: false,
  };
}

/** All events that are kept of a step. */
export function keptOf({ before, reset, life, attempt, missing, stuck }: StepHistory): number[] {
  return [...before, ...reset, ...life, ...attempt, ...missing, ...stuck];
}
