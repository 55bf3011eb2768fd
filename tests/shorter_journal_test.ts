import { applyEvent, newProgress, settle } from "../lib/study/state/fold.ts";
import { isSameState } from "../lib/study/state/same.ts";
import { compactionOf } from "../lib/study/journal/compaction.ts";
import type { Progress } from "../lib/study/state/progress.ts";
import type { Plan } from "../lib/plan/types.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { assert, assertEquals } from "./assert.ts";
import { makePlan, SETTINGS } from "./make.ts";
import { seededRandom } from "./world/random.ts";
import { randomEvents } from "./world/random_events.ts";

const PLAN = makePlan({
  steps: [["a", "$(A)"], ["b", "x", ["a"]], ["all", "x", ["b_*"]]],
  parameters: { A: ["1", "2"] },
});
const NAMES = PLAN.nodes.map(({ name }) => name);

function replayed(plan: Plan, events: readonly StudyEvent[]): Progress {
  const progress = newProgress(plan, SETTINGS, (node) => node % 2 === 1);
  for (const event of events) applyEvent(progress, event);
  settle(progress);
  return progress;
}

function shorter(plan: Plan, events: readonly StudyEvent[]): StudyEvent[] {
  const compaction = compactionOf(plan);
  for (const event of events) compaction.see(event);
  const kept = compaction.kept();
  return kept ? events.filter((_, i) => kept[i]) : [...events];
}

const HISTORIES = 1000;

Deno.test("a shorter journal gives the same state, whatever happened, and whatever happens after", () => {
  let left = 0;
  let all = 0;
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const random = seededRandom(seed);
    const events = randomEvents(random, NAMES, 150);
    const cut = random.between(0, events.length);
    const once = [...shorter(PLAN, events.slice(0, cut)), ...events.slice(cut)];
    const twice = shorter(PLAN, once);
    const told = replayed(PLAN, events);
    for (const [what, list] of Object.entries({ once, twice, at_end: shorter(PLAN, events) })) {
      assert(isSameState(told, replayed(PLAN, list)), `history ${seed} tells something else (${what})`);
    }
    all += events.length;
    left += twice.length;
  }
  assert(left < all * 0.8, `${left} of ${all} events were kept`);
});

Deno.test("two states differ in whatever makes them different", () => {
  const events: StudyEvent[] = [
    { event: "taken", at: 1, host: "h", pid: 1 },
    { event: "submitting", at: 2, step: NAMES[0]!, attempt: 1 },
    { event: "submitted", at: 3, step: NAMES[0]!, jobId: "7" },
    { event: "held", at: 4, step: NAMES[1]! },
    { event: "updated", at: 5, settings: { sleep: 3 } },
    { event: "cancelling", at: 6 },
  ];
  const whole = replayed(PLAN, events);
  assert(isSameState(whole, replayed(PLAN, events)), "the same events tell the same");
  for (let i = 0; i < events.length; i++) {
    assert(!isSameState(whole, replayed(PLAN, events.toSpliced(i, 1))), `without event ${i}`);
  }
});

Deno.test("of what happens again and again, the last counts", () => {
  const step = NAMES[0]!;
  const rounds: StudyEvent[] = [];
  for (let round = 1; round <= 4; round++) {
    rounds.push(
      { event: "taken", at: round, host: "h", pid: round },
      { event: "updated", at: round, settings: { throttle: round } },
      { event: "submitting", at: round, step, attempt: 2 * round - 1 },
      { event: "withdrawn", at: round, step, reason: "no slot" },
      { event: "submitting", at: round, step, attempt: 2 * round },
      { event: "submitted", at: round, step, jobId: "7" },
      { event: "missing", at: round, step },
      { event: "found", at: round, step },
      { event: "ended", at: round, step, state: "FAILED" },
      { event: "closed", at: round, state: "failed" },
      { event: "reset", at: round, step },
    );
  }
  const kept = shorter(PLAN, rounds);
  // Every attempt that was not withdrawn, and of the study what is true now.
  const life = ["submitting", "withdrawn", "submitting", "submitted", "ended", "reset"];
  assertEquals(
    kept.map(({ event, at }) => `${event} ${at}`).filter((line) => !/taken|updated/.test(line)),
    [1, 2, 3, 4].flatMap((round) => life.map((event) => `${event} ${round}`)),
  );
  assertEquals(kept.map(({ event }) => event).filter((event) => /taken|updated/.test(event)), [
    "taken",
    "updated",
  ]);
  const withdrawn = rounds.slice(2, 4);
  const many = Array.from({ length: 50 }, (_, i) => [
    { ...withdrawn[0]!, attempt: i + 1, at: i } as StudyEvent,
    { ...withdrawn[1]!, at: i } as StudyEvent,
  ]).flat();
  assertEquals(shorter(PLAN, many).map(({ at }) => at), [0, 0, 49, 49]);
});

Deno.test("a dry run remains unchanged", () => {
  const events: StudyEvent[] = [{ event: "taken", at: 1, host: "h", pid: 1 }, {
    event: "taken",
    at: 2,
    host: "h",
    pid: 1,
  }, {
    event: "written",
    at: 3,
  }];
  assertEquals(shorter(PLAN, events), events);
});
