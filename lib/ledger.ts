/**
 * Journal and state together: what is noted is on its way to disk and laid over the state in one step. Observations
 * are facts and are kept in memory until the disk takes them; intents count only once they are on disk.
 */

import { encodeEvent } from "./journal.ts";
import { applyEvent, type Progress } from "./records.ts";
import type { AppendFile, System } from "./system.ts";
import type { StudyEvent } from "./types.ts";

export interface Ledger {
  /** Facts: they hold, whether or not the disk takes them now. */
  note(events: readonly StudyEvent[]): void;
  /** Intents: true once they are synced and count; false if the disk does not take them, and then they do not. */
  intend(events: readonly StudyEvent[]): boolean;
  /** Tries again to write what the disk did not take; true when nothing is left over. */
  flush(): boolean;
  /** How many events were noted or intended. */
  readonly changes: number;
  /** Why the disk does not take more, in the system's words. */
  readonly trouble: string | undefined;
  close(): void;
}

/** `torn`: the journal ends in the middle of a line, which must not grow into the next one. */
export function openLedger(system: System, path: string, progress: Progress, torn: boolean): Ledger {
  let file: AppendFile | undefined;
  let waiting = "";
  let broken = torn;
  let trouble: string | undefined;
  let changes = 0;

  const write = (text: string, sync: boolean): boolean => {
    try {
      file ??= system.openAppend(path, 0o600);
      if (text !== "") file.append(broken ? "\n" + text : text);
      if (text !== "") broken = false;
      if (sync) file.sync();
      trouble = undefined;
      return true;
    } catch (error) {
      // What of it reached the file is unknown: the next line starts afresh.
      broken = true;
      trouble = (error as Error).message;
      try {
        file?.close();
      } catch {
        // Closing a file that cannot be written may fail too, and changes nothing.
      }
      file = undefined;
      return false;
    }
  };
  const flush = (sync: boolean): boolean => {
    if (!write(waiting, sync)) return false;
    waiting = "";
    return true;
  };
  return {
    note(events) {
      if (events.length === 0) return;
      for (const event of events) {
        waiting += encodeEvent(event);
        applyEvent(progress, event);
      }
      changes += events.length;
      flush(false);
    },
    intend(events) {
      if (!flush(false) || !write(events.map(encodeEvent).join(""), true)) return false;
      for (const event of events) applyEvent(progress, event);
      changes += events.length;
      return true;
    },
    get changes() {
      return changes;
    },
    flush: () => flush(true),
    get trouble() {
      return trouble;
    },
    close: () => file?.close(),
  };
}
