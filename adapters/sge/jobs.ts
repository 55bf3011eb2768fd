/**
 * Jobs of Grid Engine: qsub(1), qstat(1), qdel(1), qacct(1),
 * https://gridscheduler.sourceforge.net/htmlman/manuals.html.
 *
 * qstat reports jobs until they end, and qacct some seconds later (accounting_flush_time). One call of qacct
 * reads the whole accounting file. It is therefore used for all of the user's jobs since the day before the
 * study began. Then it is used for single jobs: those that ended before they began are not in the list.
 *
 * A submission's token is at the end of the job's name. A job in the error state (`Eqw`) never runs again
 * unless an administrator clears it: it has failed, and must be deleted. After an exit code of 99, Grid
 * Engine runs the job again. An exit code of 100 puts it into the error state.
 */

import { exitCodeOf } from "../../lib/signals.ts";
import type { CommandResult, JobPhase, JobSighting, QueryContext, SchedulerAdapter } from "../adapter.ts";
import {
  findBy,
  only,
  phaseOf,
  readSubmission,
  saysGone,
  sighting,
  tagged,
  tokenOf,
  utcTime,
} from "../answers.ts";
import { plainName } from "../values.ts";
import { sgeUsage } from "./usage.ts";

/** qstat(1), "state": a word is letters, of which the first in this order decides. */
const STATE_LETTERS: Readonly<Record<string, JobPhase>> = {
  E: "failed", // error
  r: "running",
  t: "running", // on its way to its hosts
  s: "running", // suspended
  S: "running", // its queue is suspended
  T: "running", // suspended over a threshold of load
  P: "running", // preempted, goes on later
  N: "running", // suspended with notification
  w: "pending",
  h: "pending",
  q: "pending",
  R: "pending", // will run again; `t` or `r` beside it means that it has begun
  d: "running", // about to be deleted
};

/** accounting(5) and sge_status(5), "failed": why a job's end is not its script's. */
export const SGE_FAILED: Readonly<Record<string, JobPhase>> = {
  1: "failed", // assumedly before job
  3: "failed", // before writing config
  4: "failed", // before writing PID
  5: "failed", // on reading config file
  6: "failed", // setting processor set
  7: "failed", // before prolog
  8: "failed", // in prolog
  9: "failed", // before pestart
  10: "failed", // in pestart
  11: "failed", // before job
  12: "failed", // before pestop
  13: "failed", // in pestop
  14: "failed", // before epilog
  15: "failed", // in epilog
  16: "failed", // releasing processor set
  17: "failed", // through signal
  18: "failed", // shepherd returned error
  19: "hwfailure", // before writing exit_status: its host was lost
  20: "failed", // found unexpected error file
  21: "hwfailure", // in recognizing job: its host was lost
  24: "pending", // migrating
  25: "pending", // rescheduling
  26: "failed", // opening input/output file
  27: "failed", // searching requested shell
  28: "failed", // changing into working directory
  29: "failed", // AFS setup
  30: "failed", // application error returned
  31: "failed", // accessing sgepasswd file
  32: "failed", // entry is missing in password file
  33: "failed", // wrong password
  34: "failed", // communicating with helper service
  35: "failed", // before job in helper service
  36: "failed", // checking configured daemons
  37: "timedout", // qmaster enforced h_rt, h_cpu, or h_vmem limit
  38: "failed", // adding supplementary group
};
/** The script ran, and was ended by a signal. */
const BY_SIGNAL = "100";
const KILLED = exitCodeOf("SIGKILL");
const ANNOUNCED = exitCodeOf("SIGUSR1");

const DAY = 86_400_000;

