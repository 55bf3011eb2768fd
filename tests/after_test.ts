/** `after`, `allow-failure` and matched funnels: what waits for what, and what a failure means. */

import { nodeNamed } from "../lib/plan/plan_nodes.ts";
import { cancelStudy, intent, interpret, takeReady } from "../lib/conduct/decide.ts";
import { outcome } from "../lib/study/state/outcome.ts";
import { allParents } from "../lib/plan/node_text.ts";
import { adjust } from "../lib/study/state/ready.ts";
import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import type { Progress } from "../lib/study/state/progress.ts";
import { requestEvents, rerunSet } from "../lib/conduct/requested.ts";
import type { AttemptEnd } from "../lib/conduct/runner.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { assert, assertEquals } from "./assert.ts";
import { assertLinear } from "./linear.ts";
import { bind, makePlan, SETTINGS, type SpecWords, type StepWords } from "./make.ts";

function start(words: SpecWords): Progress {
  return newProgress(makePlan(words), { ...SETTINGS, localJobs: 1000 }, () => false);
}

/** The counts that are kept event by event are those that the records alone give. */
function checkCounts(progress: Progress): void {
  if (progress.unsettled) return;
  const kept = [progress.unmet, progress.unfinished, progress.going].map((counts) => [...counts]);
  const told = progress.funnelsTold.slice();
  const { queues, queued } = progress;
  const before = [queues.local, queues.scheduled].map(({ items, head }) => ({ items: [...items], head }));
  const queuedBefore = queued.slice();
  adjust(progress);
  const fresh = [progress.unmet, progress.unfinished, progress.going].map((counts) => [...counts]);
  progress.funnelsTold.set(told);
  queued.set(queuedBefore);
  [queues.local, queues.scheduled].forEach((queue, i) => {
    queue.items.splice(0, queue.items.length, ...before[i]!.items);
    queue.head = before[i]!.head;
  });
  assertEquals(kept, fresh);
}

function apply(progress: Progress, events: readonly StudyEvent[]): void {
  for (const event of events) {
    applyEvent(progress, event);
    checkCounts(progress);
  }
}

const FAILED: AttemptEnd = { kind: "exit", exitCode: 1, reason: "exit code 1" };

/** Runs all that can be run; nodes in `failing` fail. Gives the order of starts, and how each node ended. */
function play(
  progress: Progress,
  failing: readonly string[] = [],
): { order: string[]; ends: Record<string, string> } {
  const order: string[] = [];
  for (let round = 0; round < 1000; round++) {
    const { local } = takeReady(progress, 0);
    if (local.length === 0) break;
    for (const node of local) apply(progress, [intent(progress, node, 0)]);
    for (const node of local) {
      const { name } = progress.plan.nodes[node]!;
      order.push(name);
      const end: AttemptEnd = failing.includes(name) ? FAILED : { kind: "finished" };
      apply(progress, interpret(progress, { see: "ended", node, at: 0, end }));
    }
  }
  return { order, ends: ends(progress) };
}

const ends = ({ plan, records }: Progress) =>
  Object.fromEntries(records.map(({ state }, i) => [plan.nodes[i]!.name, state]));

interface Case {
  readonly what: string;
  readonly steps: readonly StepWords[];
  readonly parameters?: Record<string, string[]>;
  readonly failing: readonly string[];
  readonly ran: string;
  /** Nodes that did not finish, with their states. */
  readonly not?: string;
  readonly outcome: "finished" | "failed" | "cancelled" | undefined;
}

const after = (...after: string[]) => ({ after });
const ALLOWED = { allowFailure: true as const };
const P = { P: ["1", "2"] };

