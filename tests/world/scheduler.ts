/** A scheduler with its own protocol, and every bad habit of real ones. */

import type { RunResult } from "../../lib/system.ts";
import type { JobPhase, JobSighting, Query, SchedulerAdapter } from "../../adapters/adapter.ts";
import type { Clock } from "./clock.ts";
import type { Files } from "./files.ts";
import { attemptOf } from "./local_steps.ts";
import type { Random } from "./random.ts";
import type { Execution, Fate, Truth } from "./truth.ts";

/** How badly it behaves: probabilities, and times in ms. */
export interface Habits {
  /** Of a submission: it is accepted, and the answer is lost. */
  acceptsSilently: number;
  /** Of a submission: it is neither accepted nor answered. */
  dropsSilently: number;
  /** Of a submission: accepted, and never heard of again. */
  loses: number;
  /** Of a job: someone deletes it while it waits, and no query shows that. */
  deletes: number;
  /** Of a job: its node cannot run it, and it fails before its script begins. */
  breaks: number;
  refusesForNow: number;
  /** Of a submission: it can never be accepted. */
  refuses: number;
  /** Of a submission: the command prints something else than a job, succeeds, and has made none. */
  swallows: number;
  /** Of a submission that is accepted silently: how much later it takes effect. */
  lateMs: number;
  /** Of a query: no answer in time, an error, or noise. */
  fails: number;
  /** Of an answer: lines that do not belong there. */
  banners: number;
  /** Of a job in an answer: a word that nobody knows. */
  oddWords: number;
  queueLagMs: number;
  accountingLagMs: number;
  /** Jobs may be in no list for so long. */
  hidesMs: number;
  /** Finished jobs are forgotten after this time. */
  forgetsMs: number;
  /** Exit codes become visible so much later. */
  fileLagMs: number;
  /** Clocks of the machines that jobs run on may differ by so much from all others. */
  skewMs: number;
  /** For a requeued job: accounting reports for a moment that it failed. */
  showsRequeueAsEnd: number;
  /** Of a job's claim: it has no id, that of another job, or was torn when a file server fell. */
  oddClaims: number;
  /** Of a submission: it gets a number that another job had. */
  reusesIds: number;
  slots: number;
  /** Jobs that it takes of one user. */
  mostJobs: number;
}

export const GOOD_HABITS: Habits = {
  acceptsSilently: 0,
  dropsSilently: 0,
  loses: 0,
  deletes: 0,
  breaks: 0,
  refusesForNow: 0,
  refuses: 0,
  swallows: 0,
  lateMs: 0,
  fails: 0,
  banners: 0,
  oddWords: 0,
  queueLagMs: 0,
  accountingLagMs: 0,
  hidesMs: 0,
  forgetsMs: 3_600_000,
  fileLagMs: 0,
  skewMs: 0,
  showsRequeueAsEnd: 0,
  oddClaims: 0,
  reusesIds: 0,
  slots: 8,
  mostJobs: Infinity,
};

interface Job {
  readonly id: string;
  readonly token: string;
  readonly jobFile: string;
  readonly restart: boolean;
  phase: "pending" | "running" | "ended";
  /** What accounting received, oldest first. */
  readonly story: { at: number; word: string; code?: number }[];
  queueFrom: number;
  queueUntil: number;
  hiddenFrom: number;
  hiddenUntil: number;
  forgottenAt: number;
  requeued: number;
  /** The number was another job's, and accounting still has that. */
  readonly reused: boolean;
  fate?: Fate;
  execution?: Execution;
  /** Changes when what was planned for it no longer holds. */
  turn: number;
}

export interface FakeScheduler {
  habits: Habits;
  /** No command works. */
  down: boolean;
  /** Where none works, some give no answer at all. */
  silent: boolean;
  readonly jobs: readonly { readonly phase: string; readonly token: string }[];
  /** When each submission was tried. */
  readonly tried: number[];
  command(argv: readonly string[], timeoutMs: number, answer: (result: RunResult) => void): void;
}

/** The file system's name for the machines that jobs run on. */
const COMPUTE = "compute";

