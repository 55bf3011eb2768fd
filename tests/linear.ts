/** Asserts that work grows in proportion to its size, on machines of any speed and however busy. */

import { assert } from "./assert.ts";

/** How much larger the larger of two sizes is. */
const TIMES = 4;
/** What is proportional takes 4 times as long, what is quadratic 16 times. */
const MOST = 9;
const ROUNDS = 5;
/** The kernel counts by ticks of its clock. */
const TICK_NS = 4e6;

/** Calls `work` with a size and a fourth of it, again if need be, and compares the least that each has cost. */
export async function assertLinear(size: number, work: (size: number) => unknown): Promise<void> {
  let [small, large] = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round++) {
    small = Math.min(small, TICK_NS + await cost(work, size / TIMES));
    large = Math.min(large, await cost(work, size));
    if (large < MOST * small) return;
  }
  assert(false, `${TIMES} times the size costs ${(large / small).toFixed(1)} times as much`);
}

async function cost(work: (size: number) => unknown, size: number): Promise<number> {
  const before = cpuTime();
  await work(size);
  return cpuTime() - before;
}

/** Nanoseconds for which this thread has had a processor: other threads and other programs do not count. */
function cpuTime(): number {
  try {
    return Number(Deno.readTextFileSync("/proc/thread-self/schedstat").split(" ")[0]);
  } catch {
    return performance.now() * 1e6; // No Linux: in five rounds one is undisturbed.
  }
}
