/**
 * Jobs of HTCondor: https://htcondor.readthedocs.io/en/latest/man-pages/, condor_submit, condor_q, condor_history,
 * condor_rm.
 *
 * A submission's token is at the end of the job's batch name. A job finds neither its id nor its name in its
 * environment. The submission puts the id there, and the script's argument arms its guard. If a job loses its machine,
 * HTCondor starts it again under the same id.
 *
 * condor_q reports jobs until they end, condor_history after that. HTCondor holds a job that is over its time or its
 * memory. Its processes have ended, and the conductor removes it. All other holds last until somebody ends them.
 */

import type { CommandResult, JobPhase, JobSighting, SchedulerAdapter, SubmitRequest } from "../adapter.ts";
import { epochTime, findBy, only, readSubmission, saysGone, sighting, tagged, tokenOf } from "../answers.ts";
import { type Usage, usageOf } from "../../lib/study/usage.ts";
import { numberIn } from "../usage.ts";
import { plainName } from "../values.ts";
import { ID, written } from "./description.ts";

/** https://htcondor.readthedocs.io/en/latest/classad-attributes/job-classad-attributes.html, "JobStatus". */
const STATES: Readonly<Record<string, readonly [word: string, phase: JobPhase]>> = {
  1: ["idle", "pending"],
  2: ["running", "running"],
  3: ["removed", "running"], // condor_rm was asked; its processes may be there until its machine has ended them
  4: ["completed", "finished"],
  5: ["held", "pending"],
  6: ["transferring output", "running"],
  7: ["suspended", "running"],
};
const SUSPENDED = "7";
const REMOVED = "3";
const COMPLETED = "4";
const HELD = "5";

/** "HoldReasonCode", of holds that end a job: https://htcondor.readthedocs.io/en/latest/codes-other-values/. */
const ENDED_BY_HOLD: Readonly<Record<string, JobPhase>> = {
  34: "failed", // it used more memory or disk than it asked for
  46: "timedout", // allowed_job_duration
  47: "timedout", // allowed_execute_duration
};
const TOO_MUCH = "34";

const MOST_IDS = 500;

const ATTRIBUTES = [
  ...["ClusterId", "JobStatus", "JobBatchName", "ExitBySignal", "ExitCode", "ExitSignal"],
  ...["HoldReason", "HoldReasonCode", "RemoveReason", "QDate", "JobCurrentStartDate", "CompletionDate"],
].join(",");

/** Job ClassAd attributes of the manual. Those that may be expressions (`MemoryUsage`, `RequestMemory`) are left out. */
const USAGE_ATTRIBUTES = [
  ...["ClusterId", "RemoteUserCpu", "RemoteSysCpu", "RemoteWallClockTime", "ResidentSetSize_RAW"],
  ...["BlockReadKbytes", "BlockWriteKbytes", "CpusProvisioned", "MemoryProvisioned"],
  ...["AllowedExecuteDuration"],
].join(",");

function usageOfJob(job: Attributes): Usage {
  const times = (name: string, unit: number) => {
    const number = numberIn(job[name]);
    return number === undefined ? undefined : Math.round(number * unit);
  };
  const [user, system] = [times("RemoteUserCpu", 1000), times("RemoteSysCpu", 1000)];
  return usageOf({
    cpuMs: user === undefined || system === undefined ? undefined : user + system,
    maxRssBytes: times("ResidentSetSize_RAW", 1024),
    readBytes: times("BlockReadKbytes", 1024),
    writtenBytes: times("BlockWriteKbytes", 1024),
    cpus: times("CpusProvisioned", 1),
    nodeMemoryBytes: times("MemoryProvisioned", 1024 ** 2),
    limitSeconds: times("AllowedExecuteDuration", 1),
    wallSeconds: numberIn(job["RemoteWallClockTime"]),
  });
}

const SUBMISSION = {
  // `-terse` prints the first and the last job.
  id: /^(\d+)\.\d+ - \d+\.\d+$/,
  refusal: /^(?:ERROR: |Usage: condor_submit )/m,
  prefix: /^(?:ERROR: |WARNING: )/,
  unreached: /Can't find address of local schedd|CONDOR_CONFIG environment variable/,
  again: /submitted jobs would exceed|MAX_JOBS_/,
  unclear: /[Cc]onnect|[Tt]imed out|AUTHENTICATE|SECMAN|communicat|Failed to (?:commit|send)/,
};

/** "Environment variables for jobs" of the manual. Other `_CONDOR_*` are settings. */
const OF_JOBS = [
  "_CONDOR_SCRATCH_DIR _CONDOR_SLOT _CONDOR_JOB_* _CONDOR_MACHINE_AD _CONDOR_WRAPPER_ERROR_FILE",
  "_CONDOR_CHIRP_CONFIG _CONDOR_ANCESTOR_* _CHIRP_* BATCH_SYSTEM CONDOR_JOB_ID",
].join(" ").split(" ");

/** Makes the submit description: what the script's head has, and then what is the submission's own, which counts. */
const SUBMIT = `script=$1 token=$2
shift 2
{
  sed -n '/^[[:blank:]]*\\(#.*\\)\\{0,1\\}$/!q; /^#CONDOR[[:blank:]]*[Qq][Uu][Ee][Uu][Ee]/d; s/^#CONDOR[[:blank:]]//p' "$script"
  [ -z "$token" ] || printf 'arguments = %s\\n' "$token"
  printf '%s\\n' "$@" queue
} | condor_submit -terse -`;

