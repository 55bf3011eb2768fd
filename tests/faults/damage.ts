/** Ways to damage a file, drawn by chance. */

import type { Random } from "../world/random.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const joined = (...parts: readonly Uint8Array[]): Bytes => {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => {
    all.set(part, at);
    return at + part.length;
  }, 0);
  return all;
};

const text = (words: string): Bytes => new TextEncoder().encode(words);

/** What may be in a file by mistake. */
const FOREIGN = [
  "{}",
  "null",
  "[]",
  "0",
  '""',
  "\n",
  "\0\0\0\0",
  "{",
  "true\n",
  '{"version":1e400}',
  "�".repeat(50),
];

/** Each makes other bytes of the bytes of a file. */
export const DAMAGES: Readonly<Record<string, (bytes: Bytes, random: Random) => Bytes>> = {
  "cut short": (bytes, { between }) => bytes.slice(0, between(0, Math.max(0, bytes.length - 1))),
  "one byte": (bytes, { between }) => {
    if (bytes.length > 0) bytes[between(0, bytes.length - 1)] = between(0, 255);
    return bytes;
  },
  "a hole": (bytes, { between }) => {
    const [a, b] = [between(0, bytes.length), between(0, bytes.length)].toSorted((a, b) => a - b);
    return joined(bytes.slice(0, a), bytes.slice(b));
  },
  "a block of zeros": (bytes, { between }) => {
    const from = between(0, bytes.length);
    bytes.fill(0, from, from + 4096);
    return bytes;
  },
  "a part twice": (bytes, { between }) => {
    const [a, b] = [between(0, bytes.length), between(0, bytes.length)].toSorted((a, b) => a - b);
    return joined(bytes.slice(0, b), bytes.slice(a));
  },
  "another number": (bytes, random) => {
    const number = random.pick(["-1", "0", "1e999", "99999999999999999999", "NaN", "1.5", '"x"', "null"]);
    const words = new TextDecoder().decode(bytes);
    const places = [...words.matchAll(/\b\d+\b/g)];
    if (places.length === 0) return bytes;
    const { index, 0: found } = random.pick(places);
    return text(words.slice(0, index) + number + words.slice(index + found.length));
  },
  "another kind of value": (bytes, random) => {
    const words = new TextDecoder().decode(bytes);
    const places = [...words.matchAll(/"[^"\\]*"|\[\]|\{\}|true|false/g)];
    if (places.length === 0) return bytes;
    const { index, 0: found } = random.pick(places);
    const value = random.pick(["5", "null", "[]", "{}", '"__proto__"', '"../../x"', "[[[]]]"]);
    return text(words.slice(0, index) + value + words.slice(index + found.length));
  },
  "something else": (_bytes, random) => text(random.pick(FOREIGN)),
  "noise": (bytes, { between }) => Uint8Array.from({ length: bytes.length + 10 }, () => between(0, 255)),
};
