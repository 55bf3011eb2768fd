/**
 * What status shows beside what Slurm shows, once a second. Jobs are requeued, preempted, suspended and held. A limit keeps
 * one waiting, a node goes down, and the time of one is up. Every status agrees with an answer of Slurm between its last
 * poll and now.
 */

import type { StepJson } from "../../lib/view/render_json.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { ROOT } from "../maestro.ts";
import { outOfTime } from "./slurm.ts";
import { command, SITE_OF_ROOT, specText, type StepText, type Trial, trial, until } from "./trial.ts";

const cluster = (...words: string[]) => command([`${ROOT}/tests/clusters/slurm.sh`, ...words]);

/** A poll, and the clock of a job in whole seconds. */
const POLL_MS = 1000;
const WITHIN_MS = 2000;

/** Two nodes have trouble: other jobs run on the third. */
const waits = (
  name: string,
  args = "",
  cmd = `while [ ! -e $(LEDGER).${name} ]; do sleep 0.2; done`,
): StepText => ({
  cmd: `echo ${name} began >> $(LEDGER)\n${cmd}\necho ${name} >> $(LEDGER)`,
  run: [
    "procs: 1",
    "walltime: 10",
    `batch: {args: "${/nodelist/.test(args) ? "" : "--nodelist=node1 "}${args}"}`,
  ],
});

const QOS = "maestrotruth";
const STEPS: Readonly<Record<string, StepText>> = {
  requeued: waits("requeued"),
  suspended: waits("suspended"),
  held: waits("held", "--hold"),
  first: waits("first", `--qos=${QOS}`),
  second: waits("second", `--qos=${QOS}`),
  cheap: { ...waits("cheap", "--qos=standby --nodelist=node2 --exclusive") },
  fragile: waits("fragile", "--nodelist=node3"),
  bad: waits("bad", "", "sleep 1; exit 3"),
  late: {
    cmd: "echo late began >> $(LEDGER)\nexec sleep 600",
    run: [
      "procs: 1",
      "walltime: 1",
      'batch: {args: "--nodelist=node1"}',
      'restart: "echo late again >> $(LEDGER); sleep 1"',
    ],
  },
};

/** An answer of Slurm about one job. */
interface Answer {
  readonly at: number;
  readonly id: string;
  readonly state: string;
  readonly reason: string;
}

/** What status printed, and when it was begun and had ended. */
interface Shown {
  readonly from: number;
  readonly to: number;
  readonly askedAt: number;
  readonly steps: readonly StepJson[];
}

const FORMAT = "%i|%T|%r";

function answersIn(text: string, at: number): Answer[] {
  return text.split("\n").flatMap((line) => {
    const [id, state, reason] = line.split("|");
    return state === undefined ? [] : [{ at, id: id!, state, reason: reason ?? "" }];
  });
}

/** The answers that the conductor got, with the time: a state may last less than a second. */
const WRAPPER = (log: string) =>
  `#!/bin/sh
out=$(/usr/bin/squeue "$@") || exit
printf '%s\\n' "$out"
now=$(date +%s%3N)
printf '%s\\n' "$out" | sed "s/^/$now|/" >>'${log}'
`;

class Samples {
  readonly answers: Answer[] = [];
  readonly shown: Shown[] = [];
  readonly summaries: string[] = [];
  private over = false;

  constructor(private readonly study: Trial, private readonly log: string) {}

  async take(): Promise<void> {
    while (!this.over) {
      const from = Date.now();
      const [squeue, { stdout }] = await Promise.all([
        command(["squeue", "-h", "-r", "-t", "all", "-o", FORMAT]),
        this.study.maestro("status", "--json", this.study.study),
      ]);
      this.answers.push(...answersIn(squeue, from));
      const to = Date.now();
      if (stdout !== "") {
        const { askedAt, steps } = JSON.parse(stdout);
        if (askedAt !== null) this.shown.push({ from, to, askedAt: Date.parse(askedAt), steps });
      }
      const { stdout: summary } = await this.study.maestro("status", "--layout", "summary", this.study.study);
      this.summaries.push(summary);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, from + 1000 - Date.now())));
    }
  }

  end(): void {
    this.over = true;
    for (const line of Deno.readTextFileSync(this.log).split("\n")) {
      const [at, ...rest] = line.split("|");
      this.answers.push(...answersIn(rest.join("|"), Number(at)));
    }
    this.answers.sort((a, b) => a.at - b.at);
  }

  /** Answers about a job that a status may be of. */
  about(id: string, { askedAt, to }: Shown): Answer[] {
    const all = this.answers.filter((answer) => answer.id === id);
    const since = askedAt - POLL_MS - WITHIN_MS;
    const before = all.findLast(({ at }) => at < since);
    return [...before ? [before] : [], ...all.filter(({ at }) => at >= since && at <= to + WITHIN_MS)];
  }
}

