/**
 * The journal as text: one JSON object a line, the first one telling the format. A line that a crash tore is not an
 * event: what it was to tell is found out again from the other witnesses.
 */

import type { StudyEvent } from "./types.ts";

/** Raised when old readers could misread new journals. Readers know all versions up to this one. */
export const JOURNAL_VERSION = 1;

/** The first line of a journal. */
export function journalHead(maestro: string, at: number): string {
  return JSON.stringify({ journal: JOURNAL_VERSION, maestro, at }) + "\n";
}

/** An event's line, with its newline. */
export function encodeEvent(event: StudyEvent): string {
  return JSON.stringify(event) + "\n";
}

export interface DecodedJournal {
  readonly version: number;
  readonly events: readonly StudyEvent[];
  /** Numbers of the lines that are no events, from 1. The last line may be torn in an ordinary crash. */
  readonly unreadable: readonly number[];
}

/** Reads a journal's text. `version` is 0 when there is no head. */
export function decodeJournal(text: string): DecodedJournal {
  const events: StudyEvent[] = [];
  const unreadable: number[] = [];
  let version = 0;
  let number = 0;
  for (let start = 0; start < text.length;) {
    number++;
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const entry = newline < 0 ? undefined : parseLine(text.slice(start, end));
    if (entry === undefined) unreadable.push(number);
    else if (typeof entry.journal === "number") version = entry.journal;
    else events.push(entry as unknown as StudyEvent);
    start = end + 1;
  }
  return { version, events, unreadable };
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const entry = JSON.parse(line);
    return typeof entry === "object" && entry !== null && ("event" in entry || "journal" in entry)
      ? entry
      : undefined;
  } catch {
    return undefined;
  }
}
