/** Rows of `global.combine` that leave combinations out, or add some. */

import { addAll } from "./problem.ts";
import { wrongThing } from "./problems.ts";
import { isMapping } from "./spec_values.ts";
import * as sweep from "./sweep_problems.ts";
import type { Parameter, Problem, SpecPath, YamlValue } from "./types.ts";
import { parseNumber } from "../units.ts";

/** A parameter by itself. `label`: the one text of its labels, where they are not a list. */
export interface SweptParameter extends Parameter {
  readonly label?: string;
}

/** Combinations of some columns: for each column, which of its values each combination has. */
export interface Block {
  readonly columns: readonly number[];
  readonly rows: readonly Int32Array[];
  readonly count: number;
  /** For messages. */
  readonly name: string;
}

/** The key in the spec. */
export const TOP = "global.combine";

/** One row of `exclude` or `include`. */
export interface CombinationRow {
  readonly cells: { readonly [key: string]: YamlValue };
  readonly path: SpecPath;
}

/** The valid rows: mappings of existing parameters. */
export function rowsOf(
  value: YamlValue | undefined,
  key: string,
  columns: readonly SweptParameter[],
  problems: Problem[],
): CombinationRow[] {
  if (!Array.isArray(value)) return [];
  const known = columns.map((column) => column.key);
  return value.flatMap((cells, i) => {
    const path = [TOP, key, i];
    if (!isMapping(cells)) {
      problems.push(
        wrongThing(`Row ${i + 1} of "${key}"`, path, "a mapping of parameters to values", cells),
      );
      return [];
    }
    const unknown = Object.keys(cells).filter((name) => !known.includes(name));
    addAll(problems, unknown.map((name) => sweep.combinesUnknown(name, [...path, name], known)));
    return unknown.length === 0 ? [{ cells, path }] : [];
  });
}

/** Numbers in different notations can be equal. */
function canonical(text: string): string {
  const number = parseNumber(text);
  return number === undefined ? text : String(number);
}

/** The combinations that no row excludes. */
export function exclude(
  block: Block,
  rows: readonly CombinationRow[],
  columns: readonly SweptParameter[],
  problems: Problem[],
): number[] {
  const out = new Uint8Array(block.count);
  for (const { cells, path } of rows) {
    const before = problems.length;
    const tests = Object.entries(cells).flatMap(([key, value]) => {
      const column = columns.findIndex((column) => column.key === key);
      return column < 0
        ? []
        : [excludeTest(block, column, columns[column]!, value, [...path, key], problems)];
    });
    if (problems.slice(before).some(({ level }) => level === "error")) continue;
    let found = false;
    for (let i = 0; i < block.count; i++) {
      if (out[i] || !tests.every((test) => test(i))) continue;
      out[i] = 1;
      found = true;
    }
    if (!found && problems.length === before) problems.push(sweep.excludesNothing(path));
  }
  return Array.from({ length: block.count }, (_, i) => i).filter((i) => !out[i]);
}

function excludeTest(
  block: Block,
  column: number,
  { key, values }: SweptParameter,
  value: YamlValue,
  path: SpecPath,
  problems: Problem[],
): (combination: number) => boolean {
  const plain = values.map(canonical);
  const wanted = new Set<string>();
  for (const item of Array.isArray(value) ? value : [value]) {
    if (typeof item !== "string") problems.push(wrongThing(`The value of "${key}"`, path, "text", item));
    else {
      if (!plain.includes(canonical(item))) problems.push(sweep.noSuchValue(key, item, path, values));
      wanted.add(canonical(item));
    }
  }
  const hit = Uint8Array.from(plain, (text) => wanted.has(text) ? 1 : 0);
  const row = block.rows[block.columns.indexOf(column)]!;
  return (combination) => hit[row[combination]!] === 1;
}

/** A parameter that gets additional rows. */
export interface Gathered extends Parameter {
  readonly values: string[];
  readonly labels: string[];
}

/** Adds rows after the existing combinations. */
export function include(
  parameters: readonly Gathered[],
  rows: readonly CombinationRow[],
  columns: readonly SweptParameter[],
  problems: Problem[],
): void {
  if (rows.length === 0 || parameters.length === 0) return;
  const known = columns.map(({ key }) => key);
  const combination = (i: number) => JSON.stringify(parameters.map(({ labels }) => labels[i]));
  const there = new Set(parameters[0]!.values.map((_, i) => combination(i)));
  for (const { cells, path } of rows) {
    const missing = known.filter((key) => typeof cells[key] !== "string");
    if (missing.length > 0) {
      problems.push(sweep.includesPart(missing, path));
      continue;
    }
    const labels = columns.map(({ key, label, labels, values }) => {
      const value = cells[key] as string;
      return label?.replaceAll("%%", () => value) ?? labels[values.indexOf(value)];
    });
    const without = labels.indexOf(undefined);
    if (without >= 0) {
      problems.push(sweep.noLabelFor(known[without]!, cells[known[without]!] as string, path));
    } else if (there.has(JSON.stringify(labels))) problems.push(sweep.includedAlready(path));
    else {
      there.add(JSON.stringify(labels));
      parameters.forEach(({ values, labels: all }, i) => {
        values.push(cells[known[i]!] as string);
        all.push(labels[i]!);
      });
    }
  }
}
