/** What looks at studies: selection, summary, steps by name, logs, events. */

import { meantNode } from "../lib/view/find_step.ts";
import { eventLine } from "../lib/view/render_events.ts";
import { renderSummary, shares, type SummaryOptions } from "../lib/view/render_summary.ts";
import { type Selection, selectSteps } from "../lib/view/select_steps.ts";
import { realSystem } from "../lib/system.ts";
import { logTail, startOfLines } from "../lib/view/tail.ts";
import { findStudies, meantFolder } from "../lib/study/search.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "./assert.ts";
import { inFreshFolder } from "./maestro.ts";
import { makePlan } from "./make.ts";
import type { StatusStep } from "../lib/view/status_view.ts";
import { statusStep as step, viewOf as view } from "./status_rows.ts";

const STEPS = view([
  step("a_N.2", "FINISHED", { params: { N: "2" }, runTime: 5 }),
  step("a_N.10", "FAILED", { params: { N: "10" }, runTime: 1 }),
  step("b", "PENDING"),
]);

Deno.test("select: filters, order and limit", () => {
  const table: [selection: Selection, names: string[]][] = [
    [{}, ["a_N.2", "a_N.10", "b"]],
    [{ step: ["a"] }, ["a_N.2", "a_N.10"]],
    [{ step: ["a_N.10", "b"] }, ["a_N.10", "b"]],
    [{ state: ["finished,pending"] }, ["a_N.2", "b"]],
    [{ state: ["Failed"], step: ["b"] }, []],
    [{ param: ["N=2"] }, ["a_N.2"]],
    [{ param: ["N=2", "N=10"] }, ["a_N.2", "a_N.10"]],
    [{ param: ["N=3"] }, []],
    [{ sort: "-N" }, ["a_N.10", "a_N.2", "b"]],
    [{ sort: "N" }, ["a_N.2", "a_N.10", "b"]],
    [{ sort: "run" }, ["a_N.10", "a_N.2", "b"]],
    [{ sort: "-run" }, ["a_N.2", "a_N.10", "b"]],
    [{ sort: "-name" }, ["b", "a_N.10", "a_N.2"]],
    [{ sort: "state", limit: 1 }, ["b"]],
    [{ limit: 0 }, ["a_N.2", "a_N.10", "b"]],
  ];
  for (const [selection, names] of table) {
    assertEquals(selectSteps(STEPS, selection).map(({ name }) => name), names, JSON.stringify(selection));
  }
});

Deno.test("summary: every number above 0 has its part of the bar, and the bar its width", () => {
  const table: [numbers: number[], width: number, cells: number[]][] = [
    [[1, 1], 40, [20, 20]],
    [[8, 4, 0, 0, 0], 40, [27, 13, 0, 0, 0]],
    [[99_999, 1], 10, [9, 1]],
    [[1, 1, 1], 10, [4, 3, 3]],
    [[1000, 1, 1, 1, 1], 5, [1, 1, 1, 1, 1]],
    [[0, 7], 5, [0, 5]],
  ];
  for (const [numbers, width, cells] of table) assertEquals(shares(numbers, width), cells, String(numbers));
});

const LOOK = { width: 80, styled: false, unicode: false };
const OPTIONS: SummaryOptions = { now: 90_000, steps: "several" };

Deno.test("summary: what goes on, in ASCII", () => {
  const steps = [
    step("a_N.1", "FINISHED", { submittedAt: 30_000, endedAt: 40_000 }),
    step("a_N.2", "RUNNING", { submittedAt: 31_000 }),
    step("b", "INITIALIZED"),
    step("c", "CANCELLED"),
  ];
  const conductor = { alive: true, host: "h", pid: 7 };
  const text = renderSummary(view(steps, { conductor }), OPTIONS, LOOK).replace(/since .*/, "since then");
  assertEquals(
    text,
    `out  running  1 FINISHED, 1 CANCELLED, 1 RUNNING, 1 INITIALIZED
##########---------->>>>>>>>>>..........  2 of 4 steps ended
elapsed    0d:00h:01m:00s, since then
conductor  pid 7 on h

step  total  FINISHED  CANCELLED  RUNNING  INITIALIZED
a         2         1          ·        1            ·
b         1         ·          ·        ·            1
c         1         ·          1        ·            ·
`,
  );
});

