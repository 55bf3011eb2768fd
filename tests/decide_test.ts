import { nodeNamed } from "../lib/plan/plan_nodes.ts";
import { cancelStudy, intent, interpret, takeReady, triedAgain } from "../lib/conduct/decide.ts";
import { requestEvents } from "../lib/conduct/requested.ts";
import { outcome } from "../lib/study/state/outcome.ts";
import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import type { Progress } from "../lib/study/state/progress.ts";
import type { AttemptEnd } from "../lib/conduct/runner.ts";
import type { StudyEvent, Withdrawal } from "../lib/study/events.ts";
import type { Settings } from "../lib/spec/settings.ts";
import { assertEquals } from "./assert.ts";
import { makePlan, SETTINGS, type StepWords } from "./make.ts";

interface World {
  readonly settings?: Partial<Settings>;
  readonly parameters?: Record<string, string[]>;
  /** Batch type; anything but local has its steps named `job...` scheduled. */
  readonly type?: string;
}

function start(
  steps: readonly StepWords[],
  { settings = {}, parameters = {}, type = "local" }: World = {},
): Progress {
  const plan = makePlan({ steps, parameters, more: { batch: { type } } });
  const scheduled = (node: number) => type !== "local" && plan.nodes[node]!.name.startsWith("job");
  return newProgress(plan, { ...SETTINGS, localJobs: 100, ...settings }, scheduled);
}

const nodeOf = (progress: Progress, name: string) => nodeNamed(progress.plan, name)!;

function apply(progress: Progress, events: readonly StudyEvent[]): void {
  for (const event of events) applyEvent(progress, event);
}

/** Takes what is ready and submits it; the names. */
function submit(progress: Progress, now = 0): { local: string[]; scheduled: string[] } {
  const { local, scheduled } = takeReady(progress, now);
  for (const node of [...local, ...scheduled]) applyEvent(progress, intent(progress, node, now));
  const names = (nodes: number[]) => nodes.map((node) => progress.plan.nodes[node]!.name);
  return { local: names(local), scheduled: names(scheduled) };
}

/** Ends a node's attempt; what follows from it, as `name STATE reason`. */
function end(progress: Progress, name: string, attempt: AttemptEnd, at = 0): string[] {
  const events = interpret(progress, { see: "ended", node: nodeOf(progress, name), at, end: attempt });
  apply(progress, events);
  return events.map((event) => {
    if (event.event === "ended") return `${event.step} ${event.state} ${event.reason ?? ""}`.trim();
    return `${(event as { step: string }).step} ${event.event}`;
  });
}

const FINISHED: AttemptEnd = { kind: "finished" };
const EXIT_1: AttemptEnd = { kind: "exit", exitCode: 1, reason: "exit code 1" };

const FOUR: StepWords[] = ["job1", "job2", "here1", "here2", "job3", "here3"].map((name) => [name, "x"]);

Deno.test("as many as there are slots: jobs by the throttle, local steps by the local jobs", () => {
  const table: [settings: Partial<Settings>, type: string, local: string[], scheduled: string[]][] = [
    [{}, "slurm", ["here1", "here2", "here3"], ["job1", "job2", "job3"]],
    [{ throttle: 2 }, "slurm", ["here1", "here2", "here3"], ["job1", "job2"]],
    [{ localJobs: 1 }, "slurm", ["here1"], ["job1", "job2", "job3"]],
    [{ localJobs: 2, throttle: 1 }, "slurm", ["here1", "here2"], ["job1"]],
    // Without a scheduler the throttle counts local steps.
    [{ throttle: 2 }, "local", ["job1", "job2"], []],
    [{ throttle: 4, localJobs: 3 }, "local", ["job1", "job2", "here1"], []],
    [{ throttle: 0, localJobs: 100 }, "local", ["job1", "job2", "here1", "here2", "job3", "here3"], []],
  ];
  for (const [settings, type, local, scheduled] of table) {
    const progress = start(FOUR, { settings, type });
    assertEquals(submit(progress), { local, scheduled }, JSON.stringify([settings, type]));
    // Nothing is started twice, and no slot is given away twice.
    assertEquals(submit(progress), { local: [], scheduled: [] });
  }
});

