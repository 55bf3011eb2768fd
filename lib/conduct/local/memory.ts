/** The most memory that steps on this machine hold. The kernel keeps no such figure of a whole step: it is sampled. */

import type { Consumption } from "../../process_use.ts";
import { type Usage, usageOf } from "../../study/usage.ts";
import type { System } from "../../system.ts";

/** Between two looks at a step: an eighth of its age, within these limits. */
const AGE_SHARE = 8;
const SHORTEST_MS = 250;
const LONGEST_MS = 5000;
/** Looks take this share of the time at most. */
const MOST_SHARE = 0.01;

export interface MemoryWatch {
  /** A step runs, as this process. */
  begin(node: number, pid: number): void;
  /** Looks at the steps that are due. */
  look(): void;
  /** Forgets the step; the most that was seen, with what else it used. */
  end(node: number, used?: Consumption): Usage;
}

interface Watched {
  readonly pid: number;
  readonly since: number;
  dueAt: number;
  most?: number;
}

export function memoryWatch(system: Pick<System, "memoryOf" | "monotonic">): MemoryWatch {
  const steps = new Map<number, Watched>();
  let pausedUntil = 0;
  return {
    begin(node, pid) {
      if (steps.get(node)?.pid === pid) return;
      const since = system.monotonic();
      steps.set(node, { pid, since, dueAt: since });
    },
    look() {
      const began = system.monotonic();
      if (began < pausedUntil) return;
      for (const step of steps.values()) {
        if (step.dueAt > began) continue;
        const held = system.memoryOf(step.pid);
        if (held !== undefined) step.most = Math.max(step.most ?? 0, held);
        const share = (began - step.since) / AGE_SHARE;
        step.dueAt = began + Math.min(Math.max(share, SHORTEST_MS), LONGEST_MS);
      }
      const now = system.monotonic();
      pausedUntil = now + (now - began) / MOST_SHARE;
    },
    end(node, used) {
      const most = steps.get(node)?.most;
      steps.delete(node);
      return usageOf({ ...used, maxRssBytes: most });
    },
  };
}
