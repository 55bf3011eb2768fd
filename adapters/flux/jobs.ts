/**
 * Jobs of Flux: https://flux-framework.readthedocs.io/projects/flux-core/en/latest/man1/flux-batch.html,
 * flux-jobs.html, flux-cancel.html.
 *
 * A step is a batch job: a nested instance of Flux, in which `flux run` starts the step's programs. With
 * `nested: false`, on one node, its script is the only task of a plain job, and `flux run` uses the outer
 * instance.
 *
 * Flux's commands are Python, and take a quarter of a second to start. Many submissions therefore use one
 * process, which does the work of `flux batch` for each (`templates/flux_bulk.py`). An older Flux that lacks
 * this gets ordinary commands.
 *
 * A submission's token is at the end of the job's name, because `flux jobs` shows no other text of the user.
 * One id has many spellings (f58 in two forms, decimal, hexadecimal). They are compared as numbers.
 */

import { quote } from "../../lib/shell_words.ts";
import type {
  CommandResult,
  JobPhase,
  JobSighting,
  SchedulerAdapter,
  ScriptRequest,
  SubmitRequest,
} from "../adapter.ts";
import type { Resources } from "../../lib/plan/types.ts";
import { walltimeSeconds } from "../../lib/units.ts";
import {
  epochTime,
  findBy,
  lines,
  phaseOf,
  readSubmission,
  saysGone,
  sighting,
  tagged,
  tokenOf,
} from "../answers.ts";
import { fluxArgs, gpusOfSlot, isShared } from "./args.ts";
import { fluxBulk } from "./bulk.ts";
import { fluxIdNumber } from "./ids.ts";
import { batchText, extraArgs, lineOrNone, oneLine } from "../values.ts";

/**
 * `status`: https://flux-framework.readthedocs.io/projects/flux-core/en/latest/man1/flux-jobs.html#job-status, that is
 * the state of a job (RFC 21) until it is INACTIVE, then its result.
 */
export const FLUX_STATES: Readonly<Record<string, JobPhase>> = {
  NEW: "pending",
  DEPEND: "pending",
  PRIORITY: "pending",
  SCHED: "pending",
  RUN: "running",
  CLEANUP: "running",
  COMPLETED: "finished",
  FAILED: "failed",
  CANCELED: "cancelled",
  TIMEOUT: "timedout",
};

/** Urgencies of the words of `priority`: flux-submit(1), `--urgency`. */
const URGENCIES: Readonly<Record<string, number>> = {
  held: 0,
  minimal: 1,
  low: 9,
  medium: 16,
  high: 24,
  expedite: 31,
  expedited: 31,
};

const SUBMISSION = {
  id: /^([ƒf][1-9A-HJ-NP-Za-km-z]+|\d+)$/,
  refusal: /^flux(?:[- ]\w+)*: |^\[Errno \d+\]/m,
  prefix: /^(?:flux-\w+: ERROR: |\[Errno \d+\] )/,
  unreached: /broker socket \S+ was not found|Unable to find connector name/,
  again:
    /submission (?:to \S+ )?is disabled|max\w*[ _](?:active|pend\w*|running|submitted)?[ _]?jobs|jobs? limit/i,
  unclear:
    /Unable to connect|flux_open|[Cc]onnection|timed out|No route|not responding|broker .*lost|EHOSTUNREACH/,
};

/** What an older Flux does not have, by the words of `lacking`. */
const NO_BATCH = "flux batch";
const NO_CANCEL = "flux cancel";
const NO_JSON = "flux jobs --json";
const NO_CWD = "flux batch --cwd";
/** There is but the anonymous queue, as in an instance that runs in an allocation. Maestro leaves the queue out there. */
export const NO_QUEUES = "named queues";

