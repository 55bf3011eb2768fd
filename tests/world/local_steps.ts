/** Runners of local steps as `lib/conduct/local/jobs.ts` has them: claim the attempt, run, leave the exit code, take the next. */

import type { Conversation, ProcessEnd } from "../../lib/system.ts";
import type { Execution } from "./truth.ts";
import type { Process, World } from "./world.ts";

/** Node and attempt, from a job file's path. */
export function attemptOf(jobFile: string): { node: number; attempt: number } {
  const [node, attempt] = jobFile.slice(jobFile.lastIndexOf("/") + 1).split(".");
  return { node: Number(node), attempt: Number(attempt) };
}

/**
 * `argv` is the runner's: `sh -c TEXT maestro-step HOST BOOT PLACE STUDY SCRIPT LOGS JOB_FILE WORKSPACE USED`.
 * Further steps arrive as input, with paths relative to the study.
 * If its conductor is dead, it ends with the current step, and with the input up to then.
 */
export function startLocalRunner(
  world: World,
  conductor: Process,
  argv: readonly string[],
  hear: (line: string) => void,
): Conversation {
  const { clock, random } = world;
  const process = world.spawn(conductor.host, argv);
  let resolve: (end: ProcessEnd) => void;
  const ended = new Promise<ProcessEnd>((r) => resolve = r);
  const waiting: string[][] = [];
  let busy = false;
  let deserted = false;
  let execution: Execution | undefined;

  const die = (code: number, signal: string | null) => {
    if (process.dead) return;
    world.end(process);
    if (execution && execution.to === undefined) execution.to = clock.now();
    resolve({ code, signal });
  };
  const cutShort = (signal: string) => {
    if (execution && execution.to === undefined) world.truth.cutShort.add(execution.node);
    die(signal === "SIGKILL" ? 137 : 143, signal);
  };
  const next = () => {
    if (busy || process.dead) return;
    const words = waiting.shift();
    if (words === undefined) {
      if (deserted) die(0, null);
      return;
    }
    busy = true;
    // Deaf to requests or not is for each step anew.
    process.onSignal = cutShort;
    execution = undefined;
    runStep(world, process, words, {
      begins(begun) {
        execution = begun;
      },
      killed: () => die(137, "SIGKILL"),
      over(code) {
        busy = false;
        // Nobody listens any more: the pipe is broken.
        if (deserted) return die(141, "SIGPIPE");
        hear(`${code} ${code === 96 ? 0 : JOB_IDS + attemptOf(words[2]!).node}`);
        next();
      },
    });
  };
  const take = (words: string[]) => {
    waiting.push(words);
    clock.after(random.chance(0.8) ? random.between(0, 20) : random.between(0, 4000), next);
  };
  const desert = () => {
    deserted = true;
    clock.after(0, next);
  };
  // Whatever ends it, also before it comes to its first step, its conductor hears of it.
  process.onSignal = cutShort;
  conductor.atEnd.push(desert);
  take(argv.slice(8));
  return {
    pid: process.pid,
    ended,
    say(text) {
      const [script, logs, jobFile, workspace] = text.split("\n");
      take([`${argv[7]}/${script}`, logs!, `${argv[7]}/${jobFile}`, `${argv[7]}/${workspace}`]);
    },
    hangUp: desert,
    used: () => undefined,
  };
}

interface Turns {
  begins(execution: Execution): void;
  killed(): void;
  over(code: number): void;
}

/** Numbers of scripts' processes, which nobody signals here. */
const JOB_IDS = 1000;

/** One step, from its claim to its exit code. */
function runStep(world: World, process: Process, words: readonly string[], turns: Turns): void {
  const { clock, files, random, truth } = world;
  const { host } = process;
  const [script, , jobFile] = words as [string, string, string];
  const { node, attempt } = attemptOf(jobFile);
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
    if (!made) return turns.over(96);
    const place = `namespace ${host.namespace}\nmachine ${host.machine}\nuid 1000\n`;
    const who = `job ${
      JOB_IDS + node
    }\npid ${process.pid}\nhost ${host.name}\nstart ${process.start} ${host.bootId}\n${place}`;
    // Some are frozen for so long that a conductor gives them up.
    const delay = random.chance(0.8) ? 0 : random.between(1, random.chance(0.9) ? 3000 : 200_000);
    later(delay, () => {
      if (attemptTo(() => files.append(host.name, jobFile, who))) runIfOurs();
      else turns.over(96);
    });
  };
  /** The first line of the claim decides. A claim that cannot be read now is read again. */
  const runIfOurs = () => {
    let claim: string | undefined;
    if (!attemptTo(() => claim = files.read(jobFile))) return later(1000, runIfOurs);
    if (claim?.startsWith("job ")) run();
    else turns.over(96);
  };
  const run = () => {
    const fate = truth.nextFate(node);
    const restart = script.endsWith(".restart.sh");
    const execution: Execution = {
      ...{ node, attempt, host: host.name, restart, from: clock.now() },
      ...{ to: undefined, again: false, fate: undefined },
    };
    truth.executions.push(execution);
    turns.begins(execution);
    if (random.chance(0.1)) {
      // Does not listen to a polite request.
      const { onSignal } = process;
      process.onSignal = (signal) => {
        if (signal === "SIGKILL") onSignal!(signal);
      };
    }
    later(fate.ms, () => {
      execution.to = clock.now();
      execution.fate = fate;
      if (fate.kind === "killed") turns.killed();
      else leaveCode(fate.code);
    });
  };
  const leaveCode = (code: number) => {
    // Between the end of its command and the exit code the runner is alive.
    later(random.chance(0.8) ? 0 : random.between(1, 2000), () => {
      if (files.trouble !== undefined) return later(5000, () => leaveCode(code));
      files.append(host.name, jobFile, `exit ${code}\n`);
      turns.over(code);
    });
  };
  claim();
}
