/** The runner of scheduled steps, with commands that answer as a test needs. */

import { SLURM_STUCK } from "../adapters/slurm/stuck.ts";
import { fluxJobs } from "../adapters/flux/jobs.ts";
import { lsfJobs } from "../adapters/lsf/jobs.ts";
import { pbsJobs } from "../adapters/pbs/jobs.ts";
import { sgeJobs } from "../adapters/sge/jobs.ts";
import { slurmJobs } from "../adapters/slurm/jobs.ts";
import { interpret } from "../lib/conduct/decide.ts";
import { jobFile, jobFolder } from "../lib/paths.ts";
import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import { SchedulerClient } from "../lib/conduct/scheduler/client.ts";
import { pause } from "../lib/conduct/scheduler/pace.ts";
import { type JobFacts, ofSignal, timesOf } from "../lib/study/claims.ts";
import { judge } from "../lib/conduct/scheduler/verdict.ts";
import { realSystem, type RunResult } from "../lib/system.ts";
import type { JobPhase, SchedulerAdapter } from "../adapters/adapter.ts";
import type { Sighting } from "../lib/conduct/runner.ts";
import type { SpecStep } from "../lib/spec/types.ts";
import type { StepRecord } from "../lib/study/state/step_record.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "./assert.ts";
import { makePlan, SETTINGS } from "./make.ts";
import { inFreshFolder } from "./maestro.ts";

const said = (stdout: string, code = 0, stderr = ""): RunResult => ({
  code,
  stdout,
  stderr,
  timedOut: false,
});

interface Bench {
  readonly root: string;
  readonly commands: string[][];
  /** What is printed on standard output and error; by the first word of the command. */
  answer: (argv: readonly string[], input: string | undefined) => RunResult;
  now: number;
  readonly logged: string[];
  readonly records: readonly StepRecord[];
  /** Lets all work under way come to its end, takes note of it; gives what happened. */
  settle(): Promise<string[]>;
  start(): void;
  readonly runner: SchedulerClient;
  /** Notes the intent to submit all steps, as a conductor that died then. */
  intend(): void;
  /** The file of a node's job. */
  claim(node: number, text: string): void;
  /** The user wants the study cancelled. */
  cancelStudy(): void;
}

/** A study of so many steps that a scheduler runs, all of them ready. */
async function onBench(
  steps: number,
  body: (bench: Bench) => Promise<void>,
  scheduler: SchedulerAdapter = slurmJobs,
  more: Partial<SpecStep> = {},
): Promise<void> {
  await inFreshFolder(async (root) => {
    const words = Array.from(
      { length: steps },
      (_, i) => [`s${i}`, "x", [], { resources: { procs: "1", walltime: "10" }, ...more }] as const,
    );
    const plan = makePlan({ steps: words, more: { batch: { type: "slurm" } } }, { root });
    const progress = newProgress(plan, { ...SETTINGS, sleep: 10 }, () => true);
    const study = {
      root,
      plan,
      file: {
        ...{ version: 1, maestro: "0", id: "m1", createdAt: 0, spec: "s" },
        settings: SETTINGS,
        study: plan.study,
      },
    };
    const commands: string[][] = [];
    const logged: string[] = [];
    const write = (level: string) => (text: string) => void logged.push(`${level} ${text}`);
    const log = {
      debug() {},
      info: write("info"),
      warning: write("warning"),
      error: write("error"),
      close() {},
    };
    const system = {
      ...realSystem([]),
      now: () => bench.now,
      sleep: (ms: number) => {
        bench.now += ms;
        return Promise.resolve();
      },
      run: (argv: readonly string[], { input }: { input?: string }) => {
        commands.push([...argv]);
        return Promise.resolve(bench.answer(argv, input));
      },
    };
    const prepare = ({ name }: { name: string }) => ({
      ...{ script: `/s/${name}`, workspace: root, jobName: name, resources: {}, batch: { type: "slurm" } },
      ...{ out: "o", err: "e" },
    });
    const runner = new SchedulerClient({ system, study, progress, scheduler, prepare, log, wake() {} });
    const interpreted = (sighting: Sighting) => {
      const events = interpret(progress, sighting);
      for (const event of events) applyEvent(progress, event);
      return events;
    };
    const note = (seen: readonly Sighting[]) =>
      seen.flatMap(interpreted).map((event) => {
        const { event: what, reason } = event as { event: string; reason?: string };
        return `${(event as { step?: string }).step} ${what}${reason ? `: ${reason}` : ""}`;
      });
    const bench: Bench = {
      ...{
        root,
        commands,
        logged,
        runner,
        records: progress.records,
        now: 1_000_000,
        answer: () => said(""),
      },
      async settle() {
        const first = note(runner.sightings());
        for (let round = 0; round < 40; round++) await new Promise((resolve) => setTimeout(resolve));
        return [...first, ...note(runner.sightings())];
      },
      start() {
        for (const node of plan.nodes) {
          const { over, attempt } = progress.records[node.index]!;
          if (over || progress.inFlight.scheduled.has(node.index)) continue;
          applyEvent(progress, {
            event: "submitting",
            at: bench.now,
            step: node.name,
            attempt: attempt + 1,
          });
          runner.start(node, attempt + 1);
        }
      },
      intend() {
        for (const { name, index } of plan.nodes) {
          applyEvent(progress, { event: "submitting", at: bench.now, step: name, attempt: 1 });
          Deno.mkdirSync(jobFolder(root, index), { recursive: true });
        }
      },
      cancelStudy() {
        applyEvent(progress, { event: "cancelling", at: bench.now });
      },
      claim(node, text) {
        Deno.writeTextFileSync(jobFile(root, node, 1), text);
      },
    };
    await body(bench);
  });
}

