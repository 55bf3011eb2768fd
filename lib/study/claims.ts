/** The files in which jobs claim their attempts. The conductor reads them and settles open claims. */

import { exitCodeOf } from "../signals.ts";
import { dirname } from "@std/path";
import { ageOf } from "./file_age.ts";
import { jobFile } from "../paths.ts";
import { type Consumption, TICK_MS } from "../process_use.ts";
import type { Progress } from "./state/progress.ts";
import type { Study } from "./folder.ts";
import type { System } from "../system.ts";

/** After this time, an empty claim will remain empty. No other claim is ever considered void. */
const EMPTY_CLAIM_MS = 120_000;

export interface Claims {
  /** The record of the job of a node's latest attempt. */
  read(node: number): JobFacts;
  /**
   * The job that holds the claim to an attempt. `begun` if the job has no id in the claim; `void` if it is
   * certain that no job will ever hold it.
   */
  settle(node: number): { readonly job: string } | "begun" | "void" | "unclear";
}

export function claimsOf(system: System, study: Study, progress: Progress): Claims {
  const fileOf = (node: number) => jobFile(study.root, node, progress.records[node]!.attempt);
  const read = (node: number): JobFacts => {
    const path = fileOf(node);
    // Listing the folder makes a network file system look again before it reports a missing file.
    if (system.facts(dirname(path)) !== undefined) system.list(dirname(path));
    return parseJobFile(system.readTextIfAny(path) ?? "");
  };
  return {
    read,
    settle(node) {
      if (voidAttempt(system, fileOf(node))) return "void";
      const { job, claimed } = read(node);
      if (job !== undefined) return { job };
      // Whatever is in it, a job wrote it, and may have run.
      if (claimed) return "begun";
      // An empty claim is one that is being made, or that came to nothing.
      const age = ageOf(system, fileOf(node)) ?? 0;
      return age > EMPTY_CLAIM_MS && voidEmpty(system, fileOf(node)) ? "void" : "unclear";
    },
  };
}

/** The content of a job file. Nothing while the job is between claiming and writing. */
export interface JobFacts {
  readonly pid?: number;
  readonly host?: string;
  /** When its process started, and in which start of the machine, in the kernel's words. */
  readonly start?: { readonly process: string; readonly boot: string };
  readonly namespace?: string;
  readonly machine?: string;
  readonly uid?: string;
  /** The id of the job that has the claim: the scheduler's, or on this machine the number of the script's process. */
  readonly job?: string;
  readonly exitCode?: number;
  /** When its script began and ended for the last time, in ms since 1970, by the clocks of where it ran. */
  readonly beganAt?: number;
  readonly endedAt?: number;
  /** Seconds that its last run took. */
  readonly ran?: number;
  /** What its processes used, by its runner's own figures. */
  readonly used?: Consumption;
  /** The scheduler ran the same job once more. */
  readonly again?: true;
  /** The claim was made by a conductor, so that the attempt can never begin. */
  readonly void?: true;
  /** A job has written into the file, whether or not it can be read. */
  readonly claimed?: true;
  /** The disk did not take the whole claim. A runner that cannot write its claim runs nothing. */
  readonly torn?: true;
}

/** With these words lines of a claim begin, which is written at once. */
const CLAIM_WORDS = ["host ", "start ", "namespace ", "machine ", "uid "];

/**
 * Reads a job file's text: lines `pid N`, `host NAME`, `start TIME BOOT`, `namespace N`, `machine ID`, `uid N`, `job ID`,
 * `began N`, then `ended N`, `used TICKS READ WRITTEN`, `exit N`; or `void`. A line without its end is torn, and not read. After `again` the same job runs once more, and an exit code before that no longer counts. Earlier versions wrote
 * no times, but `ran N`, seconds, where a signal may have ended the script.
 */
