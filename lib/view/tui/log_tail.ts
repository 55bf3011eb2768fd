/** The end of a log as lines for the screen, and what the log gains. */

import type { System } from "../../system.ts";

/** What is read of a log at first, in bytes. */
const FIRST = 1 << 20;
const CHUNK = 1 << 18;
/** Lines in memory; if there are more, the first half is dropped. */
const MOST_LINES = 100_000;
/** A line without an end is cut here. */
const LONGEST_LINE = 1 << 16;

export interface LogTail {
  readonly lines: readonly string[];
  /** Earlier lines are left out. */
  readonly cut: boolean;
  /** Reads on; whether there was more. */
  read(): boolean;
}

export function logTail(system: System, path: string): LogTail {
  let offset = 0;
  let cut = false;
  let decoder = new TextDecoder();
  let lines: string[] = [];
  /** The last line has no end yet. */
  let open = "";
  const begin = () => {
    const size = system.facts(path)?.size ?? 0;
    offset = Math.max(0, size - FIRST);
    cut = offset > 0;
    decoder = new TextDecoder();
    lines = [];
    open = "";
  };
  const take = (text: string) => {
    if (open !== "") lines.pop();
    const pieces = (open + text).split("\n");
    open = pieces.pop()!;
    for (const piece of pieces) lines.push(logLine(piece));
    if (open.length > LONGEST_LINE) {
      lines.push(logLine(open));
      open = "";
    } else if (open !== "") lines.push(logLine(open));
    if (lines.length > MOST_LINES) {
      lines.splice(0, MOST_LINES / 2);
      cut = true;
    }
  };
  begin();
  return {
    get lines() {
      return lines;
    },
    get cut() {
      return cut;
    },
    read() {
      // A file that became shorter was begun anew.
      const size = system.facts(path)?.size ?? 0;
      const isNew = size < offset;
      if (isNew) begin();
      let hasMore = isNew;
      while (offset < size) {
        const bytes = system.readBytes(path, offset, CHUNK);
        if (bytes.length === 0) break;
        const isFirst = offset > 0 && lines.length === 0 && open === "" && cut;
        offset += bytes.length;
        const text = decoder.decode(bytes, { stream: true });
        // It begins in the middle of a line.
        take(isFirst ? text.slice(text.indexOf("\n") + 1) : text);
        hasMore = true;
      }
      return hasMore;
    },
  };
}

const ESCAPES =
  // deno-lint-ignore no-control-regex
  /\x1b(?:\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x20-\x2f]*[\x30-\x7e])/g;

const TAB = 8;

/** A line as a terminal would show it at the end: without styles, and the last state of a line that was rewritten. */
export function logLine(text: string): string {
  const plain = text.includes("\x1b") ? text.replace(ESCAPES, "") : text;
  const trimmed = plain.replace(/\r+$/, "");
  const last = trimmed.slice(trimmed.lastIndexOf("\r") + 1);
  if (!last.includes("\t")) return last;
  let line = "";
  for (const char of last) line += char === "\t" ? " ".repeat(TAB - line.length % TAB) : char;
  return line;
}
