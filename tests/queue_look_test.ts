/** Why jobs wait, as their scheduler reported it: the file for readers, and what status shows. */

import { renderSummary } from "../lib/view/render_summary.ts";
import { statusView } from "../lib/view/status.ts";
import {
  lookText,
  newLook,
  parseLook,
  queuedJob,
  type QueueLook,
  readLook,
} from "../lib/study/queue_look.ts";
import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import { openStudy } from "../lib/study/folder.ts";
import { stateFollower } from "../lib/study/follow.ts";
import { queueFile } from "../lib/paths.ts";
import { realSystem } from "../lib/system.ts";
import { epochTime, utcTime } from "../adapters/answers.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { inFreshFolder } from "./maestro.ts";
import { makePlan, SETTINGS } from "./make.ts";
import { chain, layOut } from "./real_study.ts";

const AT = Date.UTC(2026, 10, 29, 14, 3, 11);

function lookOf(jobs: Readonly<Record<number, ReturnType<typeof queuedJob>>>): QueueLook {
  return { at: AT, jobs: new Map(Object.entries(jobs).map(([node, job]) => [Number(node), job])) };
}

Deno.test("queue look: what is written is read", () => {
  const look = lookOf({
    3: queuedJob(1, "Priority", undefined, AT + 60_000),
    4: queuedJob(2, "Priority", undefined, undefined),
    70_000: queuedJob(1, undefined, "SUSPENDED", undefined),
    5: queuedJob(1, 'odd "text"\n|', undefined, undefined),
  });
  assertEquals(parseLook(lookText(look)), look);
});

Deno.test("queue look: a text that many jobs have is written once, and a long one is cut", () => {
  const jobs = new Map(
    Array.from({ length: 30_000 }, (_, node) => [node, queuedJob(1, "Priority", undefined, AT)] as const),
  );
  const text = lookText({ at: AT, jobs });
  assertEquals(text.split("Priority").length, 2);
  assert(text.length < 30_000 * 40, `${text.length} bytes`);
  const long = parseLook(lookText(lookOf({ 0: queuedJob(1, "x".repeat(5000), undefined, undefined) })));
  assertEquals(long.jobs.get(0)!.reason, "x".repeat(300));
});

Deno.test("queue look: a file that is missing, cut or of something else has no jobs", async () => {
  const whole = lookText(lookOf({ 0: queuedJob(1, "Priority", undefined, undefined) }));
  for (let length = 0; length < whole.length - 1; length++) {
    assertEquals(parseLook(whole.slice(0, length)), newLook());
  }
  for (
    const text of [
      undefined,
      "null",
      "[]",
      '{"at":1}',
      '{"at":"x","words":[],"jobs":[]}',
      '{"at":1,"words":3,"jobs":[1]}',
    ]
  ) {
    assertEquals(parseLook(text).jobs.size, 0, text);
  }
  await inFreshFolder((folder) => {
    assertEquals(readLook(realSystem([]), folder), newLook());
    Deno.mkdirSync(queueFile(folder), { recursive: true });
    assertEquals(readLook(realSystem([]), folder), newLook());
    return Promise.resolve();
  });
});

/** Steps a to d with a job each, and what the scheduler reported of them. */
function studyWith(look: QueueLook) {
  const plan = makePlan({
    steps: ["a", "b", "c", "d"].map((name) => [name, "x", [], { resources: { procs: "1" } }] as const),
    more: { batch: { type: "slurm" } },
  });
  const progress = newProgress(plan, SETTINGS, () => true);
  for (const step of ["a", "b", "c", "d"]) {
    applyEvent(progress, { event: "submitting", at: AT - 60_000, step, attempt: 1 });
    applyEvent(progress, { event: "submitted", at: AT - 60_000, step, jobId: `7${step}` });
  }
  applyEvent(progress, { event: "started", at: AT - 30_000, step: "d" });
  progress.look = look;
  return progress;
}

const viewAt = (look: QueueLook, now: number) => statusView(studyWith(look), { alive: true }, now);

const LOOK = lookOf({
  0: queuedJob(1, "Priority", undefined, AT + 3_600_000),
  1: queuedJob(1, "Resources", undefined, AT + 1_000_000),
  2: queuedJob(1, "Priority", undefined, undefined),
  3: queuedJob(1, undefined, "SUSPENDED", undefined),
});

Deno.test("status: the scheduler's reason and expected start of each job that waits", () => {
  const { steps, askedAt } = viewAt(LOOK, AT + 5000);
  assertEquals(askedAt, AT);
  assertEquals(
    steps.map(({ waiting }) => waiting && [waiting.for, waiting.reason, waiting.expectedStartAt]),
    [
      ["scheduler", "Priority", AT + 3_600_000],
      ["scheduler", "Resources", AT + 1_000_000],
      ["scheduler", "Priority", undefined],
      undefined,
    ],
  );
  assertEquals(steps.map(({ reason }) => reason), [undefined, undefined, undefined, "SUSPENDED"]);
});

