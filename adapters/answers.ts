/**
 * Shared by adapters: reading the output of a scheduler's commands, and the token by which a submission is
 * found again.
 */

import { exitCodeOf } from "../lib/signals.ts";
import type { CommandResult, JobPhase, JobSighting, Query, QueryContext, Submission } from "./adapter.ts";

/**
 * The forms of a scheduler's answer to a submission. Expressions are matched against all its messages as one
 * text.
 */
export interface SubmissionWords {
  /** Its id in a line of standard output. */
  readonly id: RegExp;
  /** How its refusals look, whatever their language: what has another form is not known to be one. */
  readonly refusal: RegExp;
  /** In front of messages, to be taken off. */
  readonly prefix: RegExp;
  /** What proves that the command did not reach the scheduler: nothing was submitted. */
  readonly unreached?: RegExp;
  /** Limits of the moment. */
  readonly again: RegExp;
  /** Failures after which the job may exist anyway. */
  readonly unclear: RegExp;
}

/** Ended by a signal: timeout(1), kill, out of memory. What it had done by then is not known. */
const KILLED: ReadonlySet<number> = new Set([
  124,
  ...(["SIGINT", "SIGKILL", "SIGTERM"] as const).map(exitCodeOf),
]);
/** The shell's codes for a command that is not there or cannot be run: a fault of this host, not of the step. */
const NO_COMMAND: ReadonlySet<number> = new Set([126, 127]);

/** Only a plain id is accepted, only a plain refusal is refused; all else may have been accepted. */
export function readSubmission(result: CommandResult, words: SubmissionWords): Submission {
  const { code, stdout, stderr } = result;
  const reason = tidy(`${stderr}\n${stdout}`, words.prefix);
  if (result.timedOut) return { kind: "unclear", reason: "no answer in time" };
  const jobId = lines(stdout).findLast((line) => words.id.test(line));
  if (jobId !== undefined) {
    if (code !== 0) return { kind: "unclear", reason };
    return { kind: "accepted", jobId: words.id.exec(jobId)![1]! };
  }
  if (code === 0) return { kind: "unclear", reason: reason || "no job id in the answer" };
  if (NO_COMMAND.has(code) || words.unreached?.test(reason)) {
    return { kind: "refused", reason, again: true, unreached: true };
  }
  if (KILLED.has(code) || reason === "" || words.unclear.test(reason)) {
    return { kind: "unclear", reason: reason || `exit code ${code}` };
  }
  if (!words.refusal.test(`${stderr}\n${stdout}`)) return { kind: "unclear", reason };
  return { kind: "refused", reason, again: words.again.test(reason) };
}

/** Messages on one line, the command's name in front of each taken off, each once. */
function tidy(text: string, prefix: RegExp): string {
  const messages = lines(text).map((line) => line.replace(prefix, "").trim()).filter((line) => line !== "");
  // Behind what is wrong, a list of all options helps nobody.
  return [...new Set(messages)].join("; ").replace(/(.); usage: .*/i, "$1").slice(0, 1000);
}

/** Lines that hold something, without blanks around. */
export function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** The phase of a word; a word that the table does not have changes nothing. */
export function phaseOf(table: Readonly<Record<string, JobPhase>>, word: string): JobPhase {
  return Object.hasOwn(table, word) ? table[word]! : "unknown";
}

/** A text with a submission's token behind it. The sign is one that every scheduler takes in a job's name. */
export function tagged(text: string, token: string): string {
  return `${text}+${token}`;
}

/** The token at the end of a text. */
export function tokenOf(text: string): string | undefined {
  return /\+([A-Za-z0-9-]+)$/.exec(text.trim())?.[1];
}

/** What may be known of a job beside its id and its state. */
interface Known {
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  readonly token?: string | undefined;
  readonly stuck?: string | undefined;
  readonly paused?: string | undefined;
  readonly submittedAt?: number | undefined;
  /** When it began; of a job that waits: when it should begin. */
  readonly startAt?: number | undefined;
  /** When it ended; of any other job it is ignored. */
  readonly endedAt?: number | undefined;
}

/** A sighting, without what is not known. */
export function sighting(jobId: string, phase: JobPhase, word: string, more: Known = {}): JobSighting {
  const { exitCode, reason, token, stuck, paused, submittedAt, startAt, endedAt } = more;
  const waits = phase === "pending";
  const lives = waits || phase === "running" || phase === "unknown";
  return {
    jobId,
    phase,
    word,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason ? { reason } : {}),
    ...(token ? { token } : {}),
    ...(stuck && waits ? { stuck } : {}),
    ...(paused && phase === "running" ? { paused } : {}),
    ...(submittedAt === undefined ? {} : { submittedAt }),
    ...(startAt === undefined ? {} : waits ? { expectedStartAt: startAt } : { startedAt: startAt }),
    ...(endedAt === undefined || lives ? {} : { endedAt }),
  };
}

/** Months as ctime(3) writes them. */
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/**
 * A time without its zone, in ms since 1970: `2026-11-29T08:55:00`, or as ctime(3) writes it, `Sat Nov 28 22:03:04 2026`.
 * Queries run with the zone UTC.
 */
export function utcTime(text: string | undefined): number | undefined {
  const plain = text?.trim() ?? "";
  const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?$/.test(plain);
  if (iso) return known(Date.parse(`${plain}Z`));
  const match = /^(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) +(\d+) (\d\d):(\d\d):(\d\d) (\d{4})$/.exec(plain);
  if (match === null) return undefined;
  const month = MONTHS.indexOf(match[1]!) / 3;
  const [day, hour, minute, second, year] = match.slice(2).map(Number);
  return Number.isInteger(month) && month >= 0
    ? known(Date.UTC(year!, month, day, hour, minute, second))
    : undefined;
}

/** Seconds since 1970 as a scheduler prints them, in ms; 0 and less are no times. */
export function epochTime(seconds: unknown): number | undefined {
  const ms = Math.round(Number(seconds) * 1000);
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined;
}

const known = (ms: number) => Number.isNaN(ms) ? undefined : ms;

/** A query for a token, made of a query for all jobs of the user. */
export function findBy(
  token: string,
  argv: (context: QueryContext) => string[],
  parse: (result: CommandResult) => JobSighting[] | undefined,
): Query {
  return {
    argv: (_, context) => argv(context),
    parse: (result) => parse(result)?.filter((job) => job.token === token),
  };
}

/** Only those that were asked about, under the ids by which they were asked. */
export function only(jobs: readonly JobSighting[], ids: readonly string[]): JobSighting[] {
  const asked = new Set(ids);
  return jobs.filter(({ jobId }) => asked.has(jobId));
}

/** Whether a command failed, and only reports that jobs are gone. */
export function saysGone(result: CommandResult, gone: RegExp, ignored: RegExp = /^$/): boolean {
  const said = lines(`${result.stderr}\n${result.stdout}`).filter((line) => !ignored.test(line));
  return !result.timedOut && said.length > 0 && said.every((line) => gone.test(line));
}
