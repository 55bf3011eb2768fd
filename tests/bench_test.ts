/** What the benches share: figures are measurements, and every bench prints its name. */

import { programs } from "../bench/all.ts";
import { figure, inTurns, median, run, table } from "../bench/measure.ts";
import { assert, assertEquals, assertRejects } from "./assert.ts";
import { ROOT } from "./maestro.ts";

Deno.test("bench: the median is the middle, or between the two in the middle", () => {
  assertEquals(median([30, 1, 2]), 2);
  assertEquals(median([4, 1, 2, 30]), 3);
});

Deno.test("bench: a target is a ratio to the peer or a value, and is reached at its limit", () => {
  const row = { what: "w", unit: "ms", values: [10, 20, 30], against: "p", peer: [5, 10, 90] };
  assertEquals(figure({ ...row, target: { ratio: 2 } }), {
    what: "w",
    unit: "ms",
    median: 20,
    least: 10,
    rounds: 3,
    against: "p",
    peer: 10,
    ratio: 2,
    target: "<= 2x",
    reached: true,
  });
  assertEquals(figure({ ...row, target: { ratio: 1.9 } }).reached, false);
  assertEquals(figure({ ...row, target: { value: 20 } }).reached, true);
  assertEquals(figure({ ...row, target: { value: 19 } }).reached, false);
  assertEquals("reached" in figure(row), false);
});

Deno.test("bench: a table has a line for each row, and blanks for what was not asked", () => {
  const rows = [
    figure({ what: "a", unit: "ms", values: [1234.5], against: "p", peer: [617.25], target: { ratio: 1 } }),
    figure({ what: "longer", unit: "MB", values: [0.12345] }),
  ];
  assertEquals(
    table(rows),
    [
      "what      median     least  against    peer  ratio  target  reached",
      "a        1235 ms   1235 ms  p        617 ms     2x  <= 1x   no",
      "longer  0.123 MB  0.123 MB",
    ].join("\n"),
  );
});

Deno.test("bench: the program and its peer take turns", async () => {
  const turns: string[] = [];
  const side = (name: string) => (turn: number) => Promise.resolve(turns.push(`${name}${turn}`));
  assertEquals(await inTurns(side("a"), side("b"), 2), { values: [1, 3], peer: [2, 4] });
  assertEquals(turns, ["a0", "b0", "a1", "b1"]);
});

Deno.test("bench: a command that fails is no measurement", async () => {
  await assertRejects(() => run(["/bin/sh", "-c", "echo no >&2; exit 3"]), Error, "no");
  assertEquals((await run(["/bin/echo", "yes"], { keepOutput: true })).stdout, "yes\n");
});

Deno.test("bench: every program goes by the name of its file", () => {
  for (const name of programs()) {
    const text = Deno.readTextFileSync(`${ROOT}/bench/${name}.ts`);
    assert(new RegExp(`await bench\\(\\s*"${name}",`).test(text), `bench/${name}.ts runs no bench "${name}"`);
  }
});