const words = (bench: Bench) => bench.commands.map(([word]) => word);

/** sbatch returns ids from 1 on; squeue prints the given text. */
const slurm = (squeue: () => RunResult) => {
  let id = 0;
  return (argv: readonly string[]) =>
    argv[0] === "sbatch" ? said(`${++id}\n`) : argv[0] === "squeue" ? squeue() : said("");
};

Deno.test("a job that is lost is cancelled before its step has an end", () =>
  onBench(1, async (bench) => {
    bench.answer = slurm(() => said("", 1, "slurm_load_jobs error: Invalid job id specified\n"));
    bench.start();
    assertEquals(await bench.settle(), ["s0 submitted"]);
    bench.claim(0, "pid 7\njob 1\nhost h\n");
    const happened: string[] = [];
    for (let look = 0; look < 5; look++) {
      bench.now += 100_000;
      happened.push(...await bench.settle());
    }
    assertEquals(happened.filter((line) => !line.includes("missing")).map((line) => line.split(":")[0]), [
      "s0 started",
      "s0 ended",
    ]);
    assertEquals(bench.commands.filter(([word]) => word === "scancel"), [["scancel", "1"]]);
  }));

Deno.test("a limit of the scheduler stops the flood: one job at a time tests whether there is room again", () =>
  onBench(50, async (bench) => {
    let room = 2;
    const limit =
      "sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed: no\n";
    let id = 0;
    bench.answer = (argv) =>
      argv[0] !== "sbatch" ? said("") : room-- > 0 ? said(`${++id}\n`) : said("", 1, limit);
    bench.start();
    const first = await bench.settle();
    assertEquals(first.filter((line) => line.endsWith("submitted")).length, 2);
    assert(words(bench).filter((word) => word === "sbatch").length <= 8 + 2);
    assertEquals(bench.runner.room(), 0);
    const before = words(bench).filter((word) => word === "sbatch").length;
    bench.now += 31_000;
    await bench.settle();
    assertEquals(words(bench).filter((word) => word === "sbatch").length, before + 1);
    room = 100;
    bench.now += 31_000;
    const last = await bench.settle();
    assert(last.filter((line) => line.endsWith("submitted")).length >= 40);
    assert(bench.runner.room() > 0);
  }));

Deno.test("not more than some submissions begin in a second", () =>
  onBench(250, async (bench) => {
    bench.answer = slurm(() => said(""));
    assertEquals(bench.runner.room(), 16);
    bench.start();
    assertEquals((await bench.settle()).filter((line) => line.endsWith("submitted")).length, 200);
    assertEquals(bench.runner.room(), 0);
    bench.now += 1000;
    assertEquals((await bench.settle()).filter((line) => line.endsWith("submitted")).length, 50);
    // So many were taken that it would take more than fit into a round.
    assertEquals(bench.runner.room(), 500);
  }));

Deno.test("many submissions of which nothing is known are looked for with one question", () =>
  onBench(20, async (bench) => {
    bench.answer = () => said("", 1, "sbatch: error: Socket timed out on send/recv operation\n");
    bench.start();
    await bench.settle();
    bench.commands.length = 0;
    const jobs = Array.from({ length: 20 }, (_, i) => `${i + 100}|PENDING|None|+m1-${i}-1\n`).join("");
    bench.answer = () => said(jobs);
    bench.now += 10_000;
    assertEquals((await bench.settle()).filter((line) => line.endsWith("submitted")).length, 20);
    assertEquals(words(bench).filter((word) => word === "squeue").length, 1);
  }));

/** Claims of jobs that ran and ended, without an id that anybody can ask about. */
const ENDED_CLAIMS: Readonly<Record<string, string>> = {
  "of a job without an id": "pid 7\njob \nhost h\nbegan 5\nended 6\nexit 0\n",
  "without any id": "pid 7\nhost h\nbegan 5\nended 6\nexit 0\n",
  "with no more than an end": "exit 0\n",
  "with a torn head": "pi\nended 6\nexit 0\n",
};

