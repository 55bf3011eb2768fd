/**
 * The pictures in docs/design.md show how the state of a step and of a study can change. The test tries everything that
 * can happen in every state, and compares what it finds with the arrows.
 */

import { intent, interpret, overdue, takeReady } from "../lib/conduct/decide.ts";
import { requestEvents } from "../lib/conduct/requested.ts";
import type { AttemptEnd, Sighting } from "../lib/conduct/runner.ts";
import type { Plan } from "../lib/plan/types.ts";
import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import { outcome } from "../lib/study/state/outcome.ts";
import type { Progress } from "../lib/study/state/progress.ts";
import { isEndState } from "../lib/study/states.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import type { StudyRequest } from "../lib/study/requests.ts";
import { statusView } from "../lib/view/status.ts";
import { arrowsOf } from "./arrows.ts";
import { assert, assertEquals } from "./assert.ts";
import { makePlan, SETTINGS } from "./make.ts";
import { ROOT } from "./maestro.ts";

const ONCE = { limit: 0, delay: 0, on: [], scale: {} };

/** One step that can run again in every way, and two of which one waits for the other. */
const PLANS = [
  makePlan({ steps: [["a", "x", [], { restart: "y", retry: { ...ONCE, limit: 1, on: ["any"] } }]] }),
  makePlan({ steps: [["a", "x", [], { retry: ONCE }], ["b", "x", ["a"], { retry: ONCE }]] }),
];
const AT = 1000;
/** Long after the last single pass. */
const LATER = 1e15;

/** What happened to a study: its events; and whether a conductor is alive. */
interface Moment {
  readonly events: readonly StudyEvent[];
  readonly alive: boolean;
}

function replayed(plan: Plan, events: readonly StudyEvent[]): Progress {
  const progress = newProgress(plan, SETTINGS, () => true);
  for (const event of events) applyEvent(progress, event);
  return progress;
}

/** All of a state that bears on what can happen next. */
function keyOf({ records, cancelling, closed, taken }: Progress, alive: boolean): string {
  const ofSteps = records.map((record) => {
    const { state, over, held, cancelling, again, kind, restarts, retries, skipped } = record;
    return [state, over, held, cancelling, again, kind, restarts, retries, skipped].join();
  });
  return [...ofSteps, cancelling, closed, taken !== undefined, alive].join(" ");
}

const ENDS: readonly AttemptEnd[] = [
  { kind: "finished" },
  { kind: "cancelled", reason: "cancelled", elsewhere: true },
  ...(["timeout", "hwfailure", "preempted", "oom", "exit", "lost"] as const).map((kind) => ({
    kind,
    reason: kind,
  })),
];

/** All that a runner can see of a node. */
const sightingsOf = (node: number): Sighting[] => [
  { see: "accepted", node, at: AT, jobId: "1" },
  { see: "unclear", node, at: AT, reason: "no answer" },
  { see: "started", node, at: AT },
  { see: "missing", node, at: AT },
  { see: "found", node, at: AT },
  { see: "stuck", node, at: AT, reason: "held" },
  { see: "stuck", node, at: AT },
  { see: "refused", node, at: AT, reason: "full", why: "passing" },
  { see: "refused", node, at: AT, reason: "no such account", why: "refused" },
  { see: "refused", node, at: AT, reason: "no answer", why: "unclear" },
  { see: "refused", node, at: AT, reason: "no folder", why: "blocked" },
  ...ENDS.map((end) => ({ see: "ended", node, at: AT, end }) as const),
];

const requestsOf = ({ nodes }: Plan): StudyRequest[] => [
  { ask: "cancel" },
  ...nodes.flatMap(({ name }) =>
    (["cancel", "hold", "release", "rerun"] as const).map((ask) => ({ ask, steps: [name] }))
  ),
];

