/** A world to conduct studies in: machines, their processes, one file system that they share, a scheduler. */

import { type Clock, newClock } from "./clock.ts";
import { type Files, newFiles } from "./files.ts";
import type { Random } from "./random.ts";
import { type FakeScheduler, newScheduler } from "./scheduler.ts";
import type { Truth } from "./truth.ts";

/** A living process of a machine. */
export interface Process {
  readonly pid: number;
  readonly host: Host;
  readonly start: string;
  readonly argv: readonly string[];
  dead: boolean;
  /** Stopped by someone, or by a hanging file system, until then. */
  frozenUntil: number;
  /** The difference of its host's clock at its start. */
  readonly clockSetBy: number;
  /** Called with a signal; unset: any signal ends it. */
  onSignal?: (signal: string) => void;
  /** Called when it is dead. */
  onEnd?: () => void;
  /** Called when it is dead, by those whom its death concerns. */
  readonly atEnd: (() => void)[];
}

export interface Host {
  readonly name: string;
  bootId: string;
  /** Of its processes. */
  namespace: string;
  machine: string;
  readonly processes: Map<number, Process>;
  lastPid: number;
  /** The difference of its clock from the world's. Each process keeps the difference from its start. */
  clockSetBy: number;
}

export interface World {
  readonly random: Random;
  readonly clock: Clock;
  readonly files: Files;
  readonly truth: Truth;
  readonly scheduler: FakeScheduler;
  host(name: string): Host;
  spawn(host: Host, argv: readonly string[]): Process;
  end(process: Process): void;
  losePower(host: Host): void;
  /** Of every sleep: how much longer it may take than asked for. Coarse worlds are fast ones. */
  oversleepMs: number;
  /** The file server: the difference of its clock from the world's. */
  readonly server: { setBy: number };
}

/** 2026-01-01. */
export const DAWN = 1_767_225_600_000;
/** Few process ids, so that they come again. */
const PIDS = 60;

export function newWorld(random: Random, truth: Truth): World {
  const clock = newClock(DAWN);
  const server = { setBy: 0 };
  const files = newFiles(() => clock.now() + server.setBy, random);
  const hosts = new Map<string, Host>();
  let starts = 0;
  const world: World = {
    random,
    clock,
    files,
    truth,
    scheduler: newScheduler({ random, clock, files, truth }),
    oversleepMs: 0,
    server,
    host(name) {
      let host = hosts.get(name);
      if (!host) {
        hosts.set(
          name,
          host = {
            name,
            bootId: `${name}-boot-1`,
            namespace: "1",
            machine: `machine of ${name}`,
            processes: new Map(),
            lastPid: 100,
            clockSetBy: 0,
          },
        );
      }
      return host;
    },
    spawn(host, argv) {
      if (host.processes.size >= PIDS) throw new Error(`${host.name} has no process ids left`);
      do host.lastPid = 100 + (host.lastPid - 99) % PIDS; while (host.processes.has(host.lastPid));
      const pid = host.lastPid;
      const process: Process = {
        pid,
        host,
        start: String(++starts),
        argv,
        dead: false,
        frozenUntil: 0,
        clockSetBy: host.clockSetBy,
        atEnd: [],
      };
      host.processes.set(pid, process);
      return process;
    },
    end(process) {
      if (process.dead) return;
      process.dead = true;
      process.onEnd?.();
      for (const action of process.atEnd) action();
      if (process.host.processes.get(process.pid) === process) process.host.processes.delete(process.pid);
    },
    losePower(host) {
      for (const process of [...host.processes.values()]) process.onSignal?.("SIGKILL");
      for (const process of [...host.processes.values()]) world.end(process);
      files.losePower(host.name);
      host.bootId += "'";
    },
  };
  return world;
}
