/**
 * Journal and state together: what is noted is on its way to disk and laid over the state in one step. Observations
 * are facts and are kept in memory until the disk takes them; intents count only once they are on disk.
 */

import { systemWord } from "../../errors.ts";
import { encodeEvent } from "./format.ts";
import type { Read } from "./reader.ts";
import { applyEvent } from "../state/fold.ts";
import type { Progress } from "../state/progress.ts";
import type { AppendFile, System } from "../../system.ts";
import type { StudyEvent } from "../events.ts";

export interface Ledger {
  /** Facts: they hold, whether or not the disk takes them now. */
  note(events: readonly StudyEvent[]): void;
  /** Facts of many that became known at once: they hold, and are on their way to disk after the next `write`. */
  collect(events: readonly StudyEvent[]): void;
  write(): void;
  /**
   * Intents: true once they are written (`sync`: and synced) and count; false if the disk does not take them: then they
   * are withdrawn.
   */
  intend(events: readonly StudyEvent[], sync: boolean): boolean;
  /** Tries again to write what the disk did not take; true when nothing is left over. */
  flush(): boolean;
  /** How many events were noted or intended. */
  readonly changes: number;
  /** Why the disk does not take more, in the system's words. */
  readonly trouble: string | undefined;
  /** Bytes of the journal, as far as they are known. */
  readonly size: number | undefined;
  /** Whether these are what the state is made of: all of it is written, and nobody else writes. */
  isWhole(): boolean;
  close(): void;
}

/** Ends a line that was torn, so that it is none, even if only its newline was missing. */
const TORN = " torn\n";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The journal as it was read. `torn`: it ends in the middle of a line, which must not grow into the next one. */
export type ReadJournal = Pick<Read, "size" | "torn">;

/** The ledger of a journal that was read so far. The file is opened when there is something to be written. */
export function openLedger(system: System, path: string, progress: Progress, read: ReadJournal): Ledger {
  let file: AppendFile | undefined;
  /** Of the journal, in bytes, as far as it is known. */
  let size: number | undefined = read.size;
  /** Nobody else has written to the journal since it was read. */
  let alone = true;
  let waiting = "";
  let broken = read.torn;
  /** Whether something was written since the last sync. */
  let unsynced = false;
  let trouble: string | undefined;
  let changes = 0;

  const close = () => {
    try {
      file?.close();
    } catch {
      // Closing a file that cannot be written may fail too, and changes nothing.
    }
    file = undefined;
  };
  const open = () => {
    file = system.openAppend(path);
    const expected = size;
    size = undefined;
    size = system.facts(path)?.size;
    if (size === expected) return;
    // Another has written, and may have died in the middle of a line.
    alone = false;
    broken = true;
  };
  /** After a failed write: what of a text reached the file waits no longer. */
  const countWritten = (text: string) => {
    const bytes = encoder.encode(text);
    const before = size;
    size = sizeNow();
    const written = (size ?? NaN) - (before ?? NaN);
    broken = true;
    if (!(written >= 0 && written <= bytes.length) || !isOurs(before!, bytes.subarray(0, written))) {
      // Another has written: all of ours waits, and is written again.
      alone = false;
      return;
    }
    const whole = bytes.subarray(0, written).lastIndexOf(10) + 1;
    if (whole === 0) return;
    broken = written > whole;
    waiting = decoder.decode(bytes.subarray(whole));
  };
  const isOurs = (from: number, bytes: Uint8Array) => {
    try {
      const there = system.readBytes(path, from, bytes.length);
      return there.length === bytes.length && there.every((byte, i) => byte === bytes[i]);
    } catch {
      return false;
    }
  };
  const sizeNow = () => {
    try {
      return system.facts(path)?.size;
    } catch {
      return undefined;
    }
  };
  const flush = (sync: boolean): boolean => {
    if (waiting === "" && !(sync && unsynced)) return true;
    let text = "";
    let appended = false;
    try {
      if (file === undefined) open();
      text = waiting === "" ? "" : broken ? TORN + waiting : waiting;
      if (text !== "") {
        unsynced = true;
        file!.append(text);
        broken = false;
      }
      appended = true;
      if (size !== undefined) size += encoder.encode(text).length;
      waiting = "";
      if (sync) {
        file!.sync();
        unsynced = false;
      }
      trouble = undefined;
      return true;
    } catch (error) {
      trouble = systemWord(error);
      if (!appended && file !== undefined) countWritten(text);
      close();
      return false;
    }
  };
  const lay = (events: readonly StudyEvent[]) => {
    for (const event of events) applyEvent(progress, event);
    changes += events.length;
  };
  const collect = (events: readonly StudyEvent[]) => {
    for (const event of events) waiting += encodeEvent(event);
    lay(events);
  };
  return {
    note(events) {
      collect(events);
      if (events.length > 0) flush(false);
    },
    collect,
    write() {
      if (waiting !== "") flush(false);
    },
    intend(events, sync) {
      if (waiting !== "" && !flush(false)) return false;
      waiting = events.map(encodeEvent).join("");
      const written = flush(sync);
      lay(events);
      if (written) return true;
      // Some of them may be in the journal: all are, as soon as the disk takes them, and none counts.
      const withdrawn = events.flatMap((event): StudyEvent[] =>
        event.event === "submitting"
          ? [{ event: "withdrawn", at: event.at, step: event.step, reason: "the journal cannot be written" }]
          : []
      );
      waiting += withdrawn.map(encodeEvent).join("");
      lay(withdrawn);
      return false;
    },
    get changes() {
      return changes;
    },
    flush: () => flush(true),
    get size() {
      return size;
    },
    isWhole: () => alone && waiting === "" && !broken && sizeNow() === size,
    get trouble() {
      return trouble;
    },
    close,
  };
}
