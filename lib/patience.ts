/** For commands that read files repeatedly: one failed read is not the end. */

import { codeOf, isFileError, isTransient, type System } from "./system.ts";

/** Errors that continue for longer than this are reported. */
const PATIENCE_MS = 60_000;

/**
 * Returns a function that returns the result of a read, or undefined if the read failed for a reason that may
 * pass.
 */
export function patientLook(system: Pick<System, "now">): <T>(look: () => T) => T | undefined {
  let failedSince: number | undefined;
  return (look) => {
    try {
      const seen = look();
      failedSince = undefined;
      return seen;
    } catch (error) {
      failedSince ??= system.now();
      if (!isTransient(error) || system.now() - failedSince > PATIENCE_MS) throw error;
      return undefined;
    }
  };
}

/** Errors that name a right are mostly final: someone waits for the message. */
const RIGHTS_MS = 5_000;
const PAUSE_MS = 500;

/** Starts something that may fail for a passing reason: tries again for a while, and reports the first error at once. */
export async function patientStart<T>(
  system: Pick<System, "now" | "sleep" | "stderr">,
  start: () => Promise<T>,
) {
  for (let failedSince: number | undefined;;) {
    try {
      return await start();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (failedSince === undefined) system.stderr.say(`${(error as Error).message}: trying again\n`);
      failedSince ??= system.now();
      const most = isFileError(error, "EACCES", "EPERM", "EROFS") ? RIGHTS_MS : PATIENCE_MS;
      if (system.now() - failedSince > most) throw error;
    }
    await system.sleep(PAUSE_MS);
  }
}

/** What is removed at an end is tried again for so long. */
const REMOVE_MS = 5000;

/** Removes a folder and all in it: a file server in trouble may take a while. */
export async function removeTreePatiently(
  system: Pick<System, "now" | "sleep" | "removeTree" | "facts">,
  folder: string,
): Promise<void> {
  await removePatiently(system, () => {
    if (system.facts(folder) !== undefined) system.removeTree(folder);
  });
}

/** Tries a removal again as long as it fails with an error of the system, for a while. */
export async function removePatiently(
  system: Pick<System, "now" | "sleep">,
  remove: () => void,
): Promise<void> {
  for (const start = system.now();;) {
    try {
      return remove();
    } catch (error) {
      if (codeOf(error) === undefined || system.now() - start > REMOVE_MS) throw error;
      await system.sleep(200);
    }
  }
}
