/** `maestro status`: how studies stand. Reads only, takes no lock, writes nothing. */

import { attemptsOf } from "../attempts.ts";
import { EXIT, UserError } from "../errors.ts";
import { firstFailure } from "../failures.ts";
import { decodeJournal } from "../journal.ts";
import { conductorView } from "../lease.ts";
import { studyPaths } from "../paths.ts";
import type { FailureLog } from "../render_summary.ts";
import { type Selection, selectSteps } from "../select_steps.ts";
import { statusView } from "../status.ts";
import { openStudy, replay, type Study } from "../study_folder.ts";
import type { System } from "../system.ts";
import type { StatusStep, StatusView, StudyState } from "../types.ts";
import { notTogether } from "../view_errors.ts";
import { guarded, report } from "./context.ts";
import { type Shown, statusText, type StatusTextFlags, wantsPager } from "./status_text.ts";

export interface StatusFlags extends StatusTextFlags, Selection {
  readonly watch?: boolean;
  readonly "exit-code"?: boolean;
  readonly "disable-pager"?: boolean;
}

export default guarded<StatusFlags, string[]>(async (context, flags, ...directories) => {
  const { system } = context;
  const formats = (["json", "csv", "ndjson", "watch"] as const).filter((name) => flags[name]);
  if (formats.length > 1) throw notTogether(...formats);
  if (flags.limit !== undefined && flags.all) throw notTogether("limit", "all");
  if (flags.watch) return await (await import("./watch.ts")).watch(context, flags, directories);
  let exitCode: number = EXIT.ok;
  const shown: Shown[] = [];
  for (const directory of directories) {
    try {
      shown.push(await lookAt(system, directory, flags, formats.length === 0));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // The others are shown all the same.
      exitCode = report(context, error);
    }
  }
  const text = statusText(system, shown, flags, directories.length > 1);
  if (text !== "" && formats.length === 0 && wantsPager(system, text, flags["disable-pager"])) {
    await page(system, text);
  } else system.stdout.write(text);
  if (exitCode !== EXIT.ok || !flags["exit-code"]) return exitCode;
  return exitCodeOf(shown.map(({ view }) => view));
});

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

async function lookAt(
  system: System,
  directory: string,
  flags: StatusFlags,
  forPeople: boolean,
): Promise<Shown> {
  const study = await openStudy(system, directory);
  const view = viewOf(system, study);
  const steps = selectSteps(view, flags);
  const failure = forPeople ? await failureLog(system, study, view) : undefined;
  return { view, steps, ...(failure ? { failure } : {}) };
}

/** Lines of its log that are shown of a failure. */
const TAIL = 5;

/** What the step that failed first said last; undefined where none did. */
export async function failureLog(
  system: System,
  study: Study,
  view: StatusView,
): Promise<FailureLog | undefined> {
  const failed: StatusStep | undefined = firstFailure(view.steps);
  const node = failed && study.plan.nodes.find(({ name }) => name === failed.name);
  if (!node) return undefined;
  const { events } = decodeJournal(system.readTextIfAny(studyPaths(study.root).journal) ?? "");
  const attempt = attemptsOf(events, node.name).at(-1);
  if (!attempt) return undefined;
  const { lastLines, logPath } = await import("./step_files.ts");
  const file = logPath(system, study, node, attempt, "err");
  return file === undefined ? undefined : { file, tail: lastLines(system, file, TAIL) };
}

/** `$MANPAGER`, `$PAGER` or `less`, as Maestro. The text is printed as it is where none can be started. */
async function page(system: System, text: string): Promise<void> {
  const pager = system.env["MANPAGER"] || system.env["PAGER"] || "less -R";
  const env = system.env["LESS"] === undefined ? { LESS: "FRX" } : {};
  if (!await system.pipeTo(["/bin/sh", "-c", pager], text, env)) system.stdout.write(text);
}
