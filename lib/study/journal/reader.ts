/**
 * Reads a study's journal: the file that contains its state, or the whole history, or the new lines at each
 * read. A journal that was shortened (`swap.ts`) has its earlier parts beside it. Readers take no lock, so
 * they read again after a swap.
 */

import { type JournalHead, parseHead } from "./format.ts";
import { journalPiece, studyPaths } from "../../paths.ts";
import type { System } from "../../system.ts";

const CHUNK = 1 << 20;
const HEAD = 4096;
const NEWLINE = 10;

/** Takes whole lines. */
type Take = (text: string) => void;

/** Who reads: from which byte on, where it is not from the first. */
export interface Reading {
  readonly take: Take;
  readonly from?: number;
}

/** How far the journal was read. */
export interface Read {
  /** Of the journal's format; 0 where it has no head. */
  readonly version: number;
  readonly part: number;
  /** All of its bytes that there were. */
  readonly size: number;
  /** Where its last whole line ends. */
  readonly end: number;
  /** Whether they end in the middle of a line. */
  readonly torn: boolean;
}

/** A place in a study's journal: a byte of a piece. Pieces count from 1; the last one is the journal itself. */
export interface JournalPlace {
  readonly part: number;
  readonly offset: number;
}

/** New whole lines of all that happens at every call, each with its newline; from the beginning, or from a place on. */
export function journalReader(system: System, root: string, start?: JournalPlace): () => string {
  let place = start;
  return () => {
    let text = "";
    place = unswapped(system, root, (head) => {
      text = "";
      const from = place ?? beginning(system, root, head);
      return readOn(system, root, head, from, (piece) => text += piece);
    });
    return text;
  };
}

/**
 * Passes on the journal's complete lines that the state needs, piece by piece: the whole journal may be
 * longer than a text can be. Calls `begin` again, with the part of the journal, if the reading starts again.
 */
export function readJournal(system: System, root: string, begin: (part: number) => Reading): Read {
  return unswapped(system, root, (head) => {
    const { take, from = 0 } = begin(head.part);
    return readTo(system, root, head, { part: head.part, offset: from }, take);
  });
}

/** The same, with the pieces before the journal: all that ever happened. */
export function readHistory(system: System, root: string, begin: (part: number) => Reading): Read {
  return unswapped(system, root, (head) => {
    return readTo(system, root, head, beginning(system, root, head), begin(head.part).take);
  });
}

interface ReadHead extends JournalHead {
  readonly version: number;
  readonly length: number;
}

/** The head of a journal or of a piece of it; one without is the first. */
export function readHead(system: System, path: string): ReadHead {
  const bytes = system.readBytes(path, 0, HEAD);
  const length = bytes.indexOf(NEWLINE) + 1;
  const head = parseHead(new TextDecoder().decode(bytes.subarray(0, length)));
  return { ...(head ?? { version: 0, part: 1, kept: 0 }), length };
}

/** Hands on the whole lines of one file, the head included. */
export function readLines(system: System, path: string, take: Take): void {
  readFrom(system, path, 0, take);
}

/** Reads again as long as another journal has come in its place meanwhile. */
function unswapped<T>(system: System, root: string, read: (head: ReadHead) => T): T {
  const { journal } = studyPaths(root);
  for (;;) {
    const head = readHead(system, journal);
    const result = read(head);
    if (readHead(system, journal).part === head.part) return result;
  }
}

/** Where the history begins: pieces may have been deleted, then it is what the one after them kept. */
function beginning(system: System, root: string, head: JournalHead): JournalPlace {
  let { part } = head;
  while (part > 1 && system.facts(journalPiece(root, part - 1)) !== undefined) part--;
  return { part, offset: 0 };
}

function readTo(
  system: System,
  root: string,
  { version, part }: ReadHead,
  from: JournalPlace,
  take: Take,
): Read {
  const { offset, rest } = readOn(system, root, { part }, from, take);
  return { version, part, size: offset + rest, end: offset, torn: rest > 0 };
}

/** From a place to the end of the journal, which is the piece `last`. */
function readOn(
  system: System,
  root: string,
  { part: last }: Pick<JournalHead, "part">,
  from: JournalPlace,
  take: Take,
): JournalPlace & { rest: number } {
  let { part, offset } = from;
  const pathOf = (part: number) => part < last ? journalPiece(root, part) : studyPaths(root).journal;
  for (; part < last; part++) {
    readFrom(system, pathOf(part), offset, take);
    // What the next one kept of this one has been read.
    const next = readHead(system, pathOf(part + 1));
    offset = next.length + next.kept;
  }
  return { part, ...readFrom(system, pathOf(part), offset, take) };
}

/** From an offset in bytes; returns how far it came, and how much of a line there is behind that. */
function readFrom(system: System, path: string, from: number, take: Take): { offset: number; rest: number } {
  const decoder = new TextDecoder();
  for (let offset = from;;) {
    const { whole, rest } = wholeLines(system, path, offset);
    if (whole.length === 0) return { offset, rest };
    offset += whole.length;
    take(decoder.decode(whole));
  }
}

function wholeLines(system: System, path: string, offset: number): { whole: Uint8Array; rest: number } {
  for (let most = CHUNK;; most *= 2) {
    const bytes = system.readBytes(path, offset, most);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    // A line longer than what was read is read again in one piece.
    if (end > 0 || bytes.length < most) return { whole: bytes.subarray(0, end), rest: bytes.length - end };
  }
}