function lacking({ code, stderr }: CommandResult): string | undefined {
  if (code === 0) return undefined;
  const unknown = /`?'?(\w+)'? is not a flux command/.exec(stderr)?.[1];
  if (unknown === "batch" || unknown === "submit") return NO_BATCH;
  if (unknown === "cancel") return NO_CANCEL;
  if (/'[^'\n]*' is not a valid queue$/m.test(stderr)) return NO_QUEUES;
  const option = /(?:unrecognized arguments|no such option):? .*?--(json|cwd)\b/.exec(stderr)?.[1];
  return option === "json" ? NO_JSON : option === "cwd" ? NO_CWD : undefined;
}

/** The fields of an older `flux jobs`, the name last: it may hold anything. */
const FIELDS = "{id.dec}|{status}|{returncode}|{name}";

function jobs(lacks: ReadonlySet<string> | undefined): string[] {
  return ["flux", "jobs", "-a", "-c", "0", ...(lacks?.has(NO_JSON) ? ["-n", "-o", FIELDS] : ["--json"])];
}

/** What Flux sets in a job. A job that inherits another's id takes it for its own. */
const OF_JOBS = ["FLUX_JOB_*", "FLUX_TASK_*", "FLUX_KVS_NAMESPACE", "FLUX_ENCLOSING_ID"];

/** Commands of Flux. */
export const fluxJobs: SchedulerAdapter = {
  version: { program: "flux", argv: ["flux", "version"] },
  // flux(1)
  environment: [
    "FLUX_URI",
    "FLUX_EXEC_PATH",
    "FLUX_MODULE_PATH",
    "FLUX_CONNECTOR_PATH",
    "FLUX_PMI_LIBRARY_PATH",
  ],
  clearedEnv: [...OF_JOBS, "FLUX_JOBS_FORMAT_DEFAULT"],
  notSubmitted: OF_JOBS,
  ofJobs: [],
  // A batch script has the latter, the task of a plain job the former.
  jobIdVariables: ["FLUX_JOB_ID", "FLUX_ENCLOSING_ID"],
  submit,
  parseSubmit: (result) => readSubmission(result, SUBMISSION),
  bulk: fluxBulk,
  lacking,
  queries: [
    {
      most: 1000,
      argv: (ids, { lacks }) => [...jobs(lacks), ...ids],
      parse: (result, ids) => {
        const jobs = parseJobs(result);
        if (jobs === undefined) return undefined;
        const asked = new Map(ids.map((id) => [fluxIdNumber(id), id]));
        return jobs.flatMap((job) => {
          const jobId = asked.get(BigInt(job.jobId));
          return jobId === undefined ? [] : [{ ...job, jobId }];
        });
      },
    },
  ],
  find: (token) => findBy(token, ({ user, lacks }) => [...jobs(lacks), "-u", user], parseJobs),
  cancel: (ids, { lacks } = {}) => ["flux", ...(lacks?.has(NO_CANCEL) ? ["job"] : []), "cancel", ...ids],
  cancelMeansGone: (result) => saysGone(result, /unknown job id|job is inactive/),
};

/**
 * Maestro passes a command to Flux, whose comments nobody reads. `flux batch SCRIPT` would read directives in
 * all of it (RFC 36). `--wrap` makes a new script that starts ours: its words are joined, and read by
 * /bin/sh. The script's argument arms its guard.
 */
function submit(request: SubmitRequest, lacks?: ReadonlySet<string>): string[] {
  const { script, jobName, token, unguarded } = request;
  const alone = isAlone(request);
  return [
    "flux",
    ...(lacks?.has(NO_BATCH) ? ["mini"] : []),
    ...(alone ? ["submit"] : ["batch", "--wrap"]),
    ...options({ ...request, jobName: tagged(oneLine(jobName), token) }, lacks),
    ...(alone ? [script] : ["exec", isPlain(script) ? script : quote(script)]),
    ...(unguarded ? [] : [token]),
  ];
}

/** What a job is made from. */
type Asked = Omit<ScriptRequest, "description">;

const isPlain = (text: string) => /^[\w.,:+=@%/-]+$/.test(text);

function options(request: Asked, lacks?: ReadonlySet<string>): string[] {
  const { workspace, jobName, resources, batch, out, err } = request;
  return [
    ...shape(request),
    ...given("--time-limit", duration(resources.walltime)),
    ...given("--queue", lacks?.has(NO_QUEUES) ? undefined : batchText(batch, "queue", "partition")),
    ...given("--bank", batchText(batch, "bank", "account")),
    ...further(request),
    ...(isShared(resources, batch) ? [] : ["--exclusive"]),
    ...fluxArgs(batch["allocation_args"], "allocation"),
    `--job-name=${oneLine(jobName)}`,
    // Without the option it is where the command is run.
    ...(lacks?.has(NO_CWD) ? [] : given("--cwd", workspace)),
    ...[`--output=${out}`, `--error=${err}`],
  ];
}

const given = (option: string, text: string | number | undefined) =>
  text === undefined || text === "" ? [] : [`${option}=${text}`];

/** What Maestro has no directive for. As a mapping, `args` are options of the launcher. */
export function further({ resources, batch }: Asked): string[] {
  return [
    ...given("--requires", batchText(batch, "constraint")),
    ...given("--urgency", urgency(resources.priority)),
    ...(resources.waitable ? ["--flags=waitable"] : []),
    ...(Array.isArray(batch.args) ? extraArgs(batch) : []),
  ];
}

/** Whether the script is the only task of a plain job, without a nested instance. */
function isAlone({ resources: { nested, nodes } }: Asked): boolean {
  return nested === false && (nodes ?? 1) === 1;
}

/** A slot for each proc, on so many nodes. Flux refuses more nodes than slots. */
function shape(request: Asked): string[] {
  const { resources, batch } = request;
  const { nodes, gpus } = resources;
  const shared = isShared(resources, batch);
  const procs = shared || !nodes ? resources.procs || nodes || 1 : nodes;
  const cores = shared ? resources["cores per task"] || 1 : 1;
  if (isAlone(request)) {
    return ["-n1", `-c${procs * cores}`, ...(gpus ? [`-g${gpus}`] : []), ...(shared ? [] : ["-N1"])];
  }
  const perSlot = shared ? gpusOfSlot(resources) : undefined;
  const slots = Math.max(procs, nodes ?? 1);
  return [
    ...(nodes ? [`-N${nodes}`] : []),
    `-n${slots}`,
    `-c${cores}`,
    ...(perSlot ? [`-g${perSlot}`] : []),
  ];
}

/** Flux standard duration; `-t 5` would be minutes. One that cannot be read is Flux's to refuse. */
function duration(walltime: Resources["walltime"]): string | undefined {
  const text = lineOrNone(walltime);
  const seconds = walltimeSeconds(text ?? "");
  if (seconds === undefined) return text;
  return seconds === Infinity ? undefined : `${seconds}s`;
}

function urgency(priority: Resources["priority"]): number | undefined {
  const word = lineOrNone(priority)?.toLowerCase();
  if (word === undefined) return undefined;
  if (Object.hasOwn(URGENCIES, word)) return URGENCIES[word];
  const share = Number(word);
  return share >= 0 && share <= 1 ? Math.ceil(31 * share) : undefined;
}

interface FluxJob {
  readonly id: bigint;
  readonly name?: string;
  readonly status?: string;
  readonly state?: string;
  readonly result?: string;
  readonly returncode?: number | string;
  /** Absent of a job that never ran. */
  readonly waitstatus?: number;
  /** 0: it is held. */
  readonly urgency?: number;
  readonly dependencies?: readonly string[];
  readonly annotations?: {
    readonly sched?: { readonly t_estimate?: number; readonly reason_pending?: string };
  };
  readonly t_submit?: number;
  readonly t_run?: number;
  readonly t_inactive?: number;
  readonly exception?: { readonly occurred?: boolean; readonly type?: string; readonly note?: string };
}

/** Jobs under their decimal ids. */
function parseJobs({ code, stdout, stderr, timedOut }: CommandResult): JobSighting[] | undefined {
  if (timedOut) return undefined;
  if (code !== 0) {
    const said = lines(stderr).filter((line) => !/: WARNING: /.test(line));
    return said.length > 0 && said.every((line) => /^JobID \S+ unknown$/.test(line)) ? [] : undefined;
  }
  if (/^\d+\|/.test(stdout) || stdout.trim() === "") return lines(stdout).map(fieldsOf);
  try {
    const answer = JSON.parse(stdout, keepIds) as FluxJob | { readonly jobs: readonly FluxJob[] };
    return ("jobs" in answer ? answer.jobs : [answer]).map(sightingOf);
  } catch {
    return undefined;
  }
}

function fieldsOf(line: string): JobSighting {
  const [id, word = "", code, ...name] = line.split("|");
  const phase = phaseOf(FLUX_STATES, word);
  return sighting(id!, phase, word, {
    exitCode: (phase === "finished" || phase === "failed") && /^\d+$/.test(code ?? "")
      ? Number(code)
      : undefined,
    token: tokenOf(name.join("|")),
  });
}

/** Ids exceed 2^53 when an instance is some days old, so their digits are read as text. */
function keepIds(key: string, value: unknown, context?: { source?: string }): unknown {
  return key === "id" && typeof value === "number" ? BigInt(context?.source ?? value) : value;
}

function sightingOf(job: FluxJob): JobSighting {
  const { id, name, status, state, result, exception } = job;
  const word = status || result || state || "";
  const known = phaseOf(FLUX_STATES, word);
  const note = exception?.note ?? "";
  // RFC 21, RFC 24: the exec system reports lost nodes.
  const lostNode = known === "failed" && exception?.type === "exec" && /node failure|lost/i.test(note);
  const phase = lostNode ? "hwfailure" : known;
  return sighting(String(id), phase, word, {
    exitCode: phase === "finished" || phase === "failed" ? exitCodeOf(job) : undefined,
    reason: exception?.occurred ? note || exception.type : phase === "pending" ? waitingFor(job) : undefined,
    token: tokenOf(name ?? ""),
    stuck: job.urgency === 0 ? `${word}, it is held (flux job urgency ends a hold)` : undefined,
    submittedAt: epochTime(job.t_submit),
    startAt: epochTime(phase === "pending" ? job.annotations?.sched?.t_estimate : job.t_run),
    endedAt: epochTime(job.t_inactive),
  });
}

/** Flux has no word for what a job waits for, beside what its scheduler notes and what the user asked for. */
function waitingFor({ annotations, dependencies = [] }: FluxJob): string | undefined {
  const noted = annotations?.sched?.reason_pending;
  if (typeof noted === "string" && noted !== "") return noted;
  return dependencies.length > 0 ? `waits for ${dependencies.join(", ")}` : undefined;
}

/** A job that never ran has a return code anyway. */
function exitCodeOf({ returncode, waitstatus, exception }: FluxJob): number | undefined {
  const code = Number(returncode);
  return code >= 0 && (waitstatus !== undefined || !exception?.occurred) ? code : undefined;
}