const SUBMISSION = {
  // `7`, or `Your job 7 ("NAME") has been submitted` in any language.
  id: /^(?=\d|.*\(")\D*(\d+)(?:\.\d+-\d+:\d+)?(?: \(".*)?$/,
  refusal: /^(?:qsub: |Unable to |error: |denied: |job rejected)/m,
  prefix: /^(?:qsub: |Unable to run job: |error: |denied: |job rejected: |Exiting\.$)+/,
  again: /jobs are allowed per|try again later|max_u_jobs|max_jobs/,
  unclear:
    /unable to send|commlib|got \w+ error|answer list|timed out|initialize environment|[Cc]onnection|receiv/,
};

const NO_TERSE = "qsub -terse";

/** qsub(1), "ENVIRONMENTAL VARIABLES": what a job has. */
const OF_JOBS = [
  "SGE_TASK_* SGE_O_* SGE_STDIN_PATH SGE_STDOUT_PATH SGE_STDERR_PATH SGE_JOB_SPOOL_DIR SGE_CWD_PATH JOB_ID JOB_NAME",
  "JOB_SCRIPT PE PE_HOSTFILE RESTARTED NSLOTS NHOSTS NQUEUES",
].join(" ").split(" ");

/** Commands of Grid Engine. */
export const sgeJobs: SchedulerAdapter = {
  version: { program: "qconf", argv: ["qconf", "-help"] },
  // sge_conf(5)
  environment: ["SGE_ROOT", "SGE_CELL", "SGE_CLUSTER_NAME", "SGE_QMASTER_PORT", "SGE_EXECD_PORT"],
  pack: { folders: ["SGE_O_WORKDIR"] },
  clearedEnv: OF_JOBS,
  notSubmitted: ["SGE_DEBUG_LEVEL"],
  ofJobs: OF_JOBS,
  jobIdVariables: ["JOB_ID"],
  jobNameVariables: ["JOB_NAME", "REQUEST", "REQNAME"],
  // An old qsub prints more than the id.
  lacking: ({ code, stderr, stdout }) =>
    code !== 0 && /(?:invalid option argument "|unknown option )-terse/i.test(stderr + stdout)
      ? NO_TERSE
      : undefined,
  submit: ({ script, workspace, jobName, token, out, err }, lacks) => [
    ...["qsub", ...(lacks?.has(NO_TERSE) ? [] : ["-terse"])],
    ...["-N", tagged(sgeName(jobName), token), "-wd", workspace, "-o", out, "-e", err, script],
  ],
  parseSubmit: (result) => readSubmission(result, SUBMISSION),
  queries: [
    {
      argv: (_, { user }) => ["qstat", "-u", user, "-xml"],
      parse: (result, ids) => asked(parseQstat(result), ids),
    },
    { argv: (_, context) => qacct(context), parse: (result, ids) => asked(parseQacct(result), ids) },
    // What never got a time of start is not among the jobs since a day.
    { most: 1, argv: ([id]) => ["qacct", "-j", id!], parse: (result, ids) => asked(parseQacct(result), ids) },
  ],
  usage: {
    argv: (_, context) => qacct(context),
    parse(result, ids) {
      const asked = new Set(ids);
      const records = qacctRecords(result)?.filter(({ id }) => asked.has(id));
      return records && new Map(records.map(({ id, text }) => [id, sgeUsage(text)]));
    },
  },
  find: (token) => findBy(token, ({ user }) => ["qstat", "-u", user, "-xml"], parseQstat),
  // qping(1). A job that is deleted while it waits is in no list.
  uptime: {
    argv: () => ["/bin/sh", "-c", QPING],
    parse({ stdout }) {
      const seconds = /^run time \[s\]: +(\d+)$/m.exec(stdout)?.[1];
      return seconds === undefined ? undefined : Number(seconds) * 1000;
    },
  },
  cancel: (ids) => ["qdel", ...ids],
  cancelMeansGone: (result) =>
    saysGone(result, /does not exist/, /has (?:registered the job|deleted job)|already in deletion/),
};

/** Where the server is: sge_act_qmaster(5), sge_conf(5). */
const QPING = `cell=\${SGE_ROOT:-/var/lib/gridengine}/\${SGE_CELL:-default}
exec qping -info "$(cat "$cell/common/act_qmaster")" "\${SGE_QMASTER_PORT:-6444}" qmaster 1`;

function asked(jobs: JobSighting[] | undefined, ids: readonly string[]): JobSighting[] | undefined {
  return jobs && only(jobs, ids);
}

/** A name does not begin with a digit, and has 512 letters at most; the token behind needs room. */
export function sgeName(text: string): string {
  const plain = plainName(text).slice(0, 400);
  return /^[0-9]/.test(plain) ? `_${plain}` : plain;
}

/** The phase of a word of qstat. */
export function sgePhase(word: string): JobPhase {
  const letters = [...word];
  if (letters.length === 0 || !letters.every((letter) => Object.hasOwn(STATE_LETTERS, letter))) {
    return "unknown";
  }
  return STATE_LETTERS[Object.keys(STATE_LETTERS).find((letter) => letters.includes(letter))!]!;
}

function parseQstat({ code, stdout, timedOut }: CommandResult): JobSighting[] | undefined {
  if (timedOut || code !== 0 || !/<\/job_info>\s*$/.test(stdout)) return undefined;
  return [...stdout.matchAll(/<job_list\b[^>]*>([\s\S]*?)<\/job_list>/g)].flatMap(([, job]) => {
    const text = (tag: string) => unescaped(new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(job!)?.[1] ?? "");
    const word = text("state");
    const id = text("JB_job_number");
    const phase = sgePhase(word);
    const reason = phase === "failed" ? `in error: see qstat -j ${id}` : undefined;
    const token = tokenOf(text("full_job_name") || text("JB_name"));
    const stays = phase === "failed" ? { stays: true as const } : {};
    const known = {
      ...{ reason, token, stuck: sgeStuck(word), paused: sgePaused(word) },
      ...{ submittedAt: utcTime(text("JB_submission_time")), startAt: utcTime(text("JAT_start_time")) },
    };
    return [{ ...sighting(id, phase, word, known), ...stays }];
  });
}

function unescaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name]!);
}

