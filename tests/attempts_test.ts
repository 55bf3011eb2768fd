/** Attempts of a step: which there are, with which times, and that all readers see the same. */

import { compactionOf } from "../lib/study/journal/compaction.ts";
import type { Attempt } from "../lib/study/attempt.ts";
import { isStepEvent, type StepEvent, type StudyEvent } from "../lib/study/events.ts";
import { attemptsOf } from "../lib/study/state/attempts.ts";
import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import type { Progress } from "../lib/study/state/progress.ts";
import { isEndState } from "../lib/study/states.ts";
import { statusView } from "../lib/view/status.ts";
import { assert, assertEquals } from "./assert.ts";
import { makePlan, SETTINGS } from "./make.ts";
import { seededRandom } from "./world/random.ts";
import { randomEvents } from "./world/random_events.ts";

const PLAN = makePlan({
  steps: [["a", "$(A)"], ["b", "x", ["a"]], ["all", "x", ["b_*"]]],
  parameters: { A: ["1", "2"] },
});
const NAMES = PLAN.nodes.map(({ name }) => name);

function after(events: readonly StudyEvent[], plan = PLAN): Progress {
  const progress = newProgress(plan, SETTINGS, () => false);
  for (const event of events) applyEvent(progress, event);
  return progress;
}

/** Without what is not known. */
const known = (attempts: readonly object[]) => JSON.parse(JSON.stringify(attempts));

const A = makePlan({ steps: [["a", "x"]] });

/** Events of step `a`, one second after the other, as `submitting attempt=1`. */
function story(...events: (Partial<StepEvent> & { event: string })[]): StudyEvent[] {
  return events.map((event, i) => ({ at: (i + 1) * 1000, step: "a", ...event }) as StudyEvent);
}

const attempts = (...events: Parameters<typeof story>) =>
  known(attemptsOf(after(story(...events), A).columns, 0));

Deno.test("attempts: one that is submitted, begins and ends", () => {
  const events: Parameters<typeof story> = [
    { event: "submitting", attempt: 1 },
    { event: "submitted", jobId: "7", host: "h" },
    { event: "started" },
    { event: "ended", state: "FAILED", exitCode: 3, reason: "bad" },
  ];
  const one = { number: 1, kind: "first", submittedAt: 1000 };
  const job = { jobId: "7", host: "h" };
  const table: [count: number, expected: object[]][] = [
    [0, []],
    [1, [{ ...one, state: "PENDING" }]],
    [2, [{ ...one, ...job, state: "PENDING" }]],
    [3, [{ ...one, ...job, state: "RUNNING", startedAt: 3000 }]],
    [4, [{ ...one, ...job, state: "FAILED", startedAt: 3000, endedAt: 4000, exitCode: 3, reason: "bad" }]],
  ];
  for (const [count, expected] of table) assertEquals(attempts(...events.slice(0, count)), expected);
});

Deno.test("attempts: restart, retry and rerun differ, and none is lost", () => {
  const list = attempts(
    { event: "submitting", attempt: 1 },
    { event: "submitted", jobId: "7" },
    { event: "started" },
    { event: "relapsed", state: "TIMEDOUT", again: "restart", reason: "late" },
    { event: "submitting", attempt: 2, again: "restart" },
    { event: "started" },
    // It is learned at its end when it had begun.
    { event: "relapsed", state: "HWFAILURE", again: "retry", startedAt: 5500, notBefore: 9000 },
    { event: "submitting", attempt: 3, again: "retry" },
    { event: "withdrawn", reason: "no slot" },
    { event: "submitting", attempt: 4, again: "retry" },
    { event: "ended", state: "FAILED", exitCode: 1 },
    { event: "reset" },
    { event: "submitting", attempt: 5 },
    { event: "started" },
    { event: "ended", state: "FINISHED", exitCode: 0 },
    // It ends without having run again.
    { event: "reset" },
    { event: "ended", state: "FAILED", skipped: true, reason: 'step "b" failed' },
  );
  assertEquals(list, [
    {
      ...{ number: 1, kind: "first", state: "TIMEDOUT", jobId: "7", submittedAt: 1000, startedAt: 3000 },
      ...{ endedAt: 4000, reason: "late" },
    },
    {
      ...{ number: 2, kind: "restart", state: "HWFAILURE", submittedAt: 5000, startedAt: 5500 },
      endedAt: 7000,
    },
    { number: 4, kind: "retry", state: "FAILED", submittedAt: 10_000, endedAt: 11_000, exitCode: 1 },
    {
      ...{ number: 5, kind: "rerun", state: "FINISHED", submittedAt: 13_000, startedAt: 14_000 },
      ...{ endedAt: 15_000, exitCode: 0 },
    },
  ]);
});

Deno.test("attempts: a step that never ran has no rerun", () => {
  const list = attempts(
    { event: "submitting", attempt: 1 },
    { event: "withdrawn", reason: "no" },
    { event: "ended", state: "FAILED", skipped: true },
    { event: "reset" },
    { event: "submitting", attempt: 2 },
  );
  assertEquals(list, [{ number: 2, kind: "first", state: "PENDING", submittedAt: 5000 }]);
});

