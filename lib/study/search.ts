/** Finds studies below a folder, without reading them. */

import { basename, dirname, resolve } from "@std/path";
import { originalCreatedAt } from "./original/study.ts";
import { studyPaths } from "../paths.ts";
import type { System } from "../system.ts";
import { noStudiesBelow } from "../view_errors.ts";

/** Folders below the first one. */
const DEEPEST = 4;
/** Folders looked into: a home directory may hold millions. */
const MOST_FOLDERS = 20_000;

export interface FoundStudy {
  /** Absolute. */
  readonly directory: string;
  /** When it was laid out, ms since 1970. */
  readonly createdAt: number;
}

export interface Search {
  /** Newest first. */
  readonly studies: readonly FoundStudy[];
  /** Whether not all folders were looked into. */
  readonly cut: boolean;
}

/** Looks breadth first; not into studies, folders that begin with a dot, or links to folders. */
export function findStudies(system: System, directory: string): Search {
  const studies: FoundStudy[] = [];
  let level = [resolve(system.cwd, directory)];
  let looked = 0;
  for (let depth = 0; depth <= DEEPEST && looked < MOST_FOLDERS; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      if (looked++ >= MOST_FOLDERS) break;
      const createdAt = laidOutAt(system, folder);
      if (createdAt !== undefined) studies.push({ directory: folder, createdAt });
      else if (depth < DEEPEST) below.push(...foldersIn(system, folder));
    }
    level = below;
  }
  const name = ({ directory }: FoundStudy) => basename(directory);
  studies.sort((a, b) => b.createdAt - a.createdAt || (name(a) < name(b) ? 1 : -1));
  return { studies, cut: looked >= MOST_FOLDERS };
}

export const isStudyFolder = (system: System, folder: string) => laidOutAt(system, folder) !== undefined;

/** When a study was laid out in a folder; undefined where there is none, or one that may not be read. */
function laidOutAt(system: System, folder: string): number | undefined {
  try {
    return system.facts(studyPaths(folder).plan)?.changedAt ?? originalCreatedAt(system, folder);
  } catch {
    return undefined;
  }
}

function foldersIn(system: System, folder: string): string[] {
  try {
    return system.listFolders(folder).filter((name) => !name.startsWith(".")).map((name) =>
      `${folder}/${name}`
    );
  } catch {
    // Somebody else's, or gone since.
    return [];
  }
}

/** The study around the current folder, or "last". */
export function nearestStudy(system: System): string {
  for (let folder = system.cwd;; folder = dirname(folder)) {
    if (isStudyFolder(system, folder)) return folder === system.cwd ? "." : folder;
    if (folder === dirname(folder)) return "last";
  }
}

/**
 * The folder that a user means: "last" is the newest study below the current folder, unless a folder has that name.
 */
export function meantFolder(system: System, directory: string): string {
  if (directory !== "last" || system.facts(directory)) return directory;
  const [newest] = findStudies(system, ".").studies;
  if (!newest) throw noStudiesBelow(system.cwd);
  return newest.directory;
}
