/** What happened to a study: the events of its journal. */

import type { Again, EndState, StudyEnd } from "./states.ts";

/** How a study is conducted; what `run`'s flags set. */
export interface Settings {
  /** Submissions tried before a step fails because it cannot be submitted. */
  readonly attempts: number;
  /** Restarts of a step that has `restart`; 0 = unlimited. */
  readonly rlimit: number;
  /** Jobs in flight; 0 = unlimited. */
  readonly throttle: number;
  /** Seconds between polls of a scheduler. */
  readonly sleep: number;
  /** Local steps side by side. */
  readonly localJobs: number;
  readonly dry: boolean;
  readonly useTmp: boolean;
  readonly hashWorkspaces: boolean;
}

/**
 * What happened to a study, as its journal keeps it: one a line, in the order in which it became known. Past tense; `at`
 * is when it happened, in ms since 1970; `step` is a node's name. State is the fold of these and nothing else.
 */
export type StudyEvent =
  /** A conductor took the study; `once` for a single pass. */
  | {
    readonly event: "taken";
    readonly at: number;
    readonly host: string;
    readonly pid: number;
    readonly once?: true;
  }
  /** Intent: what follows may have reached the batch system even if nothing more is heard of it. */
  | {
    readonly event: "submitting";
    readonly at: number;
    readonly step: string;
    readonly attempt: number;
    readonly again?: Again;
  }
  /** The batch system, or this machine, has it. */
  | {
    readonly event: "submitted";
    readonly at: number;
    readonly step: string;
    readonly jobId: string;
    readonly host?: string;
    readonly cluster?: string;
  }
  | { readonly event: "started"; readonly at: number; readonly step: string }
  /** Its scheduler was asked and did not know the job; or knew it again after that. */
  | { readonly event: "missing" | "found"; readonly at: number; readonly step: string }
  /** Its job will not begin until someone changes something; or, without a reason, it will again. */
  | { readonly event: "stuck"; readonly at: number; readonly step: string; readonly reason?: string }
  /** The attempt never began: the step is as it was before. `notBefore`: the machine's trouble keeps it from starting. */
  | {
    readonly event: "withdrawn";
    readonly at: number;
    readonly step: string;
    readonly reason: string;
    readonly notBefore?: number;
  }
  /** The attempt failed, and the step runs again. */
  | {
    readonly event: "relapsed";
    readonly at: number;
    readonly step: string;
    readonly state: EndState;
    readonly again: Again;
    readonly notBefore?: number;
    readonly exitCode?: number;
    readonly reason?: string;
    readonly startedAt?: number;
  }
  | {
    readonly event: "ended";
    readonly at: number;
    readonly step: string;
    readonly state: EndState;
    readonly exitCode?: number;
    readonly reason?: string;
    /** It did not run, because of a step before it. */
    readonly skipped?: true;
    /** When it had begun, where `started` says otherwise: that is when it was first seen to run. */
    readonly startedAt?: number;
  }
  /** The user asked to cancel the study, or one step. */
  | { readonly event: "cancelling"; readonly at: number; readonly step?: string }
  | { readonly event: "held" | "released"; readonly at: number; readonly step: string }
  /** The user wants it to run again, as if it never had; attempts are counted on. */
  | { readonly event: "reset"; readonly at: number; readonly step: string }
  | { readonly event: "updated"; readonly at: number; readonly settings: Partial<Settings> }
  /** A dry run wrote all scripts: every step is DRYRUN. */
  | { readonly event: "written"; readonly at: number }
  /** Nothing is left to do. */
  | { readonly event: "closed"; readonly at: number; readonly state: StudyEnd };
