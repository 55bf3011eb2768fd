/**
 * Jobs of Slurm: https://slurm.schedmd.com/sbatch.html, squeue.html, sacct.html, scancel.html.
 *
 * slurmctld (squeue) is asked first. It reports ended jobs for MinJobAge (300 s, or some seconds if the site
 * prefers throughput). sacct is asked only about jobs that slurmctld has forgotten. If sacct shows a job as
 * living, its record is out of date, and the job counts as absent.
 *
 * A submission's token is at the end of the job's comment, where squeue shows it. The name remains Maestro's,
 * because scripts read $SLURM_JOB_NAME and people use `squeue --name`. Accounting keeps comments
 * only on some sites, which is enough. A job that slurmctld has forgotten has either started, and left its claim, or
 * never ran.
 *
 * A job may be requeued by the site's rules (JobRequeue), preemption or scontrol. It then keeps its id, its
 * script recognises its own claim, and its log is appended to. `args: [--no-requeue]` forbids it.
 */

import { exitCodeOfNumber } from "../../lib/signals.ts";
import type {
  CommandResult,
  JobPhase,
  JobSighting,
  QueryContext,
  SchedulerAdapter,
  SubmitRequest,
} from "../adapter.ts";
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
  utcTime,
} from "../answers.ts";
import { oneLine, shortened } from "../values.ts";
import { slurmStuck } from "./stuck.ts";
import { slurmUsage } from "./usage.ts";

/** https://slurm.schedmd.com/job_state_codes.html: states, then flags, which are shown in a state's place. */
export const SLURM_STATES: Readonly<Record<string, JobPhase>> = {
  BOOT_FAIL: "hwfailure",
  CANCELLED: "cancelled",
  COMPLETED: "finished",
  DEADLINE: "failed",
  FAILED: "failed",
  NODE_FAIL: "hwfailure",
  OUT_OF_MEMORY: "oom",
  PENDING: "pending",
  PREEMPTED: "preempted",
  RUNNING: "running",
  SUSPENDED: "running",
  TIMEOUT: "timedout",
  COMPLETING: "running",
  CONFIGURING: "pending",
  EXPEDITING: "pending",
  LAUNCH_FAILED: "pending", // it is requeued, maybe held: see the reason
  POWER_UP_NODE: "pending",
  RECONFIG_FAIL: "pending", // likewise
  REQUEUED: "pending",
  REQUEUE_FED: "pending",
  REQUEUE_HOLD: "pending",
  RESIZING: "running",
  RESV_DEL_HOLD: "pending",
  REVOKED: "pending", // another cluster of the federation has it
  SIGNALING: "running",
  SPECIAL_EXIT: "pending", // held
  STAGE_OUT: "running",
  STOPPED: "running",
  UPDATE_DB: "running",
};

const MOST_IDS = 1000;
/** slurmctld refuses a comment longer than 1024 bytes; room for the token. */
const LONGEST_COMMENT = 900;

const SUBMISSION = {
  id: /^(?:Submitted batch job )?(\d+)(?:;\S+| on cluster \S+)?$/,
  refusal: /^sbatch: /m,
  prefix: /^sbatch: (?:(?:error|fatal|warning): )?(?:Batch job submission failed: )?/,
  // Some limits have their own words, like QOSMaxSubmitJobPerUserLimit; without such a word it may be either.
  again: new RegExp(
    "(?:Max|Grp)(?:Submit|Jobs?)\\w*Limit|temporarily (?:unable|unavailable)|not available \\(inactive or drain\\)" +
      "|^Job violates accounting/QOS policy",
    "m",
  ),
  unclear:
    /timed out|Unable to contact|connect failure|[Cc]onnection (?:refused|reset)|authentication|[Mm]unge|communication|Zero Bytes|standby|configuration file|credential|Transport/,
};

/**
 * Variables that Slurm sets in a job: sbatch(1) and srun(1), "OUTPUT ENVIRONMENT VARIABLES". Those that name
 * the Slurm to use are kept: SLURM_CONF, SLURM_CLUSTERS.
 */
const OF_JOBS = [
  "SLURM_JOB* SLURM_ARRAY* SLURM_STEP* SLURM_N* SLURM_CPU*",
  "SLURM_MEM* SLURM_TASK* SLURM_TRES* SLURM_GPU* SLURM_GTIDS SLURM_LOCALID SLURM_PROCID SLURM_DIST*",
  "SLURM_EXPORT_ENV SLURM_HINT SLURM_LAUNCH* SLURM_SUBMIT* SLURM_TOPOLOGY* SLURM_UMASK SLURM_PRIO*",
  "SLURM_RLIMIT* SLURM_SRUN* SLURM_OPEN_MODE SLURM_EXCLUSIVE SLURM_TIME* SLURM_RESERVATION SLURM_QOS",
  "SLURM_ACCOUNT SLURM_PARTITION SLURM_CONSTRAINT SLURM_GRES SLURM_RESTART_COUNT SLURM_HET* SLURM_PACK*",
  "SLURM_THREADS* SLURM_OVERCOMMIT SLURM_WCKEY SLURM_WHOLE SLURM_BITSTR_LEN SLURMD_*",
].join(" ").split(" ");

