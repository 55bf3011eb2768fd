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

/** An attempt with its times, ms since 1970. */
export interface TimedAttempt extends Attempt {
  readonly submittedAt: number;
  /** Undefined where nobody saw it start. */
  readonly startedAt?: number;
  /** Undefined while it goes on. */
  readonly endedAt?: number;
}

/** All attempts of a node, by name, in order; those that never began are left out. */
export function attemptsOf(events: readonly StudyEvent[], step: string): Attempt[] {
  const ofStep = events.filter((event) => "step" in event && event.step === step);
  return (allAttempts(ofStep).get(step) ?? []).map(
    ({ submittedAt: _, startedAt: _started, endedAt: _ended, ...attempt }) => attempt,
  );
}

/** The attempts of all nodes, by name, from one reading of the journal. */
export function allAttempts(events: readonly StudyEvent[]): Map<string, TimedAttempt[]> {
  const all = new Map<string, TimedAttempt[]>();
  for (const event of events) {
    if (!("step" in event) || event.step === undefined) continue;
    let attempts = all.get(event.step);
    if (!attempts) all.set(event.step, attempts = []);
    lay(attempts, event);
  }
  return all;
}

function lay(attempts: TimedAttempt[], event: StudyEvent): void {
  const last = attempts.at(-1);
  const change = (more: Partial<TimedAttempt>) => attempts[attempts.length - 1] = { ...last!, ...more };
  if (event.event === "submitting") {
    const again = event.again === undefined ? {} : { again: event.again };
    attempts.push({ number: event.attempt, submittedAt: event.at, ...again });
  } else if (!last) return;
  else if (event.event === "submitted") change({ jobId: event.jobId });
  else if (event.event === "withdrawn") attempts.pop();
  // A step that is reset and ends without running again leaves its attempts as they were.
  else if (last.state !== undefined) return;
  else if (event.event === "started") change({ startedAt: last.startedAt ?? event.at });
  else if (event.event === "relapsed" || event.event === "ended") {
    change({ state: event.state, endedAt: event.at });
  }
}
