/** `global.parameters` of a spec: every value and label as text. */

import * as problem from "./problems.ts";
import { isMapping, listOf, readLevel, type Section, textOf } from "./spec_values.ts";
import type { Parameter, Problem, SpecPath, YamlValue } from "./types.ts";
import { parseBoolean } from "./units.ts";

const TOP = "global.parameters";

/** Reads all parameters. `taken`: names of `env`, whose text is put in before a parameter's would be. */
export function readParameters(
  value: { [key: string]: YamlValue },
  taken: ReadonlyMap<string, string>,
  problems: Problem[],
): Parameter[] {
  const parameters: Parameter[] = [];
  let first: { key: string; count: number } | undefined;
  for (const [key, item] of Object.entries(value)) {
    const path = [TOP, key];
    if (key === "") problems.push(problem.emptyName("parameter", path));
    if (!isMapping(item)) {
      const hint = `Give it "values" and "label".`;
      problems.push(problem.wrongThing(`Parameter "${key}"`, path, "a mapping", item, hint));
      continue;
    }
    const by = taken.get(key);
    if (by !== undefined) problems.push(problem.parameterHidden(key, path, by));
    const parameter = readParameter(key, item, path, problems);
    if (parameter === undefined) continue;
    parameters.push(parameter);
    const count = parameter.values.length;
    first ??= { key, count };
    if (count === first.count) continue;
    problems.push(problem.unequalValues(key, count, [...path, "values"], first.key, first.count));
  }
  return parameters;
}

function readParameter(
  key: string,
  value: { [key: string]: YamlValue },
  path: SpecPath,
  problems: Problem[],
): Parameter | undefined {
  const where = { name: `parameter "${key}"`, path };
  const section = readLevel(value, "parameter", where, problems);
  if (!section.has("values")) return undefined;
  const values = listOf(section, "values").map((item, i) => {
    const text = valueText(item);
    if (text === undefined) problems.push(problem.valueTooLarge(key, [...path, "values", i]));
    return text ?? "";
  });
  if (values.length === 0) {
    problems.push(problem.emptyValues(key, [...path, "values"]));
    return undefined;
  }
  const labels = readLabels(key, section, values, [...path, "label"], problems);
  return { key, name: textOf(section, "name") || key, values, labels };
}

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
    return values.map((value) => textOf(section, "label").replaceAll("%%", () => value));
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

/** Parts of a nested value that are written out: aliases can make a small file an endless one. */
const MOST_PARTS = 1000;

/** A value as a script sees it: as written, and lists and mappings as Python's `str` has them. */
function valueText(value: YamlValue): string | undefined {
  if (value === null) return "";
  if (typeof value === "string") return value;
  const budget = { left: MOST_PARTS };
  const text = pythonText(value, budget);
  return budget.left < 0 ? undefined : text;
}

function pythonText(value: YamlValue, budget: { left: number }): string {
  if (--budget.left < 0) return "";
  if (value === null) return "None";
  if (typeof value === "string") return pythonScalar(value);
  if (Array.isArray(value)) return `[${value.map((item) => pythonText(item, budget)).join(", ")}]`;
  const pairs = Object.entries(value).map(([key, item]) =>
    `${pythonScalar(key)}: ${pythonText(item, budget)}`
  );
  return `{${pairs.join(", ")}}`;
}

function pythonScalar(text: string): string {
  if (/^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]\d+)?$/i.test(text)) return text;
  const boolean = text.length > 1 ? parseBoolean(text) : undefined;
  if (boolean !== undefined) return boolean ? "True" : "False";
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return quote + text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll(quote, `\\${quote}`) +
    quote;
}
