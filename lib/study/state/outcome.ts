/** How a study ended, from the ends of its steps. */

import type { Progress } from "./progress.ts";
import { FAILURES, type StudyEnd } from "../states.ts";

/** Undefined while a step has not ended. As in Maestro, cancelled wins over failed. */
export function outcome(progress: Progress): StudyEnd | undefined {
  if (progress.unended > 0) return undefined;
  const { counts, forgiven } = progress;
  if (counts.CANCELLED) return "cancelled";
  const failed = FAILURES.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  return failed > forgiven ? "failed" : "finished";
}
