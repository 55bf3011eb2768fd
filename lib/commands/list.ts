/** `maestro list`: the studies below a folder. */

import { visible } from "../cells.ts";
import { EXIT, noSuchStudy, UserError } from "../errors.ts";
import { headLine } from "../view/render_summary.ts";
import { widest } from "../view/render_table.ts";
import { findStudies, type FoundStudy } from "../study/search.ts";
import type { System } from "../system.ts";
import { formatIso, formatLocalTime } from "../times.ts";
import type { StatusView } from "../view/status_view.ts";
import { badCount } from "../view_errors.ts";
import { explained, guarded, report } from "../app/context.ts";
import { viewStudy } from "../app/look.ts";
import { lookOf } from "./status_text.ts";

export interface ListFlags {
  readonly json?: boolean;
  readonly limit?: number;
}

interface Listed extends FoundStudy {
  readonly view: StatusView;
}

export default guarded<ListFlags, [string?]>(async (context, flags, directory = ".") => {
  const { system } = context;
  const limit = flags.limit ?? 0;
  if (!(Number.isInteger(limit) && limit >= 0)) throw badCount("limit");
  if (!system.facts(directory)?.isDirectory) throw noSuchStudy(directory, "There is no such folder.");
  const { studies, cut } = findStudies(system, directory);
  const listed: Listed[] = [];
  let exitCode: number = EXIT.ok;
  for (const found of limit === 0 ? studies : studies.slice(0, limit)) {
    try {
      listed.push({ ...found, view: await viewStudy(system, found.directory) });
    } catch (thrown) {
      const error = await explained(system, thrown);
      if (!(error instanceof UserError)) throw thrown;
      // Standard output has one object.
      exitCode = report({ ...context, json: false }, error);
    }
  }
  if (flags.json) system.stdout.write(JSON.stringify(listJson(listed), null, 2) + "\n");
  else system.stdout.write(listText(system, listed));
  if (studies.length === 0) system.stderr.write(`No study below ${visible(directory)}.\n`);
  if (cut) {
    system.stderr.write("Too many folders: not all were searched. Name a folder closer to the studies.\n");
  }
  return exitCode;
});

function listJson(studies: readonly Listed[]) {
  return {
    version: 1,
    studies: studies.map(({ directory, createdAt, view: { study, state, counts, steps } }) => ({
      directory,
      study,
      state,
      createdAt: formatIso(createdAt),
      steps: steps.length,
      counts: { ...counts },
    })),
  };
}

/** When it was created, its state, its folder: relative if it is below the current folder. */
function listText(system: System, studies: readonly Listed[]): string {
  const look = lookOf(system, {});
  const places = studies.map(({ directory }) => {
    const from = `${system.cwd.replace(/\/$/, "")}/`;
    return visible(directory.startsWith(from) ? directory.slice(from.length) : directory);
  });
  const width = widest(places);
  return studies.map(({ createdAt, view }, i) => {
    return `${formatLocalTime(createdAt)}  ${headLine(view, look, places[i]!, width)}\n`;
  }).join("");
}
