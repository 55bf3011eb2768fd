/** The live view: how often it reads and draws. The time is simulated. */

import { type Looker, OLDEST_MS, onScreen, pauseAfter, type Screen, SHARE } from "../lib/commands/screen.ts";
import { realSystem } from "../lib/system.ts";
import { statusView } from "../lib/view/status.ts";
import { newProgress } from "../lib/study/state/fold.ts";
import { assert, assertEquals } from "./assert.ts";
import { makePlan, SETTINGS } from "./make.ts";

Deno.test("a pause is longer after something slow, and never longer than is allowed", () => {
  const table: [ms: number, share: number, most: number, pause: number][] = [
    [0, SHARE.own, OLDEST_MS, 1000],
    [100, SHARE.own, OLDEST_MS, 1000],
    [150, SHARE.own, OLDEST_MS, 1500],
    [1000, SHARE.own, OLDEST_MS, 2000],
    [60_000, SHARE.own, OLDEST_MS, 2000],
    [1000, SHARE.conductor, Infinity, 30_000],
  ];
  for (const [ms, share, most, pause] of table) assertEquals(Math.round(pauseAfter(ms, share, most)), pause);
});

/** Draws for a minute; each read takes so long. When it read and when it drew, in ms. */
async function minute(readMs: number, times: Pick<Screen, "share" | "mostMs">) {
  let now = 0;
  const reads: number[] = [];
  const draws: number[] = [];
  const view = statusView(newProgress(makePlan({ steps: [["a", "x"]] }), SETTINGS, () => false), {
    alive: true,
  }, 0);
  const looker: Looker = {
    fromFiles() {
      reads.push(now);
      now += readMs;
      return Promise.resolve([{ view }]);
    },
    fromMemory: () => [{ view }],
  };
  const screen: Screen = { said: () => [], ...times, isOver: () => now >= 60_000, left: false, wake() {} };
  const system = {
    ...realSystem([]),
    now: () => now,
    monotonic: () => now,
    onSignal() {},
    sleep(ms: number) {
      now += ms;
      return Promise.resolve();
    },
    stdout: {
      ...realSystem([]).stdout,
      say(text: string) {
        if (text.includes("\x1b[?2026h")) draws.push(now);
      },
    },
  };
  await onScreen(system, {}, looker, screen);
  const gaps = (all: readonly number[]) => Math.max(...all.slice(1).map((at, i) => at - all[i]!));
  return { reads: reads.length, draws: draws.length, drawGap: gaps(draws), readGap: gaps(reads) };
}

Deno.test("a viewer reads every two seconds at least, however long a read takes", async () => {
  const viewer = { share: SHARE.own, mostMs: OLDEST_MS };
  assertEquals((await minute(10, viewer)).readGap, 1010);
  const slow = await minute(1000, viewer);
  assert(slow.readGap <= 2000, `${slow.readGap} ms`);
  assert(slow.drawGap <= 2000, `${slow.drawGap} ms`);
  // The disk takes longer than that: the next read begins when it was drawn.
  assert((await minute(5000, viewer)).readGap <= 6000);
});

Deno.test("a conductor whose files take a second draws each second from memory, and reads seldom", async () => {
  const conductor = { share: SHARE.conductor, mostMs: Infinity };
  const { reads, draws, drawGap } = await minute(1000, conductor);
  assert(reads <= 4, `${reads} reads`);
  assert(drawGap <= 2000, `${drawGap} ms`);
  assert(draws >= 50, `${draws} pictures`);
});
