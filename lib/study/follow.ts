/** The state of a study as it grows. */

import { decodeJournal } from "./journal/format.ts";
import { journalReader } from "./journal/reader.ts";
import { originalState } from "./original/study.ts";
import { applyEvent, newProgress } from "./state/fold.ts";
import { studyEnd } from "./state/outcome.ts";
import type { Study } from "./folder.ts";
import type { Progress } from "./state/progress.ts";
import type { System } from "../system.ts";
import type { StudyEvent } from "./events.ts";
import { studyPaths } from "../paths.ts";
import type { StudyEnd } from "./states.ts";
import { replayFromCopy } from "./journal/replay.ts";
import { type QueueLook, readLook } from "./queue_look.ts";

export interface Followed {
  readonly progress: Progress;
  /** How the study has ended; undefined while it goes on. */
  readonly end: StudyEnd | undefined;
  /** The journal's text since the last call, and its events. */
  readonly text: string;
  readonly events: readonly StudyEvent[];
}

/** Reads on from where the last call ended. */
export function studyFollower(system: System, study: Study): () => Followed {
  if (study.original) {
    return () => {
      const progress = originalState(system, study);
      return { progress, end: studyEnd(progress), text: "", events: [] };
    };
  }
  const read = journalReader(system, study.root);
  const progress = newProgress(study.plan, study.file.settings, () => false);
  return () => {
    const text = read();
    const { events } = decodeJournal(text);
    for (const event of events) applyEvent(progress, event);
    return { progress, end: studyEnd(progress), text, events };
  };
}

/**
 * The state of a study for a reader who stays. It is from the copy once, and then only from what the journal has gained and
 * the scheduler has reported since. Each call returns the same state, changed. Without a change it returns undefined.
 */
export function stateFollower(system: System, study: Study): () => Progress | undefined {
  if (study.original) return originalFollower(system, study);
  let progress: Progress | undefined;
  let read: () => string;
  const look = lookFollower(system, study.root);
  return () => {
    if (progress === undefined) {
      const { progress: state, read: { part, end } } = replayFromCopy(system, study);
      read = journalReader(system, study.root, { part, offset: end });
      state.look = look() ?? state.look;
      return progress = state;
    }
    const { events } = decodeJournal(read());
    for (const event of events) applyEvent(progress, event);
    const newLook = look();
    if (newLook) progress.look = newLook;
    return newLook !== undefined || events.length > 0 ? progress : undefined;
  };
}

/** What the scheduler reported last, if it has been asked since the last call. */
function lookFollower(system: System, root: string): () => QueueLook | undefined {
  let at: number | undefined;
  return () => {
    const look = readLook(system, root);
    if (look.at === undefined || look.at === at) return undefined;
    at = look.at;
    return look;
  };
}

/** LLNL's Maestro rewrites its status as a whole. */
function originalFollower(system: System, study: Study): () => Progress | undefined {
  let changedAt: number | undefined;
  return () => {
    const facts = system.facts(studyPaths(study.root).statusCsv);
    if (changedAt !== undefined && facts?.changedAt === changedAt) return undefined;
    changedAt = facts?.changedAt ?? 0;
    return originalState(system, study);
  };
}