Deno.test("summary: jobs that can never begin, and why", () => {
  const reason = "PartitionTimeLimit, it asks for more time than its partition gives";
  const steps = [
    step("a_N.1", "PENDING", { reason }),
    step("a_N.2", "PENDING", { reason }),
    step("b", "PENDING"),
    step("c", "FINISHED", { reason: "the scheduler reports x" }),
    step("d", "RUNNING", { reason: "held" }),
  ];
  const lines = renderSummary(view(steps), OPTIONS, LOOK).split("\n");
  assertEquals(lines.filter((line) => line.startsWith("stuck")), [
    `stuck      a_N.1 and 1 more: ${reason}`,
    "stuck      d: held",
  ]);
});

Deno.test("summary: the failure that came first, its log, and how to rerun it", () => {
  const failed = { submittedAt: 1, exitCode: 1, reason: "exit code 1" };
  const steps = [
    step("late", "FAILED", { ...failed, endedAt: 9000 }),
    step("it's", "TIMEDOUT", { endedAt: 5000 }),
    step("behind", "FAILED", { reason: 'step "late" failed', endedAt: 1000, skipped: true }),
  ];
  const failure = { file: "/p/out/x.err", tail: ["one\ttwo\x1b[31m", "é".repeat(300)] };
  const text = renderSummary(view(steps, { state: "failed" }), { ...OPTIONS, failure }, LOOK);
  const from = text.slice(text.indexOf("first failure")).replace(/at \S+ \S+/, "then").split("\n");
  assertEquals(from, [
    "first failure: it's TIMEDOUT then",
    "  /p/out/x.err ends:",
    "    | one  two\\x1b[31m",
    `    | ${"é".repeat(73)}…`,
    "  rerun it with: maestro rerun --step 'it'\\''s' /p/out",
    "",
    "also failed:",
    "  FAILED  late: exit code 1",
    "  rerun all with: maestro rerun /p/out",
    "  1 step did not run because of these",
    "",
  ]);
});

Deno.test("summary: failed, not run because of it, and about to run again are three things", () => {
  const again = { reason: "retry 2 of 3 at 20:12:15: its node failed", ended: undefined };
  const steps = [
    step("a_1", "FAILED", { reason: "exit code 3", endedAt: 5 }),
    step("a_2", "HWFAILURE", again),
    ...["b_1", "b_2", "c"].map((name) =>
      step(name, "FAILED", { skipped: true, reason: 'step "a_1" failed' })
    ),
    step("d", "FINISHED"),
  ];
  const lines = (some: StatusStep[]) => {
    const text = renderSummary(view(some, { state: "failed" }), OPTIONS, { ...LOOK, unicode: false });
    return text.trimEnd().split("\n").filter((line) => !/FAILED at/.test(line));
  };
  assertEquals(lines(steps), [
    "out  failed  1 FINISHED, 4 FAILED, 1 HWFAILURE (3 did not run, 1 will run again)",
    `${"#".repeat(7)}${"x".repeat(7)}${"/".repeat(20)}${">".repeat(6)}  5 of 6 steps ended`,
    "retrying   a_2 HWFAILURE: retry 2 of 3 at 20:12:15: its node failed",
    "",
    "step  total  FINISHED  FAILED  HWFAILURE  did not run  will run again",
    "a         2         ·       1          1            ·               1",
    "b         2         ·       2          ·            2               ·",
    "c         1         ·       1          ·            1               ·",
    "d         1         1       ·          ·            ·               ·",
    "",
    "  rerun it with: maestro rerun --step a_1 /p/out",
    "  3 steps did not run because of it",
  ]);
  const two = lines([...steps, step("e", "TIMEDOUT", { endedAt: 9 })]);
  assertEquals(two.slice(two.indexOf("also failed:")), [
    "also failed:",
    "  TIMEDOUT  e",
    "  rerun all with: maestro rerun /p/out",
    "  3 steps did not run because of these",
  ]);
  const many = Array.from({ length: 9 }, (_, i) => step(`r_${i}`, "TIMEDOUT", { ended: undefined }));
  assertEquals(lines(many).filter((line) => /^retrying/.test(line)).at(-1), "retrying   and 4 more");
});

