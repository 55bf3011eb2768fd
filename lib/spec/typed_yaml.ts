/**
 * YAML with the types of Python's values, for files that LLNL's Maestro writes with them: `10` is a number there and
 * `'10'` a text. Laid out as Python's YAML lays out mappings, so that simple files are the same byte by byte.
 */

import { isPrinted, PlainScalar, type Raw } from "./python_text.ts";
import { stringifyYaml } from "./yaml.ts";

/** A number, a truth value or nothing, as it is written in YAML. */
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

/** What Python printed, as the value that it was. `raws`: values that are not what their text looks like. */
export function typedText(text: string, raws?: ReadonlyMap<string, unknown>): Typed {
  if (raws?.has(text)) return typedRaw(raws.get(text) as Raw);
  if (!isPrinted(text)) return text;
  const word = WORDS[text];
  if (word !== undefined) return new Plain(word);
  // `012` is not what Python prints of a number.
  if (/^-?\d+$/.test(text)) return WHOLE.test(text) ? new Plain(text) : text;
  return new Plain(text.includes(".") ? text : text.replace("e", ".0e"));
}

/** A value with the types that the parser saw. */
export function typedRaw(raw: Raw): Typed {
  if (raw === null) return NULL;
  if (typeof raw === "string") return raw;
  if (typeof raw === "number") return new Plain(String(raw));
  if (raw instanceof PlainScalar) return typedText(raw.text);
  if (Array.isArray(raw)) return raw.map(typedRaw);
  return new Map(Object.entries(raw).map(([key, item]) => [key, typedRaw(item)]));
}

/** The text of a file that holds a mapping. Keys stand in their order, as Python's YAML sorts them. */
export function typedYaml(map: TypedMap): string {
  return map.size === 0 ? "{}\n" : entries(map, "").join("");
}

function entries(map: TypedMap, indent: string): string[] {
  return [...map.keys()].sort().map((key) =>
    `${indent}${keyText(key, indent)}:${rest(map.get(key)!, indent)}`
  );
}

/** All behind the colon of a key. */
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

/** Text that our writer leaves plain, and Python's reader reads as something else. */
const OTHERWISE = /^(?:=|0o[0-7]+|[-+]?[\d_]+(?::[0-5]?\d)+(?:\.[\d_]*)?|y|Y|n|N)$/;

/** A longer key is no simple one to a reader of YAML. */
const LONGEST_KEY = 1000;

function keyText(key: string, indent: string): string {
  const text = scalar(key);
  return text.length > LONGEST_KEY ? `? ${text}\n${indent}` : text;
}
