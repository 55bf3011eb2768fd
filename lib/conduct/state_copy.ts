/**
 * A copy of a study's state, for readers: to replay the journal of a large study takes seconds. The journal stays the
 * only truth. A copy names the place in it that it stands for, and readers go on from there; where the journal is
 * another one by now, or the copy is not whole, it is as if there were none. Conductors write it and never read it.
 */

import { studyPaths } from "../paths.ts";
import { newProgress, recount } from "./records.ts";
import { loadColumn, savedColumns } from "./step_records.ts";
import type { Progress } from "./study_state.ts";
import type { Study } from "./study_folder.ts";
import type { System } from "../system.ts";

/** Raised when columns, or what events mean for them, change: copies of other versions are passed over. */
const COPY_VERSION = 1;

/** A place in a study's journal: a byte of one of its parts. */
export interface JournalPlace {
  readonly part: number;
  readonly offset: number;
}

/** The first line of a copy. Columns stand behind it, each at a multiple of 8 bytes, in the order of this machine. */
interface Head extends JournalPlace, Pick<Progress, "cancelling" | "settings" | "taken" | "closed"> {
  readonly copy: number;
  readonly study: string;
  /** Stands for what the journal has before the place. */
  readonly before: number;
  /** Stands for the columns. */
  readonly sum: number;
  readonly columns: readonly (readonly [name: string, length: number])[];
}

/** Bytes of the journal before the place that are compared: times of events, which no other journal has. */
const COMPARED = 256;
const LONGEST_HEAD = 1 << 16;
const NEWLINE = 10;

/** Puts a copy in the place of the one before; returns its size. `progress` is what the journal tells up to the place. */
export function writeStateCopy(
  system: System,
  { root, file }: Study,
  progress: Progress,
  place: JournalPlace,
): number {
  const { cancelling, settings, taken, closed } = progress;
  const columns = savedColumns(progress.columns);
  const bodies = columns.map(([, bytes]) => filledUp(bytes));
  const head: Head = {
    copy: COPY_VERSION,
    study: file.id,
    ...place,
    before: sumOf([filledUp(bytesBefore(system, root, place))]),
    sum: sumOf(bodies),
    ...{ cancelling, settings },
    ...(taken === undefined ? {} : { taken }),
    ...(closed === undefined ? {} : { closed }),
    columns: columns.map(([name, { length }]) => [name, length]),
  };
  const line = new TextEncoder().encode(JSON.stringify(head));
  const filled = new Uint8Array(whole(line.length + 1)).fill(0x20);
  filled.set(line);
  filled[filled.length - 1] = NEWLINE;
  const pieces = [filled, ...bodies];
  system.replaceBytes(studyPaths(root).stateCopy, pieces, 0o600);
  return pieces.reduce((size, { length }) => size + length, 0);
}

/** The copy of the state that stands for a place in this part of the journal; undefined where there is none that does. */
export function readStateCopy(
  system: System,
  study: Study,
  part: number,
): { readonly progress: Progress; readonly offset: number } | undefined {
  const { root, plan, file } = study;
  const bytes = system.readBytes(studyPaths(root).stateCopy, 0, Infinity);
  const start = bytes.subarray(0, LONGEST_HEAD).indexOf(NEWLINE) + 1;
  const head = parseHead(bytes.subarray(0, start));
  if (head?.copy !== COPY_VERSION || head.study !== file.id || head.part !== part) return undefined;
  const before = bytesBefore(system, root, head);
  if (before.length === 0 || sumOf([filledUp(before)]) !== head.before) return undefined;
  const end = head.columns.reduce((end, [, length]) => end + whole(length), start);
  if (bytes.length !== end || sumOf([bytes.subarray(start)]) !== head.sum) return undefined;
  const { cancelling, settings, taken, closed } = head;
  const progress = newProgress(plan, file.settings, () => false);
  Object.assign(progress, { cancelling, settings, taken, closed });
  let at = start;
  for (const [name, length] of head.columns) {
    if (!loadColumn(progress.columns, name, bytes.subarray(at, at + length))) return undefined;
    at += whole(length);
  }
  recount(progress);
  return { progress, offset: head.offset };
}

/** Where the copy stands for, and its size: it need not be whole. */
export function placeOfCopy(system: System, root: string): JournalPlace & { size: number } | undefined {
  const { stateCopy } = studyPaths(root);
  const bytes = system.readBytes(stateCopy, 0, LONGEST_HEAD);
  const head = parseHead(bytes.subarray(0, bytes.indexOf(NEWLINE) + 1));
  const size = system.facts(stateCopy)?.size ?? 0;
  return head && { part: head.part, offset: head.offset, size };
}

function parseHead(line: Uint8Array): Head | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(line)) as Head;
  } catch {
    return undefined;
  }
}

/** What stands in the journal before a place; nothing where it does not reach so far. */
function bytesBefore(system: System, root: string, { offset }: JournalPlace): Uint8Array {
  const from = Math.max(0, offset - COMPARED);
  const bytes = system.readBytes(studyPaths(root).journal, from, offset - from);
  return bytes.length === offset - from ? bytes : new Uint8Array();
}

const whole = (length: number) => Math.ceil(length / 8) * 8;

function filledUp(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 8 === 0 && bytes.byteOffset % 8 === 0) return bytes;
  const filled = new Uint8Array(whole(bytes.length));
  filled.set(bytes);
  return filled;
}

/** A number that other bytes are very unlikely to have: FNV-1a, by words of four bytes. */
function sumOf(bodies: readonly Uint8Array[]): number {
  let sum = 0x811c9dc5;
  for (const { buffer, byteOffset, length } of bodies) {
    const words = new Int32Array(buffer, byteOffset, length / 4);
    for (let i = 0; i < words.length; i++) sum = Math.imul(sum ^ words[i]!, 0x01000193);
  }
  return sum;
}