/** Schedulers that answer, and know no job. */
const KNOWS_NONE: readonly (readonly [name: string, adapter: SchedulerAdapter, empty: string])[] = [
  ["flux", fluxJobs, '{"jobs": []}'],
  ["slurm", slurmJobs, ""],
  ["pbs", pbsJobs, '{"Jobs": {}}'],
];

for (const [name, adapter, empty] of KNOWS_NONE) {
  for (const [what, claim] of Object.entries(ENDED_CLAIMS)) {
    Deno.test(`${name}: a claim ${what} is never void: the attempt ran, and is not made again`, () =>
      onBench(1, async (bench) => {
        // The conductor died before it knew the job, and the next one comes when the scheduler has forgotten it.
        bench.answer = () => said(empty);
        bench.now = Date.now();
        bench.intend();
        bench.claim(0, claim);
        bench.runner.recover();
        const happened: string[] = [];
        for (let look = 0; look < 6; look++) {
          bench.now += 100_000;
          happened.push(...await bench.settle());
        }
        assertEquals(happened.filter((line) => !/missing|found/.test(line)), ["s0 started", "s0 ended"]);
        assertEquals(bench.records[0]!.state, "FINISHED");
        assertEquals(bench.records[0]!.attempt, 1);
      }, adapter));
  }
}

Deno.test("a claim of a job that runs, and that nobody can ask about, is lost when its job is, and not made again", () =>
  onBench(1, async (bench) => {
    bench.answer = () => said("");
    bench.intend();
    bench.claim(0, "pid 7\nhost h\nbegan 5\n");
    bench.runner.recover();
    const happened: string[] = [];
    for (let look = 0; look < 8; look++) {
      bench.now += 100_000;
      happened.push(...await bench.settle());
    }
    assertEquals(happened.filter((line) => !/missing|found/.test(line)), [
      "s0 started",
      "s0 ended: the scheduler no longer knows the job, and it left no exit code",
    ]);
  }));

Deno.test("an empty claim is void after two minutes, and no other is", () =>
  onBench(1, async (bench) => {
    bench.answer = () => said("");
    bench.intend();
    bench.claim(0, "");
    bench.runner.recover();
    // Its age is that by the file server's clock.
    const age = (ms: number) => {
      bench.now += ms;
      const changedAt = Deno.statSync(jobFile(bench.root, 0, 1)).mtime!.getTime() - ms;
      Deno.utimeSync(jobFile(bench.root, 0, 1), changedAt / 1000, changedAt / 1000);
    };
    age(100_000);
    assertEquals(await bench.settle(), []);
    age(30_000);
    assertEquals(await bench.settle(), ["s0 withdrawn: the scheduler never got it"]);
  }));

Deno.test("an id that a job inherited is not watched for long: the job is found by its token", () =>
  onBench(1, async (bench) => {
    let squeue = "";
    bench.answer = ([word]) => word === "squeue" ? said(squeue) : said("");
    bench.intend();
    bench.claim(0, "pid 7\njob 77\nhost h\nbegan 5\n");
    bench.runner.recover();
    bench.now += 100_000;
    assertEquals(await bench.settle(), ["s0 submitted"]);
    assertEquals(bench.records[0]!.jobId, "77");
    const happened: string[] = [];
    // It was late in the scheduler's lists.
    squeue = "5|RUNNING|None|+m1-0-1\n";
    for (let look = 0; look < 6; look++) {
      bench.now += 100_000;
      happened.push(...await bench.settle());
    }
    assertEquals(happened.filter((line) => !/missing|found/.test(line)), ["s0 started", "s0 submitted"]);
    assertEquals(bench.records[0]!.jobId, "5");
  }));

Deno.test("problems of one job's files are reported, and do not hide other jobs", () =>
  onBench(2, async (bench) => {
    bench.answer = slurm(() => said("1|COMPLETED|None|\n2|COMPLETED|None|\n"));
    bench.start();
    await bench.settle();
    // In the place of a claim: a folder.
    await Deno.mkdir(jobFile(bench.root, 0, 1));
    bench.now += 20_000;
    assertEquals(await bench.settle(), ["s1 started", "s1 ended"]);
    assert(bench.logged.some((line) => line.startsWith("error Of step 's0'")), bench.logged.join("\n"));
  }));

