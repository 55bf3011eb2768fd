/** Submissions of steps, from the journal. */

import type { Again, EndState } from "../study/states.ts";
import { isStepEvent, type StepEvent, type StepEventName, type StudyEvent } from "../study/events.ts";

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
    if (!isStepEvent(event)) continue;
    if (!all.has(event.step)) all.set(event.step, []);
    take(all.get(event.step)!, event);
  }
  for (const [step, attempts] of all) if (attempts.length === 0) all.delete(step);
  return all;
}

function take(attempts: Attempt[], event: StepEvent): void {
  (TAKE[event.event] as Take<StepEvent> | undefined)?.(attempts, event);
}

type Take<EVENT> = (attempts: Attempt[], event: EVENT) => void;

/** What each event means for the list of a step's attempts; null: nothing. */
const TAKE: { readonly [NAME in StepEventName]: Take<StepEvent & { event: NAME }> | null } = {
  submitting(attempts, { attempt: number, at: submittedAt, again }) {
    const latest = attempts.at(-1);
    // Two conductors at once may both have noted it.
    if (latest && number <= latest.number) return;
    attempts.push({ number, submittedAt, ...(again === undefined ? {} : { again }) });
  },
  submitted: (attempts, { jobId, host }) =>
    change(attempts, () => ({ jobId, ...(host === undefined ? {} : { host }) })),
  started: (attempts, { at }) => change(attempts, ({ startedAt = at }) => ({ startedAt })),
  withdrawn(attempts) {
    if (goesOn(attempts)) attempts.pop();
  },
  relapsed: end,
  ended: end,
  unclear: null,
  missing: null,
  found: null,
  stuck: null,
  cancelling: null,
  held: null,
  released: null,
  reset: null,
};

/** What comes behind the end of an attempt is of a step that did not run again. */
function goesOn(attempts: readonly Attempt[]): Attempt | undefined {
  const latest = attempts.at(-1);
  return latest?.state === undefined ? latest : undefined;
}

function change(attempts: Attempt[], more: (latest: Attempt) => Partial<Attempt>): void {
  const latest = goesOn(attempts);
  if (latest) attempts[attempts.length - 1] = { ...latest, ...more(latest) };
}

function end(attempts: Attempt[], event: StepEvent & { event: "relapsed" | "ended" }): void {
  change(attempts, () => ({ endedAt: event.at, state: event.state, ...began(event), ...why(event) }));
}

function why({ exitCode, reason }: { exitCode?: number; reason?: string }) {
  return { ...(exitCode === undefined ? {} : { exitCode }), ...(reason === undefined ? {} : { reason }) };
}

/** It knows better when it began than who saw it run. */
function began({ startedAt }: { startedAt?: number }) {
  return startedAt === undefined ? {} : { startedAt };
}
