/** The sources of a parameter's values: a list in the spec, numbers by rule, or a file. */

import { parseCsv } from "../csv.ts";
import { linspace, logspace, randomValues, rangeOf, rangeValues } from "./sequences.ts";
import { GENERATORS } from "./spec_keys_parameters.ts";
import { isMapping, mappingOf, readLevel, type Section, textOf } from "./spec_values.ts";
import * as sweep from "./sweep_problems.ts";
import type { Problem, SpecPath, YamlValue } from "./types.ts";
import { parseBoolean, parseInteger, parseNumber } from "../units.ts";

/**
 * Texts of the files that parameters name, by their names in the spec. Undefined if a file cannot be read.
 */
export type ParameterFiles = ReadonlyMap<string, string | undefined>;

export type ReadFiles = (files: readonly string[]) => ParameterFiles;

/** The files that `global.parameters` names. */
export function parameterFiles(parameters: YamlValue | undefined): string[] {
  if (!isMapping(parameters)) return [];
  return Object.values(parameters).flatMap((item) => {
    const file = isMapping(item) ? item["file"] : undefined;
    const path = isMapping(file) ? file["path"] : file;
    return typeof path === "string" && path !== "" ? [path] : [];
  });
}

/**
 * The values that a generator makes for a parameter. None and a problem if it cannot; undefined if there is
 * no generator.
 */
export function generatedValues(
  key: string,
  section: Section,
  path: SpecPath,
  files: ParameterFiles,
  problems: Problem[],
): string[] | undefined {
  const given = GENERATORS.filter((name) => section.has(name));
  if (given.length + (section.has("values") ? 1 : 0) > 1) {
    const names = [...(section.has("values") ? ["values"] : []), ...given].map((name) => `"${name}"`);
    problems.push(sweep.severalGenerators(key, path, names));
    return [];
  }
  const kind = given[0];
  if (kind === undefined) return undefined;
  const place = [...path, kind];
  if (kind === "file") return fileValues(section.get("file")!, key, place, files, problems);
  const level = kind === "linspace" || kind === "logspace" ? "spaced" : kind;
  const where = { name: `"${kind}" of parameter "${key}"`, path: place };
  const before = problems.length;
  const words = readLevel(mappingOf(section, kind), level, where, problems);
  if (problems.slice(before).some((found) => found.level === "error")) return [];
  const made = NUMBERS[kind](key, words, place);
  if (Array.isArray(made)) return made;
  problems.push(made);
  return [];
}

const numberOf = (words: Section, name: string) => parseNumber(textOf(words, name)) ?? 0;
const countOf = (words: Section) => parseInteger(textOf(words, "count")) ?? 1;

type MakeNumbers = (key: string, words: Section, path: SpecPath) => string[] | Problem;

const NUMBERS: Readonly<Record<"range" | "linspace" | "logspace" | "random", MakeNumbers>> = {
  range(key, words, path) {
    const range = rangeOf(textOf(words, "from"), textOf(words, "to"), textOf(words, "step") || "1");
    if (range.count === undefined) return sweep.endlessRange(key, [...path, "step"]);
    if (range.count === 0n) return sweep.emptyRange(key, path);
    return range.count > sweep.MOST ? tooMany(key, path, range.count) : rangeValues(range);
  },
  linspace(key, words, path) {
    const count = countOf(words);
    if (count > sweep.MOST) return tooMany(key, path, count);
    return linspace(numberOf(words, "from"), numberOf(words, "to"), count);
  },
  logspace(key, words, path) {
    const [from, to, count] = [numberOf(words, "from"), numberOf(words, "to"), countOf(words)];
    if (!(from > 0 && to > 0)) return sweep.noLogarithm(key, path);
    return count > sweep.MOST ? tooMany(key, path, count) : logspace(from, to, count);
  },
  random(key, words, path) {
    const [from, to, count] = [numberOf(words, "from"), numberOf(words, "to"), countOf(words)];
    const whole = parseBoolean(textOf(words, "whole")) ?? false;
    if (from > to || (whole && Math.ceil(from) > Math.floor(to))) return sweep.fromAboveTo(key, path, whole);
    if (count > sweep.MOST) return tooMany(key, path, count);
    return randomValues(key, { from, to, count, seed: textOf(words, "seed") || "0", whole });
  },
};

function tooMany(key: string, path: SpecPath, count: number | bigint): Problem {
  return sweep.tooManyValues(`Parameter "${key}"`, path, count);
}

function fileValues(
  value: YamlValue,
  key: string,
  path: SpecPath,
  files: ParameterFiles,
  problems: Problem[],
): string[] {
  const where = { name: `"file" of parameter "${key}"`, path };
  const words = isMapping(value) ? readLevel(value, "file", where, problems) : new Map([["path", value]]);
  const file = textOf(words, "path");
  if (file === "") return [];
  const text = files.get(file);
  if (text === undefined) {
    problems.push(sweep.fileMissing(file, isMapping(value) ? [...path, "path"] : path));
    return [];
  }
  const column = textOf(words, "column");
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/).filter((line) => line.trim() !== "");
  const [header = [], ...rows] = column === "" ? [] : csvRows(text);
  const at = header.indexOf(column);
  const values = column === "" ? lines : at < 0 ? [] : rows.map((row) => row[at] ?? "");
  if (column !== "" && at < 0) problems.push(sweep.columnMissing(column, file, [...path, "column"], header));
  else if (values.length === 0) problems.push(sweep.emptyFile(file, path));
  return values;
}

/** Rows that are not empty. Blanks around fields are not part of a value. */
export function csvRows(text: string): string[][] {
  return parseCsv(text.replace(/^\uFEFF/, "")).map((row) => row.map((field) => field.trim()))
    .filter((row) => row.length > 1 || row[0] !== "");
}
