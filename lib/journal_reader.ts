/** A journal that is read while it grows: each look gives the lines that are new, and whole. */

import { studyPaths } from "./paths.ts";
import type { System } from "./system.ts";

const CHUNK = 1 << 20;
const NEWLINE = 10;

/** New whole lines of a study's journal at every call, each with its newline. */
export function journalReader(system: System, root: string): () => string {
  const path = studyPaths(root).journal;
  let offset = 0;
  return () => {
    let text = "";
    offset = readPieces(system, path, offset, (piece) => text += piece);
    return text;
  };
}

/** Hands on the whole lines of a study's journal piece by piece, for all of it may be longer than a text can be. */
export function readJournal(system: System, root: string, take: (text: string) => void): { torn: boolean } {
  const path = studyPaths(root).journal;
  const end = readPieces(system, path, 0, take);
  return { torn: (system.facts(path)?.size ?? 0) > end };
}

/** From an offset in bytes; returns how far it came. */
function readPieces(system: System, path: string, from: number, take: (text: string) => void): number {
  const decoder = new TextDecoder();
  for (let offset = from;;) {
    const whole = wholeLines(system, path, offset);
    if (whole.length === 0) return offset;
    offset += whole.length;
    take(decoder.decode(whole));
  }
}

function wholeLines(system: System, path: string, offset: number): Uint8Array {
  for (let most = CHUNK;; most *= 2) {
    const bytes = system.readBytes(path, offset, most);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    // A line longer than what was read is read again in one piece.
    if (end > 0 || bytes.length < most) return bytes.subarray(0, end);
  }
}