export function newScheduler(
  { random, clock, files, truth }: { random: Random; clock: Clock; files: Files; truth: Truth },
): FakeScheduler {
  const jobs: Job[] = [];
  let lastId = 1000;
  let running = 0;
  const tell = (job: Job, word: string, code?: number) =>
    job.story.push({ at: clock.now(), word, ...(code === undefined ? {} : { code }) });
  const later = (job: Job, ms: number, action: () => void) => {
    const { turn } = job;
    clock.after(ms, () => {
      if (job.turn === turn) action();
    });
  };
  const upTo = (ms: number) => ms > 0 && random.chance(0.7) ? random.between(0, ms) : 0;

  /** What keeps a job from beginning happens to a node once at most. */
  const happensOnce = (node: number, probability: number): boolean => {
    if ((truth.vanished.get(node) ?? 0) >= 1 || !random.chance(probability)) return false;
    truth.vanished.set(node, 1);
    return true;
  };
  const vanish = (job: Job) => {
    if (job.phase !== "pending" || job.fate !== undefined) return;
    finish(job, "CANCELLED");
    job.forgottenAt = clock.now();
  };
  const submit = (token: string, script: string, lateMs: number): string => {
    const jobFile = script.replace(".restart", "");
    const { habits } = scheduler;
    const id = String(++lastId);
    const job: Job = {
      id,
      token,
      jobFile,
      restart: jobFile !== script,
      phase: "pending",
      story: [],
      queueFrom: clock.now() + lateMs + upTo(habits.queueLagMs),
      queueUntil: Infinity,
      hiddenFrom: Infinity,
      hiddenUntil: 0,
      forgottenAt: Infinity,
      requeued: 0,
      reused: random.chance(habits.reusesIds),
      turn: 0,
    };
    const { node } = attemptOf(jobFile);
    if (happensOnce(node, habits.loses)) return id;
    later(job, lateMs, () => {
      jobs.push(job);
      tell(job, "PENDING");
      if (happensOnce(node, habits.deletes)) later(job, random.between(0, 20_000), () => vanish(job));
      later(job, random.between(0, 30_000), () => start(job));
    });
    return id;
  };
  const start = (job: Job) => {
    if (running >= scheduler.habits.slots) return later(job, 5000, () => start(job));
    running++;
    job.phase = "running";
    job.queueFrom = Math.min(job.queueFrom, clock.now());
    tell(job, "RUNNING");
    const breaks = job.fate === undefined &&
      happensOnce(attemptOf(job.jobFile).node, scheduler.habits.breaks);
    later(job, random.between(0, 3000), () => breaks ? finish(job, "FAILED", 126) : guard(job));
  };
  /** `templates/guard.sh`. */
  const guard = (job: Job) => {
    const { node, attempt } = attemptOf(job.jobFile);
    const began = `began ${secondsOf(job)}\n`;
    const claim = `pid 7\njob ${job.id}\nhost ${COMPUTE}\n${began}`;
    try {
      if (!files.create(COMPUTE, job.jobFile, claim)) {
        const claimed = /^job (.*)$/m.exec(files.read(job.jobFile) ?? "")?.[1];
        if (claimed !== job.id) return finish(job, "FAILED", 96);
        say(job, `again\n${began}`);
      }
    } catch {
      return finish(job, "FAILED", 97);
    }
    const again = job.fate !== undefined;
    const fate = job.fate ??= truth.nextFate(node);
    if (!again && fate.requeues === 0 && random.chance(scheduler.habits.oddClaims)) {
      files.write(COMPUTE, job.jobFile, oddClaim(claim, job.id));
    }
    job.execution = {
      node,
      attempt,
      host: COMPUTE,
      restart: job.restart,
      from: clock.now(),
      to: undefined,
      again,
      fate: undefined,
    };
    truth.executions.push(job.execution);
    const { hidesMs } = scheduler.habits;
    if (hidesMs > 0 && random.chance(0.3)) {
      job.hiddenFrom = clock.now() + random.between(0, fate.ms);
      job.hiddenUntil = job.hiddenFrom + random.between(0, hidesMs);
    }
    if (job.requeued < fate.requeues) later(job, fate.ms, () => requeue(job, fate));
    else later(job, fate.ms, () => come(job, fate));
  };
  const oddClaim = (claim: string, id: string) => {
    const line = `job ${id}\n`;
    const others = [claim.replace(line, "job \n"), claim.replace(line, ""), claim.replace(line, "job 77\n")];
    return random.chance(0.6) ? random.pick(others) : claim.slice(0, random.between(1, claim.length - 1));
  };
  /** False where the disk does not take it. */
  const say = (job: Job, text: string): boolean => {
    if (files.trouble !== undefined) return false;
    files.append(COMPUTE, job.jobFile, text);
    return true;
  };
  const stopRunning = (job: Job, fate: Fate | undefined) => {
    if (job.execution && job.execution.to === undefined) {
      job.execution.to = clock.now();
      job.execution.fate = fate;
    }
    if (job.phase === "running") running--;
  };
  const requeue = (job: Job, fate: Fate) => {
    job.requeued++;
    stopRunning(job, undefined);
    job.phase = "pending";
    if (fate.leavesCode) leaveCode(job, 143, 0);
    if (random.chance(scheduler.habits.showsRequeueAsEnd)) tell(job, "NODE_FAIL");
    later(job, random.between(0, 2000), () => {
      tell(job, "PENDING");
      later(job, random.between(0, 20_000), () => start(job));
    });
  };
  /** What `date +%s` prints on its machine. */
  const secondsOf = ({ id, requeued }: Job) => {
    const fast = ((Number(id) + requeued) * 7919 % 101) / 50 - 1;
    return Math.floor((clock.now() + fast * scheduler.habits.skewMs) / 1000);
  };
  const leaveCode = (job: Job, code: number, lag: number) => {
    const ended = secondsOf(job);
    const write = () => {
      if (!say(job, `ended ${ended}\nexit ${code}\n`)) clock.after(5000, write);
    };
    if (lag > 0) clock.after(lag, write);
    else write();
  };
  /** A run comes to the end that it was to have. */
  const come = (job: Job, fate: Fate) => {
    stopRunning(job, fate);
    job.phase = "ended";
    job.turn++;
    const lag = upTo(scheduler.habits.fileLagMs);
    const own = fate.kind === "ok" || fate.kind === "exit";
    if (own || (fate.leavesCode && fate.kind !== "lost")) leaveCode(job, fate.code, lag);
    if (fate.kind === "lost") {
      job.forgottenAt = clock.now();
      job.queueUntil = clock.now();
      return;
    }
    if (own) job.forgottenAt = clock.now() + scheduler.habits.forgetsMs;
    job.queueUntil = clock.now() + random.between(0, 2000);
    tell(job, WORD_OF[fate.kind]!, own ? fate.code : undefined);
  };
  /** It ends for another reason than its fate. */
  const finish = (job: Job, word: string, code?: number) => {
    stopRunning(job, undefined);
    job.phase = "ended";
    job.turn++;
    job.queueUntil = clock.now() + random.between(0, 2000);
    tell(job, word, code);
  };
  const cancel = (id: string) => {
    const job = jobs.findLast((job) => job.id === id && job.phase !== "ended");
    if (!job) return;
    truth.cutShort.add(attemptOf(job.jobFile).node);
    if (job.execution && random.chance(0.5)) leaveCode(job, 143, 0);
    finish(job, "CANCELLED");
  };

  const line = ({ id, token }: Job, word: string, code?: number) =>
    `${id} ${token} ${random.chance(scheduler.habits.oddWords) ? "WOBBLY" : word} ${code ?? "-"}\n`;
  const hidden = (job: Job) => clock.now() >= job.hiddenFrom && clock.now() < job.hiddenUntil;
  const inQueue = (job: Job) =>
    clock.now() >= job.queueFrom && clock.now() < job.queueUntil && !hidden(job) &&
    clock.now() < job.forgottenAt;
  const queueLine = (job: Job) =>
    line(job, job.phase === "ended" ? "COMPLETING" : job.phase === "pending" ? "PENDING" : "RUNNING");
  const accountingLine = (job: Job): string => {
    if (hidden(job) || clock.now() >= job.forgottenAt) return "";
    const known = job.story.findLast(({ at }) => at + lagOf(job) <= clock.now());
    if (known) return line(job, known.word, known.code);
    return job.reused ? `${job.id} somebody-elses COMPLETED 0\n` : "";
  };
  const lagOf = (job: Job) => (Number(job.id) * 7919 % 100) / 100 * scheduler.habits.accountingLagMs;
  const perform = (argv: readonly string[]): string => {
    const [word, ...args] = argv;
    switch (word) {
      case "queue":
        return jobs.filter(inQueue).map(queueLine).join("") + "end\n";
      case "accounting":
        return jobs.filter(({ id }) => args.includes(id)).map(accountingLine).join("") + "end\n";
      case "find":
        return jobs.filter(({ token }) => token === args[0])
          .map((job) => inQueue(job) ? queueLine(job) : accountingLine(job)).join("") + "end\n";
      case "cancel":
        args.forEach(cancel);
        return "";
    }
    throw new Error(`what is "${word}"?`);
  };
  const scheduler: FakeScheduler = {
    habits: GOOD_HABITS,
    down: false,
    silent: true,
    jobs,
    tried: [],
    command(argv, timeoutMs, answer) {
      const { habits } = scheduler;
      const transit = random.chance(0.9) ? random.between(5, 500) : random.between(500, 8000);
      const reply = (result: Partial<RunResult>, ms = transit) =>
        clock.after(ms, () => answer({ code: 0, stdout: "", stderr: "", timedOut: false, ...result }));
      const noAnswer = () => reply({ code: 143, timedOut: true }, timeoutMs);
      const error = () => reply({ code: 1, stderr: "Unable to contact controller\n" });
      const banner = random.chance(habits.banners) ? "*** Maintenance on Tuesday ***\n\n" : "";
      if (argv[0] === "submit") scheduler.tried.push(clock.now());
      if (scheduler.down) return scheduler.silent && random.chance(0.3) ? noAnswer() : error();
      if (argv[0] === "submit") {
        const [, token, script] = argv as [string, string, string];
        const inQueue = jobs.filter(({ phase }) => phase !== "ended").length;
        if (inQueue >= habits.mostJobs || random.chance(habits.refusesForNow)) {
          return reply({ code: 1, stderr: `${banner}refused for now: limit of jobs\n` });
        }
        if (random.chance(habits.refuses)) return reply({ code: 1, stderr: "refused : no such account\n" });
        if (random.chance(habits.swallows)) return reply({ stdout: "Welcome\n" });
        if (random.chance(habits.dropsSilently)) return random.chance(0.5) ? noAnswer() : error();
        if (random.chance(habits.acceptsSilently)) {
          submit(token, script, upTo(habits.lateMs));
          return random.chance(0.5) ? noAnswer() : error();
        }
        clock.after(transit / 2, () => {
          const id = submit(token, script, 0);
          reply({ stdout: `${banner}job ${id}\n` }, transit / 2);
        });
        return;
      }
      if (random.chance(habits.fails)) {
        const how = random.between(0, 3);
        if (how === 0) return noAnswer();
        if (how === 1) return reply({ stdout: "%$&#\n\n\0" });
        if (how === 2) return reply({ stdout: perform(argv).slice(0, -5) });
        return error();
      }
      clock.after(transit / 2, () => reply({ stdout: banner + perform(argv) }, transit / 2));
    },
  };
  return scheduler;
}