/** sbatch(1), "INPUT ENVIRONMENT VARIABLES": those that would make it wait or talk, and those of one job. */
const NOT_SUBMITTED =
  "SBATCH_WAIT SBATCH_DEBUG SBATCH_HOLD SBATCH_ARRAY_INX SBATCH_JOB_NAME SBATCH_OUTPUT SBATCH_ERROR SBATCH_INPUT"
    .split(" ");

/** Commands of Slurm. */
export const slurmJobs: SchedulerAdapter = {
  version: { program: "sbatch", argv: ["sbatch", "--version"] },
  // sbatch(1). SLURM_JWT is a secret, and is not kept.
  environment: ["SLURM_CONF", "SLURM_CLUSTERS", "SLURM_CONF_SERVER"],
  checks: [{
    argv: ["sacct", "-X", "-n", "-P", "-S", "now", "-o", "JobID"],
    fine: "accounting answers",
    failed: "accounting (sacct) does not answer",
    hint: "The exit files of jobs show instead how they ended.",
  }],
  pack: { folders: ["SLURM_SUBMIT_DIR"], names: ["SLURM_JOB_NAME"], set: { SLURM_EXACT: "1" } },
  clearedEnv: ["SBATCH_*", "SQUEUE_*", "SACCT_*", "SCANCEL_*", ...OF_JOBS],
  notSubmitted: NOT_SUBMITTED,
  ofJobs: OF_JOBS,
  beforeHeader: {
    SBATCH_ACCOUNT: ["bank", "account"],
    SBATCH_PARTITION: ["queue", "partition"],
    SBATCH_QOS: ["qos"],
    SBATCH_RESERVATION: ["reservation"],
    SBATCH_CONSTRAINT: ["constraint"],
    SBATCH_TIMELIMIT: ["walltime"],
    SBATCH_GRES: ["gres", "gpus"],
    SBATCH_MEM_PER_NODE: ["mem"],
    SBATCH_EXCLUSIVE: ["exclusive"],
  },
  jobIdVariables: ["SLURM_JOB_ID"],
  submit,
  parseSubmit,
  queries: [
    {
      most: MOST_IDS,
      argv: (ids, { cluster }) => [...squeue(cluster), "-j", ids.join(",")],
      parse: (result, ids) => {
        const jobs = parseSqueue(result);
        return jobs && only(jobs, ids);
      },
    },
    {
      most: MOST_IDS,
      argv: (ids, { cluster }) => [
        ...["sacct", "-n", "-X", "-P", ...on(cluster)],
        ...["-o", "JobID,State,ExitCode,Start,End,Comment", "-j", ids.join(",")],
      ],
      parse: (result, ids) => {
        const jobs = parseSacct(result);
        return jobs && only(jobs, ids);
      },
    },
  ],
  usage: slurmUsage,
  find: (token) => findBy(token, ({ user, cluster }) => [...squeue(cluster), "-u", user], parseSqueue),
  // scontrol(1). Without accounting a job that was deleted while it waited is soon in no list.
  uptime: {
    argv: ({ cluster }) => ["scontrol", ...(cluster === undefined ? [] : ["-M", cluster]), "show", "config"],
    parse({ stdout }) {
      const [, now, start] = /^Configuration data as of (\S+)[^]*^BOOT_TIME += (\S+)$/m.exec(stdout) ?? [];
      // Both are without a zone, and in the same one.
      const ms = Date.parse(`${now}Z`) - Date.parse(`${start}Z`);
      return Number.isNaN(ms) ? undefined : ms;
    },
  },
  cancel: (ids, { cluster } = {}) => ["scancel", ...on(cluster), ...ids],
  cancelMeansGone: (result) =>
    saysGone(result, /Invalid job id specified|already completing or completed/, /Terminating job/),
};

/**
 * All options of the job are in the script's header. Those that this program depends on (name, comment, logs,
 * folder) are also on the command line, which overrides the header. The script's argument arms its guard:
 * unlike a variable, it survives `--export=NONE` and a requeue.
 */
