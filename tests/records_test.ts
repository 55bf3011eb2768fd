import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import { isInFlight } from "../lib/study/state/ready.ts";
import type { Progress } from "../lib/study/state/progress.ts";
import { takeReady } from "../lib/conduct/decide.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { assert, assertEquals } from "./assert.ts";
import { makePlan, SETTINGS, type StepWords } from "./make.ts";

const DIAMOND: StepWords[] = [["a", "x"], ["l", "x", ["a"]], ["r", "x", ["a"]], ["z", "x", ["l", "r"]]];
const SWEEP: StepWords[] = [["a", "$(A)"], ["b", "x", ["a"]], ["all", "x", ["b_*"]], ["end", "$(A)", [
  "all",
]]];
const VALUES = { A: ["1", "2", "3"] };

function start(steps: readonly StepWords[], parameters: Record<string, string[]> = {}): Progress {
  return newProgress(makePlan({ steps, parameters }), { ...SETTINGS, localJobs: 100 }, () => false);
}

/** Applies events given as `step event`, the clock a second further with each. */
function happen(progress: Progress, ...words: string[]): void {
  words.forEach((word, i) => applyEvent(progress, eventOf(word, (i + 1) * 1000)));
}

function eventOf(word: string, at: number): StudyEvent {
  const [step, event, detail] = word.split(" ") as [string, string, string | undefined];
  switch (event) {
    case "submitting":
      return { event, at, step, attempt: Number(detail ?? 1) };
    case "submitted":
      return { event, at, step, jobId: detail ?? "7", host: "here" };
    case "withdrawn":
      return { event, at, step, reason: "no slot" };
    case "FINISHED":
      return { event: "ended", at, step, state: "FINISHED", exitCode: 0 };
    case "FAILED":
      return {
        event: "ended",
        at,
        step,
        state: "FAILED",
        exitCode: Number(detail ?? 1),
        reason: "exit code",
      };
    case "TIMEDOUT":
      return { event: "relapsed", at, step, state: "TIMEDOUT", again: "restart", reason: "timed out" };
    default:
      return { event, at, step } as StudyEvent;
  }
}

const ready = (progress: Progress) =>
  takeReady(progress, 1_000_000).local.map((node) => progress.plan.nodes[node]!.name);
const states = (progress: Progress) => progress.records.map(({ state }) => state).join(" ");

Deno.test("what waits for nothing is ready, in the order of the plan", () => {
  assertEquals(ready(start(DIAMOND)), ["a"]);
  assertEquals(ready(start(SWEEP, VALUES)), ["a_A.1", "a_A.2", "a_A.3"]);
  assertEquals(ready(start([])), []);
});

Deno.test("a step is free when its last parent has finished, and not before", () => {
  const progress = start(DIAMOND);
  const free: string[][] = [ready(progress)];
  for (const step of ["a", "l", "r", "z"]) {
    happen(progress, `${step} submitting`, `${step} submitted`, `${step} started`, `${step} FINISHED`);
    free.push(ready(progress));
  }
  assertEquals(free, [["a"], ["l", "r"], [], ["z"], []]);
  assertEquals([progress.unended, progress.counts], [0, { FINISHED: 4 }]);
});

Deno.test("a funnel opens when all its nodes have finished; each node frees its own children", () => {
  const progress = start(SWEEP, VALUES);
  ready(progress);
  const free: string[][] = [];
  for (const step of ["a_A.2", "a_A.1", "b_A.2", "a_A.3", "b_A.3", "b_A.1", "all"]) {
    happen(progress, `${step} submitting`, `${step} FINISHED`);
    free.push(ready(progress));
  }
  assertEquals(free, [["b_A.2"], ["b_A.1"], [], ["b_A.3"], [], ["all"], ["end_A.1", "end_A.2", "end_A.3"]]);
});

