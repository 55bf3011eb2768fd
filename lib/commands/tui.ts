/** `maestro tui`: studies, steps, attempts and logs on the whole terminal. */

import { dirname, resolve } from "@std/path";
import { noSuchStudy } from "../errors.ts";
import { isStudyFolder, meantFolder, nearestStudy } from "../study/search.ts";
import { needsWholeTerminal } from "../view_errors.ts";
import { guarded } from "../app/context.ts";
import { TuiSession } from "./tui_session.ts";

export default guarded<Record<never, never>, [string?]>(async ({ system }, _, named) => {
  const terminal = system.wholeTerminal();
  const { TERM: term = "" } = system.env;
  if (!terminal || term === "dumb" || term === "") throw needsWholeTerminal(terminal !== undefined, term);
  const near = named ?? nearestStudy(system);
  // Without a study around this folder, all below it are listed.
  const folder = resolve(
    system.cwd,
    named === undefined && near === "last" ? "." : meantFolder(system, near),
  );
  if (!system.facts(folder)?.isDirectory) throw noSuchStudy(folder, "There is no such folder.");
  if (!isStudyFolder(system, folder)) return await new TuiSession(system, terminal, folder, {}).run();
  const isBelow = folder.startsWith(`${system.cwd.replace(/\/$/, "")}/`);
  const above = isBelow ? system.cwd : dirname(folder);
  return await new TuiSession(system, terminal, above, { study: folder }).run();
});
