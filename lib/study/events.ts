/** What happened to a study: the events of its journal. */

import type { Again, EndState } from "./states.ts";
import type { Usage } from "./usage.ts";
import type { WholeEvent } from "./study_facts.ts";

/**
 * What happened to a study, as its journal keeps it: one a line, in the order in which it became known. Past tense; `at`
 * is when it happened, in ms since 1970; `step` is a node's name. State is the fold of these and nothing else.
 */
export type StudyEvent = StepEvent | WholeEvent;

/**
 * Why an attempt never began. `refused`: its submission was refused. `unclear`: it made no job, without a clear answer.
 * `blocked`: the system cannot start it, and waiting does not help. These are counted. `later`: its submission was refused
 * for now.
 */
export type Withdrawal = "refused" | "unclear" | "blocked" | "later";

/** What happened to one step. The row of each (`state/step_events.ts`) has its meaning. */
export type StepEvent =
  & {
    readonly at: number;
    readonly step: string;
  }
  & (
    /** Intent: what follows may have reached the batch system even if nothing more is heard of it. */
    | { readonly event: "submitting"; readonly attempt: number; readonly again?: Again }
    /** The batch system, or this machine, has it. */
    | {
      readonly event: "submitted";
      readonly jobId: string;
      readonly host?: string;
      readonly cluster?: string;
    }
    /** Its submission has no clear answer: there may be a job, or not. */
    | { readonly event: "unclear"; readonly reason: string }
    | { readonly event: "started" }
    /** Its scheduler stopped the job, and has it in the queue again, under the same id. */
    | { readonly event: "requeued" }
    /** Its scheduler was asked and did not know the job; or knew it again after that. */
    | { readonly event: "missing" }
    | { readonly event: "found" }
    /** Its job will not begin until someone changes something; or, without a reason, it will again. */
    | { readonly event: "stuck"; readonly reason?: string }
    /** The attempt never began: the step is as it was before. `notBefore`: when it is tried again. */
    | {
      readonly event: "withdrawn";
      readonly reason: string;
      readonly why?: Withdrawal;
      readonly notBefore?: number;
    }
    /** The attempt failed, and the step runs again. */
    | {
      readonly event: "relapsed";
      readonly state: EndState;
      readonly again: Again;
      readonly notBefore?: number;
      readonly exitCode?: number;
      readonly reason?: string;
      readonly startedAt?: number;
      /** Where its job ran. */
      readonly host?: string;
      /** Of a step on this machine. What a job used, its scheduler's accounting shows later. */
      readonly used?: Usage;
    }
    | {
      readonly event: "ended";
      readonly state: EndState;
      readonly exitCode?: number;
      readonly reason?: string;
      /** It did not run, because of a step before it. */
      readonly skipped?: true;
      /** When it had begun, if that differs from `started`, which is when it was first seen to run. */
      readonly startedAt?: number;
      /** Where its job ran. */
      readonly host?: string;
      readonly used?: Usage;
    }
    /** What an attempt used, by its scheduler's accounting. The attempt may be an earlier one. */
    | { readonly event: "used"; readonly attempt: number; readonly used: Usage }
    /** The user asked to cancel it. `request`: the name of the request's file, which is carried out once. */
    | { readonly event: "cancelling"; readonly request?: string }
    | { readonly event: "held"; readonly request?: string }
    | { readonly event: "released"; readonly request?: string }
    /** The user wants it to run again, as if it never had; attempts are counted on. */
    | { readonly event: "reset"; readonly request?: string }
  );

export type StepEventName = StepEvent["event"];

/** Whether it is about one step. */
export const isStepEvent = (event: StudyEvent): event is StepEvent =>
  "step" in event && event.step !== undefined;
