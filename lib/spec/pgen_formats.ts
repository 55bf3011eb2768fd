/** Parameters from outside the spec: the output of a generator, or a CSV, JSON or YAML file. */

import { addAll } from "./problem.ts";
import { placeProblems, readYaml } from "./source_positions.ts";
import { unreadableParameters } from "../input_errors.ts";
import { floatText } from "./python_text.ts";
import { csvRows, parameterFiles, type ReadFiles } from "./spec_generators.ts";
import { defaultLabel, readParameters } from "./spec_parameters.ts";
import { isMapping } from "./spec_values.ts";
import type { Parameter, PlacedProblem, Problem, YamlValue } from "./types.ts";

export type ParameterFormat = "csv" | "json" | "yaml";

export interface FoundParameters {
  readonly parameters: readonly Parameter[];
  readonly problems: readonly PlacedProblem[];
}

/** CSV, or JSON if it starts like JSON. */
export function detectFormat(text: string): ParameterFormat {
  return /^\s*[[{]/.test(text) ? "json" : "csv";
}

/**
 * `source` names the text for messages. `read` reads files that parameters name. Throws if the text does not
 * contain parameters.
 */
export async function parseParameters(
  text: string,
  format: ParameterFormat,
  source: string,
  read: ReadFiles = () => new Map(),
): Promise<FoundParameters> {
  if (text.trim() === "") throw unreadableParameters(source, format, "it is empty");
  if (format === "csv") return { parameters: fromCsv(text, source), problems: [] };
  const problems: Problem[] = [];
  const value = format === "json" ? parseJson(text, source) : await yamlValue(text, problems);
  const parameters = problems.length > 0 ? [] : fromValue(value, format, source, read, problems);
  return { parameters, problems: await placeProblems(source, text, problems) };
}

async function yamlValue(text: string, problems: Problem[]): Promise<YamlValue> {
  const parsed = await readYaml(text);
  addAll(problems, parsed.problems);
  return parsed.value;
}

/** The values of a JSON text as Python prints them: 1.0 is not 1, 20 digits remain 20, and 1e3 is 1000.0. */
function parseJson(text: string, source: string): YamlValue {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""), (_, value, context?: { source?: string }) => {
      if (typeof value === "number") {
        const written = context?.source ?? String(value);
        return /^-?\d+$/.test(written) ? String(BigInt(written)) : floatText(value);
      }
      return typeof value === "boolean" ? (value ? "True" : "False") : value;
    });
  } catch (error) {
    throw unreadableParameters(source, "json", (error as Error).message);
  }
}

/** A first row of names, then a row for each combination. */
function fromCsv(text: string, source: string): Parameter[] {
  const [header = [], ...rows] = csvRows(text);
  const bad = header.find((name, i) => !isName(name) || header.indexOf(name) !== i);
  if (bad !== undefined) {
    const why = isName(bad)
      ? `it has two columns "${bad}"`
      : `its first row contains ${JSON.stringify(bad)} for a name`;
    throw unreadableParameters(source, "csv", why);
  }
  if (rows.length === 0) throw unreadableParameters(source, "csv", "it has no row after the names");
  rows.forEach((row, i) => {
    if (row.length === header.length) return;
    const why = `row ${i + 2} has ${row.length} field${
      row.length === 1 ? "" : "s"
    }, the first has ${header.length}`;
    throw unreadableParameters(source, "csv", why);
  });
  return header.map((key, column) => parameterOf(key, rows.map((row) => row[column]!)));
}

/**
 * Valid names for `$(...)` and for the head of a column. An error message that a program printed is not one.
 */
function isName(text: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(text);
}

function parameterOf(key: string, values: string[]): Parameter {
  const label = defaultLabel(key);
  return { key, name: key, values, labels: values.map((value) => label.replaceAll("%%", () => value)) };
}

/** Rows, parameters as in a spec, or a spec (or a part of one) that contains them. */
function fromValue(
  value: YamlValue,
  format: ParameterFormat,
  source: string,
  read: ReadFiles,
  problems: Problem[],
): Parameter[] {
  if (Array.isArray(value)) return fromRows(value, format, source);
  if (!isMapping(value)) {
    throw unreadableParameters(source, format, "it is neither a mapping nor a list of rows");
  }
  const inSpec = isMapping(value["global.parameters"]);
  const mapping = inSpec ? value["global.parameters"] as { [key: string]: YamlValue } : value;
  const wrong = Object.entries(mapping).find(([, item]) => !isMapping(item) && !Array.isArray(item));
  if (wrong) throw unreadableParameters(source, format, `"${wrong[0]}" is not a parameter with values`);
  // The short form of a parameter: only its values.
  const full = Object.fromEntries(
    Object.entries(mapping).map(([key, item]) => {
      const sections = Array.isArray(item) ? { values: item } : item as { [key: string]: YamlValue };
      return [key, { label: defaultLabel(key), ...sections }];
    }),
  );
  const before = problems.length;
  const found = readParameters(
    full,
    inSpec ? value["global.combine"] : undefined,
    read(parameterFiles(full)),
    problems,
  );
  // Their places are below `global.parameters` in a spec.
  if (!inSpec) {
    addAll(problems, problems.splice(before).map((p) => ({ ...p, path: p.path.slice(1) })));
  }
  return found;
}

function fromRows(rows: readonly YamlValue[], format: ParameterFormat, source: string): Parameter[] {
  const first = rows[0];
  if (!isMapping(first) || Object.keys(first).length === 0) {
    throw unreadableParameters(source, format, "it is a list, but not of rows with names and values");
  }
  const keys = Object.keys(first);
  const columns = keys.map((): string[] => []);
  rows.forEach((row, i) => {
    const other = isMapping(row) ? Object.keys(row).find((key) => !keys.includes(key)) : undefined;
    if (other !== undefined) {
      throw unreadableParameters(source, format, `row ${i + 1} has "${other}", the first has not`);
    }
    keys.forEach((key, column) => {
      const value = isMapping(row) ? row[key] : undefined;
      if (typeof value !== "string") {
        throw unreadableParameters(source, format, `row ${i + 1} has no text or number for "${key}"`);
      }
      columns[column]!.push(value);
    });
  });
  return keys.map((key, column) => parameterOf(key, columns[column]!));
}
