/**
 * The folder that a self-extracting file (.ci/head.sh) has unpacked its version into, and those of other versions
 * beside it. Each has a file `ready`; when that was last written, the version was last in use, give or take a day.
 */

import { basename, dirname } from "@std/path";
import { codeOf, type System } from "./system.ts";

const DAY_MS = 24 * 3_600_000;
/** Versions that nobody has used for longer than this are deleted. */
const KEPT_MS = 30 * DAY_MS;

const VERSION = /^\d+\.\d+\.\d+[^/]*-[0-9a-f]{12}$/;
/** What is about to be deleted is no version any more: nobody starts it half deleted. */
const DOOMED = /^\d+\.\d+\.\d+[^/]*-[0-9a-f]{12}\.old-\w+$/;

/**
 * Says that a version is in use, and deletes others that have not been for long. To be called at every start, and by
 * whoever runs for days now and then: a runtime that is deleted on a file server takes its processes on other hosts
 * with it. Does nothing within a day of the last time, and never disturbs: it is housekeeping.
 */
export function keepVersions(system: System, folder: string): void {
  if (!VERSION.test(basename(folder))) return;
  try {
    const last = system.facts(`${folder}/ready`);
    if (last === undefined || Math.abs(system.now() - last.changedAt) < DAY_MS) return;
    // Written, not only given another time: the time is then the file server's, as that of the others is.
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
    // Somebody may have started it just now.
    if (unused(doomed)) system.removeTree(doomed);
    else system.rename(doomed, folder);
  }
}

/** A folder without `ready` is one that is being unpacked, or was not to its end. */
function lastUse(system: System, folder: string): number {
  return (system.facts(`${folder}/ready`) ?? system.facts(folder))?.changedAt ?? Infinity;
}