Deno.test("status: a reason is of one attempt, and an expected start lies ahead", () => {
  const old = lookOf({
    0: queuedJob(2, "Priority", undefined, undefined),
    1: queuedJob(1, "x", undefined, AT),
  });
  const { steps, totals } = viewAt(old, AT + 5000);
  assertEquals(steps[0]!.waiting, { for: "scheduler", reason: undefined, expectedStartAt: undefined });
  assertEquals(steps[1]!.waiting, { for: "scheduler", reason: "x", expectedStartAt: undefined });
  assertEquals(totals.queue?.waiting, [{ reason: "x", nodes: 1 }]);
});

Deno.test("summary: why jobs wait in one line, how many are suspended in another", () => {
  const text = (look: QueueLook, now = AT + 5000) =>
    renderSummary(viewAt(look, now), { now, steps: "several" }, { width: 200, styled: false, unicode: true });
  assertStringIncludes(
    text(LOOK),
    "\nqueue      3 wait: 2 Priority, 1 Resources; first start about 14:19 (asked at 14:03:11)\n",
  );
  assertStringIncludes(text(LOOK), "\nsuspended  1 suspended: 1 SUSPENDED (asked at 14:03:11)\n");
  // Both starts are over: they were wrong.
  assertStringIncludes(
    text(LOOK, AT + 7_200_000),
    "\nqueue      3 wait: 2 Priority, 1 Resources (asked at 14:03:11)\n",
  );
  assert(!/queue|suspended/.test(text(newLook())));
});

Deno.test("summary: of many reasons the most frequent, and how many others", () => {
  const plan = makePlan({
    parameters: { N: Array.from({ length: 60 }, (_, i) => String(i)) },
    steps: [["a", "$(N)", [], { resources: { procs: "1" } }]],
    more: { batch: { type: "slurm" } },
  });
  const progress = newProgress(plan, SETTINGS, () => true);
  const jobs = new Map<number, ReturnType<typeof queuedJob>>();
  plan.nodes.forEach(({ name: step, index }) => {
    applyEvent(progress, { event: "submitting", at: AT, step, attempt: 1 });
    jobs.set(index, queuedJob(1, `reason ${index % 10}`, undefined, undefined));
  });
  jobs.set(0, queuedJob(1, "reason 1\x1b[31m", undefined, undefined));
  progress.look = { at: AT, jobs };
  const view = statusView(progress, { alive: true }, AT);
  const text = renderSummary(view, { now: AT, steps: "several" }, {
    width: 200,
    styled: false,
    unicode: true,
  });
  const line = text.split("\n").find((one) => one.startsWith("queue"))!;
  assertStringIncludes(
    line,
    "60 wait: 6 reason 1, 6 reason 2, 6 reason 3, 6 reason 4, 6 reason 5, 30 for other reasons",
  );
  // deno-lint-ignore no-control-regex
  assert(!/[\x00-\x1f]/.test(line));
});

Deno.test("times of schedulers: without a zone, as ctime(3) writes them, in seconds since 1970", () => {
  const table: [string | undefined, number | undefined][] = [
    ["2026-11-29T08:55:00", Date.UTC(2026, 10, 29, 8, 55)],
    ["Sat Nov 28 22:03:04 2026", Date.UTC(2026, 10, 28, 22, 3, 4)],
    ["Sun Nov  1 02:03:04 2026", Date.UTC(2026, 10, 1, 2, 3, 4)],
    ["N/A", undefined],
    ["Unknown", undefined],
    ["None", undefined],
    ["", undefined],
    [undefined, undefined],
    ["Sat Xyz 28 22:03:04 2026", undefined],
    ["2026-13-29T08:55:00", undefined],
    ["2026-11-29T08:55:00+01:00", undefined],
  ];
  for (const [text, ms] of table) assertEquals(utcTime(text), ms, text);
  assertEquals([
    epochTime(1795340464.18),
    epochTime("7"),
    epochTime(0),
    epochTime(-1),
    epochTime("x"),
    epochTime(undefined),
  ], [
    1795340464180,
    7000,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("a reader who stays gets what the scheduler reported since", async () => {
  await inFreshFolder(async (folder) => {
    const study = await openStudy(realSystem([]), await layOut(folder, chain("true")));
    const follow = stateFollower(realSystem([]), study);
    assertEquals(follow()!.look, newLook());
    assertEquals(follow(), undefined);
    const look = lookOf({ 0: queuedJob(1, "Priority", undefined, undefined) });
    await Deno.writeTextFile(queueFile(study.root), lookText(look));
    assertEquals(follow()!.look, look);
    assertEquals(follow(), undefined);
  });
});
