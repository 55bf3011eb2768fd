/**
 * Three witnesses of a scheduled job, brought to one verdict: the journal (it is in flight), the file that the job
 * itself writes, and the scheduler. Only a positive word ends a job; silence needs time and repetition.
 */

import type { JobFacts } from "../../study/claims.ts";
import type { AttemptEnd } from "../runner.ts";
import type { JobSighting } from "../../../adapters/adapter.ts";

/** What the scheduler said of one job: a sighting, `absent` when asked and not there, undefined when it was not asked. */
export type Answer = JobSighting | "absent" | undefined;

export interface Verdict {
  readonly started: boolean;
  readonly end?: AttemptEnd;
}

/** How often and for how long a job must have been absent before it is given up. */
export const ABSENCES = 3;
export const ABSENT_MS = 120_000;

/** When a job's script began and ended, as far as it has said so, in ms since 1970. */
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

/** What a shell says of a script that HUP, INT, KILL, USR1, USR2, TERM or XCPU ended: a scheduler's means. */
const OF_SIGNALS = new Set([129, 130, 137, 138, 140, 143, 152]);
/** Whether an exit code says no more than that something ended the script. */
export const ofSignal = (code: number): boolean => OF_SIGNALS.has(code);

/** The guard's own: the job's file has another's claim, or could not be made. */
const NOT_RUN = new Set([96, 97]);

/** What else bears on a verdict. */
export interface Circumstances {
  /** Seconds that the job may take. */
  readonly limit?: number | undefined;
  /** Whether its scheduler knows nothing of any job that has ended. */
  readonly forgets?: boolean;
}

/** `absences`: successful queries in a row that did not know the job; `absentMs`: since the first of them. */
export function judge(
  answer: Answer,
  facts: JobFacts,
  absences: number,
  absentMs: number,
  circumstances: Circumstances = {},
): Verdict {
  const started = facts.claimed === true;
  const longAgo = absences >= ABSENCES && absentMs >= ABSENT_MS;
  if (answer !== undefined && answer !== "absent") {
    if (isStale(answer, facts) && !longAgo) return { started };
    // Some schedulers have but one word for all that failed.
    const late = answer.phase === "failed" && answer.reason === undefined && overTime(facts, circumstances);
    return late ? { started, end: late } : judgeSighting(answer, facts, started);
  }
  const gone = answer === "absent" && longAgo;
  // A script that a signal ended knows how and not why: the scheduler's word is waited for.
  if (facts.exitCode !== undefined && (gone || !OF_SIGNALS.has(facts.exitCode))) {
    return { started, end: overTime(facts, circumstances) ?? endUnheardOf(facts.exitCode, circumstances) };
  }
  if (gone) {
    return {
      started,
      end: { kind: "lost", reason: "the scheduler no longer knows the job, and it left no exit code" },
    };
  }
  return { started };
}

/** Of a script that a signal ended when its time was up. */
function overTime({ exitCode, ran }: JobFacts, { limit }: Circumstances): AttemptEnd | undefined {
  if (exitCode === undefined || !ofSignal(exitCode)) return undefined;
  // Clocks tick in whole seconds; schedulers are late, never early.
  if (ran === undefined || limit === undefined || ran < limit - 1) return undefined;
  return { kind: "timeout", exitCode, reason: `over its time limit: a signal ended it after ${ran} s` };
}

/** What schedulers send to a job that someone deletes: INT, TERM. */
const OF_DELETION: ReadonlySet<number> = new Set([130, 143]);

/** An end of which the scheduler has kept no word. */
function endUnheardOf(exitCode: number, { forgets }: Circumstances): AttemptEnd {
  if (!forgets || !OF_DELETION.has(exitCode)) return endOfCode(exitCode);
  const reason = "a signal ended it before its time, and the scheduler keeps no record of why";
  return { kind: "cancelled", reason, elsewhere: true };
}

/**
 * Whether a scheduler may be speaking of an earlier run of a job that it has run once more since: such a word counts
 * only when it has stayed the same for as long as a job must be absent.
 */
export function isStale(answer: Answer, facts: JobFacts): boolean {
  return answer !== undefined && answer !== "absent" && facts.again === true &&
    facts.exitCode === undefined &&
    (answer.phase === "hwfailure" || answer.phase === "preempted");
}

function judgeSighting(sighting: JobSighting, facts: JobFacts, started: boolean): Verdict {
  const code = facts.exitCode ?? sighting.exitCode;
  const why = sighting.reason ? `${sighting.word} (${sighting.reason})` : sighting.word;
  const coded = code === undefined ? {} : { exitCode: code };
  switch (sighting.phase) {
    case "pending":
      return { started: false };
    case "unknown":
      return facts.exitCode !== undefined && !OF_SIGNALS.has(facts.exitCode)
        ? { started, end: endOfCode(facts.exitCode) }
        : { started: false };
    case "running":
      return { started: true };
    case "finished":
      // The scheduler may call a job finished whose script failed; the script's own word counts.
      return { started: true, end: endOfCode(facts.exitCode ?? 0) };
    case "failed":
      if (!started && code !== undefined && NOT_RUN.has(code)) {
        return { started, end: { kind: "hwfailure", reason: "its node could not write the job's file" } };
      }
      if (code === 0) {
        return { started, end: { kind: "exit", exitCode: 0, reason: `the scheduler says ${why}` } };
      }
      return {
        started,
        end: { kind: "exit", ...coded, reason: code === undefined ? why : `exit code ${code}` },
      };
    case "oom":
      return { started, end: { kind: "oom", ...coded, reason: `out of memory: ${why}` } };
    case "timedout":
      return { started, end: { kind: "timeout", ...coded, reason: `over its time limit: ${why}` } };
    case "hwfailure":
    case "preempted":
      // Its script had come to its end before that, or was run once more and then did.
      if (facts.exitCode === 0) return { started, end: endOfCode(0) };
      if (sighting.phase === "preempted") {
        return { started, end: { kind: "preempted", reason: `preempted: ${why}` } };
      }
      return { started, end: { kind: "hwfailure", reason: `its node failed: ${why}` } };
    case "cancelled":
      return {
        started,
        end: { kind: "cancelled", reason: `cancelled at the scheduler: ${why}`, elsewhere: true },
      };
  }
}

function endOfCode(code: number): AttemptEnd {
  return code === 0 ? { kind: "finished" } : { kind: "exit", exitCode: code, reason: `exit code ${code}` };
}
