/**
 * Jobs of LSF: https://www.ibm.com/docs/en/SSWRJV_10.1.0/lsf_command_ref/bsub.man_top.1.html, bjobs, bkill. Its
 * relatives that have no `bjobs -o` are asked a second time, in words of old.
 *
 * A submission's token stands at the end of the job's name.
 */

import type { CommandResult, JobPhase, JobSighting, SchedulerAdapter } from "../lib/types.ts";
import {
  findBy,
  lines,
  only,
  phaseOf,
  readSubmission,
  saysGone,
  sighting,
  tagged,
  tokenOf,
} from "./answers.ts";

/** https://www.ibm.com/docs/en/SSWRJV_10.1.0/lsf_command_ref/bjobs.zz4category.1.html, STAT. */
export const LSF_STATES: Readonly<Record<string, JobPhase>> = {
  PEND: "pending",
  PROV: "pending",
  PSUSP: "pending",
  WAIT: "pending",
  RUN: "running",
  USUSP: "running",
  SSUSP: "running",
  UNKWN: "running", // its host does not answer
  ZOMBI: "running", // killed, but its host does not answer
  DONE: "finished",
  EXIT: "failed",
};

/**
 * Why a job is EXIT: https://www.ibm.com/docs/en/SSWRJV_10.1.0/lsf_command_ref/bhist.1.html and bacct.1.html,
 * "Termination reasons".
 */
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

const MOST_IDS = 1000;
const NOT_FOUND = /^Job <[^>]*> is not found\.?$|^No (?:unfinished )?job found\.?$/;
/** The name last: it may hold anything. */
const FORMAT = "jobid stat exit_code exit_reason job_name delimiter='|'";

const SUBMISSION = {
  id: /^Job <(\d+)> is submitted\b/,
  prefix: /^bsub: /,
  again:
    /[Pp]ending job threshold|\bMXJ\b|job (?:slot )?limit|maximum number of (?:pending )?jobs|MAX_PEND|PJOB_LIMIT/,
  unclear:
    /not responding|still trying|\bLIM\b|[Cc]ommunication|timed out|try (?:again )?later|[Cc]onnect|RPC|non-LSF host|daemon|Failed in/,
};

/** Commands of LSF. */
export const lsfJobs: SchedulerAdapter = {
  clearedEnv: ["BSUB_*", "LSB_JOB*", "LSB_BATCH_JID", "LSB_QUEUE", "LSB_HOSTS", "LSB_MCPU_HOSTS", "LSB_DJOB*"]
    .concat([
      "LSB_BJOBS_*",
      "LSB_SUB_*",
      "LSB_INTERACTIVE",
      "LSB_EXIT*",
      "LSB_CHKFILENAME",
      "LSB_OUTPUTFILE",
    ]),
  jobIdVariable: "LSB_JOBID",
  // bsub reads options only from a script on its standard input; the shell's program here never changes.
  submit: ({ script, jobName, token }) => [
    ...["/bin/sh", "-c", 'script=$1; shift; exec "$@" <"$script"', "bsub", script],
    ...["bsub", "-J", tagged(lsfName(jobName), token)],
  ],
  parseSubmit: (result) => readSubmission(result, SUBMISSION),
  queries: [
    {
      most: MOST_IDS,
      argv: (ids) => ["bjobs", "-a", "-noheader", "-o", FORMAT, ...ids],
      parse: (result, ids) => {
        const jobs = parseFormatted(result);
        return jobs && only(jobs, ids);
      },
    },
    {
      most: MOST_IDS,
      argv: (ids) => ["bjobs", "-a", "-w", ...ids],
      parse: (result, ids) => {
        const jobs = parseTable(result);
        return jobs && only(jobs, ids);
      },
    },
  ],
  find: (token) => findBy(token, ({ user }) => ["bjobs", "-a", "-w", "-u", user], parseTable),
  cancel: (ids) => ["bkill", ...ids],
  cancelMeansGone: (result) =>
    saysGone(result, /No matching job found|already finished/, /is being (?:terminated|signaled)/),
};

/** Brackets in a job's name make it a job array, or a bad name. */
export function lsfName(text: string): string {
  return text.replaceAll("[", "(").replaceAll("]", ")");
}

/** The lines of an answer about jobs, some or all of which may not be there. */
function answerLines({ code, stdout, stderr, timedOut }: CommandResult): string[] | undefined {
  if (timedOut) return undefined;
  const said = lines(stderr);
  const missing = said.length > 0 && said.every((line) => NOT_FOUND.test(line));
  return code === 0 || missing ? lines(stdout).filter((line) => !NOT_FOUND.test(line)) : undefined;
}

function parseFormatted(result: CommandResult): JobSighting[] | undefined {
  // Not LSF's own bjobs: it tells of nothing, the next query is the one to ask.
  if (/(?:invalid|illegal|unknown) option/i.test(result.stderr)) return [];
  return answerLines(result)?.flatMap((line) => {
    const [id, word = "", code, why = "", ...name] = line.split("|").map((field) => field.trim());
    if (!/^\d+$/.test(id!)) return [];
    const reason = /\bTERM_[A-Z_]+/.exec(why)?.[0];
    const stat = phaseOf(LSF_STATES, word);
    const phase = stat === "failed" && reason && Object.hasOwn(LSF_REASONS, reason)
      ? LSF_REASONS[reason]!
      : stat;
    return [sighting(id!, phase, word, {
      exitCode: phase === "failed" && /^\d+$/.test(code ?? "") ? Number(code) : undefined,
      reason: why === "-" ? undefined : why,
      token: tokenOf(name.join("|")),
    })];
  });
}

/** JOBID USER STAT QUEUE FROM_HOST EXEC_HOST JOB_NAME SUBMIT_TIME, the last as `Nov 22 09:40` or with the year. */
function parseTable(result: CommandResult): JobSighting[] | undefined {
  return answerLines(result)?.flatMap((line) => {
    const match = /^(\d+)\s+\S+\s+([A-Z]+)\s+(.*)$/.exec(line);
    if (match === null) return [];
    const [, id, word, rest] = match;
    const name = rest!.replace(/\s+[A-Z][a-z]{2}\s+\d+\s+\d\d:\d\d(?:\s+\d{4})?$/, "");
    return [sighting(id!, phaseOf(LSF_STATES, word!), word!, { token: tokenOf(name) })];
  });
}