export function parseJobFile(written: string): JobFacts {
  // Only a conductor begins a file so.
  const isVoid = written.startsWith("void") || (written !== "" && "void".startsWith(written));
  if (isVoid) return { void: true };
  const text = written.slice(0, written.lastIndexOf("\n") + 1);
  const pid = /^pid (\d+)$/m.exec(text)?.[1];
  const host = /^host (.+)$/m.exec(text)?.[1];
  const start = /^start (\S+) (.+)$/m.exec(text);
  const namespace = /^namespace (.*)$/m.exec(text)?.[1];
  const machine = /^machine (.*)$/m.exec(text)?.[1];
  const uid = /^uid (.*)$/m.exec(text)?.[1];
  const job = /^job (.+)$/m.exec(text)?.[1];
  const again = text.lastIndexOf("\nagain\n") + 1;
  const last = text.slice(again);
  const exitCode = [...last.matchAll(/^exit (\d+)\n/gm)].at(-1)?.[1];
  const began = [...text.matchAll(/^began (\d+)\n/gm)].map(([, seconds]) => Number(seconds));
  const ended = [...last.matchAll(/^ended (\d+)\n/gm)].at(-1)?.[1];
  const ran = ended === undefined || began.length === 0
    ? [...last.matchAll(/^ran (\d+)\n/gm)].at(-1)?.[1]
    : Number(ended) - began.at(-1)!;
  const used = /^used (-?\d+) (-?\d+) (-?\d+)$/m.exec(last)?.slice(1).map((count) =>
    Math.max(0, Number(count))
  );
  return {
    ...(again > 0 ? { again: true as const } : {}),
    ...(host === undefined ? {} : { host }),
    ...(start === null ? {} : { start: { process: start[1]!, boot: start[2]! } }),
    ...(job === undefined ? {} : { job }),
    ...(pid === undefined ? {} : { pid: Number(pid) }),
    ...(exitCode === undefined ? {} : { exitCode: Number(exitCode) }),
    ...(began.length === 0 ? {} : { beganAt: began.at(-1)! * 1000 }),
    ...(ended === undefined ? {} : { endedAt: Number(ended) * 1000 }),
    ...(ran === undefined ? {} : { ran: Number(ran) }),
    ...(used === undefined
      ? {}
      : { used: { cpuMs: used[0]! * TICK_MS, readBytes: used[1]!, writtenBytes: used[2]! } }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(machine === undefined ? {} : { machine }),
    ...(uid === undefined ? {} : { uid }),
    ...(written === "" ? {} : { claimed: true as const }),
    ...(CLAIM_WORDS.some((word) => isCut(word, written.slice(text.length))) ? { torn: true as const } : {}),
  };
}

const isCut = (word: string, tail: string) => tail !== "" && (word.startsWith(tail) || tail.startsWith(word));

/**
 * Makes sure that an attempt, of which nobody knows whether it began, never begins: true if it had not. After that a
 * late copy finds the claim taken.
 */
export function voidAttempt(system: System, jobFile: string): boolean {
  system.makeDirectory(dirname(jobFile));
  const made = system.createText(jobFile, "void\n");
  if (!made && !parseJobFile(system.readTextIfAny(jobFile) ?? "").void) return false;
  // A machine that loses its power must not forget it: the late copy may be on another.
  const file = system.openAppend(jobFile);
  file.sync();
  file.close();
  return true;
}

/** When a job's script began and ended, as far as it has recorded that, in ms since 1970. */
export interface Times {
  readonly startedAt?: number;
  readonly endedAt?: number;
}

/**
 * The job's own words, brought to where they can be true: between the intent to submit it and now. Clocks differ from
 * machine to machine; how long the script took does not depend on that, and stays.
 */
export function timesOf({ beganAt, endedAt, exitCode }: JobFacts, intendedAt: number, now: number): Times {
  if (beganAt === undefined || intendedAt > now) return {};
  const startedAt = Math.min(Math.max(beganAt, intendedAt), now);
  if (endedAt === undefined || exitCode === undefined) return { startedAt };
  const took = Math.max(0, endedAt - beganAt);
  const end = Math.min(startedAt + took, now);
  return { startedAt: Math.max(end - took, intendedAt), endedAt: end };
}

/**
 * Exit codes of shells for a script that HUP, INT, KILL, USR1, USR2, TERM or XCPU ended: the signals that
 * schedulers use.
 */
export const OF_SIGNALS: readonly number[] = (
  ["SIGHUP", "SIGINT", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGTERM", "SIGXCPU"] as const
).map(exitCodeOf);
/** Whether an exit code only shows that something ended the script. */
export const ofSignal = (code: number): boolean => OF_SIGNALS.includes(code);

/**
 * The same for a claim that has stayed empty. Its job may be frozen, and write at this moment: the first line in the file
 * decides, for the job as for the conductor.
 */
export function voidEmpty(system: System, jobFile: string): boolean {
  const file = system.openAppend(jobFile);
  try {
    file.append("void\n");
    file.sync();
  } finally {
    file.close();
  }
  return parseJobFile(system.readTextIfAny(jobFile) ?? "").void === true;
}
