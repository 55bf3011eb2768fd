/** `maestro status`: how studies stand. Reads only, takes no lock, writes nothing. */

import { EXIT, UserError } from "../errors.ts";
import { type Selection, selects, selectSteps } from "../view/select_steps.ts";
import { openStudy } from "../conduct/study_folder.ts";
import { statusCsv, statusJson, statusNdjson } from "../view/render_data.ts";
import type { System } from "../system.ts";
import { notTogether } from "../view_errors.ts";
import { guarded, report } from "./context.ts";
import { exitCodeOf, failureLog, lookAt } from "./look.ts";
import type { Shown, StatusTextFlags } from "./status_text.ts";

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
      shown.push(await lookInto(system, directory, flags, formats.length === 0));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // The others are shown all the same.
      exitCode = report(context, error);
    }
  }
  if (formats.length > 0) writeData(system, shown, flags);
  else await show(system, shown, flags, directories.length > 1);
  if (exitCode !== EXIT.ok || !flags["exit-code"]) return exitCode;
  return exitCodeOf(shown.map(({ view }) => view));
});

async function lookInto(
  system: System,
  directory: string,
  flags: StatusFlags,
  forPeople: boolean,
): Promise<Shown> {
  const study = await openStudy(system, directory);
  const { view, progress } = lookAt(system, study);
  const steps = selects(flags) ? selectSteps(view, flags) : undefined;
  const failure = forPeople ? await failureLog(system, study, view, progress) : undefined;
  return { view, ...(steps ? { steps } : {}), ...(failure ? { failure } : {}) };
}

/** Needs none of what draws for people, which takes as long to load as a small study to read. */
function writeData(system: System, shown: readonly Shown[], flags: StatusFlags): void {
  const pieces = flags.json ? statusJson : flags.ndjson ? statusNdjson : statusCsv;
  for (const { view, steps } of shown) {
    for (const piece of steps ? pieces(view, steps) : pieces(view)) system.stdout.write(piece);
  }
}

async function show(
  system: System,
  shown: readonly Shown[],
  flags: StatusFlags,
  several: boolean,
): Promise<void> {
  const { statusText, wantsPager } = await import("./status_text.ts");
  const text = statusText(system, shown, flags, several);
  if (text !== "" && wantsPager(system, text, flags["disable-pager"])) await page(system, text);
  else system.stdout.write(text);
}

/** `$MANPAGER`, `$PAGER` or `less`, as Maestro. The text is printed as it is where none can be started. */
async function page(system: System, text: string): Promise<void> {
  const pager = system.env["MANPAGER"] || system.env["PAGER"] || "less -R";
  const env = system.env["LESS"] === undefined ? { LESS: "FRX" } : {};
  if (!await system.pipeTo(["/bin/sh", "-c", pager], text, env)) system.stdout.write(text);
}