Deno.test("a slot that becomes free is taken by the next in line", () => {
  const progress = start(FOUR, { settings: { throttle: 1, localJobs: 1 }, type: "slurm" });
  assertEquals(submit(progress), { local: ["here1"], scheduled: ["job1"] });
  end(progress, "job1", FINISHED);
  assertEquals(submit(progress), { local: [], scheduled: ["job2"] });
  end(progress, "here1", EXIT_1);
  assertEquals(submit(progress), { local: ["here2"], scheduled: [] });
  applyEvent(progress, { event: "updated", at: 1, settings: { localJobs: 3, throttle: 0 } });
  assertEquals(submit(progress), { local: ["here3"], scheduled: ["job3"] });
});

Deno.test("the end of a step ends all behind it, and nothing else", () => {
  const steps: StepWords[] = [
    ["a", "x"],
    ["l", "x", ["a"]],
    ["r", "x", ["a"]],
    ["z", "x", ["l", "r"]],
    ["after z", "x", ["z"]],
    ["apart", "x"],
  ];
  const progress = start(steps);
  submit(progress);
  end(progress, "a", FINISHED);
  submit(progress);
  assertEquals(end(progress, "l", EXIT_1), [
    "l FAILED exit code 1",
    'z FAILED step "l" failed',
    'after z FAILED step "l" failed',
  ]);
  // The other side of the diamond still runs, and adds nothing when it fails too.
  assertEquals(outcome(progress), undefined);
  assertEquals(end(progress, "r", EXIT_1), ["r FAILED exit code 1"]);
  assertEquals(outcome(progress), undefined);
  assertEquals(end(progress, "apart", FINISHED), ["apart FINISHED"]);
  assertEquals(outcome(progress), "failed");
});

Deno.test("a funnel ends with the first of its nodes that fails; the others go on", () => {
  const steps: StepWords[] = [
    ["a", "$(A)"],
    ["b", "x", ["a"]],
    ["all", "x", ["b_*"]],
    ["end", "$(A)", ["all"]],
  ];
  const progress = start(steps, { parameters: { A: ["1", "2", "3"] } });
  submit(progress);
  assertEquals(end(progress, "a_A.2", EXIT_1), [
    "a_A.2 FAILED exit code 1",
    'b_A.2 FAILED step "a_A.2" failed',
    'all FAILED step "a_A.2" failed',
    'end_A.1 FAILED step "a_A.2" failed',
    'end_A.2 FAILED step "a_A.2" failed',
    'end_A.3 FAILED step "a_A.2" failed',
  ]);
  assertEquals(end(progress, "a_A.1", EXIT_1), [
    "a_A.1 FAILED exit code 1",
    'b_A.1 FAILED step "a_A.1" failed',
  ]);
  assertEquals(end(progress, "a_A.3", FINISHED), ["a_A.3 FINISHED"]);
  assertEquals(submit(progress).local, ["b_A.3"]);
  assertEquals(end(progress, "b_A.3", FINISHED), ["b_A.3 FINISHED"]);
  assertEquals(outcome(progress), "failed");
});

Deno.test("10,000 failures above one wide funnel are reported once", () => {
  const count = 10_000;
  const values = Array.from({ length: count }, (_, i) => String(i));
  const steps: StepWords[] = [["a", "$(A)"], ["f", "$(A)", ["a_*"]], ["g", "x", ["f"]]];
  const progress = start(steps, { settings: { localJobs: count }, parameters: { A: values } });
  submit(progress);
  let events = 0;
  for (const value of values) events += end(progress, `a_A.${value}`, EXIT_1).length;
  assertEquals(events, 3 * count);
  assertEquals([progress.unended, outcome(progress)], [0, "failed"]);
});

