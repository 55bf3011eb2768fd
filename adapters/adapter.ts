/** What an adapter is: the interface to a scheduler. An adapter builds commands and text and parses output; it runs nothing. */

import type { Batch } from "../lib/spec/types.ts";
import type { Resources } from "../lib/plan/types.ts";
import type { Usage } from "../lib/study/usage.ts";

/** What a script is made for: one node, its commands aside. */
export interface ScriptRequest {
  /** Job name: the node's name (or its hash), spaces replaced, safe in a header line. */
  readonly jobName: string;
  readonly description: string;
  readonly resources: Resources;
  readonly batch: Batch;
  /** Names of the log files, relative to the workspace. They may contain a scheduler's own placeholders. */
  readonly out: string;
  readonly err: string;
  /** What the installed version turned out not to have, in the words of the adapter's `lacking`. */
  readonly lacks?: ReadonlySet<string>;
  /** Where the script runs: absolute. Undefined in a template's example. */
  readonly workspace?: string;
}

/**
 * Values for a template's `@field@`s. A line whose field is undefined is dropped. A field with several values makes one
 * line for each, and no line if the list is empty. A line break in a value becomes a blank.
 */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What `$(LAUNCHER)` is asked for: the step's resources, nodes and procs narrowed by a bracket form. */
export interface LaunchRequest {
  readonly nodes: number | undefined;
  readonly procs: number | undefined;
  readonly resources: Resources;
  readonly batch: Batch;
  /** As in `ScriptRequest`. */
  readonly lacks?: ReadonlySet<string>;
}

/** A script to submit. Paths are absolute. */
export interface SubmitRequest {
  readonly script: string;
  readonly workspace: string;
  readonly jobName: string;
  /**
   * Distinguishes this submission from all others. `find` finds it at the scheduler. Letters, digits, `-`.
   */
  readonly token: string;
  /** What the user wrote of the step, for schedulers with a place for it. */
  readonly description?: string;
  readonly resources: Resources;
  readonly batch: Batch;
  readonly out: string;
  readonly err: string;
  readonly lacks?: ReadonlySet<string>;
  /** Whether nothing in the script waits for the token as its argument: the user's program would read it. */
  readonly unguarded?: boolean;
}

/** A command that was run. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** A scheduler's answer to a submission. */
export type Submission =
  /** `cluster` where later commands must name it. */
  | { readonly kind: "accepted"; readonly jobId: string; readonly cluster?: string }
  /** `again`: a temporary limit; the step remains ready. Otherwise it can never be accepted without a change. */
  | {
    readonly kind: "refused";
    readonly reason: string;
    readonly again: boolean;
    /** The command did not reach the scheduler. */
    readonly unreached?: true;
  }
  /** It may have been accepted: look the token up before trying again. */
  | { readonly kind: "unclear"; readonly reason: string };

/** A job as its scheduler sees it. `unknown`: alive as far as anyone knows, in a word that the table does not have. */
export type JobPhase =
  | "pending"
  | "running"
  | "finished"
  | "failed"
  | "timedout"
  | "hwfailure"
  | "preempted"
  | "oom"
  | "cancelled"
  | "unknown";

export interface JobSighting {
  readonly jobId: string;
  readonly phase: JobPhase;
  /** The scheduler's own word. */
  readonly word: string;
  readonly exitCode?: number;
  /** Why it waits, or why it ended, in the scheduler's words. */
  readonly reason?: string;
  /** The submission's token, where the answer holds it. */
  readonly token?: string;
  /** It waits, and why it will do so until someone changes something. */
  readonly stuck?: string;
  /** It has ended, and stays in the queue until it is cancelled. */
  readonly stays?: true;
  /** It has begun and does not run for now, in the scheduler's words: it is suspended. */
  readonly paused?: string;
  /** By the scheduler's clock, in ms since 1970. After a requeue: of the last run. */
  readonly submittedAt?: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** When the scheduler expects a waiting job to begin. */
  readonly expectedStartAt?: number;
}

