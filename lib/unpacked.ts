/**
 * The folder into which a self-extracting file (.ci/head.sh) has unpacked its version, and the folders of
 * other versions. Each has a file `ready`. Its last write shows when the version was last in use, within a
 * day.
 */

import { basename, dirname } from "@std/path";
import { codeOf, type System } from "./system.ts";

const DAY_MS = 24 * 3_600_000;
/** Versions that nobody has used for longer than this are deleted. */
const KEPT_MS = 30 * DAY_MS;

const VERSION = /^\d+\.\d+\.\d+[^/]*-[0-9a-f]{12}$/;
/** The rename comes before the deletion, so that nobody starts a half-deleted version. */
const DOOMED = /^\d+\.\d+\.\d+[^/]*-[0-9a-f]{12}\.old-\w+$/;

/**
 * Marks a version as in use, and deletes versions that have not been used for long. Every start calls it. A process that runs for days calls it from
 * time to time. If a runtime on a file server is deleted, its processes on other hosts end. Does nothing within a day of the last time. Errors are ignored: this is
 * housekeeping.
 */
export function keepVersions(system: System, folder: string): void {
  if (!VERSION.test(basename(folder))) return;
  try {
    const last = system.facts(`${folder}/ready`);
    if (last === undefined || Math.abs(system.now() - last.changedAt) < DAY_MS) return;
    // The file is written again, not only touched. Its time then comes from the file server's clock, like
    // those of the others.
    system.writeText(`${folder}/ready`, "in use\n");
    deleteUnused(system, dirname(folder), basename(folder), lastUse(system, folder));
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
  }
}

function deleteUnused(system: System, cache: string, own: string, now: number): void {
  const unused = (folder: string) => now - lastUse(system, folder) > KEPT_MS;
  for (const name of system.listFolders(cache)) {
    const folder = `${cache}/${name}`;
    if (DOOMED.test(name)) system.removeTree(folder);
    if (name === own || !VERSION.test(name) || !unused(folder)) continue;
    const doomed = `${folder}.old-${system.token().slice(0, 8)}`;
    if (!system.rename(folder, doomed)) continue;
    // Another process may have started it just now.
    if (unused(doomed)) system.removeTree(doomed);
    else system.rename(doomed, folder);
  }
}

/** A folder without `ready` is being unpacked, or the unpacking was interrupted. */
function lastUse(system: System, folder: string): number {
  return (system.facts(`${folder}/ready`) ?? system.facts(folder))?.changedAt ?? Infinity;
}
