/** `maestro status`: the state of studies. It only reads, takes no lock, and writes nothing. */

import { EXIT, UserError } from "../errors.ts";
import { type Selection, selects, selectSteps } from "../view/select_steps.ts";
import { nearestStudy } from "../study/search.ts";
import { openStudyToRead } from "../study/folder.ts";
import { statusTable } from "../view/render_csv.ts";
import { type LookedAt, statusJson, statusNdjson } from "../view/render_json.ts";
import type { System } from "../system.ts";
import { notTogether } from "../view_errors.ts";
import { explained, guarded, report } from "../app/context.ts";
import { exitCodeOf, failureLog, lookAt } from "../app/look.ts";
import type { Shown, StatusTextFlags } from "./status_text.ts";

export interface StatusFlags extends StatusTextFlags, Selection {
  readonly watch?: boolean;
  readonly "exit-code"?: boolean;
  readonly "disable-pager"?: boolean;
}

/** In Maestro's words, and on the same stream. */
const NO_STATUS =
  "\nNo status to report -- the Maestro study in this path either unexpectedly crashed or the path " +
  "does not contain a Maestro study.\n";

type Seen = LookedAt & Shown;

export default guarded<StatusFlags, string[]>(async (context, flags, ...named) => {
  const { system } = context;
  const formats = (["json", "csv", "ndjson", "watch"] as const).filter((name) => flags[name]);
  if (formats.length > 1) throw notTogether(...formats);
  if (flags.limit !== undefined && flags.all) throw notTogether("limit", "all");
  const directories = named.length === 0 ? [nearestStudy(system)] : named;
  if (flags.watch) return await (await import("./watch.ts")).watch(context, flags, directories);
  let exitCode: number = EXIT.ok;
  const shown: Seen[] = [];
  for (const directory of directories) {
    try {
      shown.push(await lookInto(system, directory, flags, formats.length === 0));
    } catch (thrown) {
      const error = await explained(context.system, thrown);
      if (!(error instanceof UserError)) throw thrown;
      if (formats.length === 0 && error.exitCode === EXIT.noInput) system.stdout.write(NO_STATUS);
      // The others are shown.
      exitCode = report(context, error);
    }
  }
  if (formats.length > 0) writeData(system, shown, flags);
  else await show(system, shown, flags);
  if (exitCode !== EXIT.ok || !flags["exit-code"]) return exitCode;
  return exitCodeOf(shown.map(({ view }) => view));
});

async function lookInto(
  system: System,
  directory: string,
  flags: StatusFlags,
  forPeople: boolean,
): Promise<Seen> {
  const study = await openStudyToRead(system, directory);
  const seen = lookAt(system, study);
  const { view, progress } = seen;
  const steps = selects(flags) ? selectSteps(view, flags) : undefined;
  const failure = forPeople ? await failureLog(system, study, view, progress) : undefined;
  return { ...seen, ...(steps ? { steps } : {}), ...(failure ? { failure } : {}) };
}

/** Does not load the code that draws for people. To load that takes as long as to read a small study. */
function writeData(system: System, shown: readonly Seen[], flags: StatusFlags): void {
  const pieces = flags.csv
    ? [statusTable(shown)]
    : shown.map((study) => (flags.json ? statusJson : statusNdjson)(study, study.steps));
  for (const of of pieces) for (const piece of of) system.stdout.write(piece);
}

async function show(
  system: System,
  shown: readonly Shown[],
  flags: StatusFlags,
): Promise<void> {
  const { statusText, wantsPager } = await import("./status_text.ts");
  const { text, aside } = statusText(system, shown, flags);
  system.stderr.write(aside);
  if (text !== "" && wantsPager(system, text, flags["disable-pager"])) await page(system, text);
  else system.stdout.write(text);
}

/** `$MANPAGER`, `$PAGER` or `less`, as in Maestro. If none can be started, the text is printed directly. */
async function page(system: System, text: string): Promise<void> {
  const pager = system.env["MANPAGER"] || system.env["PAGER"] || "less -R";
  const env = system.env["LESS"] === undefined ? { LESS: "FRX" } : {};
  if (!await system.pipeTo(["/bin/sh", "-c", pager], text, env)) system.stdout.write(text);
}
