/** `maestro status`: how studies stand. Reads only, takes no lock, writes nothing. */

import { badSetting, EXIT, UserError } from "../errors.ts";
import { conductorView } from "../lease.ts";
import { notes, renderStatus, statusCsv, statusJson, summaryLine } from "../render.ts";
import { statusView } from "../status.ts";
import { openStudy, replay } from "../study_folder.ts";
import type { System } from "../system.ts";
import { wantsColor } from "../terminal.ts";
import type { StatusView, StudyState } from "../types.ts";
import { guarded, report } from "./context.ts";

export interface StatusFlags {
  readonly layout: "flat" | "narrow" | "legacy";
  readonly json: boolean;
  readonly csv: boolean;
  readonly "exit-code": boolean;
  readonly "disable-theme": boolean;
  readonly "disable-pager": boolean;
}

export default guarded<StatusFlags, string[]>(async (context, flags, ...directories) => {
  const { system } = context;
  if (flags.json && flags.csv) throw badSetting("--json and --csv cannot be given together");
  let exitCode: number = EXIT.ok;
  const views: StatusView[] = [];
  for (const directory of directories) {
    try {
      views.push(await viewStudy(system, directory));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // The others are shown all the same.
      exitCode = report(context, error);
    }
  }
  const text = asText(system, views, flags);
  if (text !== "" && !(flags.json || flags.csv) && wantsPager(system, text, flags)) await page(system, text);
  else system.stdout.write(text);
  if (exitCode !== EXIT.ok || !flags["exit-code"]) return exitCode;
  return Math.max(...views.map(({ state }) => EXIT_OF_STATE[state]));
});

/** With `--exit-code`; of several studies the highest counts. */
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
  const study = await openStudy(system, directory);
  // The lease is read before the journal: a conductor that ends in between has noted all it did.
  const conductor = conductorView(system, study.root);
  const { progress } = replay(system, study);
  return statusView(progress, conductor, system.now());
}

function asText(system: System, views: readonly StatusView[], flags: StatusFlags): string {
  if (flags.json) {
    const objects = views.map(statusJson);
    return objects.map((object) => JSON.stringify(object, null, 2) + "\n").join("");
  }
  if (flags.csv) return views.map(statusCsv).join("");
  const color = wantsColor(system.stdout.isTerminal, system.env);
  const width = system.stdout.isTerminal || system.env["COLUMNS"] ? system.stdout.columns() : Infinity;
  return views.map((view) => {
    const table = renderStatus(view, { layout: flags.layout, width, color, theme: !flags["disable-theme"] });
    const foot = notes(view).map((line) => `${line}\n`).join("");
    return table + (flags.layout === "flat" ? `${summaryLine(view)}\n` : "") + foot;
  }).join("\n");
}

function wantsPager(system: System, text: string, flags: StatusFlags): boolean {
  if (
    flags["disable-pager"] || !system.stdout.isTerminal || !system.canAsk || system.env["TERM"] === "dumb"
  ) return false;
  return text.split("\n").length > system.stdout.rows();
}

/** `$MANPAGER`, `$PAGER` or `less`, as Maestro. The text is printed as it is where none can be started. */
async function page(system: System, text: string): Promise<void> {
  const pager = system.env["MANPAGER"] || system.env["PAGER"] || "less -R";
  const env = system.env["LESS"] === undefined ? { LESS: "FRX" } : {};
  if (!await system.pipeTo(["/bin/sh", "-c", pager], text, env)) system.stdout.write(text);
}