const WORD_OF: Partial<Record<Fate["kind"], string>> = {
  ok: "COMPLETED",
  exit: "FAILED",
  timeout: "TIMEOUT",
  hwfailure: "NODE_FAIL",
  preempted: "PREEMPTED",
  oom: "OUT_OF_MEMORY",
  cancelled: "CANCELLED",
};

const PHASE_OF: Readonly<Record<string, JobPhase>> = {
  PENDING: "pending",
  RUNNING: "running",
  COMPLETING: "running",
  COMPLETED: "finished",
  FAILED: "failed",
  TIMEOUT: "timedout",
  NODE_FAIL: "hwfailure",
  PREEMPTED: "preempted",
  OUT_OF_MEMORY: "oom",
  CANCELLED: "cancelled",
};

function parse({ code, stdout, timedOut }: RunResult): JobSighting[] | undefined {
  if (code !== 0 || timedOut || !stdout.endsWith("end\n")) return undefined;
  return [...stdout.matchAll(/^(\d+) (\S+) ([A-Z_]+) (\S+)$/gm)].map(([, jobId, token, word, exit]) => ({
    jobId: jobId!,
    token: token!,
    word: word!,
    phase: PHASE_OF[word!] ?? "unknown",
    ...(exit === "-" ? {} : { exitCode: Number(exit) }),
  }));
}

const query = (argv: (ids: readonly string[]) => string[]): Query => ({ argv, parse });

/** How the fake scheduler is spoken to. A job's script has the path of its job file. */
export const FAKE_ADAPTER: SchedulerAdapter = {
  version: { program: "submit", argv: ["queue", "--version"] },
  environment: [],
  clearedEnv: [],
  notSubmitted: [],
  ofJobs: [],
  jobIdVariables: ["JOB"],
  submit: ({ token, script }) => ["submit", token, script],
  parseSubmit({ stdout, stderr, timedOut }) {
    const id = /^job (\d+)$/m.exec(stdout)?.[1];
    if (id !== undefined && !timedOut) return { kind: "accepted", jobId: id };
    const refused = /^refused (for now)?: (.*)$/m.exec(stderr);
    if (refused) return { kind: "refused", again: refused[1] !== undefined, reason: refused[2]! };
    return { kind: "unclear", reason: stderr.trim() || "no answer" };
  },
  queries: [query(() => ["queue"]), query((ids) => ["accounting", ...ids])],
  find: (token) => query(() => ["find", token]),
  cancel: (ids) => ["cancel", ...ids],
  cancelMeansGone: () => false,
};
