/** What `maestro status` can show of a study, as types. */

import type { StepState, StudyState } from "../study/states.ts";
import type { ShownFact } from "../study/study_facts.ts";
import type { ConductorView } from "../study/lease.ts";

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
  /** Start to end, or to now while it runs. */
  readonly runTime?: number | undefined;
  /** Submission to end, or to now while it waits or runs. */
  readonly elapsedTime?: number | undefined;
  readonly restarts: number;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  /** It ended without a run, because of a step before it. */
  readonly skipped?: true | undefined;
  /** It failed, and the study does not fail by it. */
  readonly allowed?: true | undefined;
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
  /** LLNL's Maestro made the study: when it last wrote its status, in ms since 1970. */
  readonly originalAt?: number;
  readonly counts: Readonly<Partial<Record<StepState, number>>>;
  /** Worked out when they are asked for, as are the steps. */
  readonly totals: StatusTotals;
  readonly steps: readonly StatusStep[];
  /** The same one at a time, for code that needs each of them once: all of them take memory. */
  eachStep?(): Iterable<StatusStep>;
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
  }[];
  /** Why jobs will not begin until someone changes something: for each reason, of which node and how many. */
  readonly stuck: readonly { readonly reason: string; readonly first: string; readonly nodes: number }[];
}
