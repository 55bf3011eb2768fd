/** Submissions that come to nothing, by the clock of the simulated world: what is tried again, and how often. */

import { makeRequest, type StudyRequest } from "../lib/study/requests.ts";
import type { Settings } from "../lib/spec/settings.ts";
import { assert, assertEquals } from "./assert.ts";
import { newStage, replayed, type Stage, startLife } from "./world/history.ts";
import { GOOD_HABITS, type Habits } from "./world/scheduler.ts";
import { boundStep, boundStudy, ROOT, SCHEDULED, SETTINGS } from "./world/studies.ts";
import { newSystem } from "./world/system.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A study of steps that wait for nothing, on a scheduler with these habits; nobody conducts it yet. */
function staged(habits: Partial<Habits>, settings: Partial<Settings> = {}, steps = 1): Stage {
  const all = Array.from(
    { length: steps },
    (_, i) => boundStep(`s${i}`, i, { resources: SCHEDULED }),
  );
  const study = boundStudy(all, 0);
  const stage = newStage(1, { study, settings: { ...SETTINGS, ...settings }, fates: [] });
  stage.world.scheduler.habits = { ...GOOD_HABITS, ...habits };
  return stage;
}

/** Lets so much time pass. */
async function pass({ world: { clock } }: Stage, ms: number): Promise<void> {
  await clock.run(new Promise<void>((resolve) => clock.after(ms, resolve)), clock.now() + ms);
}

const conduct = (stage: Stage, mode: "whole" | "once" = "whole") =>
  startLife(stage, stage.world.host("login1"), { mode });

function ask({ world }: Stage, request: StudyRequest): void {
  const user = world.spawn(world.host("laptop"), ["maestro"]);
  makeRequest(newSystem(world, user, { calls: 0 }), ROOT, request);
}

const states = (stage: Stage) => replayed(stage).records.map(({ state }) => state);

Deno.test("submissions: --attempts counts those that the scheduler refuses plainly", async () => {
  for (const attempts of [1, 3]) {
    const stage = staged({ refuses: 1 }, { attempts });
    conduct(stage);
    await pass(stage, HOUR);
    assertEquals(stage.world.scheduler.tried.length, attempts);
    assertEquals(states(stage), ["FAILED"]);
    assertEquals(replayed(stage).records[0]!.reason, "no such account");
  }
});

Deno.test("submissions: the count goes on in the next pass from cron", async () => {
  const stage = staged({ refuses: 1 }, { attempts: 3 });
  for (let tick = 0; tick < 5; tick++) {
    conduct(stage, "once");
    await pass(stage, 5 * MINUTE);
  }
  assertEquals([stage.world.scheduler.tried.length, states(stage)], [3, ["FAILED"]]);
});

Deno.test("submissions: a limit of the moment counts for nothing", async () => {
  const stage = staged({ refusesForNow: 1 });
  conduct(stage);
  await pass(stage, 2 * HOUR);
  assert(stage.world.scheduler.tried.length > 100, `${stage.world.scheduler.tried.length} submissions`);
  assertEquals(states(stage), ["INITIALIZED"]);
  stage.world.scheduler.habits = GOOD_HABITS;
  await pass(stage, HOUR);
  assertEquals(states(stage), ["FINISHED"]);
});

Deno.test("submissions: what stays unclear is tried three times with growing pauses, then it waits for the user", async () => {
  const stage = staged({ swallows: 1 });
  const { scheduler } = stage.world;
  conduct(stage);
  await pass(stage, 24 * HOUR);
  const [first, second, third, ...more] = scheduler.tried;
  assertEquals(more, []);
  assert(second! - first! >= MINUTE && third! - second! >= 2 * MINUTE, scheduler.tried.join(" "));
  const { state, stuck } = replayed(stage).records[0]!;
  assertEquals([state, stuck], [
    "INITIALIZED",
    "the scheduler never got it: unclear submission, answered by: no answer " +
    "(3 times; `maestro release` submits it again)",
  ]);
  scheduler.habits = GOOD_HABITS;
  await pass(stage, HOUR);
  assertEquals(states(stage), ["INITIALIZED"]);
  ask(stage, { ask: "release", steps: ["s0"] });
  await pass(stage, HOUR);
  assertEquals([scheduler.tried.length, states(stage)], [4, ["FINISHED"]]);
});

Deno.test("submissions: passes from cron do not flood a queue either; a conductor that the user starts tries again", async () => {
  const stage = staged({ swallows: 1 });
  const { scheduler } = stage.world;
  for (let tick = 0; tick < 30; tick++) {
    conduct(stage, "once");
    await pass(stage, 5 * MINUTE);
  }
  assertEquals(scheduler.tried.length, 3);
  scheduler.habits = GOOD_HABITS;
  conduct(stage);
  await pass(stage, HOUR);
  assertEquals([scheduler.tried.length, states(stage)], [4, ["FINISHED"]]);
});

Deno.test("submissions: an unclear one is resolved before another is made, however long the scheduler is silent", async () => {
  const stage = staged({ dropsSilently: 1 });
  const { scheduler } = stage.world;
  conduct(stage);
  await pass(stage, MINUTE / 60);
  scheduler.down = true;
  await pass(stage, 12 * HOUR);
  assertEquals(scheduler.tried.length, 1);
  scheduler.down = false;
  scheduler.habits = GOOD_HABITS;
  await pass(stage, HOUR);
  assertEquals([scheduler.tried.length, states(stage)], [2, ["FINISHED"]]);
});

Deno.test("submissions: room that one of our jobs leaves is used at once", async () => {
  // The scheduler takes two jobs of a user; a poll a second shows at once that one has ended.
  const stage = staged({ mostJobs: 2 }, { sleep: 1 }, 6);
  const { end } = conduct(stage);
  const { clock } = stage.world;
  const started = clock.now();
  assertEquals(await clock.run(end, started + HOUR), "finished");
  const { executions } = stage.world.truth;
  const waits = executions.slice(2).map(({ from }) =>
    from - Math.max(...executions.filter(({ to }) => to! < from).map(({ to }) => to!))
  );
  // A queue of up to 30 seconds is the fake scheduler's; another half a minute would be ours.
  assert(Math.max(...waits) < 45_000, waits.join(" "));
});
