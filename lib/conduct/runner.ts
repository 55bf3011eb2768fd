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
  /** Whether it would take more right now. */
  takesMore(): boolean;
  /** Whether the last attempt to ask got no answer at all. */
  readonly unreachable: boolean;
  /** Resolves when nothing that was begun by these calls is still under way; jobs go on. */
  idle(): Promise<void>;
}
