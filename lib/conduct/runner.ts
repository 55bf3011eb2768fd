/** What the conductor asks of those who run steps: this machine (`local_runner.ts`) and schedulers. */

import type { PlanNode, Sighting } from "../types.ts";

export interface Runner {
  /** Begins an attempt whose intent is on disk. Throws what the file system or the kernel throws. */
  start(node: PlanNode, attempt: number): void;
  /** Takes up what an earlier conductor had in flight. */
  recover(): void;
  /** Looks, if it is time to, and says what became known since the last call. */
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
  /** Resolves when nothing that was begun by these calls is still under way; jobs go on. */
  idle(): Promise<void>;
}
