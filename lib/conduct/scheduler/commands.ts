/**
 * A scheduler's commands: made for its installed version, run in the right environment, and what they answer. Nothing
 * here depends on the state of a job.
 */

import { AdapterFault } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { type Environment, recordedSubmitEnvironment, withRecorded } from "../../study/launch_environment.ts";
import type { Study } from "../../study/folder.ts";
import { startingShell } from "../../starting_shell.ts";
import type { System } from "../../system.ts";
import type { Usage } from "../../study/usage.ts";
import type {
  CommandResult,
  JobSighting,
  Query,
  QueryContext,
  SchedulerAdapter,
  UsageQuery,
} from "../../../adapters/adapter.ts";

/** A query that takes longer counts as failed. */
const QUERY_TIMEOUT_MS = 60_000;
/** The same for submissions, cancellations and searches. */
const COMMAND_TIMEOUT_MS = 120_000;

/** Ids in one command line, well under the kernel's limit on its length (execve(2), 128 KiB an argument). */
const MOST_IDS = 2000;

/** What a scheduler knows of some jobs. */
export interface Answers {
  readonly known: ReadonlyMap<string, JobSighting>;
  /** Ids that the scheduler was asked about in every way, and does not know. */
  readonly absent: ReadonlySet<string>;
  /** Whether no query at all could be asked. */
  readonly silent: boolean;
  /** What the command printed that could not be asked. */
  readonly trouble: string | undefined;
}

/** Runs commands in an environment that is given whole. */
export function commandIn(system: System, env: Readonly<Record<string, string>>) {
  return async (
    argv: readonly string[],
    cwd: string,
    timeoutMs: number,
    input?: string,
  ): Promise<CommandResult> => {
    try {
      const more = input === undefined ? {} : { input };
      // A shell that starts a submission passes on the environment of the job.
      const words = argv[0] === "/bin/sh" ? [...startingShell(system, env), ...argv.slice(1)] : argv;
      return await system.run(words, { cwd, env: { ...env }, clearEnv: true, timeoutMs, ...more });
    } catch (error) {
      // The command is not there, or cannot be started: no answer, like any other failure to ask.
      return { code: 127, stdout: "", stderr: (error as Error).message, timedOut: false };
    }
  };
}

/** Words of a command, for a scheduler that lacks something. */
type Words = (lacks: ReadonlySet<string>) => readonly string[];

type RunFitting = (argv: Words, cwd: string, timeoutMs: number, input?: string) => Promise<CommandResult>;

/** What the installed version does not have is found out once, by whichever command meets it first. */
export function fittingCommand(
  run: ReturnType<typeof commandIn>,
  { lacking }: Pick<SchedulerAdapter, "lacking">,
  lacks: ReadonlySet<string>,
  learn: (lack: string) => void,
): RunFitting {
  return async (argv, cwd, timeoutMs, input) => {
    for (;;) {
      const before = new Set(lacks);
      const result = await run(argv(before), cwd, timeoutMs, input);
      const lack = lacking?.(result);
      if (lack === undefined || before.has(lack)) return result;
      learn(lack);
    }
  };
}

export interface CommandOptions {
  readonly system: System;
  readonly study: Study;
  readonly scheduler: SchedulerAdapter;
  readonly log: Log;
}

/** A scheduler's commands, made for its installed version, each in the environment that it needs. */
export class Commands {
  /** What the installed version turned out not to have. */
  readonly lacks = new Set<string>();
  private readonly run: RunFitting;
  private readonly runSubmission: RunFitting;
  private readonly context: QueryContext;

  constructor(private readonly options: CommandOptions) {
    const { system, study, scheduler } = options;
    const recorded = recordedSubmitEnvironment(system, study.root);
    const runIn = (env: Readonly<Record<string, string>>) =>
      fittingCommand(commandIn(system, env), scheduler, this.lacks, (lack) => this.learn(lack));
    this.run = runIn(queryEnvironment(system.env, scheduler, recorded));
    this.runSubmission = runIn(jobEnvironment(system.env, scheduler, recorded));
    this.context = { user: system.user, since: study.file.createdAt };
  }

  /** Notes what the scheduler does not have. */
  learn(lack: string): void {
    if (!this.lacks.has(lack)) this.options.log.info(`This scheduler has no ${lack}: going on without.`);
    this.lacks.add(lack);
  }

  submit(argv: Words, cwd: string, input?: string): Promise<CommandResult> {
    return this.runSubmission(argv, cwd, COMMAND_TIMEOUT_MS, input);
  }

  /** Asks each query in turn about the jobs that those before it did not know; in pieces, where it takes only so many. */
  async ask(
    queries: readonly Query[],
    ids: readonly string[],
    cluster: string | undefined,
  ): Promise<Answers> {
    const known = new Map<string, JobSighting>();
    let asked = 0;
    for (const query of queries) {
      const open = ids.filter((id) => !known.has(id));
      if (open.length === 0 && asked > 0) break;
      const most = Math.min(query.most ?? MOST_IDS, MOST_IDS);
      for (let start = 0; start < open.length; start += most) {
        const found = await this.query(query, open.slice(start, start + most), cluster);
        // What a later query does not know may be what this one would have known.
        if (typeof found === "string") {
          return { known, absent: new Set(), silent: asked === 0, trouble: found };
        }
        for (const sighting of found) if (!known.has(sighting.jobId)) known.set(sighting.jobId, sighting);
      }
      asked++;
    }
    const absent = new Set(ids.filter((id) => !known.has(id)));
    return { known, absent, silent: asked === 0, trouble: undefined };
  }