Deno.test("summary: many steps are cut, long names folded, nothing is wider than the terminal", () => {
  const names = Array.from({ length: 60 }, (_, i) => `${"step-".repeat(10)}${i}`);
  const steps = names.flatMap((name) => [step(`${name}_1`, "FINISHED"), step(`${name}_2`, "PENDING")]);
  const lines = renderSummary(view(steps), OPTIONS, { ...LOOK, width: 50 }).split("\n");
  assert(lines.includes("and 20 more"));
  assertEquals(lines.filter((line) => line.length > 50), []);
  assertStringIncludes(renderSummary(view([]), OPTIONS, LOOK), "0 of 0 steps ended");
});

const PLAN = makePlan({
  steps: [["prepare", "x"], ["sim", "$(SIZE) $(MODE)", ["prepare"]], ["simulate", "$(SIZE)"]],
  parameters: { SIZE: ["1", "2"], MODE: ["x", "y"] },
});

Deno.test("steps are meant by name, beginning, folder, and parameters", () => {
  const table: [words: string[], name: string | RegExp][] = [
    [["prepare"], "prepare"],
    [["pre"], "prepare"],
    [["sim", "SIZE=1"], "sim_MODE.x.SIZE.1"],
    [["MODE=y"], "sim_MODE.y.SIZE.2"],
    [["simulate_SIZE.2"], "simulate_SIZE.2"],
    [["simu", "SIZE=2"], "simulate_SIZE.2"],
    [["MODE.y.SIZE.2"], "sim_MODE.y.SIZE.2"],
    [["simulate/SIZE.1/"], "simulate_SIZE.1"],
    [["IZE.1"], /No step "IZE.1"/],
    [["sim"], /2 steps match "sim"/],
    [["SIZE=1"], /2 steps match/],
    [["SIZE=9"], /No step matches "SIZE=9"/],
    [["sim", "prepare"], /No step matches/],
    [["simulte_SIZE.2"], /No step "simulte_SIZE.2"/],
  ];
  for (const [words, expected] of table) {
    if (typeof expected === "string") assertEquals(meantNode(PLAN, words).name, expected, words.join(" "));
    else assertThrows(() => meantNode(PLAN, words), Error, expected.source.replaceAll("\\", ""));
  }
});

Deno.test("of several steps that are meant, those that ran count", () => {
  const ran = (...names: string[]) => (node: { name: string }) => names.includes(node.name);
  const [first, second] = PLAN.nodes.filter(({ step }) => step.name === "simulate").map(({ name }) => name);
  assertEquals(meantNode(PLAN, ["simul"], ran(second!)).name, second);
  assertEquals(meantNode(PLAN, [first!], ran(second!)).name, first);
  for (const likely of [ran(first!, second!), ran()]) {
    assertThrows(() => meantNode(PLAN, ["simul"], likely), Error, '2 steps match "simul"');
  }
});

const at = 0;