const CASES: readonly Case[] = [
  {
    what: "after runs behind a step that finished",
    steps: [["late", "x", [], after("a")], ["a", "x"]],
    failing: [],
    ran: "a late",
    outcome: "finished",
  },
  {
    what: "after runs behind a step that failed, and the study has failed",
    steps: [["a", "x"], ["late", "x", [], after("a")], ["b", "x", ["a"]]],
    failing: ["a"],
    ran: "a late",
    not: "a FAILED, b FAILED",
    outcome: "failed",
  },
  {
    what: "after runs behind a step that was never run",
    steps: [["a", "x"], ["b", "x", ["a"]], ["late", "x", [], after("b")]],
    failing: ["a"],
    ran: "a late",
    not: "a FAILED, b FAILED",
    outcome: "failed",
  },
  {
    what: "depends beside after: the failure of the one keeps it from running, that of the other does not",
    steps: [["a", "x"], ["b", "x"], ["c", "x", ["a"], after("b")], ["d", "x", ["b"], after("a")]],
    failing: ["b"],
    ran: "a b c",
    not: "b FAILED, d FAILED",
    outcome: "failed",
  },
  {
    what: "a step in both must finish",
    steps: [["a", "x"], ["b", "x", ["a"], after("a")]],
    failing: ["a"],
    ran: "a",
    not: "a FAILED, b FAILED",
    outcome: "failed",
  },
  {
    what: "after takes the same combination",
    steps: [["a", "x $(P)"], ["b", "x $(P)", ["a"]], ["late", "x", [], after("b")]],
    parameters: P,
    failing: ["a_P.1"],
    ran: "a_P.1 a_P.2 late_P.1 b_P.2 late_P.2",
    not: "a_P.1 FAILED, b_P.1 FAILED",
    outcome: "failed",
  },
  {
    what: "after a funnel waits for the last of all",
    steps: [["a", "x $(P)"], ["b", "x", ["a"]], ["late", "x", [], after("b_*")]],
    parameters: P,
    failing: ["a_P.2"],
    ran: "a_P.1 a_P.2 b_P.1 late",
    not: "a_P.2 FAILED, b_P.2 FAILED",
    outcome: "failed",
  },
  {
    what: "an allowed failure: those behind it run, the study finishes",
    steps: [["a", "x", [], ALLOWED], ["b", "x", ["a"]], ["c", "x", ["b"]]],
    failing: ["a"],
    ran: "a b c",
    not: "a FAILED",
    outcome: "finished",
  },
  {
    what: "an allowed failure in a funnel",
    steps: [["a", "x $(P)", [], ALLOWED], ["all", "x", ["a_*"]]],
    parameters: P,
    failing: ["a_P.1", "a_P.2"],
    ran: "a_P.1 a_P.2 all",
    not: "a_P.1 FAILED, a_P.2 FAILED",
    outcome: "finished",
  },
  {
    what: "allowed is its own failure only, not that of a step before it",
    steps: [["a", "x"], ["b", "x", ["a"], ALLOWED], ["c", "x", ["b"]], ["late", "x", [], after("b")]],
    failing: ["a"],
    ran: "a late",
    not: "a FAILED, b FAILED, c FAILED",
    outcome: "failed",
  },
  {
    what: "an allowed failure beside one that is not",
    steps: [["a", "x", [], ALLOWED], ["b", "x"], ["c", "x", ["a", "b"]]],
    failing: ["a", "b"],
    ran: "a b",
    not: "a FAILED, b FAILED, c FAILED",
    outcome: "failed",
  },
];

for (const { what, steps, parameters = {}, failing, ran, not = "", outcome: wanted } of CASES) {
  Deno.test(`after: ${what}`, () => {
    const progress = start({ steps, parameters });
    const { order, ends } = play(progress, failing);
    assertEquals(order.join(" "), ran);
    const other = Object.entries(ends).filter(([, state]) => state !== "FINISHED");
    assertEquals(other.map((words) => words.join(" ")).sort().join(", "), not);
    assertEquals(outcome(progress), wanted);
  });
}

/** `depends` with the condition all-completed. */
const completed = (...completed: string[]) => ({ completed });

/** What a step in flight may end with, and whether those that wait for its completion run then. */
const COMPLETED: readonly [what: string, end: AttemptEnd, runs: boolean][] = [
  ["finished", { kind: "finished" }, true],
  ["failed", FAILED, true],
  ["timed out, with no restart left", { kind: "timeout", reason: "time limit" }, true],
  ["lost to a failure of its machine, with no run left", { kind: "hwfailure", reason: "node" }, true],
  ["cancelled", { kind: "cancelled", reason: "by somebody" }, false],
];

