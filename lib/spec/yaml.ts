/**
 * YAML text to values and back. A spec is text that becomes shell, so every scalar becomes text: a plain one
 * as Maestro prints it (`python_text.ts`), a quoted one unchanged. Merge keys are applied here: the parser's
 * schema has none.
 */

// @ts-types="./std_yaml.d.ts"
import { parse, stringify, type StringifyOptions, YamlSyntaxError } from "@std/yaml";
import { PlainScalar, type Raw } from "./python_text.ts";
import { containsItself, holdsNul, keyNotText, notAMerge, notYaml, repeatedKeys } from "./yaml_problems.ts";
import { PYTHON_SCALARS } from "./yaml_schema.ts";
import type { Problem, SpecPath, YamlValue } from "./types.ts";

type YamlMap = { [key: string]: YamlValue };

/** A plain scalar that prints differently from its source text. */
export interface Reprinted {
  readonly path: SpecPath;
  readonly written: string;
  readonly text: string;
}

export interface ParsedYaml {
  readonly value: YamlValue;
  readonly problems: Problem[];
  /** The first of them: a file may have one for each value. */
  readonly reprinted: readonly Reprinted[];
}

/** The values of a YAML text; none of them is null. If one of the problems is an error, there is no value. */
export function parseYaml(text: string): ParsedYaml {
  const problems: Problem[] = [];
  const failed = (problem: Problem): ParsedYaml => ({ value: null, problems: [problem], reprinted: [] });
  if (text.includes(UNREADABLE)) return failed(notYaml(...NOT_UTF8));
  if (text.includes(NUL)) return failed(notYaml(...WITH_NUL));
  try {
    const reading: Reading = { plain: new Map(), verbatim: new Map(), problems, reprinted: [] };
    const value = resolve(parseLoosely(text, problems), [], false, reading);
    const { reprinted } = reading;
    return { value: problems.some(({ level }) => level === "error") ? null : value, problems, reprinted };
  } catch (error) {
    return failed(syntaxProblem(error));
  }
}

/** The character that replaces bytes that are not UTF-8. */
const UNREADABLE = "\uFFFD";
/** The character at which the parser would stop as if the file ended. */
const NUL = "\0";
const WITH_NUL = ["it contains a NUL character", "Delete it; `tr -d '\\000'` does."] as const;
const NOT_UTF8 = [
  "it is not UTF-8 text",
  "Convert it to UTF-8. `file` shows its encoding, `iconv` converts it.",
] as const;

/**
 * Text that other YAML readers read as the same text: text that looks like a number, a date or a boolean is
 * quoted. The library has two exceptions: a lone `=`, at which Python's reader stops, and `0o7`, a number in
 * YAML 1.2.
 */
export function stringifyYaml(value: YamlValue, options: { sortKeys?: boolean } = {}): string {
  const fixed: StringifyOptions = { schema: "default", lineWidth: -1, useAnchors: false };
  return stringify(value, { ...fixed, ...options });
}

/** Where the parser stopped. Undefined if it did not. */
export function syntaxErrorPlace(text: string): { line: number; column: number } | undefined {
  const unreadable = text.indexOf(text.includes(UNREADABLE) ? UNREADABLE : NUL);
  if (unreadable >= 0) {
    const before = text.slice(0, unreadable).split("\n");
    return { line: before.length, column: before.at(-1)!.length + 1 };
  }
  try {
    parseLoosely(text, []);
    return undefined;
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) return { line: 1, column: 1 };
    const tag = findTag(text, error);
    if (tag === undefined) return { line: error.line, column: error.column };
    const before = text.slice(0, tag.start).split("\n");
    return { line: before.length, column: before.at(-1)!.length + 1 };
  }
}