Deno.test("a scheduler that cannot be asked is reported once, in its own words, and once when it answers again", () =>
  onBench(1, async (bench) => {
    let down = false;
    const alive = slurm(() => said("1|RUNNING|None|\n"));
    bench.answer = (argv) =>
      down ? said("", 1, `${argv[0]}: error: Unable to contact slurm controller\n`) : alive(argv);
    bench.start();
    await bench.settle();
    const look = async () => {
      bench.now += 400_000;
      await bench.settle();
      return [bench.runner.unreachable, ...bench.logged.splice(0)];
    };
    assertEquals(await look(), [false]);
    down = true;
    const [unreachable, line, ...more] = await look();
    assertEquals([unreachable, more], [true, []]);
    assertStringIncludes(String(line), "warning The scheduler cannot be asked (");
    assertStringIncludes(String(line), "Unable to contact slurm controller");
    assertEquals(await look(), [true]);
    down = false;
    assertEquals(await look(), [false]);
    assertEquals(await look(), [false]);
  }));

Deno.test("a single pass waits for its own limit on submissions a second, and submits all", () =>
  onBench(450, async (bench) => {
    bench.answer = slurm(() => said(""));
    bench.start();
    await bench.runner.idle();
    await bench.settle();
    assertEquals(words(bench).filter((word) => word === "sbatch").length, 450);
    // 200 in each of the first two seconds.
    assertEquals(bench.now, 1_002_000);
    assertEquals(bench.records.filter(({ jobId }) => jobId === undefined).length, 0);
  }));

Deno.test("a slip in reading an answer surfaces", () =>
  onBench(1, async (bench) => {
    bench.answer = slurm(() => said("1|RUNNING|None|\n"));
    bench.start();
    await bench.settle();
    bench.now += 20_000;
    await assertRejects(() => bench.settle(), TypeError, "a slip of ours");
    await assertRejects(() => bench.runner.idle(), TypeError, "a slip of ours");
  }, {
    ...slurmJobs,
    queries: [{
      argv: () => ["squeue"],
      parse: () => {
        throw new TypeError("a slip of ours");
      },
    }],
  }));

Deno.test("a scheduler that does not answer is asked ever more seldom, and again often when it does", () => {
  const middle = { token: () => "8000000000000000" };
  const pauses = [0, 1, 2, 3, 10, 1000].map((silences) => Math.round(pause(middle, 60_000, silences) / 1000));
  assertEquals(pauses, [60, 120, 240, 300, 300, 300]);
  assertEquals(Math.round(pause(middle, 900_000, 5) / 1000), 900);
  // Exactly, where chance takes the least: no pause is longer than five minutes, but for one that was asked for.
  const exact = (sleep: number, silences: number) => pause({ token: () => "0000" }, sleep, silences) / 0.9;
  assertEquals([exact(60_000, 2), exact(60_000, 3), exact(900_000, 1)], [240_000, 300_000, 900_000]);
  const [least, most] = ["0000", "ffff"].map((token) => pause({ token: () => token }, 60_000, 0));
  assertEquals([least, most], [54_000, 66_000]);
});

Deno.test("with --sleeptime 0, other answers are read between two polls, and silence makes pauses grow", () => {
  const exact = (silences: number) => Math.round(pause({ token: () => "0000" }, 0, silences) / 0.9);
  assertEquals([0, 1, 2, 3, 20].map(exact), [5, 1000, 2000, 4000, 300_000]);
});

Deno.test("flux: answers of a bulk submission are assigned to their jobs", () =>
  onBench(3, async (bench) => {
    bench.answer = (argv, input) => {
      if (argv[1] !== "python") return said('{"jobs": []}');
      const lines = input!.trim().split("\n").map((line) => JSON.parse(line));
      assertEquals(lines.map(({ argv }) => argv.slice(0, 2).join(" ")), Array(3).fill("flux batch"));
      assertEquals(lines.map(({ cwd }) => cwd), Array(3).fill(bench.root));
      const refused = JSON.stringify([1, 1, "", "flux-batch: ERROR: [Errno 22] no such queue\n"]);
      return said(`${JSON.stringify([2, 0, "ƒB\n", ""])}\n${refused}\n`, 1);
    };
    bench.start();
    const happened = await bench.settle();
    assertEquals(happened.filter((line) => !line.includes("missing")), [
      "s0 unclear: unclear submission, answered by: no job id in the answer",
      "s1 ended: [Errno 22] no such queue",
      "s2 submitted",
    ]);
  }, fluxJobs));

Deno.test("flux: where they cannot go together each goes by itself, and it is not tried again", () =>
  onBench(3, async (bench) => {
    let id = 0;
    bench.answer = (argv) =>
      argv[1] === "python"
        ? said("", 3, "flux bulk: no flux-batch.py in FLUX_EXEC_PATH\n")
        : argv[1] === "batch"
        ? said(`ƒ${"ABC"[id++]}\n`)
        : said('{"jobs": []}');
    bench.start();
    assertEquals(await bench.settle(), ["s0 submitted", "s1 submitted", "s2 submitted"]);
    assertEquals(bench.commands.filter(([, word]) => word === "python").length, 1);
  }, fluxJobs));

