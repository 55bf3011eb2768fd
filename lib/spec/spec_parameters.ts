/** `global.parameters` of a spec: every value and label as text. */

import { combineColumns } from "./combine.ts";
import type { SweptParameter } from "./combine_rows.ts";
import * as problem from "./problems.ts";
import { generatedValues, type ParameterFiles } from "./spec_generators.ts";
import { isMapping, listOf, readLevel, type Section, textOf } from "./spec_values.ts";
import { isPrinted, nestedText, PlainScalar, type Raw } from "./python_text.ts";
import { rawOf } from "./yaml.ts";
import type { Parameter, Problem, SpecPath, YamlValue } from "./types.ts";

const TOP = "global.parameters";

/** Reads all parameters and combines them. */
export function readParameters(
  value: { [key: string]: YamlValue },
  combine: YamlValue | undefined,
  files: ParameterFiles,
  problems: Problem[],
): Parameter[] {
  const before = problems.length;
  const columns: SweptParameter[] = [];
  for (const [key, item] of Object.entries(value)) {
    const path = [TOP, key];
    if (key === "") problems.push(problem.emptyName("parameter", path));
    if (!isMapping(item)) {
      const hint = `Give it "values" and "label".`;
      problems.push(problem.wrongThing(`Parameter "${key}"`, path, "a mapping", item, hint));
      columns.push(withoutValues(key));
      continue;
    }
    columns.push(readColumn(key, item, path, files, problems));
  }
  if (isMapping(combine)) {
    // A problem of a parameter would be repeated for every group that contains it.
    if (problems.slice(before).some(({ level }) => level === "error")) return columns;
    return combineColumns(combine, columns, problems);
  }
  for (const { key, values } of columns) {
    const first = columns.find((column) => column.values.length > 0);
    if (!first || values.length === 0 || values.length === first.values.length) continue;
    problems.push(
      problem.unequalValues(key, values.length, [TOP, key, "values"], first.key, first.values.length),
    );
  }
  return columns.map(({ label: _, ...parameter }) => parameter);
}

/**
 * A parameter of which only the name is known. Its problems are already reported, and steps may still use its
 * name.
 */
const withoutValues = (key: string): SweptParameter => ({ key, name: key, values: [], labels: [] });

function readColumn(
  key: string,
  value: { [key: string]: YamlValue },
  path: SpecPath,
  files: ParameterFiles,
  problems: Problem[],
): SweptParameter {
  const where = { name: `parameter "${key}"`, path };
  const section = readLevel(value, "parameter", where, problems);
  const made = generatedValues(key, section, path, files, problems);
  if (made?.length === 0 || (made === undefined && !section.has("values"))) return withoutValues(key);
  const list = listOf(section, "values");
  const values = made ?? list.map((item, i) => {
    const text = valueText(item);
    if (text === undefined) problems.push(problem.valueTooLarge(key, [...path, "values", i]));
    return text ?? "";
  });
  if (values.length === 0) {
    problems.push(problem.emptyValues(key, [...path, "values"]));
    return withoutValues(key);
  }
  const labels = readLabels(key, section, values, [...path, "label"], problems);
  const raws = made ? new Map() : rawsOf(list, values);
  return {
    key,
    name: textOf(section, "name") || key,
    values,
    labels,
    ...(raws.size > 0 ? { raws } : {}),
    ...labelText(key, section),
  };
}

/** The values of a list that differ from what their text suggests. */
function rawsOf(list: YamlValue[], values: readonly string[]): Map<string, Raw> {
  const raw = rawOf(list);
  if (!Array.isArray(raw)) return new Map();
  const others = new Map<string, Raw>();
  values.forEach((text, i) => {
    const item = raw[i];
    const isText = item === text && isPrinted(text);
    const isNested = typeof item === "object" && item !== null && !(item instanceof PlainScalar);
    if (item !== undefined && (isText || isNested)) others.set(text, item);
    // Of equal values the last one counts, as in Maestro.
    else others.delete(text);
  });
  return others;
}

/** One text as the label of all values, with a default as in Maestro's own generators. */
function labelText(key: string, section: Section): { label?: string } {
  return Array.isArray(section.get("label")) ? {} : { label: textOf(section, "label") || defaultLabel(key) };
}

/** The default label of a parameter. */
export const defaultLabel = (key: string) => `${key}.%%`;

/** One label for each value: from one text for all, or from a list. */
function readLabels(
  key: string,
  section: Section,
  values: readonly string[],
  path: SpecPath,
  problems: Problem[],
): string[] {
  const label = section.get("label");
  if (!Array.isArray(label)) {
    const text = textOf(section, "label") || defaultLabel(key);
    return values.map((value) => text.replaceAll("%%", () => value));
  }
  if (label.length !== values.length) {
    problems.push(problem.unequalLabels(key, label.length, path, values.length));
  }
  return label.map((item, i) => {
    if (typeof item === "string" && item !== "") return item.replaceAll("%%", () => values[i] ?? "");
    problems.push(problem.wrongThing(`Label ${i + 1} of parameter "${key}"`, [...path, i], "text", item));
    return "";
  });
}

/** A value as a script sees it: lists, mappings and empty values as Python's `str` prints them. */
export function valueText(value: YamlValue): string | undefined {
  if (value === null) return "None";
  return typeof value === "string" ? value : nestedText(rawOf(value) ?? value);
}
