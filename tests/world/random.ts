/** Chance that can be repeated: the same seed gives the same world. */

export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** Whole, both ends included. */
  between(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
}

/** Mulberry32: 32 bits of state, good enough to shuffle histories. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  // Neighbouring seeds start alike: the first few numbers are thrown away.
  for (let i = 0; i < 8; i++) next();
  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)]!,
  };
}

/** No chance at all: the least of each range, the first of each list, and nothing that is not certain. */
export function noChance(): Random {
  let draws = 0;
  return {
    next: () => 0.5,
    // Hexadecimal digits are those of tokens, which must differ.
    between: (least, most) => least === 0 && most === 15 ? (7 * draws + (draws++ >> 4)) % 16 : least,
    chance: (probability) => probability >= 1,
    pick: (items) => items[0]!,
  };
}
