/** The folder of a new study: one command makes a study in it, however many try at once. */

import { cannotMake, isBeingConducted, isBeingMade, isHeld, systemWord } from "../errors.ts";
import { removeTreePatiently } from "../patience.ts";
import { isStudy, studyIn } from "../study/folder.ts";
import { acquireLease, conductorView, hasMaker, releaseLease } from "../study/lease.ts";
import { isOriginalStudy } from "../study/original/study.ts";
import { isFileError, type System } from "../system.ts";

/** Whether a study is being made in a folder, or its maker was killed. */
export function isHalfMade(system: System, root: string): boolean {
  return system.facts(`${root}/.maestro`) !== undefined && !isStudy(system, root);
}

/**
 * Removes a study whose place another will take. `known`: the study that this command found when it began. Throws if
 * another command has put one there since, or if a conductor has it.
 */
export async function removeStudy(system: System, root: string, known: string): Promise<void> {
  if (!isStudy(system, root)) return await moveAway(system, root, isOriginalStudy);
  if (conductorView(system, root).alive) throw isBeingConducted(root);
  let lease;
  try {
    lease = acquireLease(system, root, true);
  } catch (error) {
    // Another command removes it at this moment, or has done so.
    if (isHeld(error) || isFileError(error, "ENOENT")) throw isBeingMade(root);
    throw error;
  }
  try {
    if (studyIn(system, root) !== known || hasMaker(system, root)) throw isBeingMade(root);
    await moveAway(system, root, isStudy);
  } catch (error) {
    // The lease of a removed study is gone with it. That of a study of another command must be free.
    await releaseLease(system, root, lease);
    throw error;
  }
}

/** Renames a folder before it is deleted: nobody finds half of it. */
async function moveAway(
  system: System,
  root: string,
  isMeant: (system: System, root: string) => boolean,
): Promise<void> {
  const aside = `${root}.${system.token()}.old`;
  let isMoved: boolean;
  try {
    isMoved = system.rename(root, aside);
  } catch (error) {
    // A mount point, or a folder whose parent this user may not write: what is in it is deleted there.
    if (!isFileError(error, "EBUSY", "EXDEV", "EACCES", "EPERM")) throw error;
    for (const name of system.list(root)) system.removeTree(`${root}/${name}`);
    return;
  }
  if (!isMoved) throw isBeingMade(root);
  if (!isMeant(system, aside)) {
    system.rename(aside, root);
    throw isBeingMade(root);
  }
  await removeTreePatiently(system, aside);
}

/** Makes the folder and claims it for one study. `giveBack` removes what was made, if the study cannot be made. */
export function claimFolder(system: System, root: string): { giveBack(): Promise<void> } {
  const found = system.facts(root) !== undefined;
  let isOurs: boolean;
  try {
    system.makeDirectory(root);
    isOurs = system.createDirectory(`${root}/.maestro`);
  } catch (error) {
    throw cannotMake(root, systemWord(error));
  }
  if (!isOurs) throw isBeingMade(root);
  const giveBack = async () => {
    // What cannot be removed stays.
    const doomed = found ? system.list(root).map((name) => `${root}/${name}`) : [root];
    for (const path of doomed) await removeTreePatiently(system, path).catch(() => {});
  };
  return { giveBack };
}
