import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import type { Progress } from "../lib/study/state/progress.ts";
import { statusView } from "../lib/view/status.ts";
import type { ConductorView } from "../lib/study/lease.ts";
import type { StatusStep } from "../lib/view/status_view.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { assertEquals } from "./assert.ts";
import { makePlan, SETTINGS, type StepWords } from "./make.ts";

const STEPS: StepWords[] = [["a", "$(A)"], ["b", "x", ["a_*"]]];
const ALIVE: ConductorView = { alive: true, host: "h", pid: 1 };
const GONE: ConductorView = { alive: false };

function after(...events: StudyEvent[]): Progress {
  const progress = newProgress(
    makePlan({ steps: STEPS, parameters: { A: ["1", "2"] } }),
    SETTINGS,
    () => false,
  );
  for (const event of events) applyEvent(progress, event);
  return progress;
}

const taken: StudyEvent = { event: "taken", at: 1000, host: "h", pid: 1 };
const submitting: StudyEvent = { event: "submitting", at: 2000, step: "a_A.1", attempt: 1 };
const submitted: StudyEvent = { event: "submitted", at: 2500, step: "a_A.1", jobId: "42" };
const started: StudyEvent = { event: "started", at: 3000, step: "a_A.1" };
const failed: StudyEvent = {
  event: "ended",
  at: 10_500,
  step: "a_A.1",
  state: "FAILED",
  exitCode: 3,
  reason: "exit code 3",
};

Deno.test("the state of a study", () => {
  const hour = 3_600_000;
  const table: [events: StudyEvent[], conductor: ConductorView, now: number, state: string][] = [
    [[], GONE, 0, "initialized"],
    [[], ALIVE, 0, "running"],
    [[taken, submitting], ALIVE, 5000, "running"],
    [[taken, submitting], GONE, 5000, "stalled"],
    // Single passes: nobody is there in between.
    [[{ ...taken, once: true }], GONE, 1000 + hour / 2, "running"],
    [[{ ...taken, once: true }], GONE, 1000 + hour, "stalled"],
    [[{ ...taken, once: true }], { ...GONE, heartbeatAt: hour }, 1000 + hour, "running"],
    [[taken, { event: "closed", at: 9, state: "failed" }], GONE, 5000, "failed"],
    // Closed, though its conductor has not quite gone.
    [[taken, { event: "closed", at: 9, state: "cancelled" }], ALIVE, 5000, "cancelled"],
    [[{ event: "written", at: 9 }], GONE, 5000, "finished"],
  ];
  for (const [events, conductor, now, state] of table) {
    assertEquals(
      statusView(after(...events), conductor, now).state,
      state,
      JSON.stringify([events, conductor]),
    );
  }
});

Deno.test("a step that has not begun has no times", () => {
  const view = statusView(after(), GONE, 0);
  assertEquals([view.study, view.directory, view.counts], ["study", "/out", { INITIALIZED: 3 }]);
  const told = {
    name: "a_A.2",
    step: "a",
    workspace: "/out/a/A.2",
    shortWorkspace: "a/A.2",
    state: "INITIALIZED",
    params: { A: "2" },
    restarts: 0,
    jobId: undefined,
    submittedAt: undefined,
    startedAt: undefined,
    endedAt: undefined,
    runTime: undefined,
    elapsedTime: undefined,
    exitCode: undefined,
    reason: undefined,
  };
  assertEquals(pick(view.steps[1]!, Object.keys(told) as (keyof StatusStep)[]), told);
  assertEquals(view.steps[2]!.params, {});
});

Deno.test("times run until now, or until the end", () => {
  const times = (now: number, ...events: StudyEvent[]) => {
    const { state, runTime, elapsedTime } = statusView(after(...events), ALIVE, now).steps[0]!;
    return { state, runTime, elapsedTime };
  };
  assertEquals(times(2600, submitting), { state: "PENDING", runTime: undefined, elapsedTime: 0.6 });
  assertEquals(times(4000, submitting, started), { state: "RUNNING", runTime: 1, elapsedTime: 2 });
  assertEquals(times(99_000, submitting, started, failed), {
    state: "FAILED",
    runTime: 7.5,
    elapsedTime: 8.5,
  });
  // A clock that went backwards.
  assertEquals(times(1000, submitting, started), { state: "RUNNING", runTime: 0, elapsedTime: 0 });
});

Deno.test("an ended step shows how it ended", () => {
  const step = statusView(after(submitting, submitted, started, failed), GONE, 99_000).steps[0]!;
  const told = {
    name: "a_A.1",
    step: "a",
    workspace: "/out/a/A.1",
    shortWorkspace: "a/A.1",
    state: "FAILED",
    jobId: "42",
    params: { A: "1" },
    submittedAt: 2000,
    startedAt: 3000,
    endedAt: 10_500,
    runTime: 7.5,
    elapsedTime: 8.5,
    restarts: 0,
    exitCode: 3,
    reason: "exit code 3",
    allowed: undefined,
  };
  assertEquals(pick(step, Object.keys(told) as (keyof StatusStep)[]), told);
});

function pick(step: StatusStep, keys: readonly (keyof StatusStep)[]): unknown {
  return Object.fromEntries(keys.map((key) => [key, step[key]]));
}
