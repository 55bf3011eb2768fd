/**
 * Jobs of LSF: https://www.ibm.com/docs/en/SSWRJV_10.1.0/lsf_command_ref/bsub.man_top.1.html, bjobs, bhist,
 * bkill.
 *
 * A relative of LSF lacks some of it (`lacks.ts`). Without `bjobs -o`, the plain table shows the living jobs.
 * It does not show why a job ended. bhist does (`history.ts`), and it knows jobs that bjobs has forgotten.
 *
 * A submission's token is at the end of the job's name.
 */

import type { CommandResult, JobPhase, JobSighting, SchedulerAdapter, SubmitRequest } from "../adapter.ts";
import { walltimeSeconds } from "../../lib/units.ts";
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
} from "../answers.ts";
import { LSF_REASONS, parseHistory, parseHistoryUsage } from "./history.ts";
import { lacking, NO_FORMAT, NO_LONG_NAMES, NO_REASONS } from "./lacks.ts";
import { shortened } from "../values.ts";

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
/** The name last: it may hold anything. An older LSF has no field for why a job waits. */
const format = (lacks: ReadonlySet<string> | undefined) =>
  `jobid stat exit_code exit_reason ${lacks?.has(NO_REASONS) ? "" : "pend_reason "}job_name delimiter='|'`;

const SUBMISSION = {
  // `Job <7> is submitted to queue <normal>.`, in any language.
  id: /^[^<]*<(\d+)>.*<[^<>]+>/,
  refusal: /Job not submitted\.|^bsub: /m,
  prefix: /^bsub: /,
  again: new RegExp(
    "[Pp]ending job threshold|\\bMXJ\\b|job (?:slot |group )?limit|maximum number of (?:pending )?jobs|MAX_PEND|PJOB_LIMIT" +
      "|Queue has been closed|queue windows are closed|enough (?:per-\\w+ )?job slots|host\\(s\\) currently eligible" +
      "|No job Id can be used now|locked by master LIM",
  ),
  unclear: new RegExp(
    "not responding|still trying|LIM is down|[Cc]ommunication|[Tt]imed? ?out|try (?:again )?later|[Cc]onnect|RPC" +
      "|non-LSF host|daemon|Failed in|protocol error|decode error|internal error|System call failed|End of file" +
      "|not registered|Unable to contact|in progress|allocate memory|port number",
  ),
};

/** What LSF sets in a job: its reference, "Environment variables set for job execution". */
const OF_JOBS = [
  "LSB_JOBID LSB_JOBINDEX* LSB_JOBNAME LSB_JOBPID LSB_JOBPEND LSB_JOBPGIDS LSB_JOBPIDS LSB_JOBRES_* LSB_JOBEXIT_*",
  "LSB_JOBFILENAME LSB_JOB_EXECUSER LSB_BATCH_JID LSB_QUEUE LSB_HOSTS LSB_MCPU_HOSTS LSB_DJOB* LSB_INTERACTIVE",
  "LSB_EXIT* LSB_CHKFILENAME LSB_OUTPUTFILE LSB_ERRORFILE LSB_TRAPSIGS LS_JOBPID LS_SUBCWD",
].join(" ").split(" ");

/** Commands of LSF. */
export const lsfJobs: SchedulerAdapter = {
  version: { program: "bsub", argv: ["lsid"] },
  // cshrc.lsf
  environment: ["LSF_ENVDIR", "LSF_BINDIR", "LSF_SERVERDIR", "LSF_LIBDIR"],
  pack: { folders: ["LS_SUBCWD"] },
  clearedEnv: [...OF_JOBS, "BSUB_*", "LSB_BJOBS_*", "LSB_SUB_*"],
  // bsub would print nothing, print elsewhere, or only check; an esub of another submission would change ours.
  notSubmitted: ["BSUB_QUIET*", "BSUB_STDERR", "BSUB_CHK_RESREQ", "LSB_SUB_*"],
  ofJobs: OF_JOBS,
  jobIdVariables: ["LSB_JOBID"],
  jobNameVariables: ["LSB_JOBNAME"],
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
          : ["bjobs", "-a", "-noheader", "-o", format(lacks), ...ids],
      parse: (result, ids) => {
        const jobs = parseJobs(result);
        return jobs && only(jobs, ids);
      },
    },
    {
      most: MOST_IDS,
      argv: bhist,
      parse: (result, ids) => {
        const jobs = parseHistory(result);
        return jobs && only(jobs, ids);
      },
    },
  ],
  usage: { most: MOST_IDS, argv: bhist, parse: parseHistoryUsage },
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