Deno.test("events in words", () => {
  const table: [event: StudyEvent, words: string][] = [
    [
      { event: "taken", at, host: "h", pid: 1, once: true },
      "study  conductor started, pid 1 on h for one pass",
    ],
    [
      { event: "submitting", at, step: "a", attempt: 2, again: "retry" },
      "a  to retry: submitting, attempt 2",
    ],
    [{ event: "submitted", at, step: "a", jobId: "7", cluster: "c" }, "a  submitted, job 7 on c"],
    [
      { event: "relapsed", at, step: "a", state: "FAILED", again: "retry", exitCode: 3 },
      "a  FAILED: exit code 3; it will retry",
    ],
    [{ event: "ended", at, step: "a\n", state: "FAILED", reason: "no\x07" }, "a\\n  FAILED: no\\x07"],
    [{ event: "ended", at, step: "a", state: "FAILED", skipped: true }, "a  FAILED, before it ran"],
    [{ event: "updated", at, settings: { throttle: 3 } }, "study  settings changed: throttle 3"],
    [{ event: "cancelling", at }, "study  cancellation requested"],
    [{ event: "closed", at, state: "finished" }, "study  finished"],
    // Of a later version.
    [{ event: "painted", at } as unknown as StudyEvent, "study  painted"],
  ];
  for (const [event, words] of table) assertEquals(eventLine(event).slice(21), words);
});

const system = realSystem([]);

Deno.test("logs: the last lines, and what is added", async () => {
  await inFreshFolder(async (folder) => {
    const path = `${folder}/log`;
    const tails = (lines: number) => {
      let text = "";
      logTail(system, path, lines)((more) => text += more);
      return text;
    };
    await Deno.writeTextFile(path, "one\ntwo\nthree\n");
    assertEquals([0, 1, 2, 3, 9].map(tails), [
      "",
      "three\n",
      "two\nthree\n",
      "one\ntwo\nthree\n",
      "one\ntwo\nthree\n",
    ]);
    await Deno.writeTextFile(path, "one\ntwo");
    assertEquals(tails(1), "two");
    await Deno.writeTextFile(path, `${"x".repeat(400_000)}\nend\n`);
    assertEquals([startOfLines(system, path, 1), startOfLines(system, path, 2)], [400_001, 0]);
    await Deno.writeTextFile(path, "é");
    let text = "";
    const tail = logTail(system, path, undefined);
    tail((more) => text += more);
    const bytes = new TextEncoder().encode("ü!");
    // A letter may be written in two pieces.
    await Deno.writeFile(path, bytes.subarray(0, 1), { append: true });
    tail((more) => text += more);
    await Deno.writeFile(path, bytes.subarray(1), { append: true });
    tail((more) => text += more);
    await Deno.writeTextFile(path, "");
    tail((more) => text += more);
    await Deno.writeTextFile(path, "new");
    tail((more) => text += more);
    assertEquals(text, "éü!new");
  });
});

Deno.test("studies are found by their plan, newest first, not in one another and not too deep", async () => {
  await inFreshFolder(async (folder) => {
    const make = async (path: string, second: number) => {
      await Deno.mkdir(`${folder}/${path}/.maestro`, { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}/.maestro/plan.json`, "{}");
      await Deno.utime(`${folder}/${path}/.maestro/plan.json`, second, second);
    };
    await make("a/b/c/old", 1000);
    await make("new", 3000);
    await make("new/inside", 4000);
    await make("a/b/c/d/deep", 5000);
    await make(".hidden/x", 6000);
    const here = { ...system, cwd: folder };
    const { studies, cut } = findStudies(here, ".");
    assertEquals(studies.map(({ directory }) => directory.slice(folder.length + 1)), ["new", "a/b/c/old"]);
    assertEquals(cut, false);
    assertEquals(findStudies(here, "new").studies.length, 1);
    const inside = {
      ...here,
      facts: (path: string) => system.facts(path.startsWith("/") ? path : `${folder}/${path}`),
    };
    assertEquals(meantFolder(inside, "last"), `${folder}/new`);
    assertEquals(meantFolder(inside, "lost"), "lost");
  });
});
