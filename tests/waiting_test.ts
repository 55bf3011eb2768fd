/** What a step waits for: the first reason that keeps it from starting. */

import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import type { ConductorView } from "../lib/study/lease.ts";
import type { Settings } from "../lib/spec/settings.ts";
import type { StepEvent, StudyEvent } from "../lib/study/events.ts";
import { statusView } from "../lib/view/status.ts";
import type { WaitsFor } from "../lib/view/waiting.ts";
import { assertEquals } from "./assert.ts";
import { makePlan, SETTINGS } from "./make.ts";

/** Noon of a day in the zone of this process. */
const NOON = new Date(2026, 0, 2, 12).getTime();
const ALIVE: ConductorView = { alive: true, host: "h", pid: 1 };

const PLAN = makePlan({
  steps: [["a", "$(A)"], ["b", "x", ["a_*"]], ["c", "x", ["b"]]],
  parameters: { A: ["1", "2", "3"] },
});

interface Case {
  readonly events: readonly (Partial<StepEvent> & { readonly event: string })[];
  readonly step: string;
  readonly expected: readonly [what: WaitsFor, reason?: string, untilMs?: number] | undefined;
  readonly settings?: Partial<Settings>;
  readonly conductor?: ConductorView;
}

function waitingOf({ events, step, settings, conductor = ALIVE }: Case) {
  const progress = newProgress(PLAN, { ...SETTINGS, localJobs: 9, ...settings }, () => false);
  const taken: StudyEvent = { event: "taken", at: NOON - 9000, host: "h", pid: 1 };
  for (const event of [taken, ...events.map((event) => ({ at: NOON - 5000, step: "a_A.1", ...event }))]) {
    applyEvent(progress, event as StudyEvent);
  }
  const row = statusView(progress, conductor, NOON).steps.find(({ name }) => name === step)!;
  const { waiting } = row;
  return waiting &&
    [waiting.for, waiting.reason, ...waiting.until === undefined ? [] : [waiting.until - NOON]];
}

const begun = { event: "submitting", attempt: 1 } as const;
const node = (step: string) => [{ ...begun, step }, { event: "submitted", step, jobId: "1" } as const];

const CASES: Readonly<Record<string, Case>> = {
  "a parent that is not done": {
    ...{ events: [], step: "c", expected: ["step", "waits for b"] },
  },
  "a funnel": {
    events: [...node("a_A.1"), { event: "ended", state: "FINISHED" }],
    ...{ step: "b", expected: ["step", "waits for a_A.2 and 1 more"] },
  },
  "its turn": { events: [], step: "a_A.1", expected: ["slot", "is about to start"] },
  "a local slot": {
    events: node("a_A.2"),
    step: "a_A.1",
    settings: { localJobs: 1 },
    expected: ["slot", "1 of 1 local slots are in use"],
  },
  "the throttle": {
    events: node("a_A.2"),
    step: "a_A.1",
    settings: { throttle: 1 },
    expected: ["throttle", "1 of 1 steps are running"],
  },
  "the user": {
    events: [{ event: "held" }],
    ...{ step: "a_A.1", expected: ["hold", "held: `maestro release` lets it start"] },
  },
  "a retry of a machine's failure": {
    events: [...node("a_A.1"), {
      ...{ event: "relapsed", state: "HWFAILURE", again: "retry", notBefore: NOON + 15_000, reason: "r" },
    }],
    ...{ step: "a_A.1", expected: ["retry", "retry 1 of 3 at 12:00:15", 15_000] },
  },
  "a retry on another day": {
    events: [...node("a_A.1"), {
      ...{ event: "relapsed", state: "HWFAILURE", again: "retry", notBefore: NOON + 86_400_000 },
    }],
    step: "a_A.1",
    expected: ["retry", "retry 1 of 3 at 2026-01-03 12:00:00", 86_400_000],
  },
  "a restart": {
    events: [...node("a_A.1"), { event: "relapsed", state: "TIMEDOUT", again: "restart" }],
    ...{ step: "a_A.1", settings: { rlimit: 2 }, expected: ["retry", "restart 1 of 2"] },
  },
  "a restart without a limit": {
    events: [...node("a_A.1"), { event: "relapsed", state: "TIMEDOUT", again: "restart" }],
    ...{ step: "a_A.1", settings: { rlimit: 0 }, expected: ["retry", "restart 1"] },
  },
  "a scheduler that refuses for now": {
    events: [begun, { event: "withdrawn", reason: "QOSMaxSubmitJobPerUserLimit", why: "later" }],
    ...{ step: "a_A.1", expected: ["refused", "QOSMaxSubmitJobPerUserLimit"] },
  },
  "a scheduler that refused it": {
    events: [begun, { event: "withdrawn", reason: "invalid", why: "refused", notBefore: NOON + 2000 }],
    ...{ step: "a_A.1", expected: ["refused", "invalid", 2000] },
  },
  "a submission without a clear answer": {
    events: [begun, { event: "withdrawn", reason: "odd", why: "unclear", notBefore: NOON + 60_000 }],
    ...{ step: "a_A.1", expected: ["unclear", "odd", 60_000] },
  },
  "a submission that is being looked up": {
    events: [begun, { event: "unclear", reason: "unclear answer" }],
    ...{ step: "a_A.1", expected: ["unclear", "unclear answer"] },
  },
  "this machine": {
    events: [begun, { event: "withdrawn", reason: "No space left on device", notBefore: NOON + 500 }],
    ...{ step: "a_A.1", expected: ["trouble", "No space left on device", 500] },
  },
  "its conductor, which is in trouble": {
    conductor: { ...ALIVE, troubles: [{ since: NOON - 1, what: "the journal cannot be written" }] },
    ...{ events: [], step: "a_A.1", expected: ["trouble", "the journal cannot be written"] },
  },
  "a conductor": {
    conductor: { alive: false },
    events: [],
    step: "a_A.1",
    expected: ["trouble", "nobody conducts the study: `maestro resume` continues it"],
  },
  "nothing: it runs": {
    events: [...node("a_A.1"), { event: "started" }],
    step: "a_A.1",
    expected: undefined,
  },
  "nothing: it has ended": {
    events: [...node("a_A.1"), { event: "ended", state: "FAILED" }],
    ...{ step: "a_A.1", expected: undefined },
  },
};

for (const [name, each] of Object.entries(CASES)) {
  Deno.test(`waiting for: ${name}`, () => assertEquals(waitingOf(each), each.expected?.slice()));
}

Deno.test("waiting: a later submission forgets why the last one was withdrawn", () => {
  const events = [begun, { event: "withdrawn", reason: "full", why: "later" }, {
    ...begun,
    attempt: 2,
  }, { event: "withdrawn", reason: "it never began" }] as const;
  assertEquals(waitingOf({ events, step: "a_A.1", expected: undefined }), ["slot", "is about to start"]);
});