  /** What a query knows of some jobs, or why it could not be asked. */
  private async query(
    query: Query,
    ids: readonly string[],
    cluster: string | undefined,
  ): Promise<readonly JobSighting[] | string> {
    const context = { ...this.context, ...(cluster === undefined ? {} : { cluster }) };
    const argv = (lacks: ReadonlySet<string>) => query.argv(ids, { ...context, lacks });
    try {
      const result = await this.run(argv, this.options.study.root, QUERY_TIMEOUT_MS);
      return query.parse(result, ids) ?? failureOf(result);
    } catch (error) {
      return faultOf(error);
    }
  }

  /** What jobs used. Those without a record are left out, and those that could not be asked about. */
  async use(
    query: UsageQuery,
    ids: readonly string[],
    cluster: string | undefined,
  ): Promise<ReadonlyMap<string, Usage> | "off"> {
    const context = { ...this.context, ...(cluster === undefined ? {} : { cluster }) };
    const { noHistory } = this.options.scheduler;
    if (noHistory !== undefined && this.lacks.has(noHistory)) return "off";
    const found = new Map<string, Usage>();
    const most = Math.min(query.most ?? ids.length, MOST_IDS);
    for (let start = 0; start < ids.length; start += most) {
      const some = ids.slice(start, start + most);
      const argv = (lacks: ReadonlySet<string>) => query.argv(some, { ...context, lacks });
      const records = query.parse(await this.run(argv, this.options.study.root, QUERY_TIMEOUT_MS), some);
      if (records === "off") return "off";
      for (const [id, used] of records ?? []) found.set(id, used);
    }
    return found;
  }

  /** Searches for jobs by their tokens; why it cannot, if so. Searches that are worded alike share one answer. */
  finder(): (token: string) => Promise<readonly JobSighting[] | string> {
    const answers = new Map<string, Promise<CommandResult>>();
    return async (token) => {
      try {
        const query = this.options.scheduler.find(token);
        const argv = (lacks: ReadonlySet<string>) => query.argv([], { ...this.context, lacks });
        const key = argv(new Set()).join("\0");
        const answer = answers.get(key) ?? this.run(argv, this.options.study.root, COMMAND_TIMEOUT_MS);
        answers.set(key, answer);
        const result = await answer;
        return query.parse(result, []) ?? failureOf(result);
      } catch (error) {
        return faultOf(error);
      }
    };
  }

  /** How long the server has run, in ms, where that is known. */
  async uptime(cluster: string | undefined): Promise<number | undefined> {
    const { scheduler: { uptime }, study } = this.options;
    if (!uptime) return undefined;
    const context = { ...this.context, ...(cluster === undefined ? {} : { cluster }) };
    const argv = (lacks: ReadonlySet<string>) => uptime.argv({ ...context, lacks });
    return uptime.parse(await this.run(argv, study.root, QUERY_TIMEOUT_MS));
  }

  /** Ends jobs; whether the scheduler took it. A failure is logged. */
  async cancel(ids: readonly string[], cluster: string | undefined): Promise<boolean> {
    const { scheduler, study, log } = this.options;
    const on = cluster === undefined ? {} : { cluster };
    const argv = (lacks: ReadonlySet<string>) => scheduler.cancel(ids, { ...on, lacks });
    let why: string;
    try {
      const result = await this.run(argv, study.root, COMMAND_TIMEOUT_MS);
      if (result.code === 0 || scheduler.cancelMeansGone(result)) return true;
      why = result.stderr.trim() || `exit code ${result.code}`;
    } catch (error) {
      why = faultOf(error);
    }
    log.warning(`Cancelling ${ids.length} jobs: ${why}`);
    return false;
  }
}

/** Why an adapter from a file gave no answer. Any other error is a slip of ours. */
function faultOf(error: unknown): string {
  if (error instanceof AdapterFault) return error.message;
  throw error;
}

/** Why a command gave no answer, in its own words. */
function failureOf({ timedOut, stderr, code }: CommandResult): string {
  if (timedOut) return "it did not answer in time";
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  // A warning in front hides what is wrong.
  const line = lines.find((line) => !/\bWARNING\b/i.test(line)) ?? lines[0];
  return line?.slice(0, 200) ?? `exit code ${code}`;
}

/**
 * For commands that ask and cancel: one that does not change what they print. Most print times without the zone: it is
 * UTC.
 */
export function queryEnvironment(
  env: Environment,
  scheduler: Pick<SchedulerAdapter, "clearedEnv" | "environment">,
  recorded: Environment = {},
): Record<string, string> {
  return {
    ...without(withRecorded(env, recorded, scheduler), scheduler.clearedEnv),
    LC_ALL: "C",
    TZ: "UTC0",
  };
}

/**
 * For submissions, whose environment many schedulers pass to the job: the user's own, without variables that
 * prevent reading the answer. Variables of another job, in which the conductor runs, are also removed.
 */
export function jobEnvironment(
  env: Environment,
  scheduler: Pick<SchedulerAdapter, "environment" | "notSubmitted" | "ofJobs" | "jobIdVariables">,
  recorded: Environment = {},
): Record<string, string> {
  const { notSubmitted, ofJobs, jobIdVariables } = scheduler;
  const inJob = jobIdVariables.some((name) => env[name] !== undefined);
  return without(withRecorded(env, recorded, scheduler), [...notSubmitted, ...(inJob ? ofJobs : [])]);
}

/** Without the variables of these names, or prefixes that end in `*`. */
function without(env: Environment, patterns: readonly string[]): Record<string, string> {
  const cleared = (name: string) =>
    patterns.some((pattern) =>
      pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern
    );
  return Object.fromEntries(Object.entries(env).filter(([name]) => !cleared(name)));
}
