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

/** A query that takes longer is as good as no answer. */
const QUERY_TIMEOUT_MS = 60_000;
/** The same for submissions, cancellations and searches. */
const COMMAND_TIMEOUT_MS = 120_000;
/** Ids in one command line, well under the kernel's limit on its length (execve(2), 128 KiB an argument). */
const MOST_IDS = 2000;

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
      // A shell that starts a submission hands on what the job is to have.
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

/** What a scheduler knows of some jobs. */
export interface Answers {
  readonly known: ReadonlyMap<string, JobSighting>;
  /** Ids that the scheduler was asked about in every way, and does not know. */
  readonly absent: ReadonlySet<string>;
  /** Whether no query at all could be asked. */
  readonly silent: boolean;
  /** What the commands printed that could not be asked. */
  readonly trouble: readonly string[];
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

  /** Asks each query in turn about the jobs that those before it did not know. */
  async ask(
    ids: readonly string[],
    cluster: string | undefined,
    queries: readonly Query[] = this.options.scheduler.queries,
  ): Promise<Answers> {
    const known = new Map<string, JobSighting>();
    const trouble: string[] = [];
    let asked = 0;
    for (const query of queries) {
      const open = ids.filter((id) => !known.has(id));
      if (open.length === 0 && asked > 0) break;
      const failure = await this.askOne(query, open, cluster, known);
      if (failure !== undefined) trouble.push(failure);
      // What a later query does not know may be what this one would have known.
      if (failure !== undefined) return { known, absent: new Set(), silent: asked === 0, trouble };
      asked++;
    }
    const absent = new Set(ids.filter((id) => !known.has(id)));
    return { known, absent, silent: asked === 0, trouble };
  }

  /** Adds what a query knows; in pieces, where it takes only so many ids. Why it could not be asked, if it could not. */
  private async askOne(
    query: Query,
    ids: readonly string[],
    cluster: string | undefined,
    known: Map<string, JobSighting>,
  ): Promise<string | undefined> {
    const most = Math.min(query.most ?? MOST_IDS, MOST_IDS);
    const context = { ...this.context, ...(cluster === undefined ? {} : { cluster }) };
    for (let start = 0; start < ids.length; start += most) {
      const piece = ids.slice(start, start + most);
      const argv = (lacks: ReadonlySet<string>) => query.argv(piece, { ...context, lacks });
      const result = await this.run(argv, this.options.study.root, QUERY_TIMEOUT_MS);
      const sightings = query.parse(result, piece);
      if (sightings === undefined) {
        if (result.timedOut) return "it did not answer in time";
        return firstLine(result.stderr) || `exit code ${result.code}`;
      }
      for (const sighting of sightings) if (!known.has(sighting.jobId)) known.set(sighting.jobId, sighting);
    }
    return undefined;
  }

  /** Searches for jobs by their tokens; undefined where it cannot. Searches that are worded alike share one answer. */
  finder(): (token: string) => Promise<readonly JobSighting[] | undefined> {
    const answers = new Map<string, Promise<CommandResult>>();
    return async (token) => {
      const query = this.options.scheduler.find(token);
      const argv = (lacks: ReadonlySet<string>) => query.argv([], { ...this.context, lacks });
      const key = argv(new Set()).join("\0");
      const answer = answers.get(key) ?? this.run(argv, this.options.study.root, COMMAND_TIMEOUT_MS);
      answers.set(key, answer);
      return query.parse(await answer, []);
    };
  }

  /** Ends jobs. Gives up after a while; a failure is logged. */
  async cancel(ids: readonly string[], cluster: string | undefined): Promise<void> {
    const { scheduler, study, log } = this.options;
    const on = cluster === undefined ? {} : { cluster };
    const argv = (lacks: ReadonlySet<string>) => scheduler.cancel(ids, { ...on, lacks });
    const result = await this.run(argv, study.root, COMMAND_TIMEOUT_MS);
    if (result.code === 0 || scheduler.cancelMeansGone(result)) return;
    log.warning(`Cancelling ${ids.length} jobs: ${result.stderr.trim() || `exit code ${result.code}`}`);
  }
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0]!.slice(0, 200);
}
