/**
 * Jobs of OpenPBS and PBS Professional: qsub(1B), qstat(1B), qdel(1B),
 * https://github.com/openpbs/openpbs/tree/master/doc/man1.
 *
 * One qstat asks about all jobs. With a list of ids it takes a tenth of a second for each. It
 * also prints only the first one as JSON (openpbs issue 2672). Ended jobs are known if the server keeps a history
 * (job_history_enable). Otherwise a job that is gone from the queue does not exist, and its exit file
 * decides.
 *
 * A submission's token is at the end of the job's name.
 */

import { exitCodeOfNumber } from "../../lib/signals.ts";
import type { CommandResult, JobPhase, JobSighting, SchedulerAdapter } from "../adapter.ts";
import type { Usage } from "../../lib/study/usage.ts";
import { findBy, phaseOf, readSubmission, saysGone, sighting, tagged, tokenOf, utcTime } from "../answers.ts";
import { pbsUsage } from "./usage.ts";

/** qstat(1B), "job_state"; C is Torque's word for F. */
export const PBS_STATES: Readonly<Record<string, JobPhase>> = {
  B: "running",
  C: "finished",
  E: "running",
  F: "finished",
  H: "pending",
  M: "pending",
  Q: "pending",
  R: "running",
  S: "running",
  T: "pending",
  U: "running",
  W: "pending",
  X: "finished",
};

/**
 * What a negative Exit_status means beyond "failed": PBS Professional Administrator's Guide, "Job Exit Status Codes",
 * and JOB_EXEC_* in https://github.com/openpbs/openpbs/blob/master/src/include/job.h.
 */
export const PBS_EXIT_CODES: Readonly<Record<string, JobPhase>> = {
  "-1": "failed", // JOB_EXEC_FAIL1
  "-2": "failed", // JOB_EXEC_FAIL2
  "-3": "hwfailure", // JOB_EXEC_RETRY
  "-4": "hwfailure", // JOB_EXEC_INITABT: its host was started anew
  "-5": "hwfailure", // JOB_EXEC_INITRST
  "-6": "hwfailure", // JOB_EXEC_INITRMG
  "-7": "failed", // JOB_EXEC_BADRESRT
  "-10": "failed", // JOB_EXEC_FAILUID
  "-11": "hwfailure", // JOB_EXEC_RERUN
  "-12": "failed", // JOB_EXEC_CHKP
  "-13": "failed", // JOB_EXEC_FAIL_PASSWORD
  "-14": "hwfailure", // JOB_EXEC_RERUN_ON_SIS_FAIL
  "-15": "failed", // JOB_EXEC_QUERST
  "-16": "failed", // JOB_EXEC_FAILHOOK_RERUN
  "-17": "failed", // JOB_EXEC_FAILHOOK_DELETE
  "-18": "failed", // JOB_EXEC_HOOK_RERUN
  "-19": "failed", // JOB_EXEC_HOOK_DELETE
  "-20": "hwfailure", // JOB_EXEC_RERUN_MS_FAIL
  "-21": "failed", // JOB_EXEC_FAIL_SECURITY
  "-22": "failed", // JOB_EXEC_HOOKERROR
  "-23": "failed", // JOB_EXEC_FAIL_KRB5
  "-24": "failed", // JOB_EXEC_KILL_NCPUS_BURST
  "-25": "failed", // JOB_EXEC_KILL_NCPUS_SUM
  "-26": "oom", // JOB_EXEC_KILL_VMEM
  "-27": "oom", // JOB_EXEC_KILL_MEM
  "-28": "timedout", // JOB_EXEC_KILL_CPUT
  "-29": "timedout", // JOB_EXEC_KILL_WALLTIME
  "-30": "failed", // JOB_EXEC_JOINJOB
};

/** "Job Substates": finished, failed, and this one. */
const DELETED = "91";
/** Exit codes of an answer: all known, some have ended, some are unknown. */
const ANSWERED: ReadonlySet<number> = new Set([0, 35, 153]);
/** What a job killed by a signal has added to the signal's number. */
const SIGNALLED = 256;

const SUBMISSION = {
  id: /^(\d+(?:\[\])?(?:\.[\w.-]+)?)$/,
  refusal: /^(?:qsub: |usage: qsub )/m,
  prefix: /^qsub: /,
  again: /would exceed|[Mm]aximum number of jobs|Queue is not enabled|[Ll]imit .*reached/,
  unclear:
    /cannot connect|Connection|Unknown Host|timed out|errno|End of File|[Pp]remature|too busy|[Aa]uthenticat|iff|communication|Protocol/,
};

/** What a server or a qstat may not have, by the words of `lacking`. */
const NO_HISTORY = "history";
const NO_JSON = "qstat -F";