/** Who asks and since when: what queries may need beside ids. */
export interface QueryContext {
  readonly user: string;
  /** Start of the study, ms since 1970. */
  readonly since: number;
  /** The cluster that an accepted submission named: its jobs are asked about apart from others. */
  readonly cluster?: string;
  /** What the installed version turned out not to have, in the words of the adapter's `lacking`. */
  readonly lacks?: ReadonlySet<string>;
}

/** One process that runs many submissions, where each by itself takes long to start. */
export interface BulkSubmission {
  /** At most so many at a time. */
  readonly most: number;
  readonly argv: readonly string[];
  /** For its standard input. */
  input(submissions: readonly { readonly argv: readonly string[]; readonly cwd: string }[]): string;
  /**
   * The outcome of each: `undefined` for those that the answer omits; no list if the command could not run.
   */
  parse(result: CommandResult, count: number): (CommandResult | undefined)[] | undefined;
}

/** One command that reports about many jobs. */
export interface Query {
  /** At most this many ids a call; undefined: any number, for the command names no ids. */
  readonly most?: number;
  argv(ids: readonly string[], context: QueryContext): string[];
  /**
   * The reported jobs; a requested job that is missing does not exist. Undefined if the scheduler did not
   * answer.
   */
  parse(result: CommandResult, ids: readonly string[]): JobSighting[] | undefined;
}

/** One command that reports what jobs used that have ended. */
export interface UsageQuery {
  /** As in `Query`. */
  readonly most?: number;
  argv(ids: readonly string[], context: QueryContext): string[];
  /**
   * By job id. A requested job that is missing has no record yet. `off`: the scheduler keeps no such records. Undefined if
   * it did not answer.
   */
  parse(result: CommandResult, ids: readonly string[]): ReadonlyMap<string, Usage> | "off" | undefined;
}

/** A question that `maestro doctor` asks, and what the answer means. */
export interface DoctorCheck {
  readonly argv: readonly string[];
  /** Shown if the command ended with 0. */
  readonly fine: string;
  /** Shown if it did not, with a hint. */
  readonly failed: string;
  readonly hint: string;
}