Deno.test("how an attempt ended decides on the state, and on another run", () => {
  const restart = { restart: "again" };
  const retry = (on: string[], limit = 1, delay = 0) => ({ retry: { limit, delay, on, scale: {} } });
  const fail = (kind: "timeout" | "hwfailure" | "preempted" | "oom" | "lost"): AttemptEnd => ({
    kind,
    reason: "why",
  });
  const table: [more: NonNullable<StepWords[3]>, end: AttemptEnd, told: string][] = [
    [{}, FINISHED, "s FINISHED"],
    [{}, EXIT_1, "s FAILED exit code 1"],
    [restart, EXIT_1, "s FAILED exit code 1"],
    [{}, fail("timeout"), "s TIMEDOUT why"],
    [restart, fail("timeout"), "s relapsed"],
    [{}, fail("oom"), "s FAILED why"],
    [{}, fail("lost"), "s FAILED why"],
    // A failure of the machine is not a failure of the step: it runs again, unless its policy forbids that.
    [{}, fail("hwfailure"), "s relapsed"],
    [{}, fail("preempted"), "s relapsed"],
    [retry(["exit"]), fail("hwfailure"), "s HWFAILURE why"],
    [retry([], 0), fail("preempted"), "s HWFAILURE why"],
    [retry(["exit"]), EXIT_1, "s relapsed"],
    [retry(["exit:1"]), EXIT_1, "s relapsed"],
    [retry(["exit:2"]), EXIT_1, "s FAILED exit code 1"],
    [retry(["any"]), fail("lost"), "s relapsed"],
    [retry(["timeout"]), fail("timeout"), "s relapsed"],
    [retry(["oom"], 0), fail("oom"), "s FAILED why"],
    [{}, { kind: "cancelled", reason: "cancelled by someone" }, "s CANCELLED cancelled by someone"],
  ];
  for (const [more, attempt, told] of table) {
    const progress = start([["s", "x", [], more]]);
    submit(progress);
    assertEquals(end(progress, "s", attempt), [told], JSON.stringify([more, attempt]));
  }
});

Deno.test("restarts are limited, retries are limited, and they wait", () => {
  const timeout: AttemptEnd = { kind: "timeout", reason: "too long" };
  const restarts = (rlimit: number, tries: number) => {
    const progress = start([["s", "x", [], { restart: "again" }], ["t", "x", ["s"]]], {
      settings: { rlimit },
    });
    const told: string[] = [];
    for (let i = 0; i < tries; i++) {
      assertEquals(submit(progress).local, ["s"]);
      told.push(...end(progress, "s", timeout));
    }
    return { told, record: progress.records[0]! };
  };
  const one = restarts(1, 2);
  assertEquals(one.told, ["s relapsed", "s TIMEDOUT too long", 't FAILED step "s" failed']);
  assertEquals([one.record.restarts, one.record.attempt], [1, 2]);
  // 0 is no limit.
  assertEquals(restarts(0, 20).told, Array.from({ length: 20 }, () => "s relapsed"));

  const retry = { limit: 2, delay: 30, on: ["exit"], scale: {} };
  const progress = start([["s", "x", [], { retry }]]);
  submit(progress, 0);
  assertEquals(end(progress, "s", EXIT_1, 1000), ["s relapsed"]);
  assertEquals(submit(progress, 30_999).local, []);
  assertEquals(submit(progress, 31_000).local, ["s"]);
  end(progress, "s", EXIT_1, 40_000);
  assertEquals(submit(progress, 70_000).local, ["s"]);
  assertEquals(end(progress, "s", EXIT_1, 80_000), ["s FAILED exit code 1"]);
  assertEquals([progress.records[0]!.retries, progress.records[0]!.attempt], [2, 3]);
});

Deno.test("one that waits for its time keeps nobody else waiting", () => {
  const retry = { limit: 1, delay: 60, on: ["any"], scale: {} };
  const progress = start([["s", "x", [], { retry }], ["t", "x"], ["u", "x"]], { settings: { localJobs: 1 } });
  assertEquals(submit(progress, 0).local, ["s"]);
  end(progress, "s", EXIT_1, 0);
  assertEquals(submit(progress, 1).local, ["t"]);
  end(progress, "t", FINISHED, 2);
  assertEquals(submit(progress, 3).local, ["u"]);
  end(progress, "u", FINISHED, 4);
  assertEquals(submit(progress, 5).local, []);
  assertEquals(submit(progress, 60_000).local, ["s"]);
});

Deno.test("a cancelled study starts nothing, ends what has not begun, and waits for the rest", () => {
  const steps: StepWords[] = [["a", "x"], ["b", "x", ["a"]], ["c", "x"], ["d", "x", ["c"]], ["e", "x"]];
  const progress = start(steps, { settings: { localJobs: 2 } });
  assertEquals(submit(progress).local, ["a", "c"]);
  end(progress, "c", FINISHED);
  const events = cancelStudy(progress, 5);
  assertEquals(events.map((event) => "step" in event ? event.step! : event.event), [
    "cancelling",
    "b",
    "d",
    "e",
  ]);
  apply(progress, events);
  assertEquals([submit(progress).local, outcome(progress)], [[], undefined]);
  // What ends now was cancelled, unless it had finished in time.
  assertEquals(end(progress, "a", EXIT_1), ["a CANCELLED the study was cancelled"]);
  assertEquals(outcome(progress), "cancelled");
  assertEquals(progress.counts, { FINISHED: 1, CANCELLED: 4 });
});

