/**
 * How a job of LSF ended, from bhist.
 * https://www.ibm.com/docs/en/SSWRJV_10.1.0/lsf_command_ref/bhist.1.html
 *
 * Its output is for people: lines are folded at the edge, and times have no year.
 */

import { exitCodeOfNumber } from "../../lib/signals.ts";
import type { CommandResult, JobPhase, JobSighting } from "../adapter.ts";
import { type Usage, usageOf } from "../../lib/study/usage.ts";
import { lines, sighting, tokenOf } from "../answers.ts";
import { bytesIn } from "../../lib/units.ts";
import { millisecondsIn } from "../usage.ts";

/** Why a job is EXIT: bhist(1) and bacct(1), "Termination reasons". */
export const LSF_REASONS: Readonly<Record<string, JobPhase>> = {
  TERM_ADMIN: "cancelled",
  TERM_BUCKET_KILL: "cancelled",
  TERM_CHKPNT: "failed",
  TERM_CPULIMIT: "timedout",
  TERM_CSM_ALLOC: "hwfailure",
  TERM_CWD_NOTEXIST: "failed",
  TERM_DEADLINE: "failed",
  TERM_EXTERNAL_SIGNAL: "failed",
  TERM_FORCE_ADMIN: "cancelled",
  TERM_FORCE_OWNER: "cancelled",
  TERM_KUBE: "failed",
  TERM_LOAD: "preempted",
  TERM_MC_RECALL: "preempted",
  TERM_MEMLIMIT: "oom",
  TERM_ORPHAN_SYSTEM: "cancelled",
  TERM_OTHER: "failed",
  TERM_OWNER: "cancelled",
  TERM_PREEMPT: "preempted",
  TERM_PRE_EXEC_FAIL: "failed",
  TERM_PROCESSLIMIT: "failed",
  TERM_RC_RECLAIM: "preempted",
  TERM_REMOVE_HUNG_JOB: "hwfailure",
  TERM_REQUEUE_ADMIN: "cancelled",
  TERM_REQUEUE_OWNER: "cancelled",
  TERM_REQUEUE_RC: "preempted",
  TERM_RMS: "failed",
  TERM_RUNLIMIT: "timedout",
  TERM_SLURM: "failed",
  TERM_SWAP: "oom",
  TERM_THREADLIMIT: "failed",
  TERM_UNKNOWN: "failed",
  TERM_WINDOW: "preempted",
  TERM_ZOMBIE: "hwfailure",
};

