/** Whether and how a study has ended. Every reader asks here. */

import type { Progress } from "./progress.ts";
import { FAILURES, type StudyEnd } from "../states.ts";

/** How the ends of its steps end a study. Undefined while a step has not ended. As in Maestro, cancelled wins over failed. */
export function outcome(progress: Progress): StudyEnd | undefined {
  if (progress.unended > 0) return undefined;
  const { counts, forgiven } = progress;
  if (counts.CANCELLED) return "cancelled";
  const failed = FAILURES.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  return failed > forgiven ? "failed" : "finished";
}

/**
 * How a study has ended; undefined while it goes on. Events after `closed` change nothing, unless a step runs again.
 * A conductor may die after its last step has ended and before it records the end: the study has ended as well.
 */
export function studyEnd(progress: Progress): StudyEnd | undefined {
  return progress.closed ?? (progress.original ? undefined : outcome(progress));
}