Deno.test("a record shows the first submission, and its latest attempt", () => {
  const progress = start([["a", "x", [], { restart: "again" }]]);
  const record = progress.records[0]!;
  happen(progress, "a submitting");
  assertEquals([record.state, record.attempt, isInFlight(progress, 0)], ["PENDING", 1, true]);
  happen(progress, "a submitting", "a submitted 42", "a started", "a TIMEDOUT");
  assertEquals([record.state, record.over, record.again, isInFlight(progress, 0)], [
    "TIMEDOUT",
    false,
    "restart",
    false,
  ]);
  assertEquals(progress.unended, 1);
  applyEvent(progress, { event: "submitting", at: 9000, step: "a", attempt: 2, again: "restart" });
  assertEquals([record.state, record.restarts, record.jobId, record.reason], [
    "PENDING",
    1,
    undefined,
    undefined,
  ]);
  happen(progress, "a submitted 43");
  applyEvent(progress, { event: "started", at: 10_000, step: "a" });
  applyEvent(progress, {
    event: "ended",
    at: 11_000,
    step: "a",
    state: "FAILED",
    exitCode: 3,
    reason: "exit code 3",
    startedAt: 9500,
  });
  const { submittedAt, startedAt, endedAt, attempt, restarts, exitCode, reason, jobId, state, over } = record;
  assertEquals({ submittedAt, startedAt, endedAt, attempt, restarts, exitCode, reason, jobId, state, over }, {
    submittedAt: 1000,
    startedAt: 9500,
    endedAt: 11_000,
    attempt: 2,
    restarts: 1,
    exitCode: 3,
    reason: "exit code 3",
    jobId: "43",
    state: "FAILED",
    over: true,
  });
});

Deno.test("a step that was seen to run late began at the time in its end", () => {
  const progress = start([["a", "x", [], { restart: "again" }]]);
  happen(progress, "a submitting", "a started");
  const { startedAt } = progress.records[0]!;
  const ended: StudyEvent = {
    event: "ended",
    at: 9000,
    step: "a",
    state: "FINISHED",
    startedAt: startedAt! - 500,
  };
  applyEvent(progress, ended);
  assertEquals(progress.records[0]!.startedAt, startedAt! - 500);
});

Deno.test("late and repeated events change nothing", () => {
  const progress = start(DIAMOND);
  happen(progress, "a submitting", "a FINISHED");
  const before = JSON.stringify(progress.records);
  happen(
    progress,
    "a FAILED",
    "a FINISHED",
    "a started",
    "a withdrawn",
    "nobody FAILED",
    "nobody submitting",
  );
  assertEquals(JSON.stringify(progress.records), before);
  assertEquals([progress.unended, progress.counts], [3, { INITIALIZED: 3, FINISHED: 1 }]);
  assertEquals(ready(progress), ["l", "r"]);
});

Deno.test("an attempt that never began leaves the step as it was", () => {
  const progress = start(DIAMOND);
  assertEquals(ready(progress), ["a"]);
  happen(progress, "a submitting", "a withdrawn");
  assertEquals([states(progress), isInFlight(progress, 0)], [
    "INITIALIZED INITIALIZED INITIALIZED INITIALIZED",
    false,
  ]);
  assertEquals([ready(progress), ready(progress)], [["a"], []]);
});

Deno.test("a replayed journal queues nobody twice", () => {
  // The next conductor takes nothing off the queue while it replays.
  const histories = [
    ["a submitting", "a withdrawn"],
    ["a submitting", "a withdrawn", "a submitting 2", "a withdrawn"],
    ["a submitting", "a TIMEDOUT"],
    ["a submitting", "a TIMEDOUT", "a submitting 2", "a withdrawn"],
    ["a held", "a released"],
  ];
  for (const words of histories) {
    const progress = start(DIAMOND);
    happen(progress, ...words);
    assertEquals(ready(progress), ["a"], words.join(", "));
  }
});

Deno.test("a restart that never began is still a restart, and counted once", () => {
  const progress = start([["a", "x", [], { restart: "again" }]]);
  ready(progress);
  happen(progress, "a submitting", "a started", "a TIMEDOUT");
  assertEquals(ready(progress), ["a"]);
  applyEvent(progress, { event: "submitting", at: 1, step: "a", attempt: 2, again: "restart" });
  happen(progress, "a withdrawn");
  assertEquals(ready(progress), ["a"]);
  assertEquals([progress.records[0]!.again, progress.records[0]!.restarts], ["restart", 0]);
});

