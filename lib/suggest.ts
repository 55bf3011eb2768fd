/** Did you mean: the nearest of some known words. */

/** Edits (insert, delete, replace, swap neighbours) from `a` to `b`; stops counting past `limit`. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, before[j - 2]! + 1);
      }
      row.push(best);
    }
    if (Math.min(...row) > limit) return limit + 1;
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/** Letters that may be compared in one run: a spec with thousands of wrong names gets hints for the first of them. */
let lettersLeft = 20_000_000;

/** The known word nearest to `word`, if it is near enough to be a slip of the finger. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  // All words of one letter are close to each other.
  const limit = word.length === 1 ? 0 : Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    if (Math.abs(word.length - candidate.length) > limit) continue;
    const letters = word.length * candidate.length;
    if (letters > lettersLeft) continue;
    lettersLeft -= letters;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), limit);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Names of keys in other programs, and ours. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  ...{ start: "from", begin: "from", min: "from", low: "from", stop: "to", end: "to", max: "to", high: "to" },
  ...{ num: "count", n: "count", samples: "count", by: "step" },
  ...{
    afterany: "after",
    environment: "env",
    command: "cmd",
    script: "cmd",
    needs: "depends",
    sleeptime: "sleep",
  },
  ...{
    "continue-on-error": "allow-failure",
    ignore_errors: "allow-failure",
    prologue: "pre",
    epilogue: "post",
  },
  ...{ cross: "product", grid: "product", matrix: "product" },
  ...{
    combine: "global.combine",
    product: "global.combine",
    zip: "global.combine",
    parameters: "global.parameters",
    params: "global.parameters",
  },
};

/** The known key that the user probably meant: a synonym, or the nearest word. */
export function meantKey(key: string, known: readonly string[]): string | undefined {
  const other = Object.hasOwn(OTHER_WORDS, key) ? OTHER_WORDS[key]! : undefined;
  return other !== undefined && known.includes(other) ? other : nearest(key, known);
}

/** A hint line, or undefined: `Did you mean "depends"?` */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const match = nearest(word, known);
  return match === undefined ? undefined : `Did you mean "${match}"?`;
}

/** Most names in a hint that lists them. */
const LISTED = 8;

/** A hint for an unknown name: the one that was probably meant, or else the first ones that exist. */
export function oneOf(word: string, known: Iterable<string>): string {
  const names = [...known];
  const more = names.length > LISTED ? `, and ${names.length - LISTED} more` : "";
  const list = names.length === 0
    ? "None is defined."
    : `Known: ${names.slice(0, LISTED).join(", ")}${more}.`;
  return didYouMean(word, names) ?? list;
}

/** The same for a key. */
export function meantKeyHint(key: string, known: readonly string[]): string | undefined {
  const match = meantKey(key, known);
  return match === undefined ? undefined : `Did you mean "${match}"?`;
}
