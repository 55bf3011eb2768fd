/** What a large study costs others: writes and syncs of its journal, looks at its folder, queries of the scheduler. */

import { takeScheduled } from "../lib/study/state/pack_queue.ts";
import { newProgress, settle } from "../lib/study/state/fold.ts";
import { soonMs } from "../lib/conduct/scheduler/pace.ts";
import { replay, replayWithEvents } from "../lib/study/journal/replay.ts";
import { assert, assertEquals } from "./assert.ts";
import { makePlan, SETTINGS } from "./make.ts";
import { inFreshFolder } from "./maestro.ts";
import { conductLean, leanStudy, leanWorld } from "./world/lean.ts";

Deno.test("a study of thousands of steps is written, synced and looked at by the batch, not by the step", () =>
  inFreshFolder(async (folder) => {
    const root = `${folder}/study`;
    const world = leanWorld(root);
    const study = leanStudy(world, root, 1000, 500);
    assertEquals(await conductLean(world, study), "finished");
    const { system, counts } = world;
    assertEquals(replay(system, study).progress.counts, { FINISHED: 3000 });
    assertEquals(counts.submissions, 3000);
    assertEquals(counts.scripts, 3000);
    for (const [what, most] of [["writes", 6000], ["looks", 1500], ["syncs", 150]] as const) {
      assert(counts[what] < most, `${counts[what]} ${what}`);
    }
  }));

Deno.test("a tick of cron intends what the scheduler takes, and little more", () =>
  inFreshFolder(async (folder) => {
    const ticksAt = async (limit: number, ticks: number) => {
      const root = `${folder}/${limit}`;
      const world = leanWorld(root, limit);
      const study = leanStudy(world, root, 1200, 0);
      const told: [intents: number, made: number, syncs: number][] = [];
      let before = 0;
      for (let tick = 0; tick < ticks; tick++) {
        const syncs = world.counts.syncs;
        assertEquals(await conductLean(world, study, "once"), "unfinished");
        const { events } = replayWithEvents(world.system, study);
        const many = (word: string) => events.slice(before).filter(({ event }) => event === word).length;
        told.push([many("submitting"), many("submitted"), world.counts.syncs - syncs]);
        before = events.length;
      }
      return told;
    };
    // One sync is that of the end.
    assertEquals(await ticksAt(0, 2), [[16, 0, 2], [16, 0, 2]]);
    const [filling, full] = await ticksAt(100, 2);
    assertEquals([filling![1], full], [100, [16, 0, 2]]);
    assert(filling![0] <= 2 * 100 + 32, `${filling![0]} intents`);
    const [all, nothing] = await ticksAt(Infinity, 2);
    assertEquals([all!.slice(0, 2), nothing!.slice(0, 2)], [[1200, 1200], [0, 0]]);
    assert(all![2] < 12, `${all![2]} syncs`);
  }));

Deno.test("after a submission the scheduler is asked soon, and the less soon the more jobs it is asked about", () => {
  assertEquals([0, 100, 1000].map(soonMs), [2000, 4000, 22_000]);
});

Deno.test("however many may start, some start at a time", () => {
  const values = Array.from({ length: 1200 }, (_, i) => String(i));
  const taken = (more: object, throttle: number) => {
    const steps = [["a", "x $(N)", [], { resources: { procs: "1" }, ...more }]] as const;
    const plan = makePlan({ steps, parameters: { N: values }, more: { batch: { type: "slurm" } } });
    const progress = newProgress(plan, SETTINGS, () => true);
    settle(progress);
    const take = () => takeScheduled(progress, throttle, 500, () => true).length;
    return [take(), take(), take()];
  };
  assertEquals(taken({}, Infinity), [500, 500, 200]);
  assertEquals(taken({ pack: { most: 2, atOnce: 2 } }, Infinity), [1000, 200, 0]);
  assertEquals(taken({ pack: { most: 2, atOnce: 2 } }, 300), [600, 600, 0]);
});
