import { parentsFirst, propagate } from "../lib/plan/graph.ts";
import { assertEquals } from "./assert.ts";

Deno.test("parents come first, otherwise the order remains", () => {
  const table: [parents: number[][], order: number[]][] = [
    [[], []],
    [[[], [], []], [0, 1, 2]],
    [[[], [0], [1]], [0, 1, 2]],
    // Forward references: only what is needed moves forward.
    [[[2], [], []], [2, 0, 1]],
    [[[1], [2], []], [2, 1, 0]],
    // A diamond, and an edge given twice.
    [[[], [0], [0], [1, 2]], [0, 1, 2, 3]],
    [[[1, 1], []], [1, 0]],
  ];
  for (const [parents, order] of table) {
    assertEquals(parentsFirst(parents), { order }, JSON.stringify(parents));
  }
});

Deno.test("a cycle is shown as a path that ends where it begins", () => {
  const table: [parents: number[][], cycle: number[]][] = [
    [[[0]], [0, 0]],
    [[[1], [0]], [0, 1, 0]],
    [[[1], [2], [0]], [0, 1, 2, 0]],
    // Steps that merely lead to the cycle are not on it.
    [[[1], [2], [3], [1]], [1, 2, 3, 1]],
    [[[], [0], [1, 4], [2], [3]], [2, 4, 3, 2]],
  ];
  for (const [parents, cycle] of table) {
    assertEquals(parentsFirst(parents), { cycle }, JSON.stringify(parents));
  }
});

Deno.test("a chain of 100,000 steps, in either direction", () => {
  const count = 100_000;
  const up = Array.from({ length: count }, (_, i) => i === 0 ? [] : [i - 1]);
  const down = Array.from({ length: count }, (_, i) => i === count - 1 ? [] : [i + 1]);
  assertEquals(parentsFirst(up).order?.at(-1), count - 1);
  assertEquals(parentsFirst(down).order?.at(-1), 0);
  const ring = down.map((parents, i) => i === count - 1 ? [0] : parents);
  assertEquals(parentsFirst(ring).cycle?.length, count + 1);
});

Deno.test("sets reach everything downstream, and nothing else", () => {
  const set = (...items: number[]) => new Set(items);
  const table: [own: Set<number>[], sources: number[][], all: Set<number>[]][] = [
    [[set(1), set(), set()], [[], [0], [1]], [set(1), set(1), set(1)]],
    // A diamond joins what its sides use; siblings share nothing.
    [[set(), set(1), set(2), set()], [[], [0], [0], [1, 2]], [set(), set(1), set(2), set(1, 2)]],
    // Sources further down (workspaces of later steps), and in a circle.
    [[set(), set(7)], [[1], []], [set(7), set(7)]],
    [[set(1), set(2)], [[1], [0]], [set(1, 2), set(1, 2)]],
    [[set(3)], [[0]], [set(3)]],
  ];
  for (const [own, sources, all] of table) {
    const before = own.map((items) => [...items]);
    assertEquals(propagate(own, sources).map((items) => new Set([...items].sort())), all);
    assertEquals(own.map((items) => [...items]), before, "the given sets are left alone");
  }
});

Deno.test("sets run down a chain of 100,000 steps, written upside down", () => {
  const count = 100_000;
  const own = Array.from({ length: count }, (_, i) => new Set(i === count - 1 ? [4] : []));
  const sources = own.map((_, i) => i === count - 1 ? [] : [i + 1]);
  const sets = propagate(own, sources);
  assertEquals(sets.every((items) => items.size === 1 && items.has(4)), true);
});