Deno.test("attempts: cancelled while it waits for its retry, the attempt keeps its own end", () => {
  const events = story(
    { event: "submitting", attempt: 1 },
    { event: "started" },
    { event: "relapsed", state: "HWFAILURE", again: "retry", reason: "node failed" },
    { event: "ended", state: "CANCELLED", reason: "cancelled" },
  );
  const progress = after(events, A);
  const [step] = statusView(progress, { alive: true }, 99_000).steps;
  assertEquals(known(attemptsOf(progress.columns, 0)), [{
    ...{ number: 1, kind: "first", state: "HWFAILURE", submittedAt: 1000, startedAt: 2000 },
    ...{ endedAt: 3000, reason: "node failed" },
  }]);
  assertEquals([step!.runTime, step!.elapsedTime, step!.endedAt], [1, 3, 4000]);
});

// ---------------------------------------------------------------- another way to the same list

interface Told {
  number: number;
  kind: Attempt["kind"];
  submittedAt: number;
  startedAt?: number;
  endedAt?: number;
  state?: Attempt["state"];
}

/** The attempts of a step by its events alone, in the plainest way. */
function toldOf(events: readonly StudyEvent[], step: string): Told[] {
  const list: Told[] = [];
  let open: Told | undefined;
  let over = false;
  let highest = 0;
  for (const event of events) {
    if (!isStepEvent(event) || event.step !== step) continue;
    const { at } = event;
    if (event.event === "submitting" && !over && event.attempt > highest) {
      if (open) delete open.state;
      highest = event.attempt;
      const kind = event.again ?? (list.length > 0 ? "rerun" : "first");
      list.push(open = { number: event.attempt, kind, submittedAt: at, state: "PENDING" });
    } else if (event.event === "started" && open) {
      open.state = "RUNNING";
      open.startedAt ??= at;
    } else if (event.event === "requeued" && open) {
      open.state = "PENDING";
      delete open.startedAt;
    } else if (event.event === "withdrawn" && open) {
      list.pop();
      open = undefined;
    } else if ((event.event === "relapsed" || event.event === "ended") && !over) {
      if (open) {
        Object.assign(open, { state: event.state, endedAt: at });
        if (event.startedAt !== undefined) open.startedAt = event.startedAt;
      }
      open = undefined;
      over = event.event === "ended";
    } else if (event.event === "reset" && !open) over = false;
  }
  return list;
}

const HISTORIES = 500;

Deno.test("attempts agree with the events, and a shorter journal has the same, over random journals", () => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const events = randomEvents(seededRandom(seed), NAMES, 120);
    const { columns } = after(events);
    const compaction = compactionOf(PLAN);
    for (const event of events) compaction.see(event);
    const kept = compaction.kept();
    const shorter = after(kept ? events.filter((_, i) => kept[i]) : events);
    for (const { index, name } of PLAN.nodes) {
      const list = attemptsOf(columns, index);
      const told = list.map(({ number, kind, submittedAt, startedAt, endedAt, state }) => ({
        number,
        kind,
        submittedAt,
        startedAt,
        endedAt,
        state,
      }));
      assertEquals(known(told), known(toldOf(events, name)), `history ${seed}, ${name}`);
      assertEquals(attemptsOf(shorter.columns, index), list, `history ${seed}, ${name}, shorter`);
      for (const { kind } of list) kinds.add(kind);
    }
  }
  assertEquals(kinds, new Set(["first", "restart", "retry", "rerun"]));
});

Deno.test("the tally sums to all steps, and agrees with states and ends, over random journals", () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const events = randomEvents(seededRandom(seed), NAMES, 120);
    // Nothing that finished or was cancelled runs again by itself.
    const progress = after(
      events.map((event) => event.event === "relapsed" ? { ...event, state: "HWFAILURE" } : event),
    );
    const { tally, counts, steps, totals } = statusView(progress, { alive: true }, 1000);
    const sum = Object.values(tally).reduce((all, number) => all + number);
    assertEquals(sum, PLAN.size, `history ${seed}`);
    const failures = (["FAILED", "TIMEDOUT", "HWFAILURE"] as const)
      .reduce((all, state) => all + (counts[state] ?? 0), 0);
    assertEquals(tally.failed + tally.skipped + tally.retrying, failures);
    const ended = (by: string) => steps.filter((step) => step.ended === by).length;
    assertEquals([tally.finished + tally.failed, tally.skipped], [ended("itself"), ended("skipped")]);
    assertEquals(tally.cancelled, ended("cancelled"));
    for (const [i, { total }] of totals.ofStep.entries()) {
      assertEquals(Object.values(totals.ofStep[i]!.tally).reduce((all, number) => all + number), total);
    }
    for (const { state, ended, waiting } of steps) {
      // What has ended or runs waits for nothing; everything else that is not on this machine waits.
      assertEquals(ended !== undefined && waiting !== undefined, false);
      if (state === "RUNNING") assertEquals(waiting, undefined);
      if (ended === undefined && state === "INITIALIZED") assert(waiting !== undefined);
      if (isEndState(state) && ended === undefined) seen.add("retrying");
    }
    for (const [key, number] of Object.entries(tally)) if (number > 0) seen.add(key);
  }
  for (const key of ["finished", "failed", "skipped", "retrying", "waiting", "running", "cancelled"]) {
    assert(seen.has(key), key);
  }
});
