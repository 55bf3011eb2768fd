/** An attempt of a step: a submission that was not withdrawn, with its own times. */

import type { StepState } from "./states.ts";
import type { Usage } from "./usage.ts";

/** Why there was an attempt; `rerun`: a user wanted the step to run again. */
export type AttemptKind = "first" | "restart" | "retry" | "rerun";

/** Times in ms since 1970. What is not known is undefined. */
export interface Attempt {
  /** From 1, over all lives of the step. Withdrawn ones have numbers, too. */
  readonly number: number;
  readonly kind: AttemptKind;
  /** Undefined if another attempt followed and nobody knows how this one ended. */
  readonly state?: StepState | undefined;
  /** The scheduler's id, or the number of the script's process. */
  readonly jobId?: string | undefined;
  /** Where it ran. */
  readonly host?: string | undefined;
  readonly submittedAt: number;
  /** When it began; of a job that its scheduler ran again, the last time. */
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  readonly used?: Usage | undefined;
}

/** Milliseconds that an attempt ran; undefined if it is not known to have begun. `now`: for one that runs. */
export function ranFor({ startedAt, endedAt, state }: Attempt, now: number): number | undefined {
  if (startedAt === undefined) return undefined;
  const end = endedAt ?? (state === "RUNNING" ? now : undefined);
  return end === undefined ? undefined : Math.max(0, end - startedAt);
}
