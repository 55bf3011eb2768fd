/** What an answer of a scheduler means as the end of an attempt, together with what the job itself wrote. */

import { type JobFacts, ofSignal } from "../../study/claims.ts";
import type { AttemptEnd } from "../runner.ts";
import { exitCodeOf } from "../../signals.ts";
import type { JobSighting } from "../../../adapters/adapter.ts";

export interface Verdict {
  /** The end counts only if it is made sure that the job never begins. */
  readonly unbegun?: true;
  readonly started: boolean;
  readonly end?: AttemptEnd;
}

/** The guard's own: the job's file has another's claim, or could not be made. */
const NOT_RUN = new Set([96, 97]);

/** What else bears on a verdict. */
export interface Circumstances {
  /** Whether its jobs claim their attempts before anything else. */
  readonly guarded?: boolean;
  /** Who deleted the job, if it was deleted: it will not come back. */
  readonly deleted?: "here" | "elsewhere" | undefined;
  /** Seconds that the job may take. */
  readonly limit?: number | undefined;
  /** Whether its scheduler knows nothing of any job that has ended. */
  readonly forgets?: boolean;
}

export function judgeSighting(sighting: JobSighting, facts: JobFacts, started: boolean): Verdict {
  const code = facts.exitCode ?? sighting.exitCode;
  const why = sighting.reason ? `${sighting.word} (${sighting.reason})` : sighting.word;
  const coded = code === undefined ? {} : { exitCode: code };
  switch (sighting.phase) {
    case "pending":
      return { started: false };
    case "unknown":
      return facts.exitCode !== undefined && !ofSignal(facts.exitCode)
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
        return { started, end: { kind: "exit", exitCode: 0, reason: `the scheduler reports ${why}` } };
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

/** A job that failed without a claim has not run its script: its node or its scheduler could not run it. */
export function failedUnbegun({ word, exitCode, reason }: JobSighting, end: AttemptEnd): AttemptEnd {
  if (end.kind === "hwfailure") return end;
  const why = exitCode !== undefined
    ? `${word}, exit code ${exitCode}`
    : reason
    ? `${word} (${reason})`
    : word;
  return { kind: "hwfailure", reason: `it failed before its script began: ${why}` };
}

/** Of a script that a signal ended when its time was up. */
export function overTime({ exitCode, ran }: JobFacts, { limit }: Circumstances): AttemptEnd | undefined {
  if (exitCode === undefined || !ofSignal(exitCode)) return undefined;
  // Clocks tick in whole seconds; schedulers are late, never early.
  if (ran === undefined || limit === undefined || ran < limit - 1) return undefined;
  return { kind: "timeout", exitCode, reason: `over its time limit: a signal ended it after ${ran} s` };
}

/** What schedulers send to a job that someone deletes: INT, TERM. */
const OF_DELETION: ReadonlySet<number> = new Set((["SIGINT", "SIGTERM"] as const).map(exitCodeOf));

/** An end of which the scheduler has kept no word. */
export function endUnheardOf(exitCode: number, { forgets }: Circumstances): AttemptEnd {
  if (!forgets || !OF_DELETION.has(exitCode)) return endOfCode(exitCode);
  const reason = "a signal ended it before its time, and the scheduler keeps no record of why";
  return { kind: "cancelled", reason, elsewhere: true };
}
