/** Starts a conductor for a study: in this process, or detached from this terminal. */

import { shellWord } from "../shell_words.ts";
import { conduct } from "../conduct/loop.ts";
import type { ConductEnd, ConductOptions, Orders } from "../conduct/context.ts";
import { conductorDied, EXIT, isHeld } from "../errors.ts";
import { studyHooks } from "../conduct/hooks.ts";
import { hider } from "../study/secrets.ts";
import { conductorView } from "../study/lease.ts";
import { writeGuard, writeScripts } from "./create_study.ts";
import { type Listener, type Log, openLog } from "../log.ts";
import { patientLook, patientStart } from "../patience.ts";
import { type Member, writePack } from "../conduct/pack.ts";
import { schedulingOf } from "../plan/scheduling.ts";
import { workspaceOf } from "../plan/node_text.ts";
import { isGuarded } from "../plan/script.ts";
import type { Progress } from "../study/state/progress.ts";
import { SchedulerClient } from "../conduct/scheduler/client.ts";
import { submissionToken } from "../conduct/scheduler/submit.ts";
import type { PlanNode } from "../plan/types.ts";
import type { SchedulerAdapter } from "../../adapters/adapter.ts";
import type { Settings } from "../spec/settings.ts";
import { readState } from "../study/journal/replay.ts";
import { studyEnd } from "../study/state/outcome.ts";
import { consoleName, logFile, studyPaths } from "../paths.ts";
import { raiseVersion, type Study } from "../study/folder.ts";
import { STUDY_STATE, type StudyEnd } from "../study/states.ts";
import { changedSinceLaunch, keepServers } from "../study/launch_environment.ts";
import { startingShell } from "../starting_shell.ts";
import type { System } from "../system.ts";
import type { Context } from "./context.ts";
import { adapterOfStudy } from "./site_template.ts";

/** Exit code of a command that conducts, from how the study ended. */
export function exitOf(end: ConductEnd): number {
  if (end === "unreachable") return EXIT.tryAgain;
  return end === "unfinished" ? EXIT.stillRunning : STUDY_STATE[end].exit;
}

export interface Conducting {
  readonly orders: Orders;
  readonly mode: ConductOptions["mode"];
  /** Receives the lines of the log. */
  readonly listener?: Listener | undefined;
  readonly onTaken?: (progress: Progress) => void;
  /** Settings that replace those that the study was created with. */
  readonly settings?: Partial<Settings>;
  /** The log ends with the words of Maestro's `conductor`. */
  readonly isConductor?: true;
}

/** A process that has the study for a moment is waited for, this often and so many times. */
const BRIEF = { ms: 100, tries: 600 };
/** A lease that nobody has is taken at once, unless others try the same. */
const MOST_TRIES = 5;

/**
 * Conducts a study in this process. A whole conductor waits for a process that only carries out requests, and takes a
 * lease back that it lost to one. It tries again where it cannot begin for a reason that may pass.
 */
export async function conductHere(context: Context, study: Study, options: Conducting): Promise<ConductEnd> {
  const { system } = context;
  const { mode, orders } = options;
  if (mode !== "whole") return await conductOnce(context, study, options);
  for (let tries = 0;;) {
    try {
      return await patientStart(system, () => conductOnce(context, study, options));
    } catch (error) {
      if (!isHeld(error)) throw error;
      const { alive, brief } = conductorView(system, study.root);
      if ((alive && !brief) || ++tries > (alive ? BRIEF.tries : MOST_TRIES)) throw error;
    }
    await system.sleep(BRIEF.ms);
    if (orders.stop) return "unfinished";
  }
}

/** What work on a study gives, or undefined where another process has the study. */
export function unlessHeld<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error) => {
    if (isHeld(error)) return undefined;
    throw error;
  });
}

async function conductOnce(context: Context, study: Study, options: Conducting): Promise<ConductEnd> {
  const { system, globals } = context;
  const { root, plan, file: { settings } } = study;
  const adapter = await adapterOfStudy(system, root, plan.study.batch);
  // -l adds a copy: people look for the log in the study.
  const folders = [studyPaths(root).logs, ...globals.logPath === undefined ? [] : [globals.logPath]];
  for (const folder of folders) system.makeDirectory(folder);
  const log = openLog(system, {
    files: [...new Set(folders)].map((folder) => `${folder}/${logFile(plan.study.name)}`),
    level: globals.debugLevel,
    listener: options.listener,
    hide: hider(new Set(study.file.secrets)),
  });
  const temporary = settings.useTmp ? { folder: system.makeTempDirectory("maestro_") } : {};
  let compared = false;
  const write = (node: PlanNode, { records }: Progress, lacks?: ReadonlySet<string>) => {
    if (!compared) logChanges(system, root, log);
    compared = true;
    const { restarts, attempt, retries } = records[node.index]!;
    return writeScripts(system, plan, node, adapter, {
      restart: restarts > 0,
      attempt,
      retries,
      ...(lacks ? { lacks } : {}),
      token: submissionToken(study, node.index, attempt),
      ...temporary,
    });
  };
  type MakeRunner = NonNullable<ConductOptions["schedulerRunner"]>;
  const scheduled = (scheduler: SchedulerAdapter): MakeRunner => (progress, wake, system) => {
    const prepare = (node: PlanNode, lacks: ReadonlySet<string>) => {
      writeGuard(system, root);
      const { path, request } = write(node, progress, lacks);
      const unguarded = isGuarded(request.batch) ? {} : { unguarded: true };
      return { ...request, ...unguarded, script: path, workspace: workspaceOf(plan, node) };
    };
    const preparePack = (members: readonly Member[]) => {
      const { node, attempt } = members[0]!;
      return writePack(system, plan, adapter, members, submissionToken(study, node.index, attempt));
    };
    return new SchedulerClient({ system, study, progress, scheduler, prepare, preparePack, log, wake });
  };
  const hooks = studyHooks(system, study, log);
  try {
    const end = await conduct(system, study, {
      log,
      hooks,
      onTaken(progress) {
        raiseVersion(system, study);
        if (options.mode === "whole") keepServers(system, root, adapter.scheduler);
        options.onTaken?.(progress);
      },
      orders: options.orders,
      settings: options.settings ?? {},
      mode: options.mode,
      isScheduled: schedulingOf(plan, adapter.name),
      writeScript: (node, progress) => write(node, progress).path,
      ...(adapter.scheduler ? { schedulerRunner: scheduled(adapter.scheduler) } : {}),
    });
    const original = end in STUDY_STATE ? STUDY_STATE[end as StudyEnd].original : undefined;
    if (options.isConductor && original !== undefined) {
      log.info(`Study completed with state 'StudyStatus.${original}'.`);
      log.info("Study exiting, cleaning up...");
      log.info("Squeaky clean!");
    }
    return end;
  } finally {
    await hooks?.idle();
    if (temporary.folder !== undefined) system.removeTree(temporary.folder);
    log.close();
  }
}

