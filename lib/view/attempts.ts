/** Submissions of steps, from the journal. */

import type { Again, EndState } from "../study/states.ts";
import type { StudyEvent } from "../study/events.ts";

/** Times in ms since 1970. */
export interface Attempt {
  /** From 1. */
  readonly number: number;
  readonly jobId?: string;
  /** Where its process was, if it was one of a local step. */
  readonly host?: string;
  /** What it was, where it was not the first. */
  readonly again?: Again;
  readonly submittedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** How it ended; undefined while it goes on. */
  readonly state?: EndState;
  readonly exitCode?: number;
  readonly reason?: string;
}

/** All attempts of a node, by name, in order; those that never began are left out. */
export function attemptsOf(events: readonly StudyEvent[], step: string): Attempt[] {
  return attemptsByStep(events.filter((event) => "step" in event && event.step === step)).get(step) ?? [];
}

/** The attempts of every node that has any, by the node's name. */
export function attemptsByStep(events: readonly StudyEvent[]): Map<string, Attempt[]> {
  const all = new Map<string, Attempt[]>();
  for (const event of events) {
    if (!("step" in event) || event.step === undefined) continue;
    if (!all.has(event.step)) all.set(event.step, []);
    take(all.get(event.step)!, event);
  }
  for (const [step, attempts] of all) if (attempts.length === 0) all.delete(step);
  return all;
}

function take(attempts: Attempt[], event: StudyEvent): void {
  const latest = attempts.at(-1);
  if (event.event === "submitting") {
    const { attempt: number, at: submittedAt, again } = event;
    // Two conductors at once may both have noted it.
    if (latest && number <= latest.number) return;
    attempts.push({ number, submittedAt, ...(again === undefined ? {} : { again }) });
    return;
  }
  // What comes behind its end is of a step that did not run again.
  if (!latest || latest.state !== undefined) return;
  const add = (more: Partial<Attempt>) => attempts[attempts.length - 1] = { ...latest, ...more };
  switch (event.event) {
    case "submitted":
      add({ jobId: event.jobId, ...(event.host === undefined ? {} : { host: event.host }) });
      return;
    case "started":
      add({ startedAt: latest.startedAt ?? event.at });
      return;
    case "withdrawn":
      attempts.pop();
      return;
    case "relapsed":
    case "ended":
      add({ endedAt: event.at, state: event.state, ...began(event), ...why(event) });
  }
}

function why({ exitCode, reason }: { exitCode?: number; reason?: string }) {
  return { ...(exitCode === undefined ? {} : { exitCode }), ...(reason === undefined ? {} : { reason }) };
}

/** It knows better when it began than who saw it run. */
function began({ startedAt }: { startedAt?: number }) {
  return startedAt === undefined ? {} : { startedAt };
}