/** All that a conductor can note next; each item is one decision. */
function* decisions(plan: Plan, events: readonly StudyEvent[]): Generator<readonly StudyEvent[]> {
  const now = replayed(plan, events);
  for (const { index } of plan.nodes) {
    for (const sighting of sightingsOf(index)) yield interpret(now, sighting);
  }
  for (const request of requestsOf(plan)) yield requestEvents(now, request, AT);
  yield overdue(now, AT);
  const state = outcome(now);
  if (state) yield [{ event: "closed", at: AT, state }];
  // Takes nodes off their queues.
  for (const node of takeReady(now, LATER).scheduled) yield [intent(now, node, AT)];
}

/** What can come next, with the word of its arrow where no event has one. */
function* nextOf(plan: Plan, { events, alive }: Moment): Generator<[Moment, word?: string]> {
  const taken = { event: "taken", at: AT, host: "h", pid: 1 } as const;
  if (!alive) {
    // A dry run has no conductor.
    if (events.length === 0) yield [{ events: [{ event: "written", at: AT }], alive }];
    yield [{ events: [...events, taken], alive: true }, "taken"];
    // `maestro hold` does what it is asked itself where there is no conductor, and notes nothing else.
    yield [{ events, alive: true }, "taken"];
    return;
  }
  yield [{ events, alive: false }, "left"];
  for (const more of decisions(plan, events)) {
    if (more.length > 0) yield [{ events: [...events, ...more], alive }];
  }
}

/** The states of the steps in the picture: one that failed and will run again has not ended. */
const stepStates = ({ records }: Progress): string[] =>
  records.map(({ state, over }) => isEndState(state) && !over ? `${state}*` : state);

/** Everything that can happen: arrows of steps, and of the study. */
function explore(plan: Plan): { steps: Set<string>; study: Set<string> } {
  const found = { steps: new Set<string>(), study: new Set<string>() };
  const seen = new Set<string>();
  const queue: Moment[] = [{ events: [], alive: false }];
  for (const moment of queue) {
    const key = keyOf(replayed(plan, moment.events), moment.alive);
    if (seen.has(key)) continue;
    seen.add(key);
    for (const [next, word] of nextOf(plan, moment)) {
      const progress = replayed(plan, moment.events);
      const studyState = (alive: boolean) => statusView(progress, { alive }, LATER).state as string;
      const note = (arrows: Set<string>, from: string, word: string, to: string) => {
        if (from !== to) arrows.add(`${from} ${word} ${to}`);
      };
      const before = studyState(moment.alive);
      for (const event of next.events.slice(moment.events.length)) {
        const states = stepStates(progress);
        applyEvent(progress, event);
        stepStates(progress).forEach((state, i) => note(found.steps, states[i]!, event.event, state));
      }
      note(found.study, before, word ?? next.events.at(-1)!.event, studyState(next.alive));
      queue.push(next);
    }
  }
  assert(seen.size > 100, `${seen.size} states`);
  return found;
}

function pictures(): string[] {
  const text = Deno.readTextFileSync(`${ROOT}/docs/design.md`).split("\n## States\n")[1]!.split("\n## ")[0]!;
  return [...text.matchAll(/^```text\n([^]*?)^```$/gm)].map(([, picture]) => picture!);
}

Deno.test("states: the pictures have every change that can happen, and no other", () => {
  const found = PLANS.map(explore);
  const [steps, study] = pictures().map(arrowsOf);
  assertEquals(steps, [...new Set(found.flatMap(({ steps }) => [...steps]))].sort());
  assertEquals(study, [...new Set(found.flatMap(({ study }) => [...study]))].sort());
});

Deno.test("states: arrows are read from a picture: junctions, crossings, words on lines", () => {
  const picture = `
  ┌──one──┐   [C D]
  │       ▼    │ ▲
 [A]─two─▶[B]──┼─┤
  ▲            │ │
three          │ │
  └────────────┘ │
 [E]─────four────┘
`;
  assertEquals(arrowsOf(picture), [
    "A one B",
    "A two B",
    "B four C",
    "B four D",
    "C three A",
    "D three A",
    "E four C",
    "E four D",
  ]);
});
