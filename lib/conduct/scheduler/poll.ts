/** Asks a scheduler about jobs: one command for all of them, in pieces where it takes only so many. */

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
/** Ids in one command line, well under the kernel's limit on its length (execve(2), 128 KiB an argument). */
const MOST_IDS = 2000;

export interface Answers {
  readonly known: ReadonlyMap<string, JobSighting>;
  /** Ids that the scheduler was asked about in every way, and does not know. */
  readonly absent: ReadonlySet<string>;
  /** Whether no query at all could be asked. */
  readonly silent: boolean;
  /** What the commands said that could not be asked. */
  readonly trouble: readonly string[];
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
      const options = {
        cwd,
        env: { ...env },
        clearEnv: true,
        timeoutMs,
        ...(input === undefined ? {} : { input }),
      };
      // A shell that starts a submission hands on what the job is to have.
      const words = argv[0] === "/bin/sh" ? [...startingShell(system, env), ...argv.slice(1)] : argv;
      return await system.run(words, options);
    } catch (error) {
      // The command is not there, or cannot be started: no answer, like any other failure to ask.
      return { code: 127, stdout: "", stderr: (error as Error).message, timedOut: false };
    }
  };
}

/** Runs the command that is made for what the installed version does not have. */
export type RunCommand = (
  argv: (lacks: ReadonlySet<string>) => readonly string[],
  cwd: string,
  timeoutMs: number,
  input?: string,
) => Promise<CommandResult>;

/** What the installed version does not have is found out once, by whichever command meets it first. */
export function fittingCommand(
  run: ReturnType<typeof commandIn>,
  { lacking }: Pick<SchedulerAdapter, "lacking">,
  lacks: ReadonlySet<string>,
  learn: (lack: string) => void,
): RunCommand {
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

/** Asks each query in turn about the jobs that those before it did not know. */
export async function askAbout(
  run: RunCommand,
  queries: readonly Query[],
  ids: readonly string[],
  context: QueryContext,
  cwd: string,
): Promise<Answers> {
  const known = new Map<string, JobSighting>();
  const trouble: string[] = [];
  let asked = 0;
  for (const query of queries) {
    const open = ids.filter((id) => !known.has(id));
    if (open.length === 0 && asked > 0) break;
    const most = Math.min(query.most ?? MOST_IDS, MOST_IDS);
    let whole = true;
    for (let start = 0; start < open.length; start += most) {
      const piece = open.slice(start, start + most);
      const ask = (lacks: ReadonlySet<string>) => query.argv(piece, { ...context, lacks });
      const result = await run(ask, cwd, QUERY_TIMEOUT_MS);
      const sightings = query.parse(result, piece);
      if (sightings === undefined) {
        whole = false;
        trouble.push(
          result.timedOut
            ? "it did not answer in time"
            : firstLine(result.stderr) || `exit code ${result.code}`,
        );
        break;
      }
      for (const sighting of sightings) if (!known.has(sighting.jobId)) known.set(sighting.jobId, sighting);
    }
    // What a later query does not know may be what this one would have told of.
    if (!whole) return { known, absent: new Set(), silent: asked === 0, trouble };
    asked++;
  }
  const absent = new Set(ids.filter((id) => !known.has(id)));
  return { known, absent, silent: asked === 0, trouble };
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0]!.slice(0, 200);
}
