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
    for (;;) {
      const whole = wholeLines(system, path, offset);
      if (whole.length === 0) return text;
      offset += whole.length;
      text += new TextDecoder().decode(whole);
    }
  };
}

function wholeLines(system: System, path: string, offset: number): Uint8Array {
  for (let most = CHUNK;; most *= 2) {
    const bytes = system.readBytes(path, offset, most);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    // A line longer than what was read is read again in one piece.
    if (end > 0 || bytes.length < most) return bytes.subarray(0, end);
  }
}