/** On one of its machines the script would do less than it should. */
const REFUSE = `echo "ERROR: HTCondor gives a job one machine. Use procs, not nodes." >&2; exit 1`;

/** Commands of HTCondor. */
export const htcondorJobs: SchedulerAdapter = {
  version: { program: "condor_submit", argv: ["condor_version"] },
  environment: ["CONDOR_CONFIG", "_CONDOR_SCHEDD_HOST", "_CONDOR_COLLECTOR_HOST"],
  clearedEnv: OF_JOBS,
  notSubmitted: [],
  ofJobs: OF_JOBS,
  jobIdVariables: ["CONDOR_JOB_ID"],
  submit,
  parseSubmit: (result) => readSubmission(result, SUBMISSION),
  queries: [
    {
      most: MOST_IDS,
      argv: (ids) => ["condor_q", ...ids, "-json", "-attributes", ATTRIBUTES],
      parse: (result, ids) => asked(parseJobs(result), ids),
    },
    {
      most: MOST_IDS,
      // A job has one record, and the newest come first: it reads no further than it must.
      argv: (ids) => [
        ...["condor_history", ...ids, "-match", String(ids.length)],
        ...["-json", "-attributes", ATTRIBUTES],
      ],
      parse: (result, ids) => asked(parseJobs(result)?.map(gone), ids),
    },
  ],
  usage: {
    most: MOST_IDS,
    argv: (
      ids,
    ) => ["condor_history", ...ids, "-match", String(ids.length), "-json", "-attributes", USAGE_ATTRIBUTES],
    parse: (result) => {
      const jobs = readJobs(result);
      return jobs && new Map(jobs.map((job) => [String(job["ClusterId"]), usageOfJob(job)]));
    },
  },
  find: (token) =>
    findBy(token, ({ user }) => ["condor_q", user, "-json", "-attributes", ATTRIBUTES], parseJobs),
  cancel: (ids) => ["condor_rm", ...ids],
  cancelMeansGone: (result) =>
    saysGone(result, /^Couldn't find\/remove all jobs (?:in cluster|matching constraint) /),
};

function submit(
  { script, workspace, jobName, token, unguarded, resources, out, err }: SubmitRequest,
): string[] {
  const many = Number(resources.nodes) > 1;
  return [
    ...["/bin/sh", "-c", many ? REFUSE : SUBMIT, "condor_submit", script, unguarded ? "" : token],
    `executable = ${written(script)}`,
    `initialdir = ${written(workspace)}`,
    `output = ${written(out)}`,
    `error = ${written(err)}`,
    `batch_name = ${tagged(plainName(jobName), token)}`,
    `environment = "CONDOR_JOB_ID=${ID}"`,
  ];
}

function asked(jobs: JobSighting[] | undefined, ids: readonly string[]): JobSighting[] | undefined {
  return jobs && only(jobs, ids);
}

type Attributes = Readonly<Record<string, unknown>>;

function parseJobs(result: CommandResult): JobSighting[] | undefined {
  return readJobs(result)?.map(sightingOf);
}

/** A list of jobs; nothing at all if there are none. */
function readJobs({ code, stdout, timedOut }: CommandResult): Attributes[] | undefined {
  if (timedOut || code !== 0) return undefined;
  if (stdout.trim() === "") return [];
  try {
    return JSON.parse(stdout) as Attributes[];
  } catch {
    return undefined;
  }
}

function sightingOf(job: Attributes): JobSighting {
  const text = (name: string) => job[name] === undefined ? undefined : String(job[name]);
  const id = text("ClusterId") ?? "";
  const status = text("JobStatus") ?? "";
  const [word, phase] = Object.hasOwn(STATES, status) ? STATES[status]! : [status, "unknown"] as const;
  const known = {
    token: tokenOf(text("JobBatchName") ?? ""),
    submittedAt: epochTime(job["QDate"]),
    startAt: phase === "pending" ? undefined : epochTime(job["JobCurrentStartDate"]),
    endedAt: epochTime(job["CompletionDate"]),
  };
  switch (status) {
    case COMPLETED: {
      const exitCode = job["ExitBySignal"] === true
        ? 128 + Number(text("ExitSignal"))
        : Number(text("ExitCode") ?? NaN);
      return sighting(id, exitCode === 0 ? "finished" : "failed", word, {
        exitCode: Number.isNaN(exitCode) ? undefined : exitCode,
        ...known,
      });
    }
    case REMOVED:
      return sighting(id, phase, word, { reason: text("RemoveReason"), ...known });
    case HELD:
      return held(id, word, text("HoldReasonCode") ?? "", text("HoldReason"), known);
    default:
      return sighting(id, phase, word, { paused: status === SUSPENDED ? word : undefined, ...known });
  }
}

/** What has left the queue. */
function gone(job: JobSighting): JobSighting {
  return job.word === STATES[REMOVED]![0] ? { ...job, phase: "cancelled" } : job;
}

function held(
  id: string,
  word: string,
  code: string,
  reason: string | undefined,
  known: { readonly token?: string | undefined; readonly submittedAt?: number | undefined },
): JobSighting {
  if (Object.hasOwn(ENDED_BY_HOLD, code)) {
    const phase = code === TOO_MUCH && /memory/i.test(reason ?? "") ? "oom" : ENDED_BY_HOLD[code]!;
    return { ...sighting(id, phase, word, { reason, ...known }), stays: true };
  }
  const stuck = `${reason ?? "it is held"} (condor_release ends a hold)`;
  return sighting(id, "pending", word, { reason, stuck, ...known });
}