/** Parses strictly first: the parser reports a repeated key only as an error. */
function parseLoosely(text: string, problems: Problem[]): Raw {
  const plain = text.replace(/^\uFEFF/, "");
  try {
    return parse(plain, { schema: PYTHON_SCALARS }) as Raw;
  } catch (error) {
    if (!(error instanceof YamlSyntaxError) || !error.message.includes("duplicated key")) throw error;
    problems.push(repeatedKeys());
    return parse(plain, { schema: PYTHON_SCALARS, allowDuplicateKeys: true }) as Raw;
  }
}

const UNKNOWN_TAG = /unknown tag !<(?:tag:yaml\.org,2002:)?!?(.*)>/;

/**
 * The tag that the parser does not know. It reports the error after the value, which may be many lines below.
 */
function findTag(text: string, error: YamlSyntaxError): { start: number; text: string } | undefined {
  const name = UNKNOWN_TAG.exec(error.message)?.[1];
  const found = name === undefined ? -1 : text.lastIndexOf(`!${name}`, error.offset);
  if (found < 0) return undefined;
  const start = text[found - 1] === "!" ? found - 1 : found;
  return { start, text: text.slice(start, found) + `!${name}` };
}

/** The parser's text for a key that is not a scalar. */
const MAP_AS_KEY = "[object Object]";

/** State that is kept while a text is read. */
interface Reading {
  /**
   * The result for each list and mapping, so that one with many aliases is handled once. Undefined while the
   * work continues, which shows an alias inside its own anchor.
   */
  readonly plain: Map<Raw, YamlValue | undefined>;
  /** The same for parts in which scalars keep their spelling. */
  readonly verbatim: Map<Raw, YamlValue | undefined>;
  readonly problems: Problem[];
  readonly reprinted: Reprinted[];
}

/** Lists and mappings before their scalars became text. */
const raws = new WeakMap<object, Raw>();

/**
 * A list or mapping with its scalars as the parser read them. Undefined if it does not come from a parser.
 */
export function rawOf(value: YamlValue[] | YamlMap): Raw | undefined {
  return raws.get(value);
}

/** Copies the record of a mapping's scalars to a mapping that was made from it. */
export function keepRaw(value: YamlMap, raw: Raw): void {
  raws.set(value, raw);
}

/** The value with its scalars as text and its merges applied. */
function resolve(value: Raw, path: SpecPath, verbatim: boolean, reading: Reading): YamlValue {
  if (value === null || typeof value !== "object" || value instanceof PlainScalar) {
    return scalarText(value, path, verbatim, reading);
  }
  const keeps = verbatim || keepsSpelling(path);
  const done = keeps ? reading.verbatim : reading.plain;
  if (done.has(value)) {
    const known = done.get(value);
    if (known === undefined) reading.problems.push(containsItself(path));
    return known ?? null;
  }
  done.set(value, undefined);
  const below = (item: Raw, step: string | number): YamlValue => {
    // Most items are these. A path for each would take longer than all other work.
    if (typeof item === "number") return String(item);
    if (typeof item === "string" && !item.includes(NUL)) return item;
    if (item instanceof PlainScalar && item.text === item.written) return item.text;
    return resolve(item, [...path, step], keeps, reading);
  };
  const result = Array.isArray(value) ? value.map(below) : resolveMap(value, path, below, reading.problems);
  done.set(value, result);
  if (path[0] !== "study") raws.set(result, value);
  return result;
}

/** A spec with more of them follows a rule, and has no mistakes. */
const MOST_REPRINTED = 1000;

function scalarText(
  value: string | number | null | PlainScalar,
  path: SpecPath,
  verbatim: boolean,
  { problems, reprinted }: Reading,
): string | null {
  if (value === null) return null;
  if (typeof value === "number") return String(value);
  if (typeof value === "string") {
    if (value.includes(NUL)) problems.push(holdsNul(path));
    return value;
  }
  const { written, text, isNull } = value;
  if (verbatim) return isNull ? null : written;
  if (written !== text && reprinted.length < MOST_REPRINTED) reprinted.push({ path, written, text });
  return isNull ? null : text;
}

/**
 * Whether scalars below a path keep their spelling. Nobody depends on how Maestro would print keys that it
 * does not have.
 */