Deno.test("a user's cancellation is not another's, though the scheduler does not distinguish them", () => {
  const told = {
    kind: "cancelled",
    reason: "cancelled at the scheduler: CANCELLED",
    elsewhere: true,
  } as const;
  const ended = (asked?: StudyEvent) => {
    const progress = start([["a", "x"], ["b", "x"]]);
    submit(progress);
    if (asked) apply(progress, [asked]);
    return end(progress, "a", told);
  };
  assertEquals(ended(), ["a CANCELLED cancelled at the scheduler: CANCELLED"]);
  assertEquals(ended({ event: "cancelling", at: 1, step: "b" }), [
    "a CANCELLED cancelled at the scheduler: CANCELLED",
  ]);
  assertEquals(ended({ event: "cancelling", at: 1, step: "a" }), ["a CANCELLED cancelled"]);
  assertEquals(ended({ event: "cancelling", at: 1 }), ["a CANCELLED the study was cancelled"]);
  const progress = start([["a", "x"]]);
  submit(progress);
  apply(progress, [{ event: "cancelling", at: 1, step: "a" }]);
  const own = { kind: "cancelled", reason: "cancelled before it began" } as const;
  assertEquals(end(progress, "a", own), ["a CANCELLED cancelled before it began"]);
});

Deno.test("a step that finishes while the study is cancelled has finished", () => {
  const progress = start([["a", "x"], ["b", "x", ["a"]]]);
  submit(progress);
  apply(progress, cancelStudy(progress, 5));
  assertEquals(end(progress, "a", FINISHED), ["a FINISHED"]);
  assertEquals(outcome(progress), "cancelled");
});

Deno.test("what is seen is noted once, and only of nodes in flight", () => {
  const progress = start([["s", "x"]]);
  const see = (sighting: "accepted" | "started", jobId = "42") =>
    interpret(
      progress,
      sighting === "accepted"
        ? { see: "accepted", node: 0, at: 1, jobId, cluster: "c" }
        : { see: "started", node: 0, at: 2 },
    );
  assertEquals([see("accepted"), see("started")], [[], []]);
  submit(progress);
  assertEquals(see("accepted"), [{ event: "submitted", at: 1, step: "s", jobId: "42", cluster: "c" }]);
  apply(progress, see("accepted"));
  assertEquals(see("accepted"), []);
  assertEquals(see("started"), [{ event: "started", at: 2, step: "s" }]);
  apply(progress, see("started"));
  assertEquals(see("started"), []);
  end(progress, "s", FINISHED);
  assertEquals([see("accepted", "43"), see("started"), end(progress, "s", EXIT_1)], [[], [], []]);
});

/** When every pause is over. */
const LATER = 1e9;

/** Submits a step again and again, each time with the same sighting; what it came to after each time. */
function refuse(why: "passing" | Withdrawal, attempts: number, times: number): string[] {
  const progress = start([["s", "x"], ["t", "x", ["s"]]]);
  apply(progress, [{ event: "updated", at: 0, settings: { attempts } }]);
  return Array.from({ length: times }, () => {
    const { local } = submit(progress, LATER);
    if (local.length === 0) return "not submitted";
    const events = interpret(progress, { see: "refused", node: 0, at: 1, reason: "no", why });
    apply(progress, events);
    return events.map(({ event }) => event).join(" ");
  });
}

Deno.test("one budget for submissions: plain refusals count against attempts, passing ones do not", () => {
  assertEquals(refuse("refused", 1, 2), ["ended ended", "not submitted"]);
  assertEquals(refuse("refused", 3, 4), ["withdrawn", "withdrawn", "ended ended", "not submitted"]);
  assertEquals(refuse("passing", 1, 9), Array(9).fill("withdrawn"));
});