/** Most names of variables in a line of the log. */
const MOST_NAMES = 20;

/** Steps of a conductor that cron starts may see another environment than those that `run` started. */
function logChanges(system: System, root: string, log: Log): void {
  const names = changedSinceLaunch(system, root);
  if (names.length === 0) return;
  const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : "";
  log.warning(
    `The environment of steps has changed since the launch. These variables differ: ${
      names.slice(0, MOST_NAMES).join(", ")
    }${more}`,
  );
}

/**
 * Conducts in a process that does nothing else. `ps` and `pgrep -x conductor` list it as `conductor`, because
 * scripts written for Maestro expect that name. The name is removed at the end: without a reaper, dead
 * processes remain listed.
 */
export async function conductByName(
  context: Context,
  study: Study,
  options: Conducting,
): Promise<ConductEnd> {
  const { system } = context;
  system.nameProcess("conductor");
  try {
    return await conductHere(context, study, options);
  } finally {
    system.nameProcess("maestro");
  }
}

/** SIGTERM ends a conductor, and its jobs continue. */
export function onTermination(system: System, orders: Orders): void {
  system.onSignal("SIGTERM", () => leave(orders));
}

/** Ends the conductor without a change to its study. */
export function leave(orders: Orders): void {
  orders.stop = true;
  orders.wake();
}

/** Prints the lines of the log on this terminal. */
export function plainLines({ stderr }: System): Listener {
  return (line) => stderr.say(line);
}

/**
 * Long enough for a busy login node to start a process. The wait ends as soon as the conductor has the study.
 */
const TAKE_TIMEOUT_MS = 60_000;

/**
 * Starts a conductor that outlives this terminal. Returns when it has the study. `done` is the past tense of
 * the action.
 */
export async function launchDetached(context: Context, study: Study, done = "launched"): Promise<number> {
  const { system, globals } = context;
  const { root } = study;
  const output = consoleFile(system, study);
  // If this file cannot be written, the shell below ends like a failed study.
  system.openAppend(output).close();
  const options = [
    ...(globals.logPath === undefined ? [] : ["-l", globals.logPath]),
    "-d",
    String(globals.debugLevel),
  ];
  // A shell only for the redirection. Every word is an argument of it.
  const conductor = [...system.selfCommand, "conduct", ...options, root];
  const shell = startingShell(system, system.env);
  const child = system.start([...shell, "-c", 'exec >>"$0" 2>&1; exec "$@"', output, ...conductor], root);
  let ended: number | undefined;
  child.ended.then(({ code }) => ended = code);
  const deadline = system.now() + TAKE_TIMEOUT_MS;
  const patient = patientLook(system);
  while (!patient(() => isTakenBy(system, root, child.pid))) {
    if (ended !== undefined && WELL_ENDED.includes(ended)) break;
    // The one file, too, ends with this code: it could not be unpacked.
    if (ended === EXIT.tryAgain && patient(() => isConductedOrOver(system, study))) break;
    if (ended !== undefined || system.now() > deadline) {
      throw conductorDied(root, output, system.readTail(output, 2000).trim(), ended);
    }
    await system.sleep(20);
  }
  if (!context.json) system.stdout.write(`Study ${done} successfully.\n`);
  system.stderr.write(`${root}\n`);
  system.stderr.write(`\`maestro status ${shellWord(root)}\` shows its progress.\n`);
  return EXIT.ok;
}

/** Where Maestro has it; in `logs` if the spec's copy or a workspace has that name. */
function consoleFile(system: System, { root, plan, file }: Study): string {
  const name = consoleName(plan.study.name);
  const taken = name === file.spec || plan.steps.some(({ workspace }) => workspace === name);
  if (!taken) return `${root}/${name}`;
  const { logs } = studyPaths(root);
  system.makeDirectory(logs);
  return `${logs}/${name}`;
}

/** Exit codes of a conductor that had the study. */
const WELL_ENDED: readonly number[] = [
  ...Object.values(STUDY_STATE).filter(({ ended }) => ended).map(({ exit }) => exit),
  EXIT.stillRunning,
];

/** Whether another conductor was faster. */
function isConductedOrOver(system: System, study: Study): boolean {
  return conductorView(system, study.root).alive || studyEnd(readState(system, study)) !== undefined;
}

function isTakenBy(system: System, root: string, pid: number): boolean {
  const conductor = conductorView(system, root);
  return conductor.alive && conductor.pid === pid && conductor.host === system.host;
}