const ENDS: Readonly<Record<string, readonly string[]>> = {
  COMPLETED: ["FINISHED"],
  FAILED: ["FAILED", "RUNNING"],
  OUT_OF_MEMORY: ["FAILED"],
  TIMEOUT: ["TIMEDOUT"],
  NODE_FAIL: ["HWFAILURE", "PENDING", "RUNNING"],
  CANCELLED: ["CANCELLED"],
  PREEMPTED: ["HWFAILURE", "PENDING", "RUNNING"],
  // The script has ended, and its node has yet to report it.
  COMPLETING: ["RUNNING", "FINISHED", "FAILED", "TIMEDOUT", "PENDING"],
};

/** Whether a status can be of an answer. */
function agrees({ state, reason, waiting }: StepJson, answer: Answer): boolean {
  if (answer.state === "PENDING") {
    const why = waiting?.reason ?? null;
    return state === "PENDING" && waiting?.for === "scheduler" &&
      (why === null || why === "PENDING" || why.split(",")[0] === answer.reason.split(",")[0]);
  }
  if (answer.state === "SUSPENDED") return state === "RUNNING" && /SUSPENDED/.test(reason ?? "");
  if (answer.state === "RUNNING") return state === "RUNNING" && !/SUSPENDED/.test(reason ?? "");
  if (answer.state === "CONFIGURING") return state === "PENDING" || state === "RUNNING";
  return ENDS[answer.state]?.includes(state) ?? true;
}

function checkSamples(samples: Samples): void {
  let compared = 0;
  for (const shown of samples.shown) {
    for (const step of shown.steps) {
      if (step.jobId === null || step.waiting?.for === "retry") continue;
      const answers = samples.about(step.jobId, shown);
      // Slurm was not asked yet, or has just taken the job.
      if (answers.length === 0) continue;
      compared++;
      assert(
        answers.some((answer) => agrees(step, answer)),
        `${step.name} at ${new Date(shown.to).toISOString()}: ${
          JSON.stringify([step.state, step.reason, step.waiting])
        }, and Slurm had ${JSON.stringify(answers)}`,
      );
    }
  }
  assert(compared > 50, `${compared} compared`);
}

/** Start and end of the last run of each job, by accounting. */
async function accounted(
  ids: readonly string[],
): Promise<Map<string, readonly [start: number, end: number]>> {
  const columns = "JobIDRaw,Start,End";
  const sacct = ["env", "TZ=UTC0", "sacct", "-n", "-X", "-P", "-o", columns, "-j", ids.join(",")];
  const rows = () => command(sacct).then((text) => text.trim().split("\n").map((line) => line.split("|")));
  const ended = await until("accounting has all ends", async () => {
    const all = await rows();
    return all.every(([, , end]) => /^\d/.test(end ?? "")) ? all : undefined;
  });
  return new Map(ended.map(([id, start, end]) => [id!, [Date.parse(`${start}Z`), Date.parse(`${end}Z`)]]));
}

async function checkTimes(study: Trial): Promise<void> {
  const attempts = (await study.steps()).flatMap(({ name, attempts }) =>
    attempts.map((each) => ({ name, ...each }))
  );
  const known = await accounted(attempts.map(({ jobId }) => jobId!));
  for (const { name, jobId, startedAt, endedAt } of attempts) {
    const [start, end] = known.get(jobId!)!;
    const off = [Date.parse(startedAt!) - start, Date.parse(endedAt!) - end];
    assert(
      off.every((ms) => Math.abs(ms) <= WITHIN_MS),
      `${name}, job ${jobId}: start and end differ by ${off} ms`,
    );
  }
}

const seen = (samples: Samples, name: string, holds: (step: StepJson) => boolean) =>
  samples.shown.some(({ steps }) => steps.some((step) => step.name === name && holds(step)));

