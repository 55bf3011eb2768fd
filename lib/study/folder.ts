/** A study's folder: how it is made, and how it is opened again. */

import { damagedPlan, madeByOriginal, noSuchStudy, tooNew, UserError } from "../errors.ts";
import { journalHead } from "./journal/format.ts";
import { studyPaths } from "../paths.ts";
import { parameterOf, type StoredParameter, storedParameter } from "../plan/parameters.ts";
import { expand, factsOf } from "../plan/plan.ts";
import type { Study, StudyFile } from "./study.ts";
import { openOriginalStudy } from "./original/study.ts";
import { meantFolder } from "./search.ts";
import { usualSettings } from "../spec/settings.ts";
import { codeOf, type System } from "../system.ts";
import type { BoundStudy, Plan } from "../plan/types.ts";

export type { Study, StudyFile };

/**
 * Raised when old programs could misread new studies. The way a plan expands belongs to its version. Version 0.1 wrote 2. It
 * refuses 3, and it does not know the events, claims and leases of today.
 */
const PLAN_VERSION = 3;

/** All that a study was made from, as it is written. */
interface StoredFile extends StudyFile {
  readonly study: Omit<BoundStudy, "parameters" | "hashWorkspaces"> & {
    readonly parameters: readonly StoredParameter[];
    readonly hashWorkspaces: BoundStudy["hashWorkspaces"] | true;
  };
}

/** Writes plan and journal; from then on the folder is a study. The folder itself exists. */
export function createStudy(
  system: System,
  plan: Plan,
  origin: Omit<StudyFile, "version" | "facts">,
): Study {
  const { root, parameters } = plan.study;
  const file: StudyFile = { version: PLAN_VERSION, ...origin, facts: factsOf(plan) };
  const stored: StoredFile = {
    ...file,
    study: { ...plan.study, parameters: parameters.map(storedParameter) },
  };
  system.makeDirectory(`${root}/.maestro`);
  system.replaceText(studyPaths(root).journal, journalHead(file.maestro, file.createdAt));
  system.replaceText(studyPaths(root).plan, JSON.stringify(stored));
  return { root, file, plan };
}

/** From now on an earlier program refuses the study. Its conductor is gone: this process has the lease. */
export function raiseVersion(system: System, { root, file }: Study): void {
  if (file.version >= PLAN_VERSION) return;
  const { plan } = studyPaths(root);
  const text = system.readText(plan);
  // Its conductor checked all of it. Only this number changes.
  system.replaceText(plan, text.replace(/^\{"version":\d+/, `{"version":${PLAN_VERSION}`));
}

/** The beginning of a plan has the id of its study. */
const HEAD_BYTES = 200;

/** Which study is in a folder: the beginning of its plan. Empty if there is none. */
export function studyIn(system: System, root: string): string {
  return new TextDecoder().decode(system.readBytes(studyPaths(root).plan, 0, HEAD_BYTES));
}

/** Whether another study is in the folder by now. */
export function isReplaced(system: System, { root, file }: Study): boolean {
  const head = studyIn(system, root);
  return head !== "" && !head.includes(`"id":${JSON.stringify(file.id)}`);
}

/** Whether the folder holds a study of this program. */
export function isStudy(system: System, directory: string): boolean {
  return system.facts(studyPaths(directory).plan) !== undefined;
}

/** Opens a study to change or to carry out. `named` may be relative, or "last". Throws if there is none. */
export async function openStudy(system: System, named: string): Promise<Study> {
  const study = await openStudyToRead(system, named);
  if (study.original) throw madeByOriginal(study.root, study.file.spec);
  return study;
}

/** Opens a study to show, which LLNL's Maestro may have made. */
export async function openStudyToRead(system: System, named: string): Promise<Study> {
  const directory = meantFolder(system, named);
  const facts = system.facts(directory);
  if (!facts) throw noSuchStudy(directory, "There is no such folder.");
  const text = system.readTextIfAny(studyPaths(directory).plan);
  if (text === undefined) {
    const original = await openOriginalStudy(system, directory);
    if (!original) throw noSuchStudy(directory);
    return original;
  }
  const parsed = parsePlan(directory, text);
  if (parsed.version > PLAN_VERSION) throw tooNew(directory, parsed.version);
  const md5 = await digest([true, "md5"].includes(parsed.study.hashWorkspaces));
  return planOf(directory, () => studyOf(system, directory, parsed, md5));
}

function studyOf(
  system: System,
  directory: string,
  { study: stored, ...rest }: StoredFile,
  md5: (text: string) => string,
): Study {
  // What an earlier version did not know is as usual.
  const file = { ...rest, settings: { ...usualSettings(system.cpus), ...rest.settings } };
  const root = system.realPath(directory);
  // The folder may have been moved since: what is run from now on is run here.
  const { hashWorkspaces } = stored;
  const study: BoundStudy = {
    ...stored,
    parameters: stored.parameters.map(parameterOf),
    root,
    // Version 0.1 wrote true.
    hashWorkspaces: hashWorkspaces === true ? "md5" : hashWorkspaces,
  };
  const plan = expand(study, md5, file.facts);
  checkIndices(plan);
  return { root, file, plan };
}

function parsePlan(directory: string, text: string): StoredFile {
  const { plan } = studyPaths(directory);
  let file: Partial<StoredFile> | null;
  try {
    file = JSON.parse(text) as Partial<StoredFile> | null;
  } catch (error) {
    throw damagedPlan(plan, (error as Error).message);
  }
  if (typeof file?.version !== "number" || typeof file.study !== "object" || file.study === null) {
    throw damagedPlan(plan, "it does not hold a plan");
  }
  return file as StoredFile;
}

/** Steps name other steps and parameters by their numbers. */
function checkIndices({ steps, study: { parameters } }: Plan): void {
  const isIn = (indices: readonly number[] = [], length: number) =>
    indices.every((index) => Number.isInteger(index) && index >= 0 && index < length);
  for (const { depends, funnels, after, afterFunnels, uses } of steps) {
    const all = [depends, funnels, after, afterFunnels].every((indices) => isIn(indices, steps.length));
    if (!all || !isIn(uses, parameters.length)) throw new RangeError("a step that does not exist");
  }
}

/** What a plan's file holds may be JSON, and no plan. */
function planOf<T>(directory: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof UserError || codeOf(error) !== undefined) throw error;
    throw damagedPlan(studyPaths(directory).plan, "it does not hold a plan");
  }
}

/** MD5, loaded only where workspaces are hashed: its module costs as much as all of start-up. */
export async function digest(wanted: boolean): Promise<(text: string) => string> {
  return wanted ? await hash("md5") : () => "";
}

/** The SHA-256 of a text. */
export async function sha256(text: string): Promise<string> {
  return (await hash("sha256"))(text);
}

async function hash(algorithm: "md5" | "sha256"): Promise<(text: string) => string> {
  const { createHash } = await import("node:crypto");
  return (text) => createHash(algorithm).update(text).digest("hex");
}
