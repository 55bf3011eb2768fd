/** Text of a file from a place on, and what is added to it. */

import type { System } from "../system.ts";

const CHUNK = 1 << 18;
const NEWLINE = 10;

/** Hands on what is new in a file since the last call. */
export type Tail = (write: (text: string) => void) => void;

/** `lines`: only the last ones of what is there at first; undefined: all. */
export function logTail(system: System, path: string, lines: number | undefined): Tail {
  let offset = lines === undefined ? 0 : startOfLines(system, path, lines);
  let decoder = new TextDecoder();
  return (write) => {
    // A file that has become shorter was begun anew.
    if ((system.facts(path)?.size ?? 0) < offset) {
      offset = 0;
      decoder = new TextDecoder();
    }
    for (;;) {
      const bytes = system.readBytes(path, offset, CHUNK);
      if (bytes.length === 0) return;
      offset += bytes.length;
      write(decoder.decode(bytes, { stream: true }));
    }
  };
}

/** Where the last lines of a file begin, in bytes. Reads backwards, so that a large file costs no more than a small. */
export function startOfLines(system: System, path: string, lines: number): number {
  const size = system.facts(path)?.size ?? 0;
  if (lines === 0) return size;
  let wanted = lines;
  for (let end = size; end > 0; end -= CHUNK) {
    const start = Math.max(0, end - CHUNK);
    const bytes = system.readBytes(path, start, end - start);
    for (let i = bytes.length - 1; i >= 0; i--) {
      // The newline that ends the file begins no line.
      if (bytes[i] === NEWLINE && start + i !== size - 1 && --wanted === 0) return start + i + 1;
    }
  }
  return 0;
}
