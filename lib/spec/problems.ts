/**
 * Messages of lint about a spec: every message is a function here, so that all wording can be read in one
 * place.
 */

import { error, warning } from "./problem.ts";
import { didYouMean, meantKeyHint, nearest, oneOf } from "../suggest.ts";
import type { Problem, SpecPath, YamlValue } from "./types.ts";

/** A value in words, for the end of a message: `a list`, `nothing`, `"0"`. */
export function inWords(value: YamlValue): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (value === "") return "empty";
  const short = value.length > 40 ? value.slice(0, 40) + "..." : value;
  return JSON.stringify(short);
}

// ---------------------------------------------------------------- any key

/** `isError`: keys of this mapping must be known. */
export function moreUnknownKeys(count: number, place: string, path: SpecPath, isError: boolean): Problem {
  return (isError ? error : warning)(
    path,
    "key",
    `${place} has ${count} more unknown keys`,
    "Correct the keys above first.",
  );
}

export function unknownKey(
  key: string,
  where: string,
  path: SpecPath,
  known: readonly string[],
  better?: string,
): Problem {
  const hint = better ?? meantKeyHint(key, known) ?? `Known keys: ${known.join(", ")}.`;
  return error(path, "key", `Unknown key "${key}" in ${where}`, hint);
}

export function ignoredKey(
  key: string,
  where: string,
  path: SpecPath,
  known: readonly string[],
  better?: string,
): Problem {
  const message = `Unknown key "${key}" in ${where} is ignored`;
  return warning(path, "key", message, better ?? meantKeyHint(key, known));
}

/** `keys`: one of them is enough. */
export function missingKey(
  keys: readonly string[],
  where: string,
  path: SpecPath,
  example?: string,
): Problem {
  const hint = example === undefined ? undefined : `Add ${keys[0]}: ${example}`;
  const words = keys.map((key) => `"${key}"`);
  const all = [words.slice(0, -1).join(", "), ...words.slice(-1)].filter((part) => part !== "").join(" or ");
  return error(path, "value", `Missing key ${all} in ${where}`, hint);
}

export function unusedKey(key: string, where: string, path: SpecPath): Problem {
  return warning(path, "key", `Key "${key}" in ${where} is never used`, `Move its commands to "cmd".`);
}

/** `key in where must be X, but is Y`: for wrong types and values out of range. */
export function wrongValue(
  key: string,
  where: string,
  path: SpecPath,
  wanted: string,
  value: YamlValue,
  hint?: string,
): Problem {
  return error(path, "value", `Key "${key}" in ${where} must be ${wanted}, but is ${inWords(value)}`, hint);
}

/** A word that is not one of the allowed ones. */
export function unknownWord(word: string, where: string, path: SpecPath, known: readonly string[]): Problem {
  const guess = didYouMean(word, known);
  const hint = `${guess === undefined ? "" : `${guess} `}Known: ${known.join(", ")}.`;
  return error(path, "value", `Unknown value "${word}" in ${where}`, hint);
}

/** The same for a value without a key: a section, or an item of a list. */
export function wrongThing(
  what: string,
  path: SpecPath,
  wanted: string,
  value: YamlValue,
  hint?: string,
): Problem {
  return error(path, "value", `${what} must be ${wanted}, but is ${inWords(value)}`, hint);
}

export function emptyText(key: string, where: string, path: SpecPath): Problem {
  return error(path, "value", `Key "${key}" in ${where} is empty`, "Give it a value, or remove it.");
}

// ---------------------------------------------------------------- env and batch

export function emptyName(kind: string, path: SpecPath): Problem {
  return error(path, "key", `A ${kind} has an empty name`, "Give it a name.");
}

export function noValue(kind: string, name: string, path: SpecPath, value: YamlValue): Problem {
  if (value === null || value === "") {
    return error(path, "value", `The ${kind} "${name}" has no value`, "Give it a value, or remove it.");
  }
  return wrongThing(`The ${kind} "${name}"`, path, "text", value);
}

