/** Submissions of a step, from the journal. */

import type { Again, EndState, StudyEvent } from "./types.ts";

export interface Attempt {
  /** From 1. */
  readonly number: number;
  readonly jobId?: string;
  /** What it was, where it was not the first. */
  readonly again?: Again;
  /** How it ended; undefined while it goes on. */
  readonly state?: EndState;
}

/** All attempts of a node, by name, in order; those that never began are left out. */
export function attemptsOf(events: readonly StudyEvent[], step: string): Attempt[] {
  const attempts: Attempt[] = [];
  for (const event of events) {
    if (!("step" in event) || event.step !== step) continue;
    const last = attempts.length - 1;
    if (event.event === "submitting") {
      const again = event.again === undefined ? {} : { again: event.again };
      attempts.push({ number: event.attempt, ...again });
    } else if (last < 0) continue;
    else if (event.event === "submitted") attempts[last] = { ...attempts[last]!, jobId: event.jobId };
    else if (event.event === "withdrawn") attempts.pop();
    else if (event.event === "relapsed" || event.event === "ended") {
      attempts[last] = { ...attempts[last]!, state: event.state };
    }
  }
  return attempts;
}