const NO_RETRY = { retry: { limit: 0, delay: 0, on: ["any"], scale: {} } };

for (const [what, end, runs] of COMPLETED) {
  Deno.test(`all-completed: a parent that was ${what}`, () => {
    const steps: StepWords[] = [
      ["a", "x $(P)", [], NO_RETRY],
      ["late", "x", [], completed("a")],
      ["all", "x", [], completed("a_*")],
      ["same", "x", [], completed("a_*[P]")],
      ["behind", "x", ["all"]],
      ["after", "x", [], after("a_*")],
    ];
    const progress = start({ steps, parameters: P });
    const first = nodeNamed(progress.plan, "a_P.1")!;
    for (const node of takeReady(progress, 0).local) apply(progress, [intent(progress, node, 0)]);
    apply(progress, interpret(progress, { see: "ended", node: first, at: 0, end }));
    apply(progress, interpret(progress, { see: "ended", node: first + 1, at: 0, end: { kind: "finished" } }));
    const { order } = play(progress);
    const wanted = runs ? "after all behind late_P.1 late_P.2 same_P.1 same_P.2" : "after late_P.2 same_P.2";
    assertEquals(order.sort().join(" "), wanted);
    const state = runs ? "FINISHED" : "CANCELLED";
    for (const name of ["late_P.1", "same_P.1", "all", "behind"]) {
      assertEquals(ends(progress)[name], state, name);
    }
  });
}

Deno.test("all-completed: what is run again is not over", () => {
  const steps: StepWords[] = [["a", "x", [], { restart: "again" }], ["late", "x", [], completed("a")]];
  const progress = start({ steps });
  const run = (end: AttemptEnd) => {
    for (const node of takeReady(progress, 0).local) apply(progress, [intent(progress, node, 0)]);
    apply(progress, interpret(progress, { see: "ended", node: 0, at: 0, end }));
  };
  run({ kind: "timeout", reason: "time limit" });
  assertEquals(takeReady(progress, 0).local, [0]);
  apply(progress, [intent(progress, 0, 0)]);
  apply(
    progress,
    interpret(progress, { see: "ended", node: 0, at: 0, end: { kind: "timeout", reason: "t" } }),
  );
  assertEquals(play(progress).order, ["late"]);
});

Deno.test("all-completed: a parent that did not run because of another's failure has completed", () => {
  const steps: StepWords[] = [["a", "x"], ["b", "x", ["a"]], ["late", "x", [], completed("b")]];
  assertEquals(play(start({ steps }), ["a"]).order, ["a", "late"]);
});

Deno.test("all-completed: after a rerun a cancelled parent still does not count, and runs again, too", () => {
  const steps: StepWords[] = [["a", "x $(P)"], ["late", "x", [], completed("a_*")]];
  const progress = start({ steps, parameters: P });
  apply(progress, requestEvents(progress, { ask: "cancel", steps: ["a_P.1"] }, 0));
  assertEquals(play(progress).order, ["a_P.2"]);
  const late = nodeNamed(progress.plan, "late")!;
  assertEquals(ends(progress)["late"], "CANCELLED");
  assertEquals(rerunSet(progress, [late], true), [0, late]);
  apply(progress, requestEvents(progress, { ask: "rerun", steps: ["late"] }, 0));
  assertEquals(play(progress).order, []);
  apply(progress, requestEvents(progress, { ask: "rerun", steps: ["a_P.1"] }, 0));
  assertEquals(play(progress).order, ["a_P.1", "late"]);
});

const SIZES = { SIZE: ["10", "10", "20", "20"], ITER: ["1", "2", "1", "2"] };

