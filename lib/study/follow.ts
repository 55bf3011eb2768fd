/** The state of a study as it grows. Whether a study has ended is read from here, by every command that follows one. */

import { decodeJournal } from "./journal/format.ts";
import { journalReader } from "./journal/reader.ts";
import { originalState } from "./original/study.ts";
import { applyEvent, newProgress } from "./state/fold.ts";
import type { Study } from "./folder.ts";
import type { Progress } from "./state/progress.ts";
import type { System } from "../system.ts";
import type { StudyEvent } from "./events.ts";

export interface Followed {
  /** `closed` is how the study ended, whatever was noted behind that, unless a step runs again. */
  readonly progress: Progress;
  /** The journal's text since the last call, and its events. */
  readonly text: string;
  readonly events: readonly StudyEvent[];
}

/** Reads on from where the last call ended. */
export function studyFollower(system: System, study: Study): () => Followed {
  if (study.original) return () => ({ progress: originalState(system, study), text: "", events: [] });
  const read = journalReader(system, study.root);
  const progress = newProgress(study.plan, study.file.settings, () => false);
  return () => {
    const text = read();
    const { events } = decodeJournal(text);
    for (const event of events) applyEvent(progress, event);
    return { progress, text, events };
  };
}
