/** A study's folder: where its files are, how it is laid out, how it is read back. */

import { damagedPlan, noSuchStudy, tooNew } from "../errors.ts";
import { type JournalDecoder, journalDecoder, journalHead } from "./journal.ts";
import { type Read, readHistory, readJournal } from "./journal_reader.ts";
import { studyPaths } from "../paths.ts";
import { expand } from "../plan/plan.ts";
import { applyEvent, newProgress } from "./records.ts";
import { readStateCopy } from "./state_copy.ts";
import type { Progress } from "./study_state.ts";
import { meantFolder } from "./study_search.ts";
import type { System } from "../system.ts";
import type { BoundStudy, HookCommands, Plan, Settings, StudyEvent } from "../types.ts";

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

export interface Replayed {
  readonly progress: Progress;
  /** Lines of the journal that could not be read, from 1. */
  readonly unreadable: readonly number[];
  /** How far the journal was read. */
  readonly read: Read;
}

/** The state of a study for whoever looks at it: what a copy of it tells, and the journal from there on. */
export function readState(system: System, study: Study): Progress {
  return replayFrom(readJournal, system, study, (part) => {
    const copy = readStateCopy(system, study, part);
    return {
      progress: copy?.progress ?? newStudy(study, () => false),
      see: () => {},
      from: copy?.offset ?? 0,
    };
  }).progress;
}

/** The state of a study for whoever conducts it: its journal, replayed, and nothing else. */
export function replay(
  system: System,
  study: Study,
  isScheduled: (node: number) => boolean = () => false,
): Replayed {
  return replayFrom(
    readJournal,
    system,
    study,
    () => ({ progress: newStudy(study, isScheduled), see: () => {}, from: 0 }),
  );
}

/** The same, with all that happened. */
export function replayWithEvents(system: System, study: Study): Replayed & { events: StudyEvent[] } {
  let events: StudyEvent[] = [];
  const replayed = replayFrom(readHistory, system, study, () => {
    events = [];
    return {
      progress: newStudy(study, () => false),
      see: (event) => void events.push(event),
      from: 0,
    };
  });
  return { ...replayed, events };
}

const newStudy = ({ plan, file }: Study, isScheduled: (node: number) => boolean): Progress =>
  newProgress(plan, file.settings, isScheduled);

/** The state at a byte of the journal, and who sees each event behind it. */
interface Start {
  readonly progress: Progress;
  readonly from: number;
  readonly see: (event: StudyEvent) => void;
}

/** `begin` is called again where the reading begins again. */
function replayFrom(
  readAll: typeof readJournal,
  system: System,
  study: Study,
  begin: (part: number) => Start,
): Replayed {
  let start!: Start;
  let decoder!: JournalDecoder;
  const read = readAll(system, study.root, (part) => {
    const { progress, see, from } = start = begin(part);
    decoder = journalDecoder((event) => {
      see(event);
      applyEvent(progress, event);
    });
    return { take: decoder.read, from };
  });
  if (read.torn) decoder.tear();
  if (decoder.version > PLAN_VERSION) throw tooNew(study.root, decoder.version);
  return { progress: start.progress, unreadable: decoder.unreadable, read };
}

/** What happened to one node, by its name. */
export function eventsOf(system: System, study: Study, step: string): StudyEvent[] {
  let events: StudyEvent[] = [];
  readHistory(system, study.root, () => {
    events = [];
    const { read } = journalDecoder((event) => {
      if ("step" in event && event.step === step) events.push(event);
    });
    return { take: read };
  });
  return events;
}
