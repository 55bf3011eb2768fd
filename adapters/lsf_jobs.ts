/**
 * Jobs of LSF: https://www.ibm.com/docs/en/SSWRJV_10.1.0/lsf_command_ref/bsub.man_top.1.html, bjobs, bhist, bkill.
 *
 * Its relatives (OpenLava) have no `bjobs -o`: they are asked for the table of old, which says nothing of why a job
 * ended. bhist does (`lsf_history.ts`), and still knows jobs that bjobs has forgotten. They have no `-nnodes` either:
 * what is handed to them has slots instead.
 *
 * A submission's token stands at the end of the job's name.
 */

import type { CommandResult, JobPhase, JobSighting, SchedulerAdapter, SubmitRequest } from "../lib/types.ts";
import { walltimeSeconds } from "../lib/units.ts";
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
import { LSF_REASONS, parseHistory } from "./lsf_history.ts";
import { lsfStuck } from "./stuck.ts";
import { batchText, nodesOf, shortened } from "./values.ts";

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

/** Options that a relative of LSF may not have, by the words of `lacking`. */
const NO_FORMAT = "bjobs -o";
const NO_NODES = "bsub -nnodes";
const NO_GROUP = "bsub -G";

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
  submit,
  parseSubmit: (result) => readSubmission(result, SUBMISSION),
  lacking,
  seconds,
  queries: [
    {
      most: MOST_IDS,
      argv: (ids, { lacks }) =>
        lacks?.has(NO_FORMAT)
          ? ["bjobs", "-a", "-w", ...ids]
          : ["bjobs", "-a", "-noheader", "-o", FORMAT, ...ids],
      parse: (result, ids) => {
        const jobs = parseJobs(result);
        return jobs && only(jobs, ids);
      },
    },
    {
      most: MOST_IDS,
      argv: (ids) => ["bhist", "-l", ...ids],
      parse: (result, ids) => {
        const jobs = parseHistory(result);
        return jobs && only(jobs, ids);
      },
    },
  ],
  find: (token) =>
    findBy(
      token,
      ({ user }) => ["bjobs", "-a", "-w", "-u", user],
      (result) => answerLines(result)?.flatMap(tableLine),
    ),
  cancel: (ids) => ["bkill", ...ids],
  cancelMeansGone: (result) =>
    saysGone(result, /No matching job found|already finished/, /is being (?:terminated|signaled)/),
};

/** bsub reads options only from a script on its standard input; the shell's programs here never change. */
function submit(request: SubmitRequest, lacks: ReadonlySet<string> = new Set()): string[] {
  const { script, jobName, token } = request;
  const bsub = ["bsub", "-J", tagged(lsfName(jobName), token)];
  const dropped = [
    ...(lacks.has(NO_NODES) ? ["-nnodes", "-R"] : []),
    ...(lacks.has(NO_GROUP) ? ["-G"] : []),
  ];
  if (dropped.length === 0) {
    return ["/bin/sh", "-c", 'script=$1; shift; exec "$@" <"$script"', "bsub", script, ...bsub];
  }
  const without = dropped.map((option) => `/^#BSUB ${option} /d`).join(";");
  return [
    ...["/bin/sh", "-c", 'without=$1 script=$2; shift 2; sed "$without" "$script" | "$@"', "bsub", without],
    ...[script, ...bsub, ...(lacks.has(NO_NODES) ? slots(request) : [])],
  ];
}

/** Slots, and how many of them on a host, beside all else that was required. */
function slots({ resources, batch }: SubmitRequest): string[] {
  const nodes = Number(nodesOf(resources, batch)) || 1;
  const wanted = Math.max(resources.procs || nodes, nodes);
  const required = [
    ...requirement("select", batchText(batch, "constraint")),
    ...requirement("rusage", batchText(batch, "mem"), "mem="),
    ...(nodes > 1 ? [`span[ptile=${Math.ceil(wanted / nodes)}]`] : []),
  ];
  return ["-n", String(wanted), ...(required.length > 0 ? ["-R", required.join(" ")] : [])];
}

/** A section of a requirement string (`-R`); a text that has its brackets is taken as it stands. */
export function requirement(section: string, text: string | undefined, name = ""): string[] {
  if (text === undefined) return [];
  return [text.includes("[") ? text : `${section}[${name}${text}]`];
}

/** What its own answers show a relative of LSF not to have. */
function lacking({ code, stderr }: CommandResult): string | undefined {
  if (code === 0) return undefined;
  if (/^bjobs: (?:invalid|illegal|unknown) option/mi.test(stderr)) return NO_FORMAT;
  const option = /^bsub: (?:invalid|illegal|unknown) option(?: --)? '?-?(\w+)/mi.exec(stderr)?.[1];
  return option === "nnodes" ? NO_NODES : option === "G" ? NO_GROUP : undefined;
}

/** As LSF reads it: two parts are hours and minutes. */
function seconds(walltime: string): number | undefined {
  const match = /^(\d+):(\d+)$/.exec(walltime.trim());
  return match ? Number(match[1]) * 3600 + Number(match[2]) * 60 : walltimeSeconds(walltime);
}

/** OpenLava takes 127 bytes; the token behind needs room. */
const LONGEST_NAME = 90;

/** Brackets in a job's name make it a job array, or a bad name. */
export function lsfName(text: string): string {
  return shortened(text.replaceAll("[", "(").replaceAll("]", ")"), LONGEST_NAME);
}

/** The lines of an answer about jobs, some or all of which may not be there. */
function answerLines({ code, stdout, stderr, timedOut }: CommandResult): string[] | undefined {
  if (timedOut) return undefined;
  const said = lines(stderr);
  const missing = said.length > 0 && said.every((line) => NOT_FOUND.test(line));
  return code === 0 || missing ? lines(stdout).filter((line) => !NOT_FOUND.test(line)) : undefined;
}

/** Either answer to the first query. The table does not say why a job is EXIT: that is left to bhist. */
function parseJobs(result: CommandResult): JobSighting[] | undefined {
  return answerLines(result)?.flatMap((line) =>
    /^\d+\|/.test(line) ? formattedLine(line) : tableLine(line).filter(({ phase }) => phase !== "failed")
  );
}

function formattedLine(line: string): JobSighting[] {
  const [id, word = "", code, why = "", ...name] = line.split("|").map((field) => field.trim());
  const reason = /\bTERM_[A-Z_]+/.exec(why)?.[0];
  const stat = phaseOf(LSF_STATES, word);
  const phase = stat === "failed" && reason && Object.hasOwn(LSF_REASONS, reason)
    ? LSF_REASONS[reason]!
    : stat;
  return [sighting(id!, phase, word, {
    exitCode: phase === "failed" && /^\d+$/.test(code ?? "") ? Number(code) : undefined,
    reason: why === "-" ? undefined : why,
    token: tokenOf(name.join("|")),
    stuck: lsfStuck(word),
  })];
}

/** JOBID USER STAT QUEUE FROM_HOST EXEC_HOST JOB_NAME SUBMIT_TIME, the last as `Nov 22 09:40` or with the year. */
function tableLine(line: string): JobSighting[] {
  const match = /^(\d+)\s+\S+\s+([A-Z]+)\s+(.*)$/.exec(line);
  if (match === null) return [];
  const [, id, word, rest] = match;
  const name = rest!.replace(/\s+[A-Z][a-z]{2}\s+\d+\s+\d\d:\d\d(?:\s+\d{4})?$/, "");
  return [sighting(id!, phaseOf(LSF_STATES, word!), word!, { token: tokenOf(name), stuck: lsfStuck(word!) })];
}
