/** Messages of lint about generated parameters and their combination. */

import { error, warning } from "./problem.ts";
import { didYouMean, oneOf } from "../suggest.ts";
import type { Problem, SpecPath } from "./types.ts";

/** Most values of a parameter, and most combinations of a study. */
export const MOST = 2_000_000;

const FEWER = "Use fewer values, or split the study.";

/** Problems of a spec's parameters that are not used, because a generator replaces them. */
export function asDocumentation(problem: Problem): Problem {
  const [top] = problem.path;
  if (problem.level !== "error" || (top !== "global.parameters" && top !== "global.combine")) return problem;
  return {
    ...problem,
    level: "warning",
    hint: "They are not used, because the parameter generator replaces them.",
  };
}

/** A problem of parameters that a generator supplies. */
export function ofGenerator(problem: Problem): Problem {
  return { ...problem, path: ["conductor", "pgen"], at: "value" };
}

/** A program that the spec names, and that nobody wants to run now. */
export function generatorUnknown(file: string): Problem {
  return warning(
    ["conductor", "pgen"],
    "value",
    `The parameter generator ${file} is not run: what depends on its parameters is not checked`,
    "Read the program. If you trust it, add --run-generators.",
  );
}

export function severalGenerators(key: string, path: SpecPath, names: readonly string[]): Problem {
  return error(
    path,
    "value",
    `Parameter "${key}" has ${names.join(" and ")}`,
    "Keep one of them.",
  );
}

export function endlessRange(key: string, path: SpecPath): Problem {
  return error(
    path,
    "value",
    `The range of parameter "${key}" has a step of 0`,
    'Give "step" another value.',
  );
}

export function emptyRange(key: string, path: SpecPath): Problem {
  return error(path, "value", `The range of parameter "${key}" is empty`, 'Its "step" has the wrong sign.');
}

export function tooManyValues(what: string, path: SpecPath, count: number | bigint): Problem {
  return error(
    path,
    "value",
    `${what} has ${count.toLocaleString("en")} values; the limit is ${MOST.toLocaleString("en")}`,
    FEWER,
  );
}

export function noLogarithm(key: string, path: SpecPath): Problem {
  const hint = "They are the first and the last number, not exponents.";
  return error(path, "value", `"from" and "to" in "logspace" of parameter "${key}" must be above 0`, hint);
}

export function fromAboveTo(key: string, path: SpecPath, whole: boolean): Problem {
  return error(
    path,
    "value",
    `"random" of parameter "${key}" has no ${whole ? "whole " : ""}number between "from" and "to"`,
    'Give a smaller "from" or a larger "to".',
  );
}

export function fileMissing(file: string, path: SpecPath): Problem {
  return error(
    path,
    "value",
    `No such file: ${file}`,
    "A relative path starts at the folder of the spec.",
  );
}

export function emptyFile(file: string, path: SpecPath): Problem {
  const hint = "Write one value in each line, or a CSV table with names in its first row.";
  return error(path, "value", `${file} contains no values`, hint);
}

export function columnMissing(
  column: string,
  file: string,
  path: SpecPath,
  known: readonly string[],
): Problem {
  const hint = didYouMean(column, known) ?? `Its columns: ${known.join(", ")}.`;
  return error(path, "value", `${file} has no column "${column}"`, hint);
}

export function zipAndProduct(path: SpecPath): Problem {
  return error(
    path,
    "value",
    '"zip" and "product" cannot be in the same mapping',
    "Nest one in the other: product: [A, {zip: [B, C]}]",
  );
}

export function notAGroup(path: SpecPath): Problem {
  const hint = "Write a parameter, {zip: [A, B]} or {product: [A, B]}.";
  return error(path, "value", "An item of a group must be a parameter or another group", hint);
}

export function combinesUnknown(key: string, path: SpecPath, known: Iterable<string>): Problem {
  return error(path, "value", `There is no parameter "${key}"`, oneOf(key, known));
}

export function combinesTwice(key: string, path: SpecPath): Problem {
  return error(path, "value", `Parameter "${key}" occurs twice in the combination`, "Name it once.");
}

