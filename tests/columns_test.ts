/** Columns of what is known of nodes, beside plain arrays. */

import { Counts, Numbers, type StateColumn } from "../lib/study/state/columns.ts";
import { assertEquals } from "./assert.ts";
import { seededRandom } from "./world/random.ts";

const SIZE = 7;
const TIME = 1_795_593_600_000;

/** The column after a way to a file and back: behind something else in the buffer, at a multiple of 8 bytes. */
function again<VALUE>(column: StateColumn<VALUE>, made: StateColumn<VALUE>): StateColumn<VALUE> {
  const bytes = column.save();
  if (bytes === undefined) return made;
  const buffer = new Uint8Array(16 + bytes.length + 8).fill(0xa5);
  buffer.set(bytes, 16);
  made.load(buffer.subarray(16, 16 + bytes.length));
  return made;
}

function assertKept<VALUE>(
  make: () => StateColumn<VALUE>,
  blank: VALUE,
  sets: readonly [number, VALUE][],
): void {
  const plain = new Array<VALUE>(SIZE).fill(blank);
  let column = make();
  for (const [node, value] of sets) {
    column.set(node, value);
    plain[node] = value;
    const seen = plain.map((_, other) => column.get(other));
    assertEquals(seen, plain, JSON.stringify(sets));
    column = again(column, make());
    assertEquals(plain.map((_, other) => column.get(other)), plain, `saved: ${JSON.stringify(sets)}`);
  }
}

Deno.test("numbers are what they were, however far apart", () => {
  const values = [
    ...[undefined, 0, 1, -1, 255, 0.5, NaN].map((value) => Number.isNaN(value) ? undefined : value),
    ...[TIME, TIME + 1, TIME - 1, TIME + 0.25, TIME + 2 ** 31 - 1, TIME + 2 ** 31, TIME - 2 ** 31],
    ...[2 ** 31, -(2 ** 31), 1e300, Infinity, -Infinity, Number.MAX_SAFE_INTEGER, 0.1, 1.1],
  ];
  const random = seededRandom(1);
  for (let history = 0; history < 2000; history++) {
    const pool = Array.from({ length: random.between(1, 5) }, () => random.pick(values));
    const sets = Array.from(
      { length: 12 },
      (): [number, number | undefined] => [random.between(0, SIZE - 1), random.pick(pool)],
    );
    assertKept(() => new Numbers(SIZE), undefined, sets);
  }
});

Deno.test("counts are what they were, however high", () => {
  const random = seededRandom(2);
  for (let history = 0; history < 500; history++) {
    const values = random.pick([[0, 1, 2], [0, 254, 255], [0, 255, 256], [1, 100_000, 2 ** 31 - 1]]);
    const sets = Array.from(
      { length: 8 },
      (): [number, number] => [random.between(0, SIZE - 1), random.pick(values)],
    );
    assertKept(() => new Counts(SIZE), 0, sets);
  }
});

Deno.test("times of a study take four bytes each", () => {
  const column = new Numbers(1000);
  for (let node = 0; node < 1000; node++) column.set(node, TIME + 1_000_000 * node);
  assertEquals(column.save()!.length, 8 + 4 * 1000);
});
