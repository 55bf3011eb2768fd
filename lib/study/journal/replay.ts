/** A study's journal, read back: its state for conductors and for readers, and what happened. */

import { tooNew } from "../../errors.ts";
import { JOURNAL_VERSION, type JournalDecoder, journalDecoder } from "./format.ts";
import { type Read, readHistory, readJournal } from "./reader.ts";
import { originalState } from "../original/study.ts";
import { readLook } from "../queue_look.ts";
import { applyEvent, newProgress } from "../state/fold.ts";
import { readStateCopy } from "../state/copy.ts";
import type { Study } from "../folder.ts";
import type { Progress } from "../state/progress.ts";
import type { System } from "../../system.ts";
import type { StudyEvent } from "../events.ts";

export interface Replayed {
  readonly progress: Progress;
  /** Lines of the journal that could not be read, from 1. */
  readonly unreadable: readonly number[];
  /** How far the journal was read. */
  readonly read: Read;
  /** The latest time in what was read; 0 if there is none. */
  readonly lastAt: number;
}

/** The state of a study for readers: from its copy, and the later part of the journal. */
export function readState(system: System, study: Study): Progress {
  if (study.original) return originalState(system, study);
  const { progress } = replayFromCopy(system, study);
  if (!progress.closed) progress.look = readLook(system, study.root);
  return progress;
}

/** The same, with the place up to which the journal was read. Not for studies of LLNL's Maestro. */
export function replayFromCopy(system: System, study: Study): Replayed {
  return replayFrom(readJournal, system, study, (part) => {
    const copy = readStateCopy(system, study, part);
    return {
      progress: copy?.progress ?? newStudy(study, () => false),
      see: () => {},
      from: copy?.offset ?? 0,
    };
  });
}

/** The state of a study for its conductor: a replay of the journal, and nothing else. */
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
  let lastAt = 0;
  const read = readAll(system, study.root, (part) => {
    const { progress, see, from } = start = begin(part);
    lastAt = 0;
    decoder = journalDecoder((event) => {
      if (event.at > lastAt) lastAt = event.at;
      see(event);
      applyEvent(progress, event);
    });
    return { take: decoder.read, from };
  });
  if (read.torn) decoder.tear();
  if (read.version > JOURNAL_VERSION) throw tooNew(study.root, read.version);
  return { progress: start.progress, unreadable: decoder.unreadable, read, lastAt };
}