export function notCombined(keys: readonly string[], path: SpecPath): Problem {
  const many = keys.length > 1;
  const names = keys.map((key) => `"${key}"`).join(", ");
  const message = `Parameter${many ? "s" : ""} ${names} ${many ? "are" : "is"} not combined with the others`;
  return error(path, "value", message, `Name every parameter once in "zip" or "product".`);
}

/** `name` and `first` describe parameters or groups, with their number of values or combinations. */
export function unequalGroups(
  name: string,
  count: number,
  path: SpecPath,
  first: string,
  wanted: number,
): Problem {
  const message = `In "zip", ${name} has ${count} and ${first} has ${wanted}`;
  return error(
    path,
    "value",
    message,
    '"zip" combines by position, so the numbers must be equal.',
  );
}

export function tooManyCombinations(path: SpecPath, count: number): Problem {
  const most = MOST.toLocaleString("en");
  return error(
    path,
    "value",
    `The parameters have ${count.toLocaleString("en")} combinations; the limit is ${most}`,
    FEWER,
  );
}

export function noSuchValue(key: string, value: string, path: SpecPath, known: readonly string[]): Problem {
  const shown = known.slice(0, 8).join(", ") + (known.length > 8 ? ", ..." : "");
  return warning(path, "value", `Parameter "${key}" has no value "${value}"`, `Its values: ${shown}`);
}

export function excludesNothing(path: SpecPath): Problem {
  return warning(path, "value", "This row excludes no combination", "Check the spelling of its values.");
}

export function nothingLeft(path: SpecPath): Problem {
  return error(path, "value", "No combination of the parameters is left", 'Remove a row of "exclude".');
}

export function includesPart(keys: readonly string[], path: SpecPath): Problem {
  const names = keys.map((key) => `"${key}"`).join(", ");
  return error(
    path,
    "value",
    `The row to include has no value for ${names}`,
    "Give a value for every parameter.",
  );
}

export function includedAlready(path: SpecPath): Problem {
  return warning(path, "value", "The combination to include already exists", "Remove this row.");
}

export function noLabelFor(key: string, value: string, path: SpecPath): Problem {
  const hint = `Write its label as one text for all values: label: ${key}.%%`;
  return error(path, "value", `Parameter "${key}" has a list of labels, and none for "${value}"`, hint);
}

const runs = (count: number) => count === 1 ? "1 runs" : `${count.toLocaleString("en")} run`;

/** `all`: every value has this label. */
export function sharedLabel(key: string, count: number, labels: readonly string[], all: boolean): Problem {
  const shared = labels.length === 1
    ? `the label "${labels[0]}"`
    : `${labels.length.toLocaleString("en")} labels`;
  const hint = all
    ? `Put %% into the label, such as ${key}.%%, or write a list of labels.`
    : "Steps run once for each label. Write different labels for different values.";
  return warning(
    ["global.parameters", key, "label"],
    "value",
    `${count.toLocaleString("en")} values of parameter "${key}" share ${shared}; ${runs(labels.length)}`,
    hint,
  );
}

export function joinedLabelsEqual(step: string, label: string): Problem {
  return warning(
    ["global.parameters"],
    "key",
    `Different combinations of step "${step}" share the name "${step}_${label}"; 1 runs`,
    "A name joins the labels of all parameters with dots. Change one of the labels.",
  );
}

/** `values`: of the first combination that occurs more than once. */
export function equalCombinations(
  keys: readonly string[],
  count: number,
  distinct: number,
  values: readonly string[],
): Problem {
  const single = keys.length === 1;
  const what = single ? `values of parameter "${keys[0]}"` : "combinations of parameters";
  const example = single ? `"${values[0]}"` : keys.map((key, i) => `${key}=${values[i]}`).join(", ");
  const equal = distinct === 1 ? `are equal (${example})` : `occur more than once (such as ${example})`;
  return warning(
    single ? ["global.parameters", keys[0]!, "values"] : ["global.parameters"],
    single ? "value" : "key",
    `${count.toLocaleString("en")} ${what} ${equal}; ${runs(distinct)}`,
    'Equal combinations run once. Values are compared as texts: 1 and "1" are equal.',
  );
}
