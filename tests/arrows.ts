/** Reads a picture of boxes and lines: `[A B]` is a box, `─word─▶` an arrow, `┼` two lines that cross. */

type Side = "up" | "down" | "left" | "right";

const STEP: Readonly<Record<Side, readonly [number, number]>> = {
  up: [-1, 0],
  down: [1, 0],
  left: [0, -1],
  right: [0, 1],
};
const OPPOSITE: Readonly<Record<Side, Side>> = { up: "down", down: "up", left: "right", right: "left" };

/** The sides on which a sign goes on. A word goes on everywhere. */
const SIDES: Readonly<Record<string, readonly Side[]>> = {
  "─": ["left", "right"],
  "│": ["up", "down"],
  "┌": ["down", "right"],
  "┐": ["down", "left"],
  "└": ["up", "right"],
  "┘": ["up", "left"],
  "├": ["up", "down", "right"],
  "┤": ["up", "down", "left"],
  "┬": ["left", "right", "down"],
  "┴": ["left", "right", "up"],
};
const EVERY: readonly Side[] = ["up", "down", "left", "right"];
const HEADS: Readonly<Record<string, Side>> = { "▲": "up", "▼": "down", "◀": "left", "▶": "right" };

interface Line {
  readonly from: Set<string>;
  readonly to: Set<string>;
  readonly words: Set<string>;
}

/** All arrows, as `FROM word TO`, sorted. A line connects each box where it begins with each one that it points at. */
export function arrowsOf(picture: string): string[] {
  const rows = picture.split("\n").map((row) => [...row]);
  const seen = new Set<string>();
  const arrows = new Set<string>();
  rows.forEach((row, r) =>
    row.forEach((sign, c) => {
      if (!(sign in HEADS) || seen.has(`${r} ${c}`)) return;
      const { from, to, words } = follow(rows, r, c, seen);
      if (words.size !== 1) throw new Error(`a line of row ${r} has the words ${[...words].join(", ")}`);
      for (const a of from) {
        for (const b of to) {
          for (const x of a.split(" ")) {
            for (const y of b.split(" ")) arrows.add(`${x} ${[...words][0]} ${y}`);
          }
        }
      }
    })
  );
  return [...arrows].sort();
}

/** Follows a line from one of its heads to all its boxes. */
function follow(rows: readonly string[][], row: number, column: number, seen: Set<string>): Line {
  const line: Line = { from: new Set(), to: new Set(), words: new Set() };
  const queue: [row: number, column: number, cameFrom?: Side][] = [[row, column]];
  const passed = new Set<string>();
  for (const [r, c, cameFrom] of queue) {
    const sign = rows[r]![c]!;
    // Lines that cross are two: only the one on which we came goes on.
    const place = sign === "┼" ? `${r} ${c} ${cameFrom === "up" || cameFrom === "down"}` : `${r} ${c}`;
    if (passed.has(place)) continue;
    passed.add(place);
    if (sign !== "┼") seen.add(place);
    if (isWord(sign)) line.words.add(wordAt(rows[r]!, c));
    const head = HEADS[sign];
    const sides = sign === "┼"
      ? [OPPOSITE[cameFrom!]]
      : head
      ? [head, OPPOSITE[head]]
      : isWord(sign)
      ? EVERY
      : SIDES[sign]!;
    for (const side of sides) {
      const [y, x] = [r + STEP[side][0], c + STEP[side][1]];
      const next = rows[y]?.[x] ?? " ";
      const box = boxAt(rows[y] ?? [], x);
      if (box !== undefined) (side === head ? line.to : line.from).add(box);
      else if (isWord(sign) && isWord(next) && y !== r) continue;
      else if (goesOn(next, OPPOSITE[side])) queue.push([y, x, OPPOSITE[side]]);
      else if (!isWord(sign)) throw new Error(`a line ends at row ${r}, column ${c}`);
    }
  }
  return line;
}

const isWord = (sign: string) => /^[a-z]$/.test(sign);

/** Whether a sign is part of a line that comes from this side. */
function goesOn(sign: string, side: Side): boolean {
  if (sign === "┼" || isWord(sign)) return true;
  const head = HEADS[sign];
  return head ? side === head || side === OPPOSITE[head] : SIDES[sign]?.includes(side) ?? false;
}

function wordAt(row: readonly string[], column: number): string {
  let [start, end] = [column, column];
  while (isWord(row[start - 1] ?? "")) start--;
  while (isWord(row[end + 1] ?? "")) end++;
  return row.slice(start, end + 1).join("");
}

/** The words of the box in which a place is. */
function boxAt(row: readonly string[], column: number): string | undefined {
  const text = row.join("");
  for (const { 0: box, index } of text.matchAll(/\[([^\]]*)\]/g)) {
    if (column >= index && column < index + box.length) return box.slice(1, -1).trim();
  }
  return undefined;
}
