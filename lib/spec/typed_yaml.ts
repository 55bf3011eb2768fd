/**
 * YAML with Python's types, for files that LLNL's Maestro writes with them: there `10` is a number and `'10'`
 * a text.
 * Mappings are laid out like those of Python's YAML, so that simple files are equal byte by byte.
 */

import { isPrinted, PlainScalar, type Raw } from "./python_text.ts";
import { stringifyYaml } from "./yaml.ts";

/** A number, a truth value or nothing, in YAML's notation. */
export class Plain {
  constructor(readonly text: string) {}
}

const NULL = new Plain("null");

export type Typed = string | Plain | readonly Typed[] | ReadonlySet<string> | TypedMap;
export type TypedMap = ReadonlyMap<string, Typed>;

const WHOLE = /^(?:0|-?[1-9]\d*)$/;
const WORDS: Readonly<Record<string, string>> = {
  True: "true",
  False: "false",
  None: "null",
  inf: ".inf",
  "-inf": "-.inf",
  nan: ".nan",
};

/**
 * The original value of a text that Python printed. `raws`: values that differ from what their text suggests.
 */
export function typedText(text: string, raws?: ReadonlyMap<string, unknown>): Typed {
  if (raws?.has(text)) return typedRaw(raws.get(text) as Raw);
  if (!isPrinted(text)) return text;
  const word = WORDS[text];
  if (word !== undefined) return new Plain(word);
  // `012` is not what Python prints of a number.
  if (/^-?\d+$/.test(text)) return WHOLE.test(text) ? new Plain(text) : text;
  return new Plain(text.includes(".") ? text : text.replace("e", ".0e"));
}

/** A value with the types that the parser found. */
export function typedRaw(raw: Raw): Typed {
  if (raw === null) return NULL;
  if (typeof raw === "string") return raw;
  if (typeof raw === "number") return new Plain(String(raw));
  if (raw instanceof PlainScalar) return typedText(raw.text);
  if (Array.isArray(raw)) return raw.map(typedRaw);
  return new Map(Object.entries(raw).map(([key, item]) => [key, typedRaw(item)]));
}

/** The text of a file that contains a mapping. Keys keep their order, or are sorted like Python's. */
export function typedYaml(map: TypedMap): string {
  return map.size === 0 ? "{}\n" : entries(map, "").join("");
}

function entries(map: TypedMap, indent: string): string[] {
  return [...map.keys()].sort().map((key) =>
    `${indent}${keyText(key, indent)}:${rest(map.get(key)!, indent)}`
  );
}

/** The text after the colon of a key. */
function rest(value: Typed, indent: string): string {
  if (value instanceof Set) {
    const keys = new Map([...value as ReadonlySet<string>].map((key) => [key, NULL] as const));
    return keys.size === 0 ? " !!set {}\n" : ` !!set\n${entries(keys, `${indent}  `).join("")}`;
  }
  if (value instanceof Map && value.size > 0) return `\n${entries(value, `${indent}  `).join("")}`;
  if (Array.isArray(value) && value.length > 0) {
    return `\n${value.map((item) => `${indent}- ${flow(item)}\n`).join("")}`;
  }
  return ` ${flow(value)}\n`;
}

/** A value on one line. */
function flow(value: Typed): string {
  if (typeof value === "string") return scalar(value);
  if (value instanceof Plain) return value.text;
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  const pairs = [...value as TypedMap].map(([key, item]) => `${JSON.stringify(key)}: ${flow(item)}`);
  return `{${pairs.join(", ")}}`;
}

/** Text that every YAML reader reads as text, on one line. */
function scalar(text: string): string {
  const written = stringifyYaml(text).trimEnd();
  return /[\n\r]/.test(written) || OTHERWISE.test(text) ? JSON.stringify(text) : written;
}

/** Text that our writer leaves plain, and that Python's reader does not read as text. */
const OTHERWISE = /^(?:=|0o[0-7]+|[-+]?[\d_]+(?::[0-5]?\d)+(?:\.[\d_]*)?|y|Y|n|N)$/;

/** YAML has another notation for longer keys. */
const LONGEST_KEY = 1000;

function keyText(key: string, indent: string): string {
  const text = scalar(key);
  return text.length > LONGEST_KEY ? `? ${text}\n${indent}` : text;
}