/** A signal that ends a job. Others (`bkill -s USR1`) leave the end to the script. */
const KILLED = /^Signal <(?:KILL|TERM|INT|9|15|2)> requested by user/;
const NOT_FOUND = /No matching job found/;
/** Between jobs. */
const RULE = /^-{20,}$/m;
/** What a folded line goes on with. */
const FOLD = /\n {21}/g;
/** `Sun Nov 22 09:55:49: what happened`. */
const EVENT = /^[A-Z][a-z]{2} ([A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d): (.*)$/gm;

const BEGIN = /^Start(?:ing|ed)\b/;
const END = /^(?:Done|Exited|Completed)\b/;
/** `to <host>`, OpenLava's `to 2 Hosts/Processors <host> <host>`, LSF's `2 Task(s) on Host(s) <host> <host>`. */
const SLOTS = /^(?:Dispatched|Started) (?:(\d+) Task\(s\) on |(?:to|on) (?:(\d+) Hosts\/Processors |<))/;
const RUNLIMIT = /^\s*RUNLIMIT\s*\n\s*([\d.]+) min\b/m;

/** The jobs that have ended. For living jobs, bjobs is the source. */
export function parseHistory(result: CommandResult): JobSighting[] | undefined {
  return recordsOf(result)?.flatMap(([id, text]) => endOf(id, text));
}

/** What the jobs used that have ended. LSF 10.1 shows the memory, too; OpenLava does not. */
export function parseHistoryUsage(result: CommandResult): ReadonlyMap<string, Usage> | undefined {
  const ended = recordsOf(result)?.filter(([id, text]) => endOf(id, text).length > 0);
  return ended && new Map(ended.map(([id, text]) => [id, usageIn(text)]));
}

/** Each job's id, and its record on whole lines. */
function recordsOf({ code, stdout, stderr, timedOut }: CommandResult): [string, string][] | undefined {
  if (timedOut) return undefined;
  // LSF prints this among the errors, OpenLava instead of them.
  const said = lines(stderr || stdout);
  if (code !== 0 && !(said.length > 0 && said.every((line) => NOT_FOUND.test(line)))) return undefined;
  return stdout.split(RULE).flatMap((record) => {
    const text = record.replace(FOLD, "");
    // OpenLava 4.0 writes `Job Id <7>`.
    const id = /^Job (?:Id )?<(\d+)>/m.exec(text)?.[1];
    return id === undefined ? [] : [[id, text]];
  });
}

/** `MAX MEM` is the sum over the processes of all hosts. */
function usageIn(text: string): Usage {
  const events = eventsIn(text);
  const began = events.findLast(({ what }) => BEGIN.test(what));
  const end = events.findLast(({ what }) => END.test(what));
  const [, limit] = RUNLIMIT.exec(text) ?? [];
  const slots = events.map(({ what }) => SLOTS.exec(what)).findLast((match) => match !== null);
  return usageOf({
    cpuMs: millisecondsIn(/\bCPU time used is ([\d.]+) seconds/.exec(text)?.[1]),
    maxRssBytes: bytesIn(/\bMAX MEM: ([\d.]+ [KMGT]bytes)/.exec(text)?.[1]),
    cpus: slots && Number(slots[1] ?? slots[2] ?? 1),
    limitSeconds: limit === undefined ? undefined : Number(limit) * 60,
    wallSeconds: began && end && lasted(began.at, end.at),
  });
}

function eventsIn(text: string) {
  return [...text.matchAll(EVENT)].map(([, time, what]) => ({ at: secondsOf(time!), what: what! }));
}

function endOf(id: string, text: string): JobSighting[] {
  const events = eventsIn(text);
  const end = events.findLast(({ what }) => END.test(what));
  if (end === undefined) return [];
  const token = tokenOf(/, Job Name <(.*?)>, User /.exec(text)?.[1] ?? "");
  const done = /^Done successfully|^Completed <done>/.test(end.what);
  const exitCode = done ? 0 : codeOf(end.what);
  const term = /\bTERM_[A-Z_]+/.exec(end.what)?.[0];
  if (term !== undefined && Object.hasOwn(LSF_REASONS, term)) {
    return [sighting(id, LSF_REASONS[term]!, "EXIT", { exitCode, reason: term, token })];
  }
  const word = done ? "DONE" : "EXIT";
  const killed = events.findLast(({ what }) => KILLED.test(what));
  // A job may be killed before its shell is there to end by the signal: OpenLava calls it done.
  if (killed) return [sighting(id, "cancelled", word, { reason: killed.what.replace(/;$/, ""), token })];
  if (done) return [sighting(id, "finished", word, { exitCode: 0, token })];
  const began = events.findLast(({ what }) => BEGIN.test(what));
  const limit = RUNLIMIT.exec(text)?.[1];
  // Whatever its exit code, a job that ended before its time was not ended by the limit.
  const late = limit !== undefined && began !== undefined && lasted(began.at, end.at) >= Number(limit) * 60;
  if (late) return [sighting(id, "timedout", "EXIT", { exitCode, reason: `RUNLIMIT ${limit} min`, token })];
  return [sighting(id, "failed", "EXIT", { exitCode, token })];
}

/** `Exited with exit code 7.`, `Exited by signal 9.` */
function codeOf(end: string): number | undefined {
  const [, word, number] = /(code|status|signal) (\d+)/.exec(end) ?? [];
  if (number === undefined) return undefined;
  return word === "signal" ? exitCodeOfNumber(Number(number)) : Number(number);
}

/** Seconds of a time in a year that nobody names. */
function secondsOf(time: string): number {
  const [month, day, clock] = time.split(/ +/);
  return Date.parse(`${day} ${month} 2000 ${clock} UTC`) / 1000;
}

/** Seconds from one to the other, maybe over New Year. */
function lasted(from: number, to: number): number {
  return to >= from ? to - from : to - from + 366 * 86_400;
}