function submit(request: SubmitRequest): string[] {
  const { script, workspace, jobName, token, unguarded, description = "", out, err } = request;
  const comment = `${shortened(oneLine(description), LONGEST_COMMENT)} `.trimStart();
  return [
    ...["sbatch", "--parsable", `--chdir=${workspace}`, `--job-name=${jobName}`],
    ...[`--output=${out}`, `--error=${err}`, `--comment=${tagged(comment, token)}`],
    ...[script, ...(unguarded ? [] : [token])],
  ];
}

function parseSubmit(result: CommandResult): ReturnType<SchedulerAdapter["parseSubmit"]> {
  const answer = readSubmission(result, SUBMISSION);
  if (answer.kind !== "accepted") return answer;
  const cluster = lines(result.stdout).map((line) => /^\d\S*;(\S+)$/.exec(line)?.[1]).findLast(Boolean);
  return cluster === undefined ? answer : { ...answer, cluster };
}

function on(cluster: QueryContext["cluster"]): string[] {
  return cluster === undefined ? [] : ["-M", cluster];
}

/**
 * Id, state, reason, start (of a waiting job the expected one), submission, end. The comment last: it may hold anything.
 * `-t all`: ended jobs too.
 */
function squeue(cluster: QueryContext["cluster"]): string[] {
  return ["squeue", "-h", "-r", "-t", "all", ...on(cluster), "-o", "%i|%T|%r|%S|%V|%e|%k"];
}

const TIME = "(\\d{4}-[\\d:T-]+|N/A|Unknown|None)";
const SQUEUE_LINE = new RegExp(
  `^(\\d[\\w[\\]%,-]*)\\|(\\w+)(?:\\|([^|]*))?(?:\\|${TIME}\\|${TIME}\\|${TIME})?(?:\\|(.*))?$`,
);

/** Of a job that is about to be requeued, squeue prints the time of the query: it is COMPLETING first. */
const NO_START: ReadonlySet<string> = new Set(["COMPLETING", "CONFIGURING"]);

/** Words of a job whose processes are stopped for now. */
const PAUSED: ReadonlySet<string> = new Set(["SUSPENDED", "STOPPED"]);

function parseSqueue({ code, stdout, stderr, timedOut }: CommandResult): JobSighting[] | undefined {
  if (timedOut) return undefined;
  // squeue's message if it does not know the only id, or none of several.
  if (code !== 0) return /Invalid job id specified/.test(stderr) ? [] : undefined;
  // If the name service does not answer, squeue ends with 0 and reports no job.
  if (/Invalid user/.test(stderr)) return undefined;
  return lines(stdout).flatMap((line) => {
    const match = SQUEUE_LINE.exec(line);
    if (match === null) return [];
    const [, id, word, why, start, submission, end, comment] = match;
    const reason = why === "None" || why === "(null)" ? undefined : why;
    return [sighting(id!, phaseOf(SLURM_STATES, word!), word!, {
      ...{ reason, token: tokenOf(comment ?? ""), stuck: slurmStuck(reason) },
      ...{ paused: PAUSED.has(word!) ? word : undefined, submittedAt: utcTime(submission) },
      ...{ startAt: NO_START.has(word!) ? undefined : utcTime(start), endedAt: utcTime(end) },
    })];
  });
}

function parseSacct({ code, stdout, stderr, timedOut }: CommandResult): JobSighting[] | undefined {
  if (timedOut) return undefined;
  // Nobody keeps records here: asked, and not there.
  if (code !== 0) return /accounting storage is disabled/i.test(stderr) ? [] : undefined;
  return lines(stdout).flatMap((line) => {
    const [id, state = "", exit = "", start, ended, ...comment] = line.split("|");
    const word = state.split(" ")[0]!;
    const phase = phaseOf(SLURM_STATES, word);
    if (word === "" || phase === "pending" || phase === "running") return [];
    const end = word === "COMPLETED" || word === "FAILED" ? endOf(exit) : {};
    const times = { startAt: utcTime(start), endedAt: utcTime(ended) };
    return [sighting(id!, phase, word, { ...end, ...times, token: tokenOf(comment.join("|")) })];
  });
}

/** What slurmd calls a job of which it could not open the working folder or the logs. */
const NO_FILES = "0:53";

/** `3:0` is exit code 3, `0:11` signal 11. For jobs that Slurm itself ended, it is wrong. */
function endOf(exit: string): { exitCode?: number; reason?: string } {
  if (exit === NO_FILES) return { reason: "its working folder or its logs could not be opened" };
  const match = /^(\d+):(\d+)$/.exec(exit);
  if (match === null) return {};
  const [code, signal] = [Number(match[1]), Number(match[2])];
  return { exitCode: signal === 0 ? code : exitCodeOfNumber(signal) };
}
