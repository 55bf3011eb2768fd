/** Local steps as `lib/local_jobs.ts` runs them: claim the attempt, run, leave the exit code. */

import type { ProcessEnd, StartedProcess } from "../../lib/system.ts";
import type { Execution } from "./truth.ts";
import type { Host, World } from "./world.ts";

/** Node and attempt, from a job file's path. */
export function attemptOf(jobFile: string): { node: number; attempt: number } {
  const [node, attempt] = jobFile.slice(jobFile.lastIndexOf("/") + 1).split(".");
  return { node: Number(node), attempt: Number(attempt) };
}

/** `argv` is the runner's: sh -c TEXT maestro-step SCRIPT LOGS JOB_FILE. */
export function startLocalStep(world: World, host: Host, argv: readonly string[]): StartedProcess {
  const { clock, files, random, truth } = world;
  const jobFile = argv[6]!;
  const { node, attempt } = attemptOf(jobFile);
  const process = world.spawn(host, argv);
  let resolve: (end: ProcessEnd) => void;
  const ended = new Promise<ProcessEnd>((r) => resolve = r);
  let execution: Execution | undefined;
  const die = (code: number, signal: string | null) => {
    if (process.dead) return;
    world.end(process);
    if (execution && execution.to === undefined) execution.to = clock.now();
    resolve({ code, signal });
  };
  const cutShort = (signal: string) => {
    if (execution && execution.to === undefined) truth.cutShort.add(node);
    die(signal === "SIGKILL" ? 137 : 143, signal);
  };
  process.onSignal = cutShort;
  const later = (ms: number, action: () => void) =>
    clock.after(ms, () => {
      if (!process.dead) action();
    });
  const attemptTo = (action: () => void): boolean => {
    try {
      action();
      return true;
    } catch {
      return false;
    }
  };

  const claim = () => {
    let made = false;
    attemptTo(() => made = files.create(host.name, jobFile, ""));
    if (!made) return die(96, null);
    later(random.chance(0.8) ? 0 : random.between(1, 3000), () => {
      if (!attemptTo(() => files.append(host.name, jobFile, `pid ${process.pid}\nhost ${host.name}\n`))) {
        return die(96, null);
      }
      run();
    });
  };
  const run = () => {
    const fate = truth.nextFate(node);
    execution = {
      node,
      attempt,
      host: host.name,
      restart: argv[4]!.endsWith(".restart.sh"),
      from: clock.now(),
      to: undefined,
      again: false,
      fate: undefined,
    };
    truth.executions.push(execution);
    if (random.chance(0.1)) {
      // Does not listen to a polite request.
      process.onSignal = (signal) => {
        if (signal === "SIGKILL") cutShort(signal);
      };
    }
    later(fate.ms, () => {
      execution!.to = clock.now();
      execution!.fate = fate;
      if (fate.kind === "killed") return die(137, "SIGKILL");
      leaveCode(fate.code);
    });
  };
  const leaveCode = (code: number) => {
    // Between the end of its command and the exit code the runner is alive.
    later(random.chance(0.8) ? 0 : random.between(1, 2000), () => {
      if (files.trouble !== undefined) return later(5000, () => leaveCode(code));
      files.append(host.name, jobFile, `exit ${code}\n`);
      die(code, null);
    });
  };
  later(random.chance(0.8) ? random.between(0, 20) : random.between(0, 4000), claim);
  return { pid: process.pid, ended };
}