function bhist(ids: readonly string[]): string[] {
  return ["bhist", "-l", ...ids];
}

/** bsub reads options only from a script on its standard input. The shell's program is always the same. */
function submit({ script, jobName, token, lacks }: SubmitRequest): string[] {
  return [
    ...["/bin/sh", "-c", 'script=$1; shift; exec "$@" <"$script"', "bsub", script],
    ...["bsub", "-J", tagged(lsfName(jobName, lacks), token)],
  ];
}

/** As LSF reads it: two parts are hours and minutes. */
function seconds(walltime: string): number | undefined {
  const match = /^(\d+):(\d+)$/.exec(walltime.trim());
  return match ? Number(match[1]) * 3600 + Number(match[2]) * 60 : walltimeSeconds(walltime);
}

/** bsub takes 4094 bytes, OpenLava 2.2 127; the token behind needs room. */
const LONGEST_NAME = 4000;
const LONGEST_OLD_NAME = 90;

/** Brackets in a job's name make it a job array, or a bad name. */
export function lsfName(text: string, lacks?: ReadonlySet<string>): string {
  const plain = text.replaceAll("[", "(").replaceAll("]", ")");
  return shortened(plain, lacks?.has(NO_LONG_NAMES) ? LONGEST_OLD_NAME : LONGEST_NAME);
}

/** The lines of an answer about jobs, some or all of which may not be there. */
function answerLines({ code, stdout, stderr, timedOut }: CommandResult): string[] | undefined {
  if (timedOut) return undefined;
  const said = lines(stderr);
  const missing = said.length > 0 && said.every((line) => NOT_FOUND.test(line));
  return code === 0 || missing ? lines(stdout).filter((line) => !NOT_FOUND.test(line)) : undefined;
}

/**
 * Either answer to the first query. The table does not show why a job is EXIT. It also does not show that a
 * job which is DONE was killed in the second in which it began (OpenLava 4.0). bhist shows both.
 */
function parseJobs(result: CommandResult): JobSighting[] | undefined {
  return answerLines(result)?.flatMap((line) =>
    /^\d+\|/.test(line)
      ? formattedLine(line)
      : tableLine(line).filter(({ phase }) => phase !== "failed" && phase !== "finished")
  );
}

function formattedLine(line: string): JobSighting[] {
  const [id, word = "", code, why = "", ...rest] = line.split("|").map((field) => field.trim());
  // With the field for why a job waits, or without it; an empty one is `-`.
  const waiting = rest.length > 1 && rest[0] !== "-" ? rest[0] : undefined;
  const reason = /\bTERM_[A-Z_]+/.exec(why)?.[0];
  const stat = phaseOf(LSF_STATES, word);
  const phase = stat === "failed" && reason && Object.hasOwn(LSF_REASONS, reason)
    ? LSF_REASONS[reason]!
    : stat;
  return [sighting(id!, phase, word, {
    exitCode: phase === "failed" && /^\d+$/.test(code ?? "") ? Number(code) : undefined,
    reason: why !== "-" ? why : phase === "pending" ? waiting : undefined,
    token: tokenOf(rest.join("|")),
    stuck: lsfStuck(word),
    paused: lsfPaused(word),
  })];
}

/** JOBID USER STAT QUEUE FROM_HOST EXEC_HOST JOB_NAME SUBMIT_TIME, the last as `Nov 22 09:40` or with the year. */
function tableLine(line: string): JobSighting[] {
  const match = /^(\d+)\s+\S+\s+([A-Z]+)\s+(.*)$/.exec(line);
  if (match === null) return [];
  const [, id, word, rest] = match;
  const name = rest!.replace(/\s+[A-Z][a-z]{2}\s+\d+\s+\d\d:\d\d(?:\s+\d{4})?$/, "");
  const known = { token: tokenOf(name), stuck: lsfStuck(word!), paused: lsfPaused(word!) };
  return [sighting(id!, phaseOf(LSF_STATES, word!), word!, known)];
}

/** By a word of bjobs: it began, and was stopped. */
function lsfPaused(word: string): string | undefined {
  if (word === "USUSP") return "USUSP, it is suspended (bresume lets it go on)";
  return word === "SSUSP" ? "SSUSP, LSF has suspended it" : undefined;
}

/** By a word of bjobs: PSUSP was stopped before it began. */
function lsfStuck(word: string): string | undefined {
  return word === "PSUSP" ? `${word}, it was stopped before it began (bresume lets it go on)` : undefined;
}