export function nameTaken(
  name: string,
  kind: string,
  path: SpecPath,
  at: "key" | "value",
  by: string,
): Problem {
  return error(
    path,
    at,
    `The name "${name}" of a ${kind} is already taken by a ${by}`,
    "Rename one of them.",
  );
}

export function nameReserved(name: string, path: SpecPath, at: "key" | "value", meaning: string): Problem {
  return error(path, at, `The name "${name}" is reserved`, `$(${name}) is always ${meaning}.`);
}

export function spackDependency(path: SpecPath): Problem {
  return error(
    path,
    "key",
    "Spack dependencies are not supported",
    "Load the package in the commands of the steps.",
  );
}

export function severalCheckouts(name: string, path: SpecPath): Problem {
  const message = `The git dependency "${name}" names more than one of tag, branch and hash`;
  return error(path, "value", message, "Keep the one to check out.");
}

export function gitOption(key: string, word: string, path: SpecPath): Problem {
  const message = `The ${key} "${word}" of a git dependency would be an option of git`;
  return error(path, "value", message, "Names of tags and branches do not begin with a hyphen.");
}

export function gitFolder(name: string, path: SpecPath): Problem {
  const message = `The name "${name}" of a git dependency leads out of its "path"`;
  return error(path, "value", message, 'The clone gets this name below "path": give it a plain name.');
}

// ---------------------------------------------------------------- steps

export function noSteps(path: SpecPath): Problem {
  return error(path, "value", "The study has no steps", 'Add at least one to "study".');
}

export function stepNameTaken(name: string, path: SpecPath, first: number): Problem {
  return error(
    path,
    "value",
    `Two steps have the name "${name}"`,
    `The other one is step number ${first + 1}. Rename one of them.`,
  );
}

export function dependsTwice(where: string, key: string, item: string, path: SpecPath): Problem {
  return error(path, "value", `Step "${item}" occurs twice in "${key}" of ${where}`, "Remove one of them.");
}

export function dependsOnItself(step: string, path: SpecPath): Problem {
  return error(path, "value", `Step "${step}" depends on itself`, "Remove it from this list.");
}

/** `suffix` is `_*` if the item is a funnel, so that the guess can be copied. */
export function dependsOnUnknown(
  where: string,
  key: string,
  target: string,
  path: SpecPath,
  names: readonly string[],
  suffix: string,
): Problem {
  const [head, matched] = target.split("[");
  const match = nearest(target, names);
  const hint = matched !== undefined && [...names].includes(head!)
    ? `Write "${head}_*[${matched.replace(/\]?$/, "]")}" for the nodes with the same value.`
    : match === undefined
    ? oneOf(target, names)
    : `Did you mean "${match}${suffix}"?`;
  return error(path, "value", `Unknown step "${target}" in "${key}" of ${where}`, hint);
}

// ---------------------------------------------------------------- parameters

export function emptyValues(name: string, path: SpecPath): Problem {
  const hint = "Steps that use it would never run. Remove the parameter, or add values.";
  return error(path, "value", `Parameter "${name}" has no values`, hint);
}

export function unequalValues(
  name: string,
  count: number,
  path: SpecPath,
  first: string,
  wanted: number,
): Problem {
  const message = `Parameter "${name}" has ${count} ${values(count)}, but "${first}" has ${wanted}`;
  return error(
    path,
    "value",
    message,
    "Values are combined by position: write the same number for every parameter.",
  );
}

export function unequalLabels(name: string, count: number, path: SpecPath, wanted: number): Problem {
  const message = `Parameter "${name}" has ${count} ${count === 1 ? "label" : "labels"} for ${wanted} ${
    values(wanted)
  }`;
  return error(path, "value", message, `Write one label for each value, or one for all: label: ${name}.%%`);
}

export function valueTooLarge(name: string, path: SpecPath): Problem {
  return error(
    path,
    "value",
    `A value of parameter "${name}" is too large to convert to text`,
    "Write it to a file that the step reads.",
  );
}

function values(count: number): string {
  return count === 1 ? "value" : "values";
}