Deno.test("a job that can never begin is reported once, and again after a change", () =>
  onBench(1, async (bench) => {
    let line = "1|PENDING|Priority|";
    bench.answer = slurm(() => said(`${line}\n`));
    const look = (next: string) => {
      line = next;
      bench.now += 60_000;
      return bench.settle();
    };
    bench.start();
    await bench.settle();
    const held = "s0 stuck: JobHeldUser, it is held until `scontrol release`";
    assertEquals(await look("1|PENDING|Resources|"), []);
    assertEquals(await look("1|PENDING|JobHeldUser|"), [held]);
    assertEquals(await look("1|PENDING|JobHeldUser|"), []);
    assertEquals(await look("1|PENDING|Priority|"), ["s0 stuck"]);
    assertEquals(await look("1|PENDING|Priority|"), []);
    assertEquals(await look("1|PENDING|JobHeldUser|"), [held]);
    assertEquals(await look("1|RUNNING|None|"), ["s0 started"]);
    const requeued =
      "s0 stuck: launch failed requeued held, it could not be launched, and is held until `scontrol release`";
    assertEquals(await look("1|PENDING|launch failed requeued held|"), ["s0 requeued", requeued]);
    assertEquals(await look("1|RUNNING|None|"), ["s0 started"]);
    assertEquals(await look("1|RUNNING|None|"), []);
  }));

Deno.test("slurm: each word for what can never begin, and none for what passes", () => {
  const stuck = (word: string) => {
    const jobs = slurmJobs.queries[0]!.parse(said(`1|PENDING|${word}|\n2|RUNNING|${word}|\n`), ["1", "2"]);
    assertEquals(jobs![1]!.stuck, undefined);
    return jobs![0]!.stuck;
  };
  for (const [word, means] of Object.entries(SLURM_STUCK)) assertEquals(stuck(word), `${word}, ${means}`);
  const limits = ["QOSMaxWallDurationPerJobLimit", "AssocMaxWallDurationPerJobLimit", "QOSMinGRES"];
  for (const word of [...limits, "QOSMaxCpuPerJobLimit", "QOSMaxMemoryPerJob", "QOSMaxNodePerJobLimit"]) {
    assertStringIncludes(stuck(word)!, `${word}, `);
  }
  const passing = [
    "None",
    "Priority",
    "Resources",
    "Dependency",
    "ReqNodeNotAvail",
    "PartitionDown",
    "BeginTime",
  ];
  for (const word of [...passing, "QOSMaxJobsPerUserLimit", "AssocGrpCpuLimit", "QOSMaxCpuPerUserLimit"]) {
    assertEquals(stuck(word), undefined, word);
  }
});

Deno.test("pbs, sge, lsf: a job that can never begin or is held, and none that only waits", () => {
  const pbs = (state: string, comment: string) =>
    pbsJobs.queries[0]!.parse(
      said(JSON.stringify({ Jobs: { "1.p": { job_state: state, comment } } })),
      ["1.p"],
    )![0]!.stuck;
  const never = "Can Never Run: Insufficient amount of resource: ncpus (R: 64 A: 8 T: 8)";
  assertEquals(pbs("Q", never), never);
  assertEquals(pbs("H", "Job held by carol"), "Job held by carol (qrls ends a hold)");
  assertEquals(pbs("Q", "Not Running: Insufficient amount of resource: ncpus (R: 8 A: 0 T: 8)"), undefined);
  const sge = (state: string) =>
    sgeJobs.queries[0]!.parse(
      said(`<job_list><JB_job_number>1</JB_job_number><state>${state}</state></job_list></job_info>`),
      ["1"],
    )![0]!.stuck;
  assertEquals(sge("hqw"), "hqw, it is held (qrls ends a hold)");
  assertEquals(sge("qw"), undefined);
  assertEquals(sge("hr"), undefined);
  const lsf = (stat: string) => lsfJobs.queries[0]!.parse(said(`1|${stat}|-|-|x\n`), ["1"])![0]!.stuck;
  assertEquals(lsf("PSUSP"), "PSUSP, it was stopped before it began (bresume lets it go on)");
  assertEquals(lsf("PEND"), undefined);
});

Deno.test("exit codes that only show that a signal ended the script", () => {
  const codes = Array.from({ length: 256 }, (_, code) => code).filter(ofSignal);
  // HUP, INT, KILL, USR1 of Linux and of BSD, TERM, XCPU.
  assertEquals(codes, [129, 130, 137, 138, 140, 143, 152]);
});