/** qsub(1B), "ENVIRONMENT VARIABLES": what a job has. */
const OF_JOBS = "PBS_JOB* PBS_O_* PBS_ENVIRONMENT PBS_NODE* PBS_TASKNUM PBS_MOMPORT PBS_QUEUE PBS_ARRAY*"
  .split(" ");

/** Commands of PBS. */
export const pbsJobs: SchedulerAdapter = {
  version: { program: "pbsnodes", argv: ["qsub", "--version"] },
  // pbs.conf(5)
  environment: ["PBS_CONF_FILE", "PBS_EXEC", "PBS_HOME", "PBS_SERVER", "PBS_DEFAULT"],
  pack: { folders: ["PBS_O_WORKDIR"] },
  clearedEnv: [...OF_JOBS, "PBS_DPREFIX"],
  // Another prefix of directives would leave the header unread.
  notSubmitted: ["PBS_DPREFIX"],
  ofJobs: OF_JOBS,
  jobIdVariables: ["PBS_JOBID"],
  jobNameVariables: ["PBS_JOBNAME"],
  // qsub reads on behind a line that begins with a colon: pbs_isexecutable() in its source.
  commandMark: ": ; ",
  submit: ({ script, jobName, token, out, err }) => [
    ...["qsub", "-N", tagged(pbsName(jobName), token), "-o", out, "-e", err, script],
  ],
  parseSubmit: (result) => readSubmission(result, SUBMISSION),
  lacking,
  noHistory: NO_HISTORY,
  queries: [
    {
      argv: (_, { lacks }) => qstat(lacks, lacks?.has(NO_HISTORY) ? [] : ["-x"]),
      parse: (result, ids) => asked(parseQstat(result), ids),
    },
  ],
  usage: {
    argv: (_, { lacks }) => qstat(lacks, ["-x"]),
    parse(result, ids) {
      if (lacking(result) === NO_HISTORY) return "off";
      const names = namesOf(ids);
      const jobs = readQstat(result)?.flatMap(([id, attributes]): [string, Usage][] => {
        const jobId = names.get(shortId(id));
        const isOver = jobId !== undefined &&
          phaseOf(PBS_STATES, String(attributes["job_state"])) === "finished";
        return isOver ? [[jobId, pbsUsage((name) => nested(attributes, name))]] : [];
      });
      return jobs && new Map(jobs);
    },
  },
  // Without history the query would find nothing. A job that still exists is in the queue, or has left its
  // claim.
  find: (token) => findBy(token, ({ lacks }) => qstat(lacks, []), parseQstat),
  cancel: (ids) => ["qdel", ...ids],
  cancelMeansGone: (result) => saysGone(result, /Unknown Job Id|Job has finished/),
};

function qstat(lacks: ReadonlySet<string> | undefined, which: readonly string[]): string[] {
  return ["qstat", ...which, "-f", ...(lacks?.has(NO_JSON) ? [] : ["-F", "json"])];
}

function lacking({ code, stdout, stderr }: CommandResult): string | undefined {
  // `-x` of Torque has another meaning.
  if (/not configured to maintain job history/.test(stderr) || /^(?:<\?xml|<Data>)/.test(stdout)) {
    return NO_HISTORY;
  }
  if (code === 0) return undefined;
  const option = /^qstat: (?:invalid|illegal|unknown) option(?: --)? '?-?(\w)/m.exec(stderr)?.[1];
  return option === "F" ? NO_JSON : option === "x" ? NO_HISTORY : undefined;
}

/** Letters, digits and `._+-`, at most 230 of them; the token behind needs room. */
export function pbsName(text: string): string {
  return text.replace(/[^A-Za-z0-9._+-]/g, "_").slice(0, 160);
}

const shortId = (id: string) => id.split(".")[0]!;
const namesOf = (ids: readonly string[]) => new Map(ids.map((id) => [shortId(id), id]));

/** Only those asked about. Servers write a job's id with their own name in full or in short. */
function asked(jobs: JobSighting[] | undefined, ids: readonly string[]): JobSighting[] | undefined {
  const names = namesOf(ids);
  return jobs?.flatMap((job) => {
    const jobId = names.get(shortId(job.jobId));
    return jobId === undefined ? [] : [{ ...job, jobId }];
  });
}

type Attributes = Readonly<Record<string, unknown>>;

/** As JSON has it, `resources_used` is a mapping; as lines have it, `resources_used.mem` is an attribute. */
function nested(attributes: Attributes, name: string): string | undefined {
  const [outer, inner] = name.split(".");
  const within = (attributes[outer!] as Attributes | undefined)?.[inner!];
  const value = within ?? attributes[name];
  return value === undefined ? undefined : String(value);
}

function parseQstat(result: CommandResult): JobSighting[] | undefined {
  return readQstat(result)?.map(([id, attributes]) => sightingOf(id, attributes));
}