Deno.test("settings are updated, cancelling and closing are kept, a dry run ends all", () => {
  const progress = start(DIAMOND);
  applyEvent(progress, { event: "updated", at: 1, settings: { throttle: 3 } });
  assertEquals(progress.settings, { ...SETTINGS, localJobs: 100, throttle: 3 });
  applyEvent(progress, { event: "taken", at: 2, host: "h", pid: 1 });
  applyEvent(progress, { event: "cancelling", at: 2 });
  assertEquals([progress.cancelling, ready(progress)], [true, []]);
  applyEvent(progress, { event: "closed", at: 3, state: "cancelled" });
  assertEquals(progress.closed, "cancelled");
  const dry = start(DIAMOND);
  applyEvent(dry, { event: "written", at: 1 });
  assertEquals([dry.counts, dry.unended, ready(dry)], [{ DRYRUN: 4 }, 0, []]);
});

Deno.test("held steps wait, and start once however often they are held", () => {
  const progress = start([["a", "x"], ["b", "x"]]);
  happen(progress, "a held");
  assertEquals(ready(progress), ["b"]);
  happen(progress, "a released", "a held", "a released");
  assertEquals(ready(progress), ["a"]);
});

Deno.test("steps that are reset run again, with those behind them", () => {
  const progress = start(DIAMOND);
  ready(progress);
  for (const step of ["a", "l", "r"]) happen(progress, `${step} submitting`, `${step} FINISHED`);
  happen(progress, "z submitting", "z FAILED");
  applyEvent(progress, { event: "closed", at: 9, state: "failed" });
  happen(progress, "r reset", "z reset");
  assertEquals([progress.closed, progress.unended], [undefined, 2]);
  assertEquals(progress.counts, { FINISHED: 2, INITIALIZED: 2 });
  assertEquals(JSON.parse(JSON.stringify(progress.records[2])), {
    state: "INITIALIZED",
    over: false,
    attempt: 1,
    restarts: 0,
    retries: 0,
    refusals: 0,
    unclear: 0,
    blocked: 0,
    missingTimes: 0,
    earlier: [{
      number: 1,
      kind: "first",
      state: "FINISHED",
      submittedAt: 1000,
      endedAt: 2000,
      exitCode: 0,
    }],
  });
  assertEquals(ready(progress), ["r"]);
  happen(progress, "r submitting 2", "r FINISHED");
  assertEquals(ready(progress), ["z"]);
  assertEquals(progress.records[2]!.attempt, 2);
});

Deno.test("replayed at any point, the state is that of the conductor that wrote it", () => {
  const words = [
    "a_A.1 submitting",
    "a_A.2 submitting",
    "a_A.1 submitted",
    "a_A.1 started",
    "a_A.2 withdrawn",
    "a_A.1 FINISHED",
    "a_A.2 submitting 2",
    "b_A.1 submitting",
    "a_A.2 TIMEDOUT",
    "b_A.1 FINISHED",
    "a_A.2 submitting 3",
    "a_A.2 FINISHED",
    "a_A.3 submitting",
    "a_A.3 FAILED",
    "b_A.3 FAILED",
    "all FAILED",
    "a_A.3 reset",
    "b_A.3 reset",
  ];
  const live = start(SWEEP, VALUES);
  words.forEach((word, i) => {
    applyEvent(live, eventOf(word, i));
    const replayed = start(SWEEP, VALUES);
    words.slice(0, i + 1).forEach((earlier, at) => applyEvent(replayed, eventOf(earlier, at)));
    for (const key of ["records", "counts", "unended", "closed"] as const) {
      assertEquals(replayed[key], live[key], `${key} after ${word}`);
    }
    // Counts agree with the records, whatever happened.
    const total = Object.values(live.counts).reduce((sum, count) => sum + count, 0);
    assertEquals(total, live.records.length);
    assertEquals(live.unended, live.records.filter(({ over }) => !over).length, word);
    assert(Object.values(live.counts).every((count) => count > 0));
  });
});