Deno.test("times of a job, by its own clock, are between its submission and now, and it took as long as it did", () => {
  const table: [facts: JobFacts, intended: number, now: number, times: object][] = [
    [{}, 10, 100, {}],
    [{ beganAt: 20 }, 10, 100, { startedAt: 20 }],
    [{ beganAt: 5 }, 10, 100, { startedAt: 10 }],
    [{ beganAt: 200 }, 10, 100, { startedAt: 100 }],
    [{ beganAt: 20 }, 101, 100, {}],
    [{ beganAt: 20 }, 100, 100, { startedAt: 100 }],
    [{ beganAt: 20, endedAt: 50 }, 10, 100, { startedAt: 20 }],
    [{ beganAt: 20, endedAt: 50, exitCode: 0 }, 10, 100, { startedAt: 20, endedAt: 50 }],
    [{ beganAt: 5, endedAt: 35, exitCode: 0 }, 10, 100, { startedAt: 10, endedAt: 40 }],
    [{ beganAt: 90, endedAt: 120, exitCode: 1 }, 10, 100, { startedAt: 70, endedAt: 100 }],
    [{ beganAt: 90, endedAt: 990, exitCode: 1 }, 10, 100, { startedAt: 10, endedAt: 100 }],
    [{ beganAt: 50, endedAt: 20, exitCode: 0 }, 10, 100, { startedAt: 50, endedAt: 50 }],
  ];
  for (const [facts, intended, now, times] of table) {
    assertEquals({ ...timesOf(facts, intended, now) }, times as never, JSON.stringify(facts));
  }
});

Deno.test("the scheduler's report and the job's own record: one verdict", () => {
  const job = (phase: JobPhase, more: object = {}) => ({ jobId: "1", phase, word: "W", ...more });
  const table: [phase: JobPhase, more: object, facts: JobFacts, end: string][] = [
    ["pending", {}, { claimed: true }, "waits"],
    ["running", {}, {}, "runs"],
    ["unknown", {}, { claimed: true, exitCode: 3 }, "started exit 3: exit code 3"],
    ["unknown", {}, { exitCode: 143 }, "waits"],
    ["unknown", {}, {}, "waits"],
    ["finished", {}, {}, "started finished"],
    ["finished", {}, { exitCode: 2 }, "started exit 2: exit code 2"],
    ["failed", { exitCode: 5 }, {}, "exit 5: exit code 5"],
    ["failed", { exitCode: 5 }, { claimed: true, exitCode: 6 }, "started exit 6: exit code 6"],
    ["failed", {}, {}, "exit -: W"],
    ["failed", { reason: "r" }, {}, "exit -: W (r)"],
    ["failed", { exitCode: 0 }, {}, "exit 0: the scheduler reports W"],
    ["failed", { exitCode: 96 }, {}, "hwfailure -: its node could not write the job's file"],
    ["failed", { exitCode: 97 }, {}, "hwfailure -: its node could not write the job's file"],
    ["failed", { exitCode: 96 }, { claimed: true }, "started exit 96: exit code 96"],
    ["oom", { exitCode: 9 }, {}, "oom 9: out of memory: W"],
    ["timedout", {}, { claimed: true }, "started timeout -: over its time limit: W"],
    ["hwfailure", {}, {}, "hwfailure -: its node failed: W"],
    ["hwfailure", {}, { exitCode: 0 }, "finished"],
    ["preempted", { reason: "r" }, {}, "preempted -: preempted: W (r)"],
    ["cancelled", {}, {}, "cancelled -: cancelled at the scheduler: W"],
  ];
  for (const [phase, more, facts, wanted] of table) {
    const { started, end } = judge(job(phase, more), facts, 0, 0);
    const { kind, exitCode = "-", reason } = { ...end } as {
      kind?: string;
      exitCode?: number;
      reason?: string;
    };
    const ended = kind === undefined
      ? (started ? "runs" : "waits")
      : reason === undefined
      ? kind
      : `${kind} ${exitCode}: ${reason}`;
    assertEquals(
      started && kind !== undefined ? `started ${ended}` : ended,
      wanted,
      JSON.stringify([phase, more, facts]),
    );
  }
});

Deno.test("a signal ended it: when its time was up, or where nobody keeps a record of why", () => {
  const facts = { pid: 7, exitCode: 143, ran: 60 };
  const gone = (more: object, limit?: number, forgets = false) =>
    judge("absent", { ...facts, ...more }, 3, 120_000, { limit, forgets }).end;
  assertEquals(gone({}, 60)?.kind, "timeout");
  assertEquals(gone({ ran: 59 }, 60)?.kind, "timeout");
  assertEquals(gone({ ran: 30 }, 60), { kind: "exit", exitCode: 143, reason: "exit code 143" });
  assertEquals(gone({}, undefined)?.kind, "exit");
  assertEquals(gone({ exitCode: 3 }, 60)?.kind, "exit");
  assertEquals(gone({ ran: 30 }, 60, true)?.kind, "cancelled");
  assertEquals(gone({ exitCode: 139, ran: 30 }, 60, true)?.kind, "exit");
  const failed = { jobId: "1", phase: "failed", word: "EXIT" } as const;
  assertEquals(judge(failed, { ...facts, exitCode: 140 }, 0, 0, { limit: 60 }).end?.kind, "timeout");
  assertEquals(judge({ ...failed, reason: "TERM_OWNER" }, facts, 0, 0, { limit: 60 }).end?.kind, "exit");
});

