/** Checks one mapping of a spec against its level of the table in `spec_keys.ts`: keys, types, ranges. */

import { addAll } from "./problem.ts";
import { merlinKey } from "./merlin.ts";
import * as problem from "./problems.ts";
import { type Key, type Level, type LevelName, LEVELS, PRIORITIES } from "./spec_keys.ts";
import { meantKey } from "../suggest.ts";
import type { Problem, SpecPath, YamlValue } from "./types.ts";
import { durationSeconds, parseBoolean, parseInteger, parseNumber, walltimeSeconds } from "../units.ts";

/** The valid values of a mapping. */
export type Section = ReadonlyMap<string, YamlValue>;

/** The place of a value, for messages and for lookups: `step "a"`, ["study", 0, "run"]. */
export interface Where {
  readonly name: string;
  readonly path: SpecPath;
}

/** A YAML mapping, as opposed to text, list and null. */
export function isMapping(value: YamlValue | undefined): value is { [key: string]: YamlValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A missing value, or YAML's null. */
export function isNothing(value: YamlValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** The text of a key of a section; empty if there is none. */
export function textOf(section: Section, key: string): string {
  const value = section.get(key);
  return typeof value === "string" ? value : "";
}

/** The mapping of a key; empty if there is none. */
export function mappingOf(section: Section, key: string): { [key: string]: YamlValue } {
  const value = section.get(key);
  return isMapping(value) ? value : {};
}

/** The list of a key; empty if there is none. */
export function listOf(section: Section, key: string): YamlValue[] {
  const value = section.get(key);
  return Array.isArray(value) ? value : [];
}

/** Keys that only contain anchors for others, as is common in YAML formats. */
const ANCHOR_KEEPER = /^(x-|[._])/;

/** Unknown keys of a mapping that are reported one by one: more are no slips. */
const MOST_UNKNOWN = 1000;

/**
 * Reports all problems of a mapping, and returns its valid values. `more`: known keys that are not in the
 * table.
 */
export function readLevel(
  value: { [key: string]: YamlValue },
  levelName: LevelName,
  where: Where,
  problems: Problem[],
  more: readonly string[] = [],
): Section {
  const level = LEVELS[levelName];
  const keys = new Map(level.keys.map((key) => [key.name, key]));
  const section = new Map<string, YamlValue>();
  let unknown = 0;
  for (const [name, item] of Object.entries(value)) {
    if (level.blanks && (item === "" || isNothing(item))) continue;
    const path = [...where.path, name];
    const key = keys.get(name);
    const merlin = key === undefined ? merlinKey(levelName, name, where.name, path) : undefined;
    if (merlin) problems.push(merlin);
    else if (key !== undefined) {
      if (readValue(key, item, where.name, path, problems)) section.set(name, item);
      if (key.unused) problems.push(problem.unusedKey(name, where.name, path));
    } else if (level.others === "error") {
      if (++unknown > MOST_UNKNOWN) continue;
      problems.push(problem.unknownKey(name, where.name, path, [...keys.keys()], placeHint(levelName, name)));
    } else if (level.others === "warning" && !more.includes(name) && !ANCHOR_KEEPER.test(name)) {
      if (++unknown > MOST_UNKNOWN) continue;
      const known = [...keys.keys(), ...more];
      problems.push(problem.ignoredKey(name, where.name, path, known, placeHint(levelName, name)));
    } else section.set(name, item);
  }
  if (unknown > MOST_UNKNOWN) {
    problems.push(
      problem.moreUnknownKeys(unknown - MOST_UNKNOWN, where.name, where.path, level.others === "error"),
    );
  }
  addAll(problems, missingKeys(level, value, where));
  return section;
}

/** The level to which a misplaced key belongs. */
function placeHint(level: LevelName, name: string): string | undefined {
  const belongs = (other: LevelName) => LEVELS[other].keys.some((key) => key.name === name);
  if (level === "spec" && belongs("env")) return 'It belongs below "env".';
  if (level === "step" && belongs("run")) return 'It belongs below "run".';
  if (level === "run" && belongs("step")) return 'It belongs beside "run", not below it.';
  return level === "parameter" && belongs("combine") ? 'It belongs below "global.combine".' : undefined;
}

/** Required keys that are missing: neither under a misspelt name, nor replaced by another key. */
function missingKeys(
  { keys, others }: Level,
  value: { [key: string]: YamlValue },
  { name: place, path }: Where,
): Problem[] {
  const names = keys.map(({ name }) => name);
  const slip = (name: string) => others === "error" ? meantKey(name, names) : undefined;
  const meant = new Set(Object.keys(value).map((name) => names.includes(name) ? name : slip(name)));
  const missing = keys.filter(({ name, required, unless = [] }) =>
    (required || unless.length > 0) && ![name, ...unless].some((other) => meant.has(other))
  );
  return missing.flatMap(({ name, unless, example }, i) => {
    const either = (other: Key) => other.unless?.includes(name) && unless?.includes(other.name);
    if (missing.slice(0, i).some(either)) return [];
    const all = [name, ...missing.filter(either).map((other) => other.name)];
    return [problem.missingKey(all, place, path, example?.replace("NAME", String(path.at(-1))))];
  });
}

/**
 * Whether the value is valid for this key. Reports its problems. An empty value counts as an absent
 * collection.
 */
function readValue(key: Key, value: YamlValue, where: string, path: SpecPath, problems: Problem[]): boolean {
  const wanted = WANTED[kindOf(key.type)];
  if (isNothing(value)) {
    if (wanted.collection && !key.required && !key.unless) return false;
  } else if (wanted.fits(value, key)) return true;
  if (value === "" && key.type === "text") problems.push(problem.emptyText(key.name, where, path));
  else {
    const found = isNothing(value) ? null : value;
    const hint = key.type === "values" && isMapping(value) ? RULE_HINT : wanted.hint ?? shapeHint(key);
    problems.push(problem.wrongValue(key.name, where, path, wanted.words(key), found, hint));
  }
  return false;
}

/** A hint lists at most this many keys. */
const MOST_NAMED = 10;

/** The form of a mapping with known keys: `Write it as range: {from: 1, to: 10}`. */
function shapeHint({ name, type }: Key): string | undefined {
  if (typeof type !== "object" || !("map" in type)) return undefined;
  const { keys } = LEVELS[type.map];
  const examples = keys.filter(({ example }) => example !== undefined)
    .map((key) => `${key.name}: ${key.example}`);
  if (examples.length > 0) return `Write it as ${name}: {${examples.join(", ")}}`;
  return keys.length > MOST_NAMED ? undefined : `Its keys: ${keys.map((key) => key.name).join(", ")}.`;
}

type Kind = "map" | "list" | "textOr" | "textsOr" | Exclude<Key["type"], object>;

function kindOf(type: Key["type"]): Kind {
  if (typeof type !== "object") return type;
  return "list" in type ? "list" : "textOr" in type ? "textOr" : "textsOr" in type ? "textsOr" : "map";
}

interface Wanted {
  words(key: Key): string;
  fits(value: YamlValue, key: Key): boolean;
  readonly collection?: true;
  readonly hint?: string;
}

const isText = (value: YamlValue): value is string => typeof value === "string" && value !== "";
const isLabels = (value: YamlValue) => isText(value) || Array.isArray(value);
const RULE_HINT = 'A rule replaces "values": range: {from: 1, to: 10}';
const WALLTIME_HINT = "Write minutes (90), HH:MM:SS (01:30:00) or D-HH:MM:SS (1-12:00:00).";

/** One row for each type of key. */
const WANTED: Readonly<Record<Kind, Wanted>> = {
  text: { words: () => "text", fits: isText },
  integer: {
    words: (key) => `a whole number of at least ${key.least ?? 0}`,
    fits: (value, key) => isText(value) && isWholeNumber(value, key),
  },
  number: {
    words: (key) => key.least === undefined ? "a number" : `a number of at least ${key.least}`,
    fits: (value, key) =>
      isText(value) && parseNumber(value) !== undefined && parseNumber(value)! >= (key.least ?? -Infinity),
  },
  boolean: {
    words: () => "true or false",
    fits: (value, key) => isText(value) && (parseBoolean(value) !== undefined || isToken(value, key)),
  },
  exclusive: {
    words: () => "true or false",
    fits: (value, key) =>
      isMapping(value)
        ? Object.entries(value).every(([part, item]) =>
          (part === "allocation" || part === "launcher") && WANTED.boolean.fits(item, key)
        )
        : WANTED.boolean.fits(value, key),
    hint: "Write exclusive: true, or exclusive: {allocation: true, launcher: false}.",
  },
  walltime: {
    words: () => "a length of time",
    fits: (value, key) => isText(value) && (walltimeSeconds(value) !== undefined || hasToken(value, key)),
    hint: WALLTIME_HINT,
  },
  duration: {
    words: () => "a length of time",
    fits: (value) => isText(value) && durationSeconds(value, "seconds") !== undefined,
    hint: "Write seconds (30), or 30s, 5m, 1h, 2d, HH:MM:SS; a hundred years at most.",
  },
  priority: {
    words: () => "a priority",
    fits: (value, key) => isText(value) && (isPriority(value) || isToken(value, key)),
    hint: `Write a number from 0 to 1, or one of ${PRIORITIES.join(", ")}.`,
  },
  texts: {
    words: () => "a list",
    fits: Array.isArray,
    collection: true,
    hint: "Write it in brackets: [a, b]",
  },
  textsOr: {
    words: () => "a list",
    fits: (value) => Array.isArray(value) || isMapping(value),
    collection: true,
    hint: "Write it in brackets: [a, b]",
  },
  values: {
    words: () => "a list",
    fits: Array.isArray,
    collection: true,
    hint: "Write it in brackets: [1, 2]",
  },
  list: { words: () => "a list", fits: Array.isArray, collection: true, hint: 'Start each item with "- ".' },
  names: { words: () => "a mapping of names to texts", fits: isMapping, collection: true },
  map: { words: () => "a mapping", fits: isMapping, collection: true },
  labels: { words: () => "text or a list of texts", fits: isLabels },
  textOr: { words: () => "text or a mapping", fits: (value) => isText(value) || isMapping(value) },
  group: { words: () => "a list of parameters", fits: Array.isArray, hint: "Write it in brackets: [A, B]" },
  rows: {
    words: () => "a list of mappings",
    fits: Array.isArray,
    collection: true,
    hint: 'Start each row with "- ".',
  },
  any: { words: () => "anything", fits: () => true, collection: true },
};

const TOKEN = /\$\([^()\s]+\)/g;

function isToken(value: string, key: Key): boolean {
  return key.tokens === true && value.startsWith("$(") && value.replace(TOKEN, "") === "";
}

function hasToken(value: string, key: Key): boolean {
  return key.tokens === true && value.replace(TOKEN, "") !== value;
}

/** A number in range, or digits and tokens (`$(N)0`) whose number is known only after tokens are replaced. */
function isWholeNumber(value: string, key: Key): boolean {
  if (hasToken(value, key)) return /^\d*$/.test(value.replace(TOKEN, ""));
  const number = parseInteger(value);
  return number !== undefined && number >= (key.least ?? 0);
}

function isPriority(value: string): boolean {
  if ((PRIORITIES as readonly string[]).includes(value.toLowerCase())) return true;
  return /^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) && Number(value) <= 1;
}
