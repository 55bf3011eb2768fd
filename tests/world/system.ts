/** A `System` for one process in a world, which may be killed at any of its calls. */

import type { RunResult, Signal, System, Terminal } from "../../lib/system.ts";
import { FileError } from "./files.ts";
import { startLocalRunner } from "./local_steps.ts";
import type { Process, World } from "./world.ts";

/** What every call of a dead process throws. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** When a process dies: at its n-th call, when a file has so much text, or never. */
export interface Doom {
  atCall?: number;
  atSize?: { readonly path: string; readonly size: number };
  calls: number;
  /** Called instead of dying alone: the machine goes down too. */
  losesPower?: true;
}

const silent: Terminal = { write() {}, say() {}, isTerminal: false, columns: () => 80, rows: () => 24 };
const notHere = (): never => {
  throw new Error("there is no such thing in this world");
};

export function newSystem(world: World, process: Process, doom: Doom): System {
  const { clock, files, random } = world;
  const host = process.host;
  const name = host.name;

  /** One call, with its effect. A process that dies there may do it, not do it, or do a part of it. */
  const call = <T>(effect: (part?: number) => T, length = 0): T => {
    if (process.dead) throw new Killed();
    if (++doom.calls !== doom.atCall) return effect();
    world.end(process);
    try {
      const how = random.between(0, 2);
      if (how === 1 && length > 0) effect(random.between(0, length));
      if (how === 2) effect();
    } finally {
      if (doom.losesPower) world.losePower(host);
      // deno-lint-ignore no-unsafe-finally
      throw new Killed();
    }
  };
  const whenThawed = (action: () => void) => {
    if (process.dead) return;
    if (process.frozenUntil > clock.now()) clock.at(process.frozenUntil, () => whenThawed(action));
    else action();
  };
  const read = (path: string): string => {
    const text = files.read(path);
    if (text === undefined) throw new FileError("ENOENT", path);
    return text;
  };
  const signalled = (leader: number, signal: Signal): boolean => {
    const found = host.processes.get(leader);
    if (!found) return false;
    if (found.argv[3] !== "maestro-step") throw new Error(`a stranger was signalled: ${found.argv}`);
    if (found.onSignal) found.onSignal(signal);
    else world.end(found);
    return true;
  };
  return {
    env: { USER: "someone", PATH: "/bin" },
    cwd: "/",
    host: name,
    user: "someone",
    pid: process.pid,
    cpus: 4,
    selfCommand: ["maestro"],
    loadModule: () => Promise.reject(new Error("no program is loaded here")),
    place: () => ({
      boot: host.bootId,
      namespace: host.namespace,
      machine: host.machine,
      uid: "1000",
      seesAll: true,
    }),
    now: () => {
      if (process.dead) throw new Killed();
      return clock.now() + process.clockSetBy;
    },
    monotonic: () => clock.now(),
    token: () => Array.from({ length: 16 }, () => random.between(0, 15).toString(16)).join(""),
    sleep(ms, awake) {
      call(() => {});
      return new Promise((resolve) => {
        const wake = () => whenThawed(() => resolve());
        clock.after(ms + (world.oversleepMs > 0 ? random.between(0, world.oversleepMs) : 0), wake);
        awake?.then(wake);
      });
    },
    readText: (path) => call(() => read(path)),
    readTextIfAny: (path) => call(() => files.read(path)),
    readTail: (path, bytes) => call(() => (files.read(path) ?? "").slice(-bytes)),
    writeText: (path, text) => call((part) => files.write(name, path, text, part), text.length),
    createText: (path, text) => call((part) => files.create(name, path, text, part), text.length),
    replaceText(path, pieces) {
      const text = [...pieces].join("");
      const beside = `${path}.${process.pid}.tmp`;
      call((part) => files.write(name, beside, text, part), text.length);
      call(() => files.sync(beside));
      call(() => files.rename(beside, path));
    },
    replaceBytes(path, pieces) {
      // Files of this world are texts: a character for each byte.
      const text = [...pieces].map((piece) => Array.from(piece, (byte) => String.fromCharCode(byte)).join(""))
        .join("");
      const beside = `${path}.${process.pid}.tmp`;
      call((part) => files.write(name, beside, text, part), text.length);
      call(() => files.rename(beside, path));
    },
    openAppend(path) {
      call(() => files.append(name, path, ""));
      return {
        append(text) {
          const { atSize } = doom;
          const room = atSize?.path === path ? atSize.size - (files.read(path) ?? "").length : Infinity;
          if (room > text.length) return call((part) => files.append(name, path, text, part), text.length);
          call(() => files.append(name, path, text, Math.max(0, room)));
          world.end(process);
          throw new Killed();
        },
        appendBytes(bytes) {
          const text = new TextDecoder().decode(bytes);
          call((part) => files.append(name, path, text, part), text.length);
        },
        sync: () => call(() => files.sync(path)),
        close: () => call(() => {}),
      };
    },
    makeDirectory: (path) => call(() => files.makeDirectory(path)),
    createDirectory: (path) => call(() => files.createDirectory(path)),
    makeTempDirectory: notHere,
    readBytes: (path, offset, most) =>
      call(() => {
        const text = files.read(path) ?? "";
        const bytes = path.endsWith(".copy")
          ? Uint8Array.from(text, (character) => character.charCodeAt(0))
          : new TextEncoder().encode(text);
        return bytes.subarray(offset, offset + most);
      }),
    listFolders: notHere,
    listFiles: notHere,
    list: (path) => call(() => files.list(path)),
    facts: (path) => call(() => files.facts(path)),
    rename: (from, to) => call(() => files.rename(from, to)),
    syncFolder: () => call(() => {}),
    removeFile: (path) => call(() => files.remove(path)),
    removeTree: notHere,
    copyFile: notHere,
    realPath: (path) => path,
    run(argv, { timeoutMs }): Promise<RunResult> {
      return new Promise((resolve) =>
        call(() => world.scheduler.command(argv, timeoutMs, (result) => whenThawed(() => resolve(result))))
      );
    },
    start: notHere,
    converse: (argv, _, hear) =>
      call(() => {
        const started = startLocalRunner(world, process, argv, (line) => whenThawed(() => hear(line)));
        return {
          pid: started.pid,
          // Dead processes get no messages.
          ended: new Promise((resolve) => started.ended.then((end) => whenThawed(() => resolve(end)))),
          say: (text) => call(() => started.say(text)),
          hangUp: () => started.hangUp(),
          used: () => started.used(),
        };
      }),
    pipeTo: notHere,
    within(_ms, what) {
      what();
      return true;
    },
    processStart: (pid) => call(() => host.processes.get(pid)?.start),
    nameProcess: () => {},
    memoryOf: () => undefined,
    commandLine: (pid) => call(() => host.processes.get(pid)?.argv.slice()),
    signalStep: (leader, signal) => void call(() => signalled(leader, signal)),
    // Of a group whose leader is gone nothing is left here.
    signalRest: () => call(() => false),
    signalGroup: () => call(() => false),
    processesWith: () => call(() => []),
    isForeignLink: () => call(() => false),
    livesBelow: () => call(() => undefined),
    onSignal: () => {},
    stdout: silent,
    stderr: silent,
    atTerminal: false,
    isAnswered: () => Promise.resolve(false),
    ask: notHere,
    wholeTerminal: () => undefined,
    readInput: notHere,
  };
}