function readQstat({ code, stdout, stderr, timedOut }: CommandResult): [string, Attributes][] | undefined {
  // Without history, an answer to `-x` reports no job, even a living one.
  if (timedOut || /not configured to maintain job history/.test(stderr)) return undefined;
  if (!ANSWERED.has(code)) return undefined;
  return readJson(stdout) ?? readByLines(stdout) ?? readPlain(code, stdout);
}

function readJson(text: string): [string, Attributes][] | undefined {
  try {
    const answer = JSON.parse(text) as { Jobs?: Readonly<Record<string, Attributes>>; pbs_server?: string };
    return typeof answer === "object" && answer !== null ? Object.entries(answer.Jobs ?? {}) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Because of odd texts in a job's environment, qstat may print invalid JSON. The fields that are needed here
 * are on separate lines.
 */
function readByLines(text: string): [string, Attributes][] | undefined {
  if (!/^\s*\{[\s\S]*"timestamp"[\s\S]*\}\s*$/.test(text)) return undefined;
  const jobs: [string, Record<string, unknown>][] = [];
  let outer = "";
  for (const line of text.split("\n")) {
    const id = /^\t\t"(\d[^"]*)":\s*\{/.exec(line)?.[1];
    if (id !== undefined) jobs.push([id, {}]);
    const attribute = /^\t\t\t"(\w+)":\s*"?(.*?)"?,?$/.exec(line);
    if (attribute) jobs.at(-1)![1][attribute[1]!] = attribute[2];
    if (attribute) outer = attribute[1]!;
    const inner = /^\t{4}"(\w+)":\s*"?(.*?)"?,?$/.exec(line);
    if (inner) jobs.at(-1)![1][`${outer}.${inner[1]}`] = inner[2];
  }
  return jobs;
}

/** `Job Id: 7.pbs1`, then lines of `    name = value`, which go on after a tab. No job at all is no text at all. */
function readPlain(code: number, text: string): [string, Attributes][] | undefined {
  if (text.trim() === "") return code === 0 ? [] : undefined;
  if (!/^\s*Job Id: /.test(text)) return undefined;
  return text.replace(/\n\t/g, "").split(/^Job Id: /m).slice(1).map((record) => {
    const attributes = [...record.matchAll(/^ {4}([\w.]+) = (.*)$/gm)].map(([, name, value]) =>
      [name!, value!] as const
    );
    return [record.split("\n")[0]!.trim(), Object.fromEntries(attributes)];
  });
}

function sightingOf(id: string, attributes: Attributes): JobSighting {
  const text = (name: string) => attributes[name] === undefined ? undefined : String(attributes[name]);
  const word = text("job_state") ?? "";
  const phase = phaseOf(PBS_STATES, word);
  const token = tokenOf(text("Job_Name") ?? "");
  const reason = text("comment");
  const estimate = attributes["estimated"] as Attributes | undefined;
  const times = {
    submittedAt: utcTime(text("ctime")),
    startAt: utcTime(
      phase === "pending"
        ? String(estimate?.["start_time"] ?? text("estimated.start_time") ?? "")
        : text("stime"),
    ),
    endedAt: utcTime(text("obittime")),
  };
  if (phase !== "finished") {
    const paused = Object.hasOwn(PAUSED, word) ? PAUSED[word] : undefined;
    return sighting(id, phase, word, { reason, token, stuck: pbsStuck(word, reason), paused, ...times });
  }
  const end = endOf(text("substate"), text("Exit_status") ?? text("exit_status"));
  const why = { reason: reason ?? end.reason, exitCode: end.exitCode };
  return sighting(id, end.phase, word, { ...why, token, ...times });
}

/** Its comment goes on to name where it was started. */
const PAUSED: Readonly<Record<string, string>> = {
  S: "S, it is suspended",
  U: "U, it is suspended while its host is in use",
};

function endOf(substate: string | undefined, status: string | undefined): {
  phase: JobPhase;
  exitCode?: number;
  reason?: string;
} {
  if (substate === DELETED) return { phase: "cancelled" };
  if (status === undefined) return { phase: "failed", reason: "it was ended without having run" };
  const code = Number(status);
  if (code < 0) return { phase: Object.hasOwn(PBS_EXIT_CODES, status) ? PBS_EXIT_CODES[status]! : "failed" };
  const exitCode = code > SIGNALLED ? exitCodeOfNumber(code - SIGNALLED) : code;
  return { phase: exitCode === 0 ? "finished" : "failed", exitCode };
}

/** https://github.com/openpbs/openpbs/blob/master/src/scheduler/constant.h: how the scheduler's comment begins. */
const PBS_NEVER = /^Can Never Run\b/;

/** By state and comment of a job of PBS; maestro itself makes no job wait for another, so that `H` is someone's hold. */
function pbsStuck(word: string, comment: string | undefined): string | undefined {
  if (comment !== undefined && PBS_NEVER.test(comment)) return comment;
  return word === "H" ? `${comment ?? "it is held"} (qrls ends a hold)` : undefined;
}
