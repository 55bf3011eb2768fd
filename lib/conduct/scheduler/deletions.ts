/**
 * Who deleted a job that its scheduler no longer knows before it began: this program, or somebody else. Otherwise the
 * scheduler lost it, and its step runs again.
 */

import type { JobFacts } from "../../study/claims.ts";
import { hasGuard } from "../../plan/node_script.ts";
import type { Progress } from "../../study/state/progress.ts";
import type { System } from "../../system.ts";
import type { SchedulerAdapter } from "../../../adapters/adapter.ts";

/** How long a job that nobody knows must have been absent before it is given up. */
export const ABSENT_MS = 120_000;
/** How often a job must have been absent that was deleted. */
export const DELETED_ABSENCES = 2;

/** A deleted job is asked about often for so long. */
const DELETION_MS = 60_000;
/** A server that began to run so soon before a submission may have lost it. */
const MARGIN_MS = 60_000;

/** What shows whether a scheduler may have lost jobs. */
export interface Evidence {
  /** When we intended to submit the oldest of our jobs in the queue. */
  readonly oldest: number;
  /** Since when its server has run, where it was asked. */
  readonly startedAt?: number;
}

export interface DeletionOptions {
  readonly system: Pick<System, "now">;
  readonly progress: Progress;
  readonly scheduler: SchedulerAdapter;
}

export class Deletions {
  /** The last attempt of each node whose job the scheduler has known. */
  private readonly listed = new Map<number, number>();
  /** Nodes whose job we deleted. */
  private readonly ours = new Map<number, { readonly attempt: number; readonly at: number }>();

  constructor(private readonly options: DeletionOptions) {}

  /** The scheduler knows the job of a node. */
  noteListed(node: number): void {
    const { attempt } = this.options.progress.records[node]!;
    if (this.listed.get(node) !== attempt) this.listed.set(node, attempt);
  }

  /** The scheduler accepted our command to delete the jobs of nodes. */
  noteAccepted(nodes: readonly number[]): void {
    const { system, progress } = this.options;
    for (const node of nodes) {
      this.ours.set(node, { attempt: progress.records[node]!.attempt, at: system.now() });
    }
  }

  /** Whether the end of a job that we deleted should soon be visible. */
  areAwaited(): boolean {
    const { system, progress } = this.options;
    for (const [node, { at }] of this.ours) {
      if (!progress.inFlight.scheduled.has(node)) this.ours.delete(node);
      else if (system.now() - at < DELETION_MS) return true;
    }
    return false;
  }

  /**
   * Who deleted a job that was absent so many times in a row. `ask`: it depends on how long the server has run.
   * Undefined: nobody, as far as is known.
   */
  deleterOf(
    node: number,
    { claimed }: JobFacts,
    absences: number,
    { oldest, startedAt }: Evidence,
  ): "here" | "elsewhere" | "ask" | undefined {
    const { progress: { plan, records, cancelling }, system, scheduler } = this.options;
    const { state, attempt, intendedAt, cancelling: unwanted } = records[node]!;
    const { step } = plan.nodes[node]!;
    if ((cancelling || unwanted) && this.ours.get(node)?.attempt === attempt) return "here";
    if (claimed || state !== "PENDING" || step.pack || !hasGuard(plan, step)) return undefined;
    // A scheduler may be late to list a new job.
    const wasListed = this.listed.get(node) === attempt || system.now() - intendedAt! > ABSENT_MS;
    if (absences < DELETED_ABSENCES || !wasListed) return undefined;
    if (oldest <= intendedAt!) return "elsewhere";
    if (startedAt !== undefined) return startedAt + MARGIN_MS < intendedAt! ? "elsewhere" : undefined;
    return scheduler.uptime ? "ask" : undefined;
  }
}
