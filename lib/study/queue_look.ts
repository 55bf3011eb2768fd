/**
 * Jobs that wait or are suspended, as their scheduler reported them at the last poll. This changes at every poll. The
 * journal does not have it: the file is replaced as a whole, and the state does not depend on it.
 */

import { queueFile } from "../paths.ts";
import type { System } from "../system.ts";

/** A job that has not ended, in its scheduler's words. Times in ms since 1970. */
export interface QueuedJob {
  /** The attempt that it is about. */
  readonly attempt: number;
  /** Why it waits. */
  readonly reason?: string;
  /** It has begun and does not run for now. */
  readonly paused?: string;
  readonly expectedStartAt?: number;
}

/** The last look at all jobs. */
export interface QueueLook {
  /** When it was; undefined before the first one. */
  at: number | undefined;
  /** By node: jobs that wait or are suspended. */
  readonly jobs: Map<number, QueuedJob>;
}

export const newLook = (): QueueLook => ({ at: undefined, jobs: new Map() });

/** What the look has of an attempt. */
export function queued({ jobs }: QueueLook, node: number, attempt: number): QueuedJob | undefined {
  const job = jobs.get(node);
  return job?.attempt === attempt ? job : undefined;
}

/** Characters of a reason. */
const MOST_WORDS = 300;
const LONGEST_FILE = 1 << 26;

/** `[node, attempt, reason, paused, expectedStartAt]`: texts by their number in `words`, -1 if there is none; 0: no time. */
type Row = readonly [number, number, number, number, number];

interface Written {
  readonly at: number;
  readonly words: readonly string[];
  readonly jobs: readonly Row[];
}

/** The file's text: each text once, however many jobs have it. */
export function lookText({ at, jobs }: QueueLook): string {
  const words = new Map<string, number>();
  const numberOf = (text: string | undefined) => {
    if (text === undefined) return -1;
    const short = text.slice(0, MOST_WORDS);
    const known = words.get(short) ?? words.size;
    words.set(short, known);
    return known;
  };
  const rows = [...jobs].map(([node, { attempt, reason, paused, expectedStartAt = 0 }]): Row => [
    ...[node, attempt] as const,
    ...[numberOf(reason), numberOf(paused), expectedStartAt] as const,
  ]);
  return JSON.stringify({ at: at ?? 0, words: [...words.keys()], jobs: rows } satisfies Written) + "\n";
}

/** Nothing if the file is missing, cut or written by something else. */
export function parseLook(text: string | undefined): QueueLook {
  const look = newLook();
  try {
    const { at, words, jobs } = JSON.parse(text ?? "") as Written;
    if (!Number.isFinite(at)) return look;
    const textOf = (number: number) => typeof words[number] === "string" ? words[number] : undefined;
    for (const [node, attempt, reason, paused, expectedStartAt] of jobs) {
      look.jobs.set(node, queuedJob(attempt, textOf(reason), textOf(paused), expectedStartAt || undefined));
    }
    look.at = at;
  } catch {
    look.jobs.clear();
  }
  return look;
}

/** Without what is not known. */
export function queuedJob(
  attempt: number,
  reason: string | undefined,
  paused: string | undefined,
  expectedStartAt: number | undefined,
): QueuedJob {
  return {
    attempt,
    ...(reason === undefined ? {} : { reason }),
    ...(paused === undefined ? {} : { paused }),
    ...(expectedStartAt === undefined ? {} : { expectedStartAt }),
  };
}

/** For readers. A file that cannot be read has no jobs. */
export function readLook(system: System, root: string): QueueLook {
  try {
    const size = system.facts(queueFile(root))?.size ?? 0;
    return parseLook(size > LONGEST_FILE ? undefined : system.readTextIfAny(queueFile(root)));
  } catch {
    return newLook();
  }
}
