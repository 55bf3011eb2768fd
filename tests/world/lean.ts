/**
 * A world for very large studies: a scheduler without bad habits, of which only jobs that someone may still ask about
 * are kept. The study's journal, plan and status are real files; scripts are counted, not written.
 */

import { slurm } from "../../adapters/slurm/mod.ts";
import { conduct } from "../../lib/conduct/loop.ts";
import { writeScripts } from "../../lib/app/create_study.ts";
import type { Log } from "../../lib/log.ts";
import { workspaceOf } from "../../lib/plan/node_text.ts";
import { jobFile } from "../../lib/paths.ts";
import { expand } from "../../lib/plan/plan.ts";
import { SchedulerClient } from "../../lib/conduct/scheduler/client.ts";
import { type ConductEnd, newOrders } from "../../lib/conduct/context.ts";
import { createStudy, type Study } from "../../lib/study/folder.ts";
import { realSystem, type RunResult, type System } from "../../lib/system.ts";
import type { PlanNode } from "../../lib/plan/types.ts";
import { type Clock, newClock } from "./clock.ts";
import { FAKE_ADAPTER } from "./scheduler.ts";
import { boundStep, boundStudy, SCHEDULED, SETTINGS } from "./studies.ts";
import { DAWN } from "./world.ts";

/** How long a submission or a query takes, a job waits, runs, and is remembered. */
const ANSWER_MS = 20;
const QUEUE_MS = 5000;
const RUN_MS = 30_000;
const REMEMBERED_MS = 600_000;

/** What the world saw of a conductor. */
export interface Counts {
  submissions: number;
  queries: number;
  scripts: number;
  /** Times that `status.csv` was written. */
  snapshots: number;
  /** Times that requests were looked for. */
  looks: number;
  /** Of the journal. */
  writes: number;
  syncs: number;
}

export interface LeanWorld {
  readonly system: System;
  readonly clock: Clock;
  readonly counts: Counts;
}

/** `limit`: jobs that its scheduler has room for. */
export function leanWorld(root: string, limit = Infinity): LeanWorld {
  const clock = newClock(DAWN);
  const real = realSystem(["maestro"]);
  const counts = { submissions: 0, queries: 0, scripts: 0, snapshots: 0, looks: 0, writes: 0, syncs: 0 };
  /** What jobs have left in their files. */
  const told = new Map<string, string>();
  const cluster = leanCluster(clock, told, counts, limit);
  const isJobs = (path: string) => path.startsWith(`${root}/.maestro/jobs/`);
  const isStudys = (path: string) => !isJobs(path) && path.startsWith(`${root}/.maestro/`);
  const system: System = {
    ...real,
    // Neither sleep nor work takes time: a slow machine changes nothing.
    now: clock.now,
    monotonic: clock.now,
    sleep: (ms, awake) =>
      new Promise((resolve) => {
        clock.after(ms, resolve);
        awake?.then(resolve);
      }),
    readTextIfAny: (path) => isJobs(path) ? told.get(path) : real.readTextIfAny(path),
    facts(path) {
      if (path.endsWith("/.cancel.lock")) counts.looks++;
      return isJobs(path) ? undefined : real.facts(path);
    },
    makeDirectory(path, mode) {
      if (path === root || path === `${root}/.maestro`) real.makeDirectory(path, mode);
    },
    writeText(path, text, mode) {
      if (isStudys(path)) real.writeText(path, text, mode);
      else counts.scripts++;
    },
    replaceText(path, text, mode) {
      if (path.endsWith("/status.csv")) counts.snapshots++;
      real.replaceText(path, text, mode);
    },
    openAppend(path, mode) {
      const file = real.openAppend(path, mode);
      return {
        ...file,
        append(text) {
          counts.writes++;
          file.append(text);
        },
        sync() {
          counts.syncs++;
          file.sync();
        },
      };
    },
    run: (argv) => new Promise((resolve) => clock.after(ANSWER_MS, () => resolve(cluster(argv)))),
  };
  return { system, clock, counts };
}

