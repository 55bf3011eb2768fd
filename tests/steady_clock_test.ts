/** Time that no change of a clock moves; ages of files by the clock of their server. */

import { assert, assertEquals } from "./assert.ts";
import { notBefore, steadyClock } from "../lib/steady_clock.ts";
import { ageOf } from "../lib/study/file_age.ts";
import { acquireLease, conductorView, HEARTBEAT_LIMIT_MS } from "../lib/study/lease.ts";
import { lookForRequests, makeRequest } from "../lib/study/requests.ts";
import { newSystem } from "./world/system.ts";
import { newTruth } from "./world/truth.ts";
import { newWorld } from "./world/world.ts";
import { seededRandom } from "./world/random.ts";

const HOUR = 3_600_000;
const ROOT = "/study";

function machine(knowsSleep = true) {
  const clocks = { set: 1_000_000_000, ticks: 5000, slept: 70_000 };
  const now = steadyClock({
    wall: () => clocks.set + clocks.ticks,
    monotonic: () => clocks.ticks,
    asleep: () => knowsSleep ? clocks.slept : undefined,
  });
  return { clocks, now, start: now() };
}

Deno.test("the time starts as the wall clock's, and a step of the clock does not move it", () => {
  for (const knowsSleep of [true, false]) {
    for (const step of knowsSleep ? [HOUR, -HOUR] : [-HOUR]) {
      const { clocks, now, start } = machine(knowsSleep);
      assertEquals(start, 1_000_005_000);
      clocks.ticks += 10_000;
      clocks.set += step;
      assertEquals(now() - start, 10_000);
      clocks.ticks += 5000;
      clocks.set -= 2 * step;
      if (knowsSleep) assertEquals(now() - start, 15_000);
    }
  }
});

Deno.test("sleep of the machine counts, with and without a step of the clock", () => {
  for (const step of [0, HOUR, -HOUR]) {
    const { clocks, now, start } = machine();
    clocks.ticks += 1000;
    clocks.slept += 8 * HOUR;
    clocks.set += 8 * HOUR + step;
    assertEquals(now() - start, 8 * HOUR + 1000);
    clocks.ticks += 1000;
    assertEquals(now() - start, 8 * HOUR + 2000);
  }
  const { clocks, now, start } = machine(false);
  clocks.set += 8 * HOUR;
  assertEquals(now() - start, 8 * HOUR);
});

function scene() {
  const world = newWorld(seededRandom(1), newTruth([]));
  world.files.makeDirectory(`${ROOT}/.maestro`);
  const on = (name: string, setBy: number) => {
    const host = world.host(name);
    host.clockSetBy = setBy;
    return newSystem(world, world.spawn(host, ["maestro"]), { calls: 0 });
  };
  const pass = (ms: number) =>
    world.clock.run(new Promise<void>((resolve) => world.clock.after(ms, resolve)), Infinity);
  return { world, on, pass };
}

Deno.test("a study's time continues from its journal where the clock is behind", async () => {
  const { on, pass } = scene();
  const system = on("login1", -HOUR);
  const last = system.now() + HOUR;
  assertEquals(notBefore(system, last).now(), last);
  await pass(5000);
  assertEquals(notBefore(system, last).now(), last);
  assertEquals(notBefore(system, system.now() - 1), system);
});

Deno.test("the age of a file does not depend on the clock of the host", async () => {
  for (const setBy of [-HOUR, 0, HOUR]) {
    const { world, on, pass } = scene();
    world.server.setBy = HOUR / 2;
    const system = on("login1", setBy);
    const folder = `${ROOT}/.maestro/jobs/0`;
    system.makeDirectory(folder);
    system.writeText(`${folder}/0.1`, "text");
    for (let times = 1; times <= 2; times++) {
      await pass(70_000);
      assertEquals(ageOf(system, `${folder}/0.1`), times * 70_000);
    }
    assertEquals(ageOf(system, `${folder}/none`), undefined);
    assertEquals(system.list(folder), ["0.1"]);
    assert(system.list(`${ROOT}/.maestro`).includes("clock"));
  }
});

Deno.test("a living holder on another host keeps the lease, a dead one loses it, whatever the clocks show", async () => {
  for (const holder of [-HOUR, 0, HOUR]) {
    for (const other of [-HOUR, 0, HOUR]) {
      for (const server of [-HOUR, 0, HOUR]) {
        const { world, on, pass } = scene();
        world.server.setBy = server;
        acquireLease(on("login1", holder), ROOT);
        const second = on("login2", other);
        await pass(HEARTBEAT_LIMIT_MS - 1000);
        const clocks = `holder ${holder}, other ${other}, server ${server}`;
        let refused = false;
        try {
          acquireLease(second, ROOT);
        } catch {
          refused = true;
        }
        assert(refused, `the lease was given away: ${clocks}`);
        assert(conductorView(second, ROOT).alive, clocks);
        await pass(1000);
        assert(!conductorView(second, ROOT).alive, clocks);
        assertEquals(acquireLease(second, ROOT).presumed, true, clocks);
      }
    }
  }
});

Deno.test("requests from hosts with other clocks are in the order in which they were made", async () => {
  const { on, pass } = scene();
  const ahead = on("login1", HOUR);
  const behind = on("login2", -HOUR);
  makeRequest(ahead, ROOT, { ask: "hold", steps: ["a"] });
  await pass(1000);
  makeRequest(behind, ROOT, { ask: "release", steps: ["a"] });
  assertEquals(lookForRequests(behind, ROOT).requests.map(({ request }) => request.ask), ["hold", "release"]);
});
