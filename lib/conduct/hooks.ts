/**
 * Commands that a study runs when something has happened to it: `conductor.on` of its spec. They are a courtesy: one
 * that fails, hangs, or is lost with a conductor that was killed changes nothing of the study.
 */

import type { Log } from "../log.ts";
import type { Study } from "../study/folder.ts";
import type { System } from "../system.ts";
import { formatIso } from "../times.ts";
import type { HookName } from "../spec/types.ts";
import type { StudyEvent } from "../study/events.ts";

/** A hook may take so long; then it and all it started are ended. */
const TIMEOUT_MS = 60_000;
/** Side by side; others wait. */
const MOST_RUNNING = 4;
/** Most waiting hooks. Nobody wants more failures reported one by one. */
const MOST_WAITING = 100;

/**
 * $1 the hook's command, $2 a file with the event, $3 the file for its output. The event comes from a file,
 * and the output does not go through a pipe. A process that a hook leaves behind therefore keeps nobody
 * waiting.
 */
const RUNNER = `exec /bin/sh -c "$1" <"$2" >"$3" 2>&1`;

export interface Hooks {
  /** Runs the hook for an event, if there is one. */
  runFor(event: StudyEvent): void;
  /** Returns when all hooks have ended, or have had their time. */
  idle(): Promise<void>;
}

/** The hooks of a study; undefined where it has none. */
export function studyHooks(system: System, study: Study, log: Log): Hooks | undefined {
  const commands = study.file.on;
  if (!commands) return undefined;
  const waiting: [name: HookName, event: StudyEvent][] = [];
  const running = new Set<Promise<void>>();
  let number = 0;
  const next = () => {
    while (running.size < MOST_RUNNING && waiting.length > 0) {
      const [name, event] = waiting.shift()!;
      const run = runHook(system, study, log, { name, command: commands[name]!, event, number: ++number })
        .finally(() => {
          running.delete(run);
          next();
        });
      running.add(run);
    }
  };
  return {
    runFor(event) {
      const name = hookOf(event);
      if (name === undefined || !commands[name]) return;
      if (name === "step-failed" && waiting.length >= MOST_WAITING) {
        log.warning(
          `Too many hooks wait: '${name}' is not run for step '${"step" in event ? event.step : ""}'.`,
        );
        return;
      }
      waiting.push([name, event]);
      next();
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** Which hook an event is for. A step that did not run because of another, or was cancelled, has not failed itself. */
export function hookOf(event: StudyEvent): HookName | undefined {
  if (event.event === "closed") return event.state === "cancelled" ? undefined : event.state;
  if (event.event !== "ended" || event.skipped) return undefined;
  return event.state === "FINISHED" || event.state === "CANCELLED" ? undefined : "step-failed";
}

interface HookRun {
  readonly name: HookName;
  readonly command: string;
  readonly event: StudyEvent;
  readonly number: number;
}

async function runHook(system: System, study: Study, log: Log, hook: HookRun): Promise<void> {
  const { name, command, event, number } = hook;
  const base = `${study.root}/.maestro/hook-${system.pid}-${number}`;
  try {
    system.writeText(`${base}.json`, JSON.stringify(hookJson(study, name, event)) + "\n");
    const argv = ["/bin/sh", "-c", RUNNER, "maestro-hook", command, `${base}.json`, `${base}.txt`];
    const process = system.start(argv, study.root);
    let end: { code: number } | undefined;
    const ended = process.ended.then((how) => {
      end = how;
    });
    await system.sleep(TIMEOUT_MS, ended);
    if (!end) {
      log.warning(`Hook '${name}' has not ended in ${TIMEOUT_MS / 1000} seconds: it is killed.`);
      system.signalGroup(process.pid, "SIGKILL");
    } else if (end.code !== 0) {
      const said = system.readTail(`${base}.txt`, 2000).trim();
      log.warning(`Hook '${name}' failed with exit code ${end.code}${said === "" ? "" : `: ${said}`}`);
    }
  } catch (error) {
    log.warning(`Hook '${name}' could not be run: ${(error as Error).message}`);
  }
  for (const ending of ["json", "txt"]) {
    try {
      system.removeFile(`${base}.${ending}`);
    } catch {
      // It contains nothing that is not in the log.
    }
  }
}

/** What a hook reads from its standard input. */
function hookJson(study: Study, hook: HookName, event: StudyEvent) {
  const { event: _, at, ...more } = event;
  return {
    version: 1,
    hook,
    at: formatIso(at),
    study: study.plan.study.name,
    directory: study.root,
    ...more,
  };
}
