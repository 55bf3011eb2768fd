/** What `maestro status` can show of a study, as types. */

import type { StepState, StudyState } from "../study/states.ts";
import type { Attempt } from "../study/attempt.ts";
import type { Usage } from "../study/usage.ts";
import type { Waiting } from "./waiting.ts";
import type { ShownFact } from "../study/study_facts.ts";
import type { ConductorView } from "../study/lease.ts";

/** How a step has ended: by itself; it did not run because of a step before it; it was cancelled. */
export type EndedBy = "itself" | "skipped" | "cancelled";

/** Steps by what became of them: each is counted once. TIMEDOUT and HWFAILURE are failures. */
export interface Tally {
  readonly finished: number;
  /** By itself. */
  readonly failed: number;
  /** It did not run because a step before it failed. */
  readonly skipped: number;
  /** It failed, and runs again. */
  readonly retrying: number;
  /** Not submitted, or in a queue. */
  readonly waiting: number;
  readonly running: number;
  readonly cancelled: number;
  readonly unknown: number;
  /** Its scripts are written, and nothing runs. */
  readonly dry: number;
}

/** An attempt with the seconds that it ran, to its end or to now. */
export interface StatusAttempt extends Attempt {
  readonly runTime?: number | undefined;
}

/** One row of a study's status. Times in ms since 1970, durations in seconds. */
export interface StatusStep {
  /** Its place among the study's nodes. */
  readonly node: number;
  readonly name: string;
  readonly step: string;
  /** Absolute. */
  readonly workspace: string;
  /** As Maestro's table shows it: the last component, with the step's before it where there are parameters. */
  readonly shortWorkspace: string;
  readonly state: StepState;
  readonly jobId?: string | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly submittedAt?: number | undefined;
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  /** Of the attempt that runs, or of the last one: start to end, or to now. */
  readonly runTime?: number | undefined;
  /** Of all attempts. */
  readonly totalRunTime?: number | undefined;
  /** Submission to end, or to now while it waits or runs. */
  readonly elapsedTime?: number | undefined;
  readonly restarts: number;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  /** It ended without a run, because of a step before it. */
  readonly skipped?: true | undefined;
  /** It failed, and the study does not fail by it. */
  readonly allowed?: true | undefined;
  readonly attempts: readonly StatusAttempt[];
  /** What its last attempt used. */
  readonly used?: Usage | undefined;
  /** Undefined if it runs or has ended. */
  readonly waiting?: Waiting | undefined;
  /** Undefined if it has not ended. */
  readonly ended?: EndedBy | undefined;
}

/** All facts about one study that `maestro status` can show. */
export interface StatusView {
  readonly study: string;
  /** Absolute. */
  readonly directory: string;
  readonly state: StudyState;
  readonly conductor: ConductorView;
  /** What is shown of the study as a whole. */
  readonly facts: readonly ShownFact[];
  /** When the scheduler was last asked about all jobs, in ms since 1970. */
  readonly askedAt?: number;
  /** LLNL's Maestro made the study: when it last wrote its status, in ms since 1970. */
  readonly originalAt?: number;
  readonly counts: Readonly<Partial<Record<StepState, number>>>;
  readonly tally: Tally;
  /** Worked out when they are asked for, as are the steps. */
  readonly totals: StatusTotals;
  readonly steps: readonly StatusStep[];
  /** The same one at a time, for code that needs each of them once: all of them take memory. */
  eachStep?(): Iterable<StatusStep>;
}

/** How many jobs have which reason, the most frequent first. */
type Reasons = readonly { readonly reason: string; readonly nodes: number }[];

export interface QueueTotals {
  /** When the scheduler was asked. */
  readonly at: number;
  readonly waiting: Reasons;
  readonly paused: Reasons;
  /** The earliest start that the scheduler expects. */
  readonly firstStartAt?: number;
}

/** Facts about many steps at once. Times in ms since 1970. */
export interface StatusTotals {
  readonly steps: number;
  /** Of the first submission; undefined where there was none. */
  readonly submittedAt?: number;
  /** Of the last end. */
  readonly endedAt?: number;
  /** The steps of the spec: how many of their combinations are in each state. */
  readonly ofStep: readonly {
    readonly name: string;
    readonly total: number;
    readonly counts: Readonly<Partial<Record<StepState, number>>>;
    readonly tally: Tally;
  }[];
  /** Why jobs will not begin until someone changes something: for each reason, of which node and how many. */
  readonly stuck: readonly { readonly reason: string; readonly first: string; readonly nodes: number }[];
  /** Jobs that wait or are suspended, as their scheduler reported them last; absent if there are none. */
  readonly queue?: QueueTotals;
}
