/**
 * Replaces a long journal with a shorter one. The old one remains beside it, byte for byte. The swap happens
 * only after the new one was read back and gave the same state. A crash in between leaves one complete
 * journal, old or new.
 */

import { systemWord } from "../../errors.ts";
import { encodeEvent, type JournalDecoder, journalDecoder, journalHead } from "./format.ts";
import { readHead, readLines } from "./reader.ts";
import { journalPiece, nextJournal, studyPaths } from "../../paths.ts";
import { applyEvent, newProgress } from "../state/fold.ts";
import { isSameState } from "../state/same.ts";
import { compactionOf } from "./compaction.ts";
import type { Progress } from "../state/progress.ts";
import type { Study } from "../folder.ts";
import { codeOf, type System } from "../../system.ts";

/** A step that runs once leaves about 310 bytes. */
const BYTES_A_STEP = 1000;
const ROOM = 1_000_000;
const CHUNK = 1 << 20;

export interface Swap {
  readonly system: System;
  readonly study: Study;
  /** What the journal replays to. */
  readonly progress: Progress;
  /** Asked at the last moment: whether the study is still ours. */
  readonly isOurs: () => boolean;
  /** Whether the conductor before was not seen to be gone. */
  readonly presumed?: boolean | undefined;
  /** Bytes that a journal may have, whatever it holds. */
  readonly room?: number | undefined;
}

/**
 * The result: "short" if the journal was short; "swapped"; or the reason why it remains long, in words. Only
 * for the conductor of the study, before it records anything.
 */
export function shortenJournal(swap: Swap): "short" | "swapped" | { readonly trouble: string } {
  const { system, study: { root, plan }, progress, isOurs } = swap;
  // The conductor before may still write on another machine.
  if (progress.taken?.host !== system.host || swap.presumed) return "short";
  const { journal } = studyPaths(root);
  try {
    const head = readHead(system, journal);
    const room = swap.room ?? ROOM + BYTES_A_STEP * plan.nodes.length;
    const size = system.facts(journal)?.size ?? 0;
    if (head.length === 0 || size <= Math.max(room, 2 * head.kept + (swap.room ?? ROOM))) return "short";
    if (!keepPiece(swap, head.part)) return { trouble: "another conductor has taken the study" };
    if (!writeShorter(swap, head.part)) return "short";
    if (!isSameState(progress, replayed(swap))) {
      return { trouble: "a shorter one would not give the same state" };
    }
    if (!isOurs()) return { trouble: "another conductor has taken the study" };
    system.rename(nextJournal(root), journal);
    system.syncFolder(`${root}/.maestro`);
    return "swapped";
  } catch (error) {
    if (codeOf(error) !== undefined) return { trouble: systemWord(error) };
    throw error;
  }
}

function keepPiece({ system, study: { root }, isOurs }: Swap, part: number): boolean {
  const { journal } = studyPaths(root);
  system.removeFile(nextJournal(root));
  const file = system.openAppend(nextJournal(root));
  try {
    for (let offset = 0;;) {
      const bytes = system.readBytes(journal, offset, CHUNK);
      if (bytes.length === 0) break;
      file.appendBytes(bytes);
      offset += bytes.length;
    }
    file.sync();
  } finally {
    file.close();
  }
  if (!isOurs()) return false;
  system.rename(nextJournal(root), journalPiece(root, part));
  system.syncFolder(`${root}/.maestro`);
  return true;
}

/** False where there is nothing to be gained. */
function writeShorter({ system, study: { root, plan, file } }: Swap, part: number): boolean {
  const { journal } = studyPaths(root);
  const compaction = compactionOf(plan);
  readLines(system, journal, journalDecoder(compaction.see).read);
  const kept = compaction.kept();
  if (!kept) return false;
  const eachPiece = (take: (bytes: Uint8Array) => void) => {
    let index = 0;
    let text = "";
    const decoder: JournalDecoder = journalDecoder((event) => {
      if (kept[index++]) text += encodeEvent(event);
    });
    readLines(system, journal, (lines) => {
      decoder.read(lines);
      take(new TextEncoder().encode(text));
      text = "";
    });
  };
  let size = 0;
  eachPiece((bytes) => size += bytes.length);
  const next = system.openAppend(nextJournal(root));
  try {
    next.append(journalHead(file.maestro, system.now(), { part: part + 1, kept: size }));
    eachPiece((bytes) => next.appendBytes(bytes));
    next.sync();
  } finally {
    next.close();
  }
  return true;
}

/** The content on the disk, not the intended one. */
function replayed({ system, study: { root, plan, file }, progress: { isScheduled } }: Swap): Progress {
  const progress = newProgress(plan, file.settings, isScheduled);
  const decoder = journalDecoder((event) => applyEvent(progress, event));
  readLines(system, nextJournal(root), decoder.read);
  return progress;
}
