/** A study's folder: how it is made, and how it is opened again. */

import { damagedPlan, noSuchStudy, tooNew } from "../errors.ts";
import { journalHead } from "./journal.ts";
import { studyPaths } from "../paths.ts";
import { expand } from "../plan/plan.ts";
import { meantFolder } from "./study_search.ts";
import type { System } from "../system.ts";
import type { BoundStudy, HookCommands, Plan, Settings } from "../types.ts";

/** Raised when old readers could misread new plans. The way a plan expands belongs to its version. */
const PLAN_VERSION = 1;

/** What `.maestro/plan.json` holds: all that a study was made from. */
export interface StudyFile {
  readonly version: number;
  readonly maestro: string;
  /** Tells the study from every other one, wherever it is. */
  readonly id: string;
  readonly createdAt: number;
  /** Name of the spec's copy in the folder. */
  readonly spec: string;
  readonly settings: Settings;
  readonly study: BoundStudy;
  /** Commands that are run when something has happened. */
  readonly on?: HookCommands;
}

/** A study on disk. */
export interface Study {
  readonly root: string;
  readonly file: StudyFile;
  readonly plan: Plan;
}

/** Writes plan and journal; from then on the folder is a study. The folder itself exists. */
export function createStudy(system: System, root: string, file: Omit<StudyFile, "version">): void {
  system.makeDirectory(`${root}/.maestro`, 0o700);
  system.replaceText(studyPaths(root).journal, journalHead(file.maestro, file.createdAt), 0o600);
  system.replaceText(studyPaths(root).plan, JSON.stringify({ version: PLAN_VERSION, ...file }), 0o600);
}

/** Whether the folder holds a study of this program. */
export function isStudy(system: System, directory: string): boolean {
  return system.facts(studyPaths(directory).plan) !== undefined;
}

/** Reads a study's plan, or tells the user why there is none. `named` may be relative, or "last". */
export async function openStudy(system: System, named: string): Promise<Study> {
  const directory = meantFolder(system, named);
  const facts = system.facts(directory);
  if (!facts) throw noSuchStudy(directory, "There is no such folder.");
  const text = system.readTextIfAny(studyPaths(directory).plan);
  if (text === undefined) throw noSuchStudy(directory);
  const file = parsePlan(directory, text);
  if (file.version > PLAN_VERSION) throw tooNew(directory, file.version);
  const root = system.realPath(directory);
  // The folder may have been moved since: what is run from now on is run here.
  const study = { ...file.study, root };
  return { root, file, plan: expand(study, await digest(study.hashWorkspaces)) };
}

function parsePlan(directory: string, text: string): StudyFile {
  try {
    return JSON.parse(text) as StudyFile;
  } catch (error) {
    throw damagedPlan(studyPaths(directory).plan, (error as Error).message);
  }
}

/** MD5, loaded only where workspaces are hashed: its module costs as much as all of start-up. */
export async function digest(wanted: boolean): Promise<(text: string) => string> {
  if (!wanted) return () => "";
  const { createHash } = await import("node:crypto");
  return (text) => createHash("md5").update(text).digest("hex");
}
