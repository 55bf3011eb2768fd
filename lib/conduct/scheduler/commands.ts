/** A scheduler's commands: made for its installed version, run in the right environment, and what they answer. */

import type { Log } from "../../log.ts";
import { jobEnvironment, queryEnvironment, recordedSubmitEnvironment } from "./environment.ts";
import type { Study } from "../../study/folder.ts";
import { startingShell } from "../../starting_shell.ts";
import type { System } from "../../system.ts";
import type {
  CommandResult,
  JobSighting,
  Query,
  QueryContext,
  SchedulerAdapter,
} from "../../../adapters/adapter.ts";

/** A query that takes longer counts as failed. */
const QUERY_TIMEOUT_MS = 60_000;
/** The same for submissions, cancellations and searches. */
const COMMAND_TIMEOUT_MS = 120_000;

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

  /** What a query knows of some jobs, or why it could not be asked. */
  async query(
    query: Query,
    ids: readonly string[],
    cluster: string | undefined,
  ): Promise<readonly JobSighting[] | string> {
    const context = { ...this.context, ...(cluster === undefined ? {} : { cluster }) };
    const argv = (lacks: ReadonlySet<string>) => query.argv(ids, { ...context, lacks });
    const result = await this.run(argv, this.options.study.root, QUERY_TIMEOUT_MS);
    const sightings = query.parse(result, ids);
    if (sightings !== undefined) return sightings;
    return failureOf(result);
  }

  /** Searches for jobs by their tokens; why it cannot, if so. Searches that are worded alike share one answer. */
  finder(): (token: string) => Promise<readonly JobSighting[] | string> {
    const answers = new Map<string, Promise<CommandResult>>();
    return async (token) => {
      const query = this.options.scheduler.find(token);
      const argv = (lacks: ReadonlySet<string>) => query.argv([], { ...this.context, lacks });
      const key = argv(new Set()).join("\0");
      const answer = answers.get(key) ?? this.run(argv, this.options.study.root, COMMAND_TIMEOUT_MS);
      answers.set(key, answer);
      const result = await answer;
      return query.parse(result, []) ?? failureOf(result);
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
    const result = await this.run(argv, study.root, COMMAND_TIMEOUT_MS);
    if (result.code === 0 || scheduler.cancelMeansGone(result)) return true;
    log.warning(`Cancelling ${ids.length} jobs: ${result.stderr.trim() || `exit code ${result.code}`}`);
    return false;
  }
}

/** Why a command gave no answer, in its own words. */
function failureOf({ timedOut, stderr, code }: CommandResult): string {
  if (timedOut) return "it did not answer in time";
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  // A warning in front hides what is wrong.
  const line = lines.find((line) => !/\bWARNING\b/i.test(line)) ?? lines[0];
  return line?.slice(0, 200) ?? `exit code ${code}`;
}