const parents = (words: SpecWords, kind: "depends" | "after" = "depends") => {
  const plan = makePlan(words);
  const names = (node: number) => plan.nodes[node]!.name;
  return Object.fromEntries(
    plan.nodes.filter(({ step }) => step.name === "post").map((node) => [
      node.name,
      allParents(plan, node, kind).map(names).join(" "),
    ]),
  );
};

Deno.test("a matched funnel waits for the combinations that share a parameter with its own", () => {
  const run: StepWords = ["run", "x $(SIZE) $(ITER)"];
  const expected = {
    "post_SIZE.10": "run_ITER.1.SIZE.10 run_ITER.2.SIZE.10",
    "post_SIZE.20": "run_ITER.1.SIZE.20 run_ITER.2.SIZE.20",
  };
  assertEquals(parents({ steps: [run, ["post", "x", ["run_*[SIZE]"]]], parameters: SIZES }), expected);
  assertEquals(
    parents({ steps: [run, ["post", "x", [], after("run_*[ SIZE ]")]], parameters: SIZES }, "after"),
    expected,
  );
  // By two parameters, and by one of two that the step has.
  const both = parents({ steps: [run, ["post", "x", ["run_*[SIZE,ITER]"]]], parameters: SIZES });
  assertEquals(both["post_ITER.2.SIZE.20"], "run_ITER.2.SIZE.20");
  const one = parents({ steps: [run, ["post", "$(ITER)", ["run_*[SIZE]"]]], parameters: SIZES });
  assertEquals(one["post_ITER.2.SIZE.20"], "run_ITER.1.SIZE.20 run_ITER.2.SIZE.20");
});

Deno.test("a matched funnel: a failure reaches those that share it, and no other", () => {
  const steps: StepWords[] = [["run", "x $(SIZE) $(ITER)"], ["post", "x", ["run_*[SIZE]"]]];
  const progress = start({ steps, parameters: SIZES });
  const { ends } = play(progress, ["run_ITER.1.SIZE.10"]);
  assertEquals([ends["post_SIZE.10"], ends["post_SIZE.20"]], ["FAILED", "FINISHED"]);
  const late: StepWords[] = [steps[0]!, ["post", "x", [], after("run_*[SIZE]")]];
  assertEquals(
    play(start({ steps: late, parameters: SIZES }), ["run_ITER.1.SIZE.10"]).ends["post_SIZE.10"],
    "FINISHED",
  );
});

Deno.test("the workspace of a matched funnel is the folder above its combinations", () => {
  const plan = makePlan({
    steps: [["run", "x $(SIZE) $(ITER)"], ["post", "ls $(run.workspace)", ["run_*[SIZE]"]]],
    parameters: SIZES,
  });
  const { text } = plan.steps[1]!;
  assertEquals(text.cmd, ["ls ", { kind: "workspace", step: 0, all: true }]);
});

Deno.test("problems of after and of matched funnels are reported", () => {
  const run: StepWords = ["run", "x $(SIZE)"];
  const table: [words: SpecWords, message: string][] = [
    [
      { steps: [run, ["post", "x", ["run_*[SIZ]"]]], parameters: SIZES },
      'error: Step "post" depends on "run_*[SIZ]", but there is no parameter "SIZ"',
    ],
    [
      { steps: [run, ["post", "x", [], after("run_*[ITER]")]], parameters: SIZES },
      'error: Step "post" depends on nodes with the same ITER, but step "run" does not use ITER',
    ],
    [
      { steps: [["post", "x", [], after("ru")]] },
      'error: Step "post" runs after "ru", but there is no step "ru"',
    ],
    [
      { steps: [["a", "x", [], after("b")], ["b", "x", ["a"]]] },
      "error: Steps depend on each other in a circle: a -> b -> a",
    ],
    [
      { steps: [["a", "x", [], completed("b")], ["b", "x", [], completed("a")]] },
      "error: Steps depend on each other in a circle: a -> b -> a",
    ],
    [
      { steps: [["post", "x", [], completed("ru")]] },
      'error: Step "post" depends on "ru", but there is no step "ru"',
    ],
  ];
  for (const [words, message] of table) {
    assert(bind(words).messages.includes(message), `${message}\n${bind(words).messages.join("\n")}`);
  }
});