/** Answers commands in the words of `FAKE_ADAPTER`. */
function leanCluster(
  clock: Clock,
  told: Map<string, string>,
  counts: Counts,
  limit: number,
): (argv: readonly string[]) => RunResult {
  const alive = new Map<string, { readonly token: string; word: string }>();
  const ended = new Map<string, string>();
  const submit = (token: string, jobFile: string): string => {
    const id = String(1000 + ++counts.submissions);
    const job = { token, word: "PENDING" };
    alive.set(id, job);
    clock.after(QUEUE_MS, () => {
      job.word = "RUNNING";
      told.set(jobFile, `pid 7\njob ${id}\nhost node1\n`);
    });
    clock.after(QUEUE_MS + RUN_MS, () => {
      alive.delete(id);
      ended.set(id, token);
      told.set(jobFile, `${told.get(jobFile)}exit 0\n`);
    });
    clock.after(QUEUE_MS + RUN_MS + REMEMBERED_MS, () => {
      ended.delete(id);
      told.delete(jobFile);
    });
    return `job ${id}\n`;
  };
  const accounting = (ids: readonly string[]) =>
    ids.flatMap((id) => ended.has(id) ? [`${id} ${ended.get(id)} COMPLETED 0\n`] : []).join("") + "end\n";
  const queue = () =>
    [...alive].map(([id, { token, word }]) => `${id} ${token} ${word} -\n`).join("") + "end\n";
  const perform = ([word, ...args]: readonly string[]): string => {
    switch (word) {
      case "submit":
        return submit(args[0]!, args[1]!);
      case "queue":
        counts.queries++;
        return queue();
      case "accounting":
        return accounting(args);
    }
    throw new Error(`what is "${word}"?`);
  };
  return (argv) =>
    argv[0] === "submit" && alive.size >= limit
      ? { code: 1, stdout: "", stderr: "refused for now: limit of jobs\n", timedOut: false }
      : { code: 0, stdout: perform(argv), stderr: "", timedOut: false };
}

/** Chains of three scheduled steps, laid out in a folder that does not exist. */
export function leanStudy({ system }: LeanWorld, root: string, chains: number, throttle: number): Study {
  const step = (name: string, position: number, depends: number[]) =>
    boundStep(name, position, {
      uses: [0],
      depends,
      resources: SCHEDULED,
      cmd: "simulate --size $(X) > out",
    });
  const steps = [step("make", 0, []), step("change", 1, [0]), step("look", 2, [1])];
  const batch = { type: "slurm", host: "h", bank: "b", queue: "q" };
  const study = { ...boundStudy(steps, chains), root, batch };
  const settings = { ...SETTINGS, sleep: 60, throttle };
  system.makeDirectory(root);
  const origin = { maestro: "0", id: "m0123456789", createdAt: 0, spec: "spec.yaml", settings };
  return createStudy(system, expand(study, () => ""), origin);
}

const silent = () => {};
const LOG: Log = { debug: silent, info: silent, warning: silent, error: console.error, close: silent };
const LONGEST_MS = 30 * 24 * 3_600_000;

/** Conducts a study to its end, or makes a single pass. */
export function conductLean(
  { system, clock }: LeanWorld,
  study: Study,
  mode: "whole" | "once" = "whole",
): Promise<ConductEnd> {
  const { root, plan } = study;
  const adapter = { ...slurm, scheduler: FAKE_ADAPTER };
  const options = { log: LOG, mode, orders: newOrders(), writeScript: () => "" };
  const conductor = conduct(system, study, {
    ...options,
    isScheduled: () => true,
    schedulerRunner(progress, wake) {
      const prepare = (node: PlanNode) => {
        const { attempt, retries } = progress.records[node.index]!;
        const { request } = writeScripts(system, plan, node, adapter, { attempt, retries, restart: false });
        // A simulated job finds its job file by its script's name.
        return {
          ...request,
          script: jobFile(root, node.index, attempt),
          workspace: workspaceOf(plan, node),
        };
      };
      return new SchedulerClient({
        system,
        study,
        progress,
        scheduler: FAKE_ADAPTER,
        prepare,
        log: LOG,
        wake,
      });
    },
  });
  return clock.run(conductor, clock.now() + LONGEST_MS);
}
