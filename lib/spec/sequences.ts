/** Sequences of numbers as text in its shortest form: the output of the generators of a sweep. */

import { shortHash } from "../names.ts";
import { floatText } from "./python_text.ts";

/** Significant digits of computed numbers. Digits after these are rounding errors. */
const DIGITS = 12;

/** A number in its shortest form without rounding errors, printed like Python's. */
export function shortest(value: number): string {
  const rounded = Number(value.toPrecision(DIGITS)) + 0;
  return floatText(rounded).replace(/\.0$/, "");
}

/** A decimal number without rounding: `digits` / 10^`places`. */
interface Decimal {
  readonly digits: bigint;
  readonly places: number;
}

/** Exponents beyond this are not numbers that anyone sweeps over. */
const MOST_PLACES = 400;

function decimal(text: string): Decimal {
  const [, sign = "", whole = "", part = "", exponent = "0"] =
    /^([-+]?)(\d*)\.?(\d*)(?:e([-+]?\d+))?$/i.exec(text.trim().replaceAll("_", "")) ?? [];
  const places = part.length - Math.max(-MOST_PLACES, Math.min(MOST_PLACES, Number(exponent)));
  const digits = BigInt(`${sign === "-" ? "-" : ""}${whole}${part}` || "0");
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };
}

function decimalText(digits: bigint, places: number): string {
  const negative = digits < 0n;
  const all = String(negative ? -digits : digits).padStart(places + 1, "0");
  const whole = all.slice(0, all.length - places);
  const part = all.slice(all.length - places).replace(/0+$/, "");
  const plain = (negative ? "-" : "") + whole + (part === "" ? "" : `.${part}`);
  // As Python prints it, like a value in a list.
  if (/^-?0\.0000/.test(plain)) return floatText(Number(plain));
  return plain.length > 21 ? shortest(Number(plain)) : plain;
}

/** A range as whole numbers of one scale. `count` may be 0, and is undefined if the step is 0. */
export interface Range {
  readonly from: bigint;
  readonly step: bigint;
  readonly places: number;
  readonly count: bigint | undefined;
}

export function rangeOf(from: string, to: string, step: string): Range {
  const all = [decimal(from), decimal(to), decimal(step)];
  const places = Math.max(...all.map((number) => number.places));
  const [first, last, by] = all.map((number) => number.digits * 10n ** BigInt(places - number.places));
  const span = last! - first!;
  if (by! === 0n) return { from: first!, step: by!, places, count: undefined };
  const count = (span < 0n) !== (by! < 0n) && span !== 0n ? 0n : span / by! + 1n;
  return { from: first!, step: by!, places, count };
}

/** The numbers of a range, exactly: 0.1 by 0.1 is 0.1, 0.2, 0.3. */
export function rangeValues({ from, step, places, count }: Range): string[] {
  return Array.from({ length: Number(count) }, (_, i) => decimalText(from + step * BigInt(i), places));
}

export function linspace(from: number, to: number, count: number): string[] {
  return spaced(count, (part) => from + (to - from) * part, to);
}

/** From one number to another by equal ratios. Both are above 0. */
export function logspace(from: number, to: number, count: number): string[] {
  return spaced(count, (part) => from * (to / from) ** part, to);
}

function spaced(count: number, at: (part: number) => number, last: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    if (i === 0) return shortest(at(0));
    return shortest(i === count - 1 ? last : at(i / (count - 1)));
  });
}

export interface RandomWords {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly seed: string;
  readonly whole: boolean;
}

/**
 * Random numbers that depend only on these words and the parameter's name. They are the same on every machine
 * and in every release. Two parameters with one seed get different numbers.
 */
export function randomValues(key: string, { from, to, count, seed, whole }: RandomWords): string[] {
  const next = generator(`${seed}\n${key}`);
  const low = Math.ceil(from);
  return Array.from({ length: count }, () => {
    const part = next();
    if (whole) return String(low + Math.floor(part * (Math.floor(to) - low + 1)));
    return shortest(from + part * (to - from));
  });
}

/** sfc32 (Chris Doty-Humphrey): small, and good enough for any sweep. Returns numbers from 0 up to 1. */
function generator(seed: string): () => number {
  let [a, b, c, d] = [1, 2, 3, 4].map((n) => parseInt(shortHash(`${n}${seed}`), 16) | 0) as [
    number,
    number,
    number,
    number,
  ];
  const word = () => {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 16; i++) word();
  return () => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
}