const CHAIN: StepWords[] = [["a", "x"], ["b", "x", ["a"]], ["late", "x", [], after("b")], ["end", "x", [
  "late",
]]];

Deno.test("cancelling the study runs nothing that only comes after", () => {
  const progress = start({ steps: CHAIN });
  apply(progress, cancelStudy(progress, 0));
  assertEquals(takeReady(progress, 0), { local: [], scheduled: [] });
  assertEquals(outcome(progress), "cancelled");
});

Deno.test("cancelling a step lets what comes after run; allowing failure does not allow cancelling", () => {
  const progress = start({ steps: [...CHAIN, ["free", "x", [], ALLOWED], ["child", "x", ["free"]]] });
  apply(progress, requestEvents(progress, { ask: "cancel", steps: ["b", "free"] }, 0));
  assertEquals(play(progress).order, ["a", "late", "end"]);
  assertEquals(ends(progress)["child"], "CANCELLED");
  assertEquals(outcome(progress), "cancelled");
});

Deno.test("rerun: what comes after runs again, an allowed failure is no obstacle", () => {
  const steps: StepWords[] = [
    ["soft", "x", [], ALLOWED],
    ["a", "x", ["soft"]],
    ["b", "x", ["a"]],
    ["late", "x", [], after("b")],
  ];
  const progress = start({ steps });
  assertEquals(play(progress, ["soft", "b"]).order, ["soft", "a", "b", "late"]);
  const names = (nodes: number[]) => nodes.map((node) => progress.plan.nodes[node]!.name).join(" ");
  const index = (name: string) => nodeNamed(progress.plan, name)!;
  assertEquals(names(rerunSet(progress, [index("b")], true)), "b late");
  assertEquals(names(rerunSet(progress, [index("a")], false)), "a");
  assertEquals(outcome(progress), "failed");
  // All again, and now all is well; the allowed failure is counted once, and no longer.
  const all = ["soft", "a", "b", "late"];
  apply(progress, requestEvents(progress, { ask: "rerun", steps: all }, 0));
  assertEquals(progress.forgiven, 0);
  assertEquals(play(progress, ["soft"]).order, all);
  assertEquals([outcome(progress), progress.forgiven], ["finished", 1]);
});

Deno.test("rerun: a skipped step is not considered one whose failure is allowed", () => {
  const steps: StepWords[] = [["a", "x"], ["soft", "x", ["a"], ALLOWED], ["c", "x", ["soft"]]];
  const progress = start({ steps });
  play(progress, ["a"]);
  assertEquals(outcome(progress), "failed");
  apply(progress, requestEvents(progress, { ask: "rerun", steps: ["c"] }, 0));
  assertEquals(play(progress).order, []);
});

Deno.test("wide studies with all kinds of edges take time in proportion", () =>
  assertLinear(20_000, wideStudy));

function wideStudy(count: number): void {
  const values = Array.from({ length: count }, (_, i) => String(i));
  const parameters = { N: values, GROUP: values.map((_, i) => String(i % 100)) };
  const steps: StepWords[] = [
    ["run", "x $(N) $(GROUP)", [], ALLOWED],
    ["post", "x", ["run_*[GROUP]"], after("run_*")],
    ["late", "x $(N)", [], after("run", "post_*")],
  ];
  const progress = newProgress(
    makePlan({ steps, parameters }),
    { ...SETTINGS, localJobs: 100_000 },
    () => false,
  );
  let ran = 0;
  for (;;) {
    const { local } = takeReady(progress, 0);
    if (local.length === 0) break;
    for (const node of local) applyEvent(progress, intent(progress, node, 0));
    for (const node of local) {
      ran++;
      const end: AttemptEnd = ran % 3 === 0 && node < count ? FAILED : { kind: "finished" };
      for (const event of interpret(progress, { see: "ended", node, at: 0, end })) {
        applyEvent(progress, event);
      }
    }
  }
  assertEquals([ran, outcome(progress)], [2 * count + 100, "finished"]);
}
