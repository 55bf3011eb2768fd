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

/** A sighting, without what is not known. */
export function sighting(
  jobId: string,
  phase: JobPhase,
  word: string,
  more: {
    exitCode?: number | undefined;
    reason?: string | undefined;
    token?: string | undefined;
    stuck?: string | undefined;
  } = {},
): JobSighting {
  const { exitCode, reason, token, stuck } = more;
  return {
    jobId,
    phase,
    word,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason ? { reason } : {}),
    ...(token ? { token } : {}),
    ...(stuck && phase === "pending" ? { stuck } : {}),
  };
}

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
