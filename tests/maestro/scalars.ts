/** Scalars in the spellings that people use, and in those that YAML 1.1 and Python read in their own way. */

import type { Draw } from "./random.ts";
import { type BlockTree, raw, type RawTree } from "./spec_text.ts";

/** Numbers and words that Python writes differently from what it read. */
export const ODD_SCALARS = [
  ...["0.10", "1.50", "10.", ".5", ".999", "1.0e-05", "1e-05", "1.0e+22", "1.5e3", "100000000000000000000.0"],
  ...["1_000", "1_0.5", "0x10", "0x1F", "0b11", "0o17", "+7", "-0", "00.5", "1.0e16"],
  ...["true", "True", "FALSE", "~", "null", "Null", ".inf", "-.INF", ".nan"],
];

/** Those that YAML 1.1 reads as something else than their writers mean. */
export const MISREAD_SCALARS = [
  ...["1:30", "16:00:00", "190:20:30.15", "012", "000", "0777", "yes", "no", "On", "OFF"],
  ...["2024-01-31", "2024-01-31T10:00:00Z", "2001-12-14 21:59:43.10"],
];

const WORDS = ["alpha", "beta", "x", "run-1", "v1.2.3", "Hello there", "a_b", "mesh.silo", "9lives"];
const SPECIAL = [
  "a/b",
  "ab",
  "a,b",
  "50%",
  "it's",
  '"q"',
  "a b",
  "#1",
  "-",
  "a=b",
  "$HOME",
  "[x]",
  "{y}",
  "a:b",
  "\\n",
  "*",
];
const UNICODE = ["é", "Größe", "日本", "naïve plan", "µ=3", "😀"];

/** A double quoted scalar. */
export const double = (text: string) => JSON.stringify(text).replaceAll("\u007f", "\\x7F");
/** A single quoted scalar. */
export const single = (text: string) => `'${text.replaceAll("'", "''")}'`;

const PLAIN = /^[A-Za-z$/.(][^#:\n]*$/;

/** Whether a text can be written plainly and is read as text. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text) && !/[ \t]$|^(true|false|null|yes|no|on|off|y|n)$/i.test(text) &&
    !/^\.[\d]|^\.(inf|nan)$/i.test(text);
}

/** A text in one of the quotings that hold it. */
export function quoted(draw: Draw, text: string): RawTree {
  if (isPlain(text) && draw.chance(0.6)) return raw(text);
  return raw(draw.chance(0.5) && !text.includes("\n") ? single(text) : double(text));
}

/** Values of one parameter; of one kind mostly, as in real sweeps. */
export function values(draw: Draw, count: number): RawTree[] {
  const kinds: [number, () => RawTree][] = [
    [5, () => raw(String(draw.between(0, 40)))],
    [3, () => raw((draw.between(1, 99) / 8).toFixed(draw.between(1, 4)))],
    [3, () => {
      draw.note("odd scalars");
      return raw(draw.pick(ODD_SCALARS));
    }],
    [1.2, () => {
      draw.note("misread scalars");
      return raw(draw.pick(MISREAD_SCALARS));
    }],
    [3, () => quoted(draw, draw.pick(WORDS))],
    [1.3, () => {
      draw.note("special characters");
      return raw(draw.chance(0.5) ? double(draw.pick(SPECIAL)) : single(draw.pick(SPECIAL)));
    }],
    [1.5, () => {
      draw.note("unicode");
      return quoted(draw, draw.pick(UNICODE));
    }],
    [1.4, () => {
      draw.note("tags");
      return raw(draw.pick(["!!str 0.10", "!!float 1", '!!int "3"', "!!str true", "!!bool yes", "! 012"]));
    }],
    [1.4, () => {
      draw.note("lists and mappings as values");
      return raw(draw.pick(["[1, 2.50]", "[a, 'b c']", "{a: 1, b: x}", "[]", "[true, ~]", '[["x"], 0.10]']));
    }],
    [1, () => raw(double(draw.pick(["0.10", "true", "1:30", "007", "~", ""])))],
  ];
  const kindOf = () => {
    let at = draw.next() * kinds.reduce((sum, [weight]) => sum + weight, 0);
    return kinds.find(([weight]) => (at -= weight) < 0)![1];
  };
  const kind = kindOf();
  const all = Array.from({ length: count }, () => (draw.chance(0.85) ? kind : kindOf())());
  if (count > 1 && draw.feature("repeated values", 0.2)) all[count - 1] = all[0]!;
  return all;
}

/** Lines of text as a block scalar, or as a quoted scalar where there is one line. */
export function textScalar(draw: Draw, lines: readonly string[]): RawTree | BlockTree {
  const style = draw.next();
  if (style > 0.96 && lines.every((line) => isPlain(line) && !line.startsWith(" "))) {
    draw.note("plain scalars of several lines");
    return raw(lines.join("\n"));
  }
  if (lines.length === 1 && style < 0.45) return quoted(draw, lines[0]!);
  if (style < 0.55) return raw(double(lines.join("\n") + (draw.chance(0.5) ? "\n" : "")));
  const chomping = draw.pick(["", "-", "+"]);
  const fold = style > 0.85;
  draw.note(fold ? "folded block scalars" : "literal block scalars");
  if (chomping !== "") draw.note("chomping");
  // An indentation mark is needed where the first line begins with a blank.
  const mark = lines[0]!.startsWith(" ") ? "2" : "";
  const blank = draw.chance(0.3) ? [""] : [];
  return { kind: "block", head: `${fold ? ">" : "|"}${mark}${chomping}`, lines: [...lines, ...blank] };
}