Deno.test("one budget for submissions: unclear ones end no step; after three it waits until it is released", () => {
  const three = Array(3).fill("withdrawn");
  assertEquals(refuse("unclear", 1, 5), [...three, "not submitted", "not submitted"]);
  assertEquals(refuse("unclear", 9, 4), [...three, "not submitted"]);
  const progress = start([["s", "x"]]);
  const waits: (number | undefined)[] = [];
  for (let times = 1; times <= 3; times++) {
    submit(progress, LATER);
    apply(progress, interpret(progress, { see: "refused", node: 0, at: 0, reason: "hm", why: "unclear" }));
    waits.push(progress.records[0]!.notBefore);
  }
  assertEquals(waits, [60_000, 120_000, 240_000]);
  const { state, stuck } = progress.records[0]!;
  assertEquals([state, stuck], [
    "INITIALIZED",
    "hm (3 times; `maestro release` submits it again)",
  ]);
  assertEquals(submit(progress, LATER).local, []);
  apply(progress, requestEvents(progress, { ask: "release", steps: ["s"] }, 1));
  assertEquals(progress.records[0]!.stuck, undefined);
  assertEquals(submit(progress, LATER).local, ["s"]);
});

Deno.test("one budget for submissions: an error that does not pass ends no step; after a minute of it the step waits for resume", () => {
  assertEquals(refuse("blocked", 1, 9), [...Array(8).fill("withdrawn"), "not submitted"]);
  const progress = start([["s", "x"]]);
  for (let times = 1; times <= 8; times++) {
    submit(progress, LATER);
    const blocked = { see: "refused", node: 0, at: 0, reason: "Not a folder", why: "blocked" } as const;
    apply(progress, interpret(progress, { ...blocked, notBefore: times }));
    assertEquals(progress.records[0]!.notBefore, times);
  }
  const { state, stuck } = progress.records[0]!;
  assertEquals([state, stuck], ["INITIALIZED", "Not a folder (`maestro resume` tries it again)"]);
  apply(progress, triedAgain(progress, 1));
  assertEquals(progress.records[0]!.stuck, undefined);
  assertEquals(submit(progress, LATER).local, ["s"]);
});

Deno.test("one budget for submissions: a job that was submitted sets the counts back; a conductor that the user starts tries again", () => {
  const progress = start([["s", "x"]]);
  const unclear = () => {
    submit(progress, LATER);
    apply(progress, interpret(progress, { see: "refused", node: 0, at: 0, reason: "hm", why: "unclear" }));
  };
  unclear();
  unclear();
  submit(progress, LATER);
  apply(progress, interpret(progress, { see: "accepted", node: 0, at: 1, jobId: "7" }));
  assertEquals([progress.records[0]!.unclear, progress.records[0]!.refusals], [0, 0]);
  apply(progress, interpret(progress, { see: "refused", node: 0, at: 2, reason: "lost", why: "passing" }));
  assertEquals(triedAgain(progress, 3), []);
  unclear();
  unclear();
  unclear();
  assertEquals(submit(progress, LATER).local, []);
  apply(progress, triedAgain(progress, 4));
  assertEquals(submit(progress, LATER).local, ["s"]);
});

Deno.test("how the study ended: cancelled before failed before finished", () => {
  const table: [ends: AttemptEnd[], outcome: string | undefined][] = [
    [[FINISHED, FINISHED], "finished"],
    [[FINISHED], undefined],
    [[FINISHED, EXIT_1], "failed"],
    [[{ kind: "timeout", reason: "t" }, FINISHED], "failed"],
    [[EXIT_1, { kind: "cancelled", reason: "c" }], "cancelled"],
  ];
  for (const [ends, wanted] of table) {
    const progress = start([["s0", "x"], ["s1", "x"]]);
    submit(progress);
    ends.forEach((attempt, i) => end(progress, `s${i}`, attempt));
    assertEquals(outcome(progress), wanted, JSON.stringify(ends));
  }
  assertEquals(outcome(start([])), "finished");
});

Deno.test("an end reports when its attempt began, if that is not known", () => {
  for (const [startedAt, told] of [[undefined, undefined], [5, undefined], [3, 3]] as const) {
    for (const attempt of [FINISHED, EXIT_1]) {
      const progress = start([["a", "x"]]);
      submit(progress);
      apply(progress, interpret(progress, { see: "started", node: 0, at: 5 }));
      const began = startedAt === undefined ? {} : { startedAt };
      const [event] = interpret(progress, { see: "ended", node: 0, at: 9, end: attempt, ...began });
      assertEquals((event as { startedAt?: number }).startedAt, told);
    }
  }
});