/** `-b` is in local time, of which nothing is known here: a day more covers any. */
function qacct({ user, since }: QueryContext): string[] {
  const day = new Date(since - DAY).toISOString().slice(0, 10).replaceAll("-", "");
  return ["qacct", "-o", user, "-b", `${day}0000`, "-j"];
}

interface QacctRecord {
  readonly id: string;
  /** A field by its name; empty if there is none. */
  text(name: string): string;
}

/** Records part at lines of `=`. Where there are none, qacct prints an empty table. */
function qacctRecords({ code, stdout, stderr, timedOut }: CommandResult): QacctRecord[] | undefined {
  if (timedOut || (code !== 0 && !/^error: job id \S+ not found/m.test(stderr))) return undefined;
  return stdout.split(/^=+$/m).flatMap((record) => {
    const text = (name: string) => new RegExp(`^${name}[ \\t]+(.*)$`, "m").exec(record)?.[1]?.trim() ?? "";
    const id = text("jobnumber");
    return id === "" ? [] : [{ id, text }];
  });
}

/** A job's last record counts. */
function parseQacct(result: CommandResult): JobSighting[] | undefined {
  const records = qacctRecords(result);
  const jobs = records && new Map(records.map(({ id, text }) => [id, sightingOf(id, text)]));
  // To be run again: qstat is the one to ask.
  return jobs && [...jobs.values()].filter(({ phase }) => phase !== "pending");
}

function sightingOf(id: string, text: (name: string) => string): JobSighting {
  const failed = text("failed");
  const word = failed.split(" ")[0]!;
  const token = tokenOf(text("jobname"));
  const exitCode = Number(text("exit_status").split(" ")[0]);
  const known = {
    ...{ token, submittedAt: utcTime(text("qsub_time")) },
    ...{ startAt: utcTime(text("start_time")), endedAt: utcTime(text("end_time")) },
  };
  if (word === "0") return sighting(id, exitCode === 0 ? "finished" : "failed", word, { exitCode, ...known });
  const reason = failed.replace(/^\d+\s*:\s*/, "");
  if (word !== BY_SIGNAL) return sighting(id, phaseOf(SGE_FAILED, word), word, { reason, ...known });
  const phase = signalPhase(exitCode, text("category"), text("ru_wallclock"));
  return sighting(id, phase, word, { ...known, exitCode: phase === "failed" ? exitCode : undefined });
}

/** SIGUSR1 announces the soft time limit; SIGKILL is qdel, if the time was not up. */
function signalPhase(exitCode: number, category: string, wallclock: string): JobPhase {
  const limit = Number(/\bh_rt=(\d+)/.exec(category)?.[1] ?? NaN);
  if (exitCode === ANNOUNCED || parseInt(wallclock) >= limit) return "timedout";
  return exitCode === KILLED ? "cancelled" : "failed";
}

/** Letters of a job that began and does not run for now. */
const PAUSED: Readonly<Record<string, string>> = {
  s: "it is suspended",
  S: "its queue is suspended",
  T: "it is suspended while the load is high",
  P: "it is preempted",
  N: "it is suspended",
};

function sgePaused(word: string): string | undefined {
  const letter = [...word].find((one) => Object.hasOwn(PAUSED, one));
  return letter === undefined ? undefined : `${word}, ${PAUSED[letter]}`;
}

/** By a word of qstat(1): an `h` in it is a hold. */
function sgeStuck(word: string): string | undefined {
  return word.includes("h") ? `${word}, it is held (qrls ends a hold)` : undefined;
}