async function story(study: Trial): Promise<void> {
  const go = (name: string) => Deno.writeTextFile(`${study.folder}/ledger.${name}`, "");
  const log = `${study.folder}/squeue.log`;
  Deno.writeTextFileSync(log, "");
  await study.wrap("squeue", WRAPPER(log));
  const run = study.beginRun();
  const began = (name: string) => study.wrote(`${name} began`);
  const events = (name: string) =>
    study.events().filter((event) => "step" in event && event.step === name).map(({ event }) => event);
  await began("fragile");
  await cluster("node", "kill", "node3");
  const samples = new Samples(study, log);
  const taking = samples.take();
  try {
    const job = (name: string) => study.jobOf(name);
    const shows = (name: string, holds: (step: StepJson) => boolean) =>
      until(`status shows ${name}`, () => seen(samples, name, holds));
    await began("requeued");
    await command(["scontrol", "requeue", await job("requeued")]);
    await began("suspended");
    await command(["scontrol", "suspend", await job("suspended")]);
    await began("late");
    await outOfTime(await job("late"));
    await began("cheap");
    await command([
      "sbatch",
      "--parsable",
      "-A",
      "ceci",
      "--qos=normal",
      "--nodelist=node2",
      "--exclusive",
      "-t",
      "1",
      ...["-o", "/dev/null", "--wrap", "sleep 8"],
    ]);
    await shows("suspended", ({ reason }) => /SUSPENDED/.test(reason ?? ""));
    await command(["scontrol", "resume", await job("suspended")]);
    await go("suspended");
    await shows(
      "held",
      ({ reason, waiting }) => /JobHeldUser/.test(reason ?? "") && waiting?.for === "scheduler",
    );
    await command(["scontrol", "release", await job("held")]);
    await go("held");
    await began("first");
    await shows("second", ({ waiting }) => /^QOSMax/.test(waiting?.reason ?? ""));
    await go("first");
    await go("second");
    for (const name of ["requeued", "cheap"]) {
      await shows(name, ({ state, reason }) => state === "PENDING" && reason === "requeued by its scheduler");
      await go(name);
    }
    await until("the node was missed", () => events("fragile").includes("requeued"));
    await cluster("node", "start", "node3");
    await go("fragile");
    assertEquals((await run.ended).code, 2);
  } finally {
    samples.end();
    await taking;
  }
  assertEquals(await study.states(), {
    ...Object.fromEntries(Object.keys(STEPS).map((name) => [name, "FINISHED"])),
    bad: "FAILED",
  });
  for (const name of ["requeued", "cheap", "fragile"]) {
    assertEquals(events(name).filter((event) => event === "started").length, 2, name);
  }
  checkSamples(samples);
  await checkTimes(study);
  assert(samples.summaries.some((text) => /\nqueue +\d+ wait: .*(?:QOSMax|JobHeldUser)/.test(text)));
  assert(samples.summaries.some((text) => /\nsuspended +1 suspended: 1 SUSPENDED/.test(text)));
  const late = (await study.steps()).find(({ name }) => name === "late")!;
  assertEquals(late.attempts.map(({ kind, state }) => [kind, state]), [["first", "TIMEDOUT"], [
    "restart",
    "FINISHED",
  ]]);
  assertStringIncludes(late.attempts[0]!.reason!, "TIMEOUT");
}

Deno.test("slurm: status agrees with squeue and sacct, each second", async () => {
  const manager = (...words: string[]) => command(["sacctmgr", "-i", "-Q", ...words]).catch(() => "");
  await manager("add", "qos", QOS);
  await manager("modify", "qos", QOS, "set", "MaxJobsPerUser=1");
  await manager("modify", "user", "where", "name=root", "account=ceci", "set", `qos+=${QOS}`);
  try {
    const batch = { type: "slurm", queue: "debug", host: "localhost", bank: "ceci" };
    await trial(SITE_OF_ROOT, specText(batch, STEPS), story);
  } finally {
    await cluster("up");
  }
});

Deno.test("slurm: a study of short jobs does not wait for polls that are an hour apart", async () => {
  const batch = { type: "slurm", queue: "debug", host: "localhost", bank: "ceci" };
  const steps = {
    one: { cmd: "echo one$(N) >> $(LEDGER)", run: ["procs: 1", "walltime: 5"] },
    two: { cmd: "echo two$(N) >> $(LEDGER)", run: ["procs: 1", "walltime: 5"], depends: ["one"] },
  };
  const sweep = "global.parameters:\n  N: {values: [1, 2, 3, 4, 5, 6], label: N.%%}";
  await trial(SITE_OF_ROOT, specText(batch, steps, sweep), async (study) => {
    const outcome = await study.maestro("run", "-y", "-fg", "-s", "3600", "-o", study.study, "spec.yaml");
    const lines = [1, 2, 3, 4, 5, 6].flatMap((number) => [`one${number}`, `two${number}`]);
    study.finished(outcome, lines);
  });
});
