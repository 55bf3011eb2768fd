/** Looks at a study as it stands: what commands that show it begin with. */

import { type Attempt, attemptsOf } from "../view/attempts.ts";
import { EXIT } from "../errors.ts";
import { firstFailure } from "../view/failures.ts";
import { conductorView } from "../conduct/lease.ts";
import type { FailureLog } from "../view/render_summary.ts";
import { statusView } from "../view/status.ts";
import { eventsOf, openStudy, replay, type Study } from "../conduct/study_folder.ts";
import type { System } from "../system.ts";
import type { PlanNode, StatusView, StudyState } from "../types.ts";

/** With `--exit-code`; of several studies the highest counts. */
export function exitCodeOf(views: readonly StatusView[]): number {
  return Math.max(...views.map(({ state }) => EXIT_OF_STATE[state]));
}

const EXIT_OF_STATE: Readonly<Record<StudyState, number>> = {
  finished: EXIT.ok,
  failed: EXIT.studyFailed,
  cancelled: EXIT.studyCancelled,
  initialized: EXIT.stillRunning,
  running: EXIT.stillRunning,
  stalled: EXIT.stillRunning,
};

/** The state of the study in a folder, from its journal. */
export async function viewStudy(system: System, directory: string): Promise<StatusView> {
  return viewOf(system, await openStudy(system, directory));
}

/** The state of a study at this moment. */
export function viewOf(system: System, study: Study): StatusView {
  // The lease is read before the journal: a conductor that ends in between has noted all it did.
  const conductor = conductorView(system, study.root);
  const { progress } = replay(system, study);
  return statusView(progress, conductor, system.now());
}

/** Lines of its log that are shown of a failure. */
const TAIL = 5;

/** A node's last attempt, from the journal. */
export const lastAttemptIn = (system: System, study: Study) => ({ name }: PlanNode): Attempt | undefined =>
  attemptsOf(eventsOf(system, study, name), name).at(-1);

/** What the step that failed first said last; undefined where none did. `lastAttempt`: of a node. */
export async function failureLog(
  system: System,
  study: Study,
  view: StatusView,
  lastAttempt: (node: PlanNode) => Pick<Attempt, "number" | "jobId"> | undefined,
): Promise<FailureLog | undefined> {
  const failed = firstFailure(view.steps);
  const node = failed && study.plan.nodes.find(({ name }) => name === failed.name);
  if (!node) return undefined;
  const attempt = lastAttempt(node);
  if (!attempt) return undefined;
  const { lastLines, logPath } = await import("./step_files.ts");
  const file = logPath(system, study, node, attempt, "err");
  return file === undefined ? undefined : { file, tail: lastLines(system, file, TAIL) };
}