function keepsSpelling([top, , third, fourth, fifth, sixth]: SpecPath): boolean {
  switch (top) {
    case "conductor":
      return true;
    case "global.parameters":
      return third === "random" && fourth === undefined;
    case "study":
      if (third === "results") return fourth === undefined;
      if (third === "batch") return isArgs(fourth) && fifth === undefined;
      if (third !== "run" || (fifth !== undefined && fourth !== "batch")) return false;
      return fourth === "env" || fourth === "retry" || isArgs(fourth) ||
        (fourth === "batch" && isArgs(fifth) && sixth === undefined);
  }
  return false;
}

const isArgs = (key: string | number | undefined) => typeof key === "string" && /(^|_)args$/.test(key);

/** As in Python's YAML, merged keys come first, and the mapping's own keys override them. */
function resolveMap(
  map: { [key: string]: Raw },
  path: SpecPath,
  below: (item: Raw, step: string) => YamlValue,
  problems: Problem[],
): YamlMap {
  const result = new Map<string, YamlValue>();
  for (const [key, item] of Object.entries(map)) {
    if (key !== "<<") continue;
    const sources = mergeSources(below(item, key));
    if (sources === undefined) problems.push(notAMerge([...path, key]));
    else for (const source of sources) for (const [k, v] of Object.entries(source)) result.set(k, v);
  }
  for (const [key, item] of Object.entries(map)) {
    if (key === "<<") continue;
    if (key === MAP_AS_KEY) problems.push(keyNotText([...path, key]));
    result.set(key, below(item, key));
  }
  // Not by assignment: "__proto__" is an ordinary key.
  return Object.fromEntries(result);
}

/** The mappings to merge; the last one wins. Undefined for another value. */
function mergeSources(value: YamlValue): YamlMap[] | undefined {
  const list = Array.isArray(value) ? value.toReversed() : [value];
  return list.every(isMap) ? list : undefined;
}

function isMap(value: YamlValue): value is YamlMap {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** The parser's messages in the words of a spec's author, with what to do. */
const SYNTAX: readonly (readonly [pattern: RegExp, reason: string, hint?: string])[] = [
  [/alias: unidentified alias "(.*)"/, 'unknown alias "$1"', 'Quote text that starts with "*".'],
  [UNKNOWN_TAG, 'unknown tag "$1"', 'Remove it, or quote text that starts with "!".'],
  [
    /non-printable/,
    "it contains a control character",
    'Delete it, or write an escape in double quotes, such as "\\x1b".',
  ],
  [/more than 1 document/, "it contains more than one document", 'Remove the second "---".'],
  [/multiline key|missing colon/, 'a ":" is missing after a key', "Check the previous line, too."],
  [/key node is missed/, 'the line contains a second ": "', 'Quote a value that contains ": ".'],
  [/bad indentation/, "the indentation does not match the previous lines"],
  [
    /missing comma/,
    "a comma is missing in a list or mapping in brackets",
    'Quote text that contains a bracket or a brace: "a_*[SIZE]".',
  ],
  [/stream within a flow/, "a bracket is not closed"],
  [/within a (single|double) quoted/, "a $1 quote is not closed"],
  [
    /end of the stream or a document separator/,
    "a key or the end of the text is expected here",
    "Check the indentation, and quote text that starts with one of @ ` % [ {.",
  ],
];

function syntaxProblem(error: unknown): Problem {
  if (error instanceof RangeError) return notYaml("lists or mappings are nested too deeply");
  if (!(error instanceof YamlSyntaxError)) throw error;
  const reason = error.message.replace(/ at line \d+, column \d+:[\s\S]*$/, "");
  for (const [pattern, words, hint] of SYNTAX) {
    const match = pattern.exec(reason);
    if (match !== null) return notYaml(words.replace("$1", () => match[1]!), hint);
  }
  return notYaml(reason.charAt(0).toLowerCase() + reason.slice(1));
}