/** Builds commands and parses output; runs nothing. Absent for local. */
export interface SchedulerAdapter {
  /** `program`: a command that no other scheduler has. `argv`: a command whose first line is the version. */
  readonly version: { readonly program: string; readonly argv: readonly string[] };
  /**
   * Environment variables by which its commands find their server: kept for a conductor that cron starts. Never one that
   * may hold a secret.
   */
  readonly environment: readonly string[];
  /** Further questions of `maestro doctor`. */
  readonly checks?: readonly DoctorCheck[];
  /** Settings that let steps of a pack look like separate jobs. */
  readonly pack?: {
    /** Variables with the folder of the submission. */
    readonly folders?: readonly string[];
    /** Variables with the job's name, beside `jobNameVariables`. */
    readonly names?: readonly string[];
    /** Set for all steps, so that their launchers share the job. */
    readonly set?: Readonly<Record<string, string>>;
  };
  /** Environment variables (names, or prefixes that end in `*`) that must not reach its queries and cancellations. */
  readonly clearedEnv: readonly string[];
  /** Those that must not reach its submissions: they keep the answer from being read, or are for one job alone. */
  readonly notSubmitted: readonly string[];
  /** Those that describe the job in which a conductor runs, and must not reach another job. */
  readonly ofJobs: readonly string[];
  /** Those that go before the header of a script, and the keys of a spec that they replace. */
  readonly beforeHeader?: Readonly<Record<string, readonly string[]>>;
  /** The variables in which a running job finds its own id, if any; the first that has a value counts. */
  readonly jobIdVariables: readonly string[];
  /**
   * The variables in which a running job finds its name, if the submission's token is in it. The first arms the script's
   * guard; without one the submission passes the token as the script's argument.
   */
  readonly jobNameVariables?: readonly string[];
  /** What a command of the script begins with so that the scheduler reads on for directives. */
  readonly commandMark?: string;
  /** Run in the request's workspace. */
  submit(request: SubmitRequest, lacks?: ReadonlySet<string>): string[];
  parseSubmit(result: CommandResult): Submission;
  readonly bulk?: BulkSubmission;
  /**
   * The feature that the installed version lacks, according to the answer to any command. The command is
   * repeated without it, and so are all later ones.
   */
  lacking?(result: CommandResult): string | undefined;
  /** The word of `lacking` for a scheduler that knows nothing of jobs that have ended. */
  readonly noHistory?: string;
  /** Seconds of a walltime, where it is not read as in `walltimeSeconds`. */
  seconds?(walltime: string): number | undefined;
  /**
   * Queries in order. Each asks about the jobs that the previous ones did not report. If one fails, the rest
   * are not made. A job that none reports does not exist only if all queries succeeded.
   */
  readonly queries: readonly Query[];
  /** What jobs used that have ended. Absent if the scheduler keeps no record of that. */
  readonly usage?: UsageQuery;
  /** The jobs with a token in their name or comment: what a conductor that died may have submitted. */
  find(token: string): Query;
  /**
   * How long its server has run, in ms. If a server has run all the time since a job was submitted, it
   * has not lost the job. A job that it does not know was deleted. Needed only where a deleted job leaves no trace in any query.
   */
  readonly uptime?: {
    argv(context: QueryContext): string[];
    parse(result: CommandResult): number | undefined;
  };
  cancel(ids: readonly string[], context?: Partial<QueryContext>): string[];
  /** Whether a cancel command's failure only means that the jobs are already gone. */
  cancelMeansGone(result: CommandResult): boolean;
}

/** Spellings of one option, and what to do instead. `-a…`: with its value behind it, `-a1-3`. */
export interface OwnOption {
  readonly words: readonly string[];
  readonly hint: string;
}

/** A scheduler's description: it builds commands and text, parses output, and runs nothing. */
export interface Adapter {
  /** Word in `batch.type`. */
  readonly name: string;
  /** Between a script's name and `.sh`: "slurm" in `step.slurm.sh`; empty for local. */
  readonly infix: string;
  /** Header of a scheduled script, with `@field@` placeholders (see `script.ts`). */
  readonly template: string;
  /** Options that a submission gives itself, or that keep it from following the job; and where else users write them. */
  readonly own?: {
    readonly options: readonly OwnOption[];
    /** What a directive begins with. */
    readonly directive?: RegExp;
    /** Whether directives are read behind the first command, too. */
    readonly everywhere?: true;
  };
  /** Its lines that templates of earlier versions do not have, and need. */
  readonly laterLines?: readonly string[];
  /** Other words for it in `batch.type`. */
  readonly otherNames?: readonly string[];
  /** Keys of `batch` that it reads, beside `type`. */
  readonly batchKeys: readonly string[];
  /** Whether a mapping `args` holds options of its launcher, as in Maestro. Elsewhere such a mapping has no effect. */
  readonly launcherArgs?: true;
  /** Keys of `run` and `batch` that have no effect with it, and what to do instead. */
  readonly ignores: Readonly<Record<string, string>>;
  /** What the scheduler replaces by the job's id in names of logs, if it does: `%J`. */
  readonly jobIdSign?: string;
  /** How its log files are named, with `jobIdSign` for the job's id. */
  logName(jobName: string, stream: "out" | "err"): string;
  /** What this scheduler spells in its own way. */
  fields(request: ScriptRequest): Fields;
  /** What `$(LAUNCHER)` becomes, word by word. */
  launcher(request: LaunchRequest): string[];
  /** Commands of the scheduler; undefined where steps run on this machine. */
  readonly scheduler?: SchedulerAdapter;
}
