/**
 * YAML text to values and back. A spec is text that becomes shell, so the failsafe schema keeps every scalar as it
 * stands there: `1.0`, `0.10`, `10:00`, `yes`. That schema knows no merge keys: they are applied here.
 */

// @ts-types="./std_yaml.d.ts"
import { parse, stringify, type StringifyOptions, YamlSyntaxError } from "@std/yaml";
import { containsItself, holdsNul, keyNotText, notAMerge, notYaml, repeatedKeys } from "./yaml_problems.ts";
import type { Problem, SpecPath, YamlValue } from "../types.ts";

type YamlMap = { [key: string]: YamlValue };

/** The values of a YAML text, scalars verbatim; an empty scalar is null. With an error among the problems, no value. */
export function parseYaml(text: string): { value: YamlValue; problems: Problem[] } {
  const problems: Problem[] = [];
  if (text.includes(UNREADABLE)) return { value: null, problems: [notYaml(...NOT_UTF8)] };
  if (text.includes(NUL)) return { value: null, problems: [notYaml(...WITH_NUL)] };
  try {
    const value = resolve(parseLoosely(text, problems), [], new Map(), problems);
    return { value: problems.some(({ level }) => level === "error") ? null : value, problems };
  } catch (error) {
    return { value: null, problems: [syntaxProblem(error)] };
  }
}

/** What reading a file makes of bytes that are not UTF-8. */
const UNREADABLE = "\uFFFD";
/** Where the parser would stop as if the file ended. */
const NUL = "\0";
const WITH_NUL = ["it holds a NUL character", "Delete it; `tr -d '\\000'` does."] as const;
const NOT_UTF8 = [
  "it is not UTF-8 text",
  "Save it as UTF-8; `file` and `iconv` tell and change what it is.",
] as const;

/**
 * Text that other YAML readers read as the same text: what looks like a number, a date or a boolean is quoted. (Two
 * exceptions of the library: a lone `=`, at which Python's reader stops, and `0o7`, a number to YAML 1.2.)
 */
export function stringifyYaml(value: YamlValue, options: { sortKeys?: boolean } = {}): string {
  const fixed: StringifyOptions = { schema: "default", lineWidth: -1, useAnchors: false };
  return stringify(value, { ...fixed, ...options });
}

/** Where the parser gave up; undefined where it did not. */
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

/**
 * Parses strictly first: the parser tells of a repeated key only by refusing it. It refuses the typed tags of YAML
 * too (`!!int 5`), though here they say nothing: they are made to say "text".
 */
function parseLoosely(text: string, problems: Problem[]): YamlValue {
  let rest = text.replace(/^\uFEFF/, "");
  let allowDuplicateKeys = false;
  for (;;) {
    try {
      return parse(rest, { schema: "failsafe", allowDuplicateKeys }) as YamlValue;
    } catch (error) {
      if (!(error instanceof YamlSyntaxError)) throw error;
      const tag = findTag(rest, error);
      if (error.message.includes("duplicated key")) {
        allowDuplicateKeys = true;
        problems.push(repeatedKeys());
      } else if (tag !== undefined && TYPED_TAGS.has(tag.text)) {
        rest = rest.slice(0, tag.start) + "!!str".padEnd(tag.text.length) +
          rest.slice(tag.start + tag.text.length);
      } else throw error;
    }
  }
}

const UNKNOWN_TAG = /unknown tag !<(?:tag:yaml\.org,2002:)?!?(.*)>/;
const TYPED_TAGS: ReadonlySet<string> = new Set(["!!int", "!!float", "!!bool", "!!null", "!!timestamp"]);

/** The tag that the parser does not know: it refuses it behind the value, which may be many lines below. */
function findTag(text: string, error: YamlSyntaxError): { start: number; text: string } | undefined {
  const name = UNKNOWN_TAG.exec(error.message)?.[1];
  const found = name === undefined ? -1 : text.lastIndexOf(`!${name}`, error.offset);
  if (found < 0) return undefined;
  const start = text[found - 1] === "!" ? found - 1 : found;
  return { start, text: text.slice(start, found) + `!${name}` };
}

/** What the parser makes of a key that is not a scalar. */
const MAP_AS_KEY = "[object Object]";

/**
 * The value with its merges applied. `done` holds what each list and mapping became, so that one with many aliases is
 * handled once; undefined while it is under way, which is how an alias inside its own anchor shows.
 */
function resolve(
  value: YamlValue,
  path: SpecPath,
  done: Map<YamlValue, YamlValue | undefined>,
  problems: Problem[],
): YamlValue {
  if (typeof value === "string" && value.includes(NUL)) problems.push(holdsNul(path));
  if (value === null || typeof value === "string") return value;
  if (done.has(value)) {
    const known = done.get(value);
    if (known === undefined) problems.push(containsItself(path));
    return known ?? null;
  }
  done.set(value, undefined);
  const below = (item: YamlValue, step: string | number) => resolve(item, [...path, step], done, problems);
  const result = Array.isArray(value) ? value.map(below) : resolveMap(value, path, below, problems);
  done.set(value, result);
  return result;
}

/** As in Python's YAML, merged keys come first and the mapping's own keys win. */
function resolveMap(
  map: YamlMap,
  path: SpecPath,
  below: (item: YamlValue, step: string) => YamlValue,
  problems: Problem[],
): YamlValue {
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
  // Not by assignment: "__proto__" is a key like any other.
  return Object.fromEntries(result);
}

/** The mappings to merge, the one that wins last; undefined if it is something else. */
function mergeSources(value: YamlValue): YamlMap[] | undefined {
  const list = Array.isArray(value) ? value.toReversed() : [value];
  return list.every(isMap) ? list : undefined;
}

function isMap(value: YamlValue): value is YamlMap {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** What the parser's messages mean to someone who wrote a spec, and what to do. */
const SYNTAX: readonly (readonly [pattern: RegExp, reason: string, hint?: string])[] = [
  [/alias: unidentified alias "(.*)"/, 'unknown alias "$1"', 'Quote text that starts with "*".'],
  [UNKNOWN_TAG, 'unknown tag "$1"', 'Leave it out, or quote text that starts with "!".'],
  [
    /non-printable/,
    "it holds a control character",
    'Delete it; "\\x1b" in double quotes is one without holding it.',
  ],
  [/more than 1 document/, "it holds more than one document", 'Remove the second "---".'],
  [/multiline key|missing colon/, 'a ":" is missing after a key', "Check the line above too."],
  [/key node is missed/, 'a second ": " stands on the line', 'Quote a value that contains ": ".'],
  [/bad indentation/, "the indentation does not fit the lines above"],
  [
    /missing comma/,
    "a comma is missing in a list or mapping in brackets",
    'Quote text that holds a bracket or a brace: "a_*[SIZE]".',
  ],
  [/stream within a flow/, "a bracket is not closed"],
  [/within a (single|double) quoted/, "a $1 quote is not closed"],
  [
    /end of the stream or a document separator/,
    "text stands where a key or the end is expected",
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
