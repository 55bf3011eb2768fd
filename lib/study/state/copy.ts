/**
 * A copy of a study's state, for readers: to replay the journal of a large study takes seconds. The journal
 * remains the only source of truth. A copy names its position in the journal, and readers continue from
 * there. If the journal is another one by now, or the copy is incomplete or unreadable, readers ignore it.
 */

import type { JournalPlace } from "../journal/reader.ts";
import { studyPaths } from "../../paths.ts";
import { newProgress, recount } from "./fold.ts";
import { loadColumn, savedColumns } from "./step_columns.ts";
import { factsOf, type StudyFacts } from "../study_facts.ts";
import type { Progress } from "./progress.ts";
import type { Study } from "../folder.ts";
import type { System } from "../../system.ts";

/** Increases when columns change, or what events mean for them. Copies of other versions are ignored. */
const COPY_VERSION = 5;

/**
 * The first line of a copy. After it come the columns, each at a multiple of 8 bytes, with numbers in this
 * machine's byte order, and a checksum of everything.
 */
interface Head extends JournalPlace {
  readonly copy: number;
  readonly study: string;
  readonly nodes: number;
  readonly facts: StudyFacts;
  /** Identifies the part of the journal before the position. */
  readonly before: number;
  readonly columns: readonly (readonly [name: string, length: number])[];
}

/** Bytes of the journal before the place that are compared: times of events, which no other journal has. */
const COMPARED = 256;
const LONGEST_HEAD = 1 << 16;
const NEWLINE = 10;
const SUM_BYTES = 8;

/**
 * Replaces the previous copy; returns its size. `progress` is the state of the journal up to the position.
 */
export function writeStateCopy(
  system: System,
  { root, plan, file }: Study,
  progress: Progress,
  place: JournalPlace,
): number {
  const columns = savedColumns(progress.columns);
  const head: Head = {
    copy: COPY_VERSION,
    study: file.id,
    nodes: plan.size,
    ...place,
    before: sumOf([filledUp(bytesBefore(system, root, place))]),
    facts: factsOf(progress),
    columns: columns.map(([name, { length }]) => [name, length]),
  };
  const line = new TextEncoder().encode(JSON.stringify(head));
  const filled = new Uint8Array(whole(line.length + 1)).fill(0x20);
  filled.set(line);
  filled[filled.length - 1] = NEWLINE;
  const pieces = [filled, ...columns.map(([, bytes]) => filledUp(bytes))];
  const sum = new Uint8Array(SUM_BYTES);
  new DataView(sum.buffer).setInt32(0, sumOf(pieces));
  pieces.push(sum);
  system.replaceBytes(studyPaths(root).stateCopy, pieces);
  return pieces.reduce((size, { length }) => size + length, 0);
}

/** The copy of the state for a position in this part of the journal. Undefined if there is none. */
export function readStateCopy(
  system: System,
  study: Study,
  part: number,
): { readonly progress: Progress; readonly offset: number } | undefined {
  try {
    return readWhole(system, study, part);
  } catch {
    // A folder of this name, another user's file, a file server that has just forgotten it: the journal is there.
    return undefined;
  }
}

function readWhole(system: System, study: Study, part: number) {
  const { root, plan, file } = study;
  const bytes = system.readBytes(studyPaths(root).stateCopy, 0, Infinity);
  const { head, start, size } = headOf(bytes);
  if (head?.copy !== COPY_VERSION || head.study !== file.id || head.nodes !== plan.size) return undefined;
  if (head.part !== part || bytes.length !== size) return undefined;
  const body = bytes.subarray(0, size - SUM_BYTES);
  if (sumOf([body]) !== new DataView(bytes.buffer, bytes.byteOffset + body.length).getInt32(0)) {
    return undefined;
  }
  const before = bytesBefore(system, root, head);
  if (before.length === 0 || sumOf([filledUp(before)]) !== head.before) return undefined;
  const progress = newProgress(plan, file.settings, () => false);
  Object.assign(progress, factsOf(head.facts));
  let at = start;
  for (const [name, length] of head.columns) {
    if (!loadColumn(progress.columns, name, bytes.subarray(at, at + length))) return undefined;
    at += whole(length);
  }
  recount(progress);
  return { progress, offset: head.offset };
}

/** The position and size of a study's copy. Undefined if this version cannot use it. */
export function placeOfCopy(
  system: System,
  { root, file }: Study,
): JournalPlace & { readonly size: number } | undefined {
  try {
    const { stateCopy } = studyPaths(root);
    const { head, size } = headOf(system.readBytes(stateCopy, 0, LONGEST_HEAD));
    if (head?.copy !== COPY_VERSION || head.study !== file.id) return undefined;
    return system.facts(stateCopy)?.size === size
      ? { part: head.part, offset: head.offset, size }
      : undefined;
  } catch {
    return undefined;
  }
}

/** The first line, where the columns begin, and how long the copy is that has it. */
function headOf(bytes: Uint8Array): { head: Head | undefined; start: number; size: number } {
  const start = bytes.subarray(0, LONGEST_HEAD).indexOf(NEWLINE) + 1;
  const head = parseHead(bytes.subarray(0, start));
  const size = (head?.columns ?? []).reduce((end, [, length]) => end + whole(length), start) + SUM_BYTES;
  return { head, start, size };
}

function parseHead(line: Uint8Array): Head | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(line)) as Head;
  } catch {
    return undefined;
  }
}

/** The content of the journal before a position. Empty if the journal is shorter. */
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

/** A number that other bytes are very unlikely to have: FNV-1a by words of four bytes, whose high bits count below, too. */
function sumOf(bodies: readonly Uint8Array[]): number {
  let sum = 0x811c9dc5 | 0;
  for (const { buffer, byteOffset, length } of bodies) {
    const words = new Int32Array(buffer, byteOffset, length / 4);
    for (let from = 0; from < words.length; from += STRETCH) {
      sum = sumOn(sum, words, from, Math.min(from + STRETCH, words.length));
    }
  }
  return sum;
}

/** What is called many times is compiled sooner than one long loop: half of the time for a study of 30,000 steps. */
const STRETCH = 512;

function sumOn(sum: number, words: Int32Array, from: number, to: number): number {
  for (let i = from; i < to; i++) {
    sum = Math.imul(sum ^ words[i]!, 0x01000193);
    sum ^= sum >>> 15;
  }
  return sum;
}
