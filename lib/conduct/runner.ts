/** What the conductor asks of those who run steps: this machine (`local_runner.ts`) and schedulers. */

import type { PlanNode } from "../plan/types.ts";
import type { Withdrawal } from "../study/events.ts";
import type { Usage } from "../study/usage.ts";
import type { FailureKind } from "../spec/failure_kinds.ts";

/** How an attempt ended. */
export type AttemptEnd =
  | { readonly kind: "finished" }
  | { readonly kind: FailureKind; readonly exitCode?: number; readonly reason: string }
  /**
   * `elsewhere`: according to its scheduler, which does not show whether the user asked this program for it.
   */
  | { readonly kind: "cancelled"; readonly reason: string; readonly elsewhere?: true };

/** What became known of a node's attempt. */
export type Sighting =
  | {
    readonly see: "accepted";
    readonly node: number;
    readonly at: number;
    readonly jobId: string;
    /** Where its process is, if it is one of a local step. */
    readonly host?: string;
    readonly cluster?: string;
  }
  /** Nobody knows whether it was submitted. */
  | { readonly see: "unclear"; readonly node: number; readonly at: number; readonly reason: string }
  /** `by`: whose word it is. A scheduler's start that differs from the known one is that of another run. */
  | { readonly see: "started"; readonly node: number; readonly at: number; readonly by?: "scheduler" }
  /** Its scheduler has put the job back into the queue. */
  | { readonly see: "requeued"; readonly node: number; readonly at: number }
  /** Its scheduler was asked and does not know the job; or knows it again. */
  | { readonly see: "missing" | "found"; readonly node: number; readonly at: number }
  /** Its job waits, and will not begin until someone changes something; without a reason it will. */
  | { readonly see: "stuck"; readonly node: number; readonly at: number; readonly reason?: string }
  /** It never began. */
  | {
    readonly see: "refused";
    readonly node: number;
    readonly at: number;
    readonly reason: string;
    /** `passing`: not because of the step; it is not counted. */
    readonly why: "passing" | Withdrawal;
    /** When it is tried again, where that is known. */
    readonly notBefore?: number;
  }
  | {
    readonly see: "ended";
    readonly node: number;
    readonly at: number;
    readonly end: AttemptEnd;
    /** When it began, by its own word: it may have been seen to run only later. */
    readonly startedAt?: number;
    /** Where it ran, by its own word. */
    readonly host?: string;
    readonly used?: Usage;
  }
  /** What an attempt used, of which the end is known. */
  | {
    readonly see: "used";
    readonly node: number;
    readonly at: number;
    readonly attempt: number;
    readonly used: Usage;
  };
export interface Runner {
  /** Begins an attempt whose intent is on disk. Throws what the file system or the kernel throws. */
  start(node: PlanNode, attempt: number): void;
  /** Takes up what an earlier conductor had in flight. */
  recover(): void;
  /** Observes, if it is time to, and returns the changes since the last call. */
  sightings(): Sighting[];
  /** Asks attempts to end; `hard` does not ask. */
  cancel(nodes: Iterable<number>, hard: boolean): void;
  /** Jobs that it would take right now. */
  room(): number;
  /**
   * For a single pass, which has looked already and does not look again. Resolves when it would take more, or when
   * nothing is under way that could make room; whether it would.
   */
  makesRoom(): Promise<boolean>;
  /** Whether the last attempt to ask got no answer at all. */
  readonly unreachable: boolean;
  /** What keeps it from its work now, in words. */
  readonly trouble?: string | undefined;
  /** Lets go of attempts that it cannot ask to end: they never begin, or may still run. */
  giveUp?(nodes: Iterable<number>): void;
  /** The study has ended. Resolves when all is known that will soon be known about its jobs, or `isWanted` is false. */
  linger?(isWanted: () => boolean): Promise<void>;
  /** Resolves when nothing that was begun by these calls is still under way; jobs go on. */
  idle(): Promise<void>;
}