Deno.test("a member of a pack that never had its turn is submitted three times more, then it is lost", () =>
  onBench(
    1,
    async (bench) => {
      const squeue = () => said("", 1, "slurm_load_jobs error: Invalid job id specified\n");
      const sacct = () => said(Array.from({ length: 9 }, (_, i) => `${i + 1}|COMPLETED|0:0||\n`).join(""));
      const submit = slurm(squeue);
      bench.answer = (argv) => argv[0] === "sacct" ? sacct() : submit(argv);
      const happened: string[] = [];
      for (let round = 1; round <= 5; round++) {
        bench.start();
        for (let look = 0; look < 3; look++) {
          bench.now += 60_000;
          happened.push(...await bench.settle());
        }
      }
      const turn = "its job ended (COMPLETED) before its turn came";
      assertEquals(happened.filter((line) => line.includes("turn")), [
        ...Array(3).fill(`s0 withdrawn: ${turn}`),
        `s0 ended: ${turn}`,
      ]);
    },
    slurmJobs,
    { pack: { most: 2, atOnce: 2 } },
  ));

Deno.test("of a job that its scheduler runs again, a word about the run before counts when it has lasted", () => {
  const again = { pid: 7, claimed: true, again: true } as const;
  const verdict = (phase: JobPhase, facts: JobFacts, absences: number, absentMs: number) =>
    judge({ jobId: "1", phase, word: "W" }, facts, absences, absentMs).end?.kind;
  for (const phase of ["hwfailure", "preempted"] as const) {
    assertEquals(verdict(phase, again, 0, 0), undefined);
    assertEquals(verdict(phase, again, 2, 120_000), undefined);
    assertEquals(verdict(phase, again, 3, 119_999), undefined);
    assertEquals(verdict(phase, again, 3, 120_000), phase);
    assertEquals(verdict(phase, { ...again, exitCode: 0 }, 0, 0), "finished");
    assertEquals(verdict(phase, { ...again, exitCode: 143 }, 0, 0), phase);
    assertEquals(verdict(phase, { pid: 7, claimed: true }, 0, 0), phase);
  }
  assertEquals(verdict("cancelled", again, 0, 0), "cancelled");
});

Deno.test("a job that ran between two polls, and one that was seen late, have the recorded run time", () =>
  onBench(3, async (bench) => {
    let jobs = "1|PENDING|None|\n2|PENDING|None|\n3|PENDING|None|\n";
    bench.answer = slurm(() => said(jobs));
    bench.start();
    await bench.settle();
    bench.now = 1_060_000;
    jobs = "2|RUNNING|None|\n3|RUNNING|None|\n";
    bench.answer = (argv) =>
      argv[0] === "squeue" ? said(jobs) : said(argv[0] === "sacct" ? "1|COMPLETED|0:0||\n" : "");
    bench.claim(0, "pid 7\njob 1\nhost h\nbegan 1005\nended 1008\nexit 0\n");
    await bench.settle();
    bench.now = 1_120_000;
    bench.answer = (argv) => argv[0] === "sacct" ? said("2|FAILED|3:0||\n3|TIMEOUT|0:15||\n") : said("");
    bench.claim(1, "pid 7\njob 2\nhost h\nbegan 1010\nended 1100\nexit 3\n");
    bench.claim(2, "pid 7\njob 3\nhost h\nbegan 1010\n");
    await bench.settle();
    assertEquals(
      bench.records.map(({ state, startedAt, endedAt }) => [state, startedAt, endedAt]),
      [
        ["FINISHED", 1_005_000, 1_008_000],
        ["FAILED", 1_010_000, 1_100_000],
        ["TIMEDOUT", 1_010_000, 1_120_000],
      ],
    );
  }));

/** A scheduler of which no query shows deleted jobs; `uptime`: how long its server has run, in ms. */
const forgetful = (uptime?: () => number | undefined): SchedulerAdapter => ({
  ...slurmJobs,
  queries: slurmJobs.queries.slice(0, 1),
  uptime: { argv: () => ["uptime"], parse: () => uptime?.() },
});

const ABSENT = said("", 1, "slurm_load_jobs error: Invalid job id specified\n");

/** Polls until nothing more happens; what happened, without absences. */
async function pollOn(bench: Bench, times: number, ms = 15_000): Promise<string[]> {
  const happened: string[] = [];
  for (let look = 0; look < times; look++) {
    bench.now += ms;
    happened.push(...await bench.settle());
  }
  return happened.filter((line) => !/missing|found/.test(line));
}

