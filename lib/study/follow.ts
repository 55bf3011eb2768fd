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
import type { StudyEnd } from "./states.ts";

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
