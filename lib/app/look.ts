/** Reads the current state of a study, for commands that show it. */

import { firstFailure } from "../view/failures.ts";
import { conductorView } from "../study/lease.ts";
import type { LookedAt } from "../view/render_json.ts";
import type { FailureLog } from "../view/render_summary.ts";
import { statusView } from "../view/status.ts";
import { nodeNamed } from "../plan/plan_nodes.ts";
import { readState } from "../study/journal/replay.ts";
import { openStudyToRead, type Study } from "../study/folder.ts";
import type { Progress } from "../study/state/progress.ts";
import type { System } from "../system.ts";
import type { StatusView } from "../view/status_view.ts";
import { STUDY_STATE } from "../study/states.ts";

/** With `--exit-code`. For several studies the highest code counts. */
export function exitCodeOf(views: readonly StatusView[]): number {
  return Math.max(...views.map(({ state }) => STUDY_STATE[state].exit));
}

/** The state of the study in a folder. */
export async function viewStudy(system: System, directory: string): Promise<StatusView> {
  return lookAt(system, await openStudyToRead(system, directory)).view;
}

/** The current state of a study. */
export function lookAt(system: System, study: Study): LookedAt {
  // The lease is read before the journal: a conductor that ends in between has recorded everything.
  const conductor = conductorView(system, study.root);
  const progress = readState(system, study);
  const at = system.now();
  return { at, progress, view: statusView(progress, conductor, at) };
}

/** Lines of the log of a failure that are shown. */
const TAIL = 5;

/** The last output of the step that failed first: of standard error, or else of standard output. */
export async function failureLog(
  system: System,
  study: Study,
  view: StatusView,
  progress: Progress,
): Promise<FailureLog | undefined> {
  const failed = firstFailure(view);
  const index = failed && nodeNamed(study.plan, failed.name);
  if (index === undefined) return undefined;
  const node = study.plan.nodes[index]!;
  const { attempt: number, jobId } = progress.records[index]!;
  const attempt = jobId === undefined ? { number } : { number, jobId };
  const { lastLines, logPath } = await import("./step_files.ts");
  // Many programs print their errors on standard output.
  const logs = (["err", "out"] as const).flatMap((stream) => {
    const file = logPath(system, study, node, attempt, stream);
    return file === undefined ? [] : [{ file, tail: lastLines(system, file, TAIL) }];
  });
  return logs.find(({ tail }) => tail.length > 0) ?? logs[0];
}