Deno.test("deleted is not lost: a job that is gone while an older one waits was deleted, and is not submitted again", () =>
  onBench(2, async (bench) => {
    let jobs = "1|PENDING|None|\n2|PENDING|None|\n";
    bench.answer = slurm(() => said(jobs));
    bench.start();
    await bench.settle();
    assertEquals(await pollOn(bench, 1), []);
    jobs = "1|PENDING|None|\n";
    assertEquals(await pollOn(bench, 2), ["s1 ended: deleted before it began"]);
    assertEquals(bench.records.map(({ state }) => state), ["PENDING", "CANCELLED"]);
    // A job that turns up late finds its attempt void.
    assertEquals(Deno.readTextFileSync(jobFile(bench.root, 1, 1)), "void\n");
  }, forgetful()));

Deno.test("deleted is not lost: nothing is known of a job where only a younger one is left, or its server is new", () =>
  onBench(2, async (bench) => {
    let jobs = "1|PENDING|None|\n2|PENDING|None|\n";
    bench.answer = slurm(() => said(jobs));
    bench.intend();
    bench.records[1]!.intendedAt = bench.now + 1;
    bench.runner.recover();
    bench.answer = slurm(() => said("1|PENDING|None|+m1-0-1\n2|PENDING|None|+m1-1-1\n"));
    assertEquals(await pollOn(bench, 1), ["s0 submitted", "s1 submitted"]);
    jobs = "2|PENDING|None|\n";
    bench.answer = slurm(() => said(jobs));
    const happened = await pollOn(bench, 12);
    assertEquals(happened, ["s0 relapsed: the scheduler lost the job before it began"]);
  }, forgetful(() => 60_000)));

Deno.test("deleted is not lost: the time for which the server has run decides where no other job does", async () => {
  for (const [uptime, end] of [[10_000_000, "deleted before it began"], [20_000, undefined]] as const) {
    await onBench(1, async (bench) => {
      let known = said("1|PENDING|None|\n");
      bench.answer = slurm(() => known);
      bench.start();
      await bench.settle();
      await pollOn(bench, 1);
      known = ABSENT;
      const happened = await pollOn(bench, 3);
      assertEquals(happened, end === undefined ? [] : [`s0 ended: ${end}`]);
    }, forgetful(() => uptime));
  }
});

Deno.test("deleted is not lost: a new job that is not listed yet, and one that has begun, were not deleted", () =>
  onBench(2, async (bench) => {
    bench.answer = slurm(() => said("1|PENDING|None|\n"));
    bench.start();
    await bench.settle();
    // The scheduler never listed it, and it was submitted a minute ago.
    assertEquals(await pollOn(bench, 4), []);
    bench.claim(1, "pid 7\njob 2\nhost h\nbegan 1\n");
    const happened = await pollOn(bench, 12);
    assertEquals(happened.slice(0, 2), [
      "s1 started",
      "s1 ended: the scheduler no longer knows the job, and it left no exit code",
    ]);
  }, forgetful(() => 10_000_000)));

Deno.test("a job that we deleted ends when the scheduler does not know it any more, soon after", () =>
  onBench(2, async (bench) => {
    let known = said("1|PENDING|None|\n2|RUNNING|None|\n");
    bench.answer = slurm(() => known);
    bench.start();
    await bench.settle();
    bench.claim(1, "pid 7\njob 2\nhost h\nbegan 1\n");
    await pollOn(bench, 1);
    bench.cancelStudy();
    bench.runner.cancel([0, 1]);
    await bench.settle();
    known = ABSENT;
    const from = bench.now;
    const happened = await pollOn(bench, 4, 3000);
    assertEquals(happened.filter((line) => !line.endsWith("started")), [
      "s0 ended: the study was cancelled",
      "s1 ended: the study was cancelled",
    ]);
    assert(bench.now - from < 20_000);
    assertEquals(bench.records.map(({ state }) => state), ["CANCELLED", "CANCELLED"]);
  }, forgetful()));

Deno.test("a job that failed without a claim never ran: the machine failed, and it runs again", async () => {
  const trial = (shell: string, events: string[]) =>
    onBench(
      1,
      async (bench) => {
        bench.answer = slurm(() => said("1|FAILED|RaisedSignal:53|\n"));
        bench.start();
        await bench.settle();
        assertEquals(await pollOn(bench, 1), events);
      },
      slurmJobs,
      { batch: { shell } },
    );
  await trial("/bin/sh", ["s0 relapsed: it failed before its script began: FAILED (RaisedSignal:53)"]);
  // Such a script has no guard, and claims nothing.
  await trial("/usr/bin/python3", ["s0 ended: FAILED (RaisedSignal:53)"]);
});
