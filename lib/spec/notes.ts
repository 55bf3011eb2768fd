/** Notes of `lint`: plain scalars that print differently from their source text. */

import { moreReprinted, reprinted } from "./yaml_problems.ts";
import { LEVELS } from "./spec_keys.ts";
import type { Problem, SpecPath } from "./types.ts";
import type { Reprinted } from "./yaml.ts";

/** Most notes of this kind. */
const MOST_NOTES = 20;

/** Types of keys whose value is interpreted, and never printed as text. */
const READ: ReadonlySet<unknown> = new Set([
  "integer",
  "number",
  "boolean",
  "exclusive",
  "walltime",
  "priority",
]);
const RUN_KEYS = new Map(LEVELS.run.keys.map((key) => [key.name, key]));
const STEP_KEYS = new Map(LEVELS.step.keys.map((key) => [key.name, key]));
const RULES: ReadonlySet<unknown> = new Set(["range", "linspace", "logspace"]);

/** A note for each scalar whose changed text is visible: in a script, a folder, a table. */
export function spellingNotes(found: readonly Reprinted[]): Problem[] {
  const shown = found.filter(({ path, text }) =>
    text === "None" ? isValue(path) : isShown(path) && !(isArgs(path) && /^(?:True|False)$/.test(text))
  );
  const notes = shown.slice(0, MOST_NOTES).map(({ path, written, text }) => reprinted(path, written, text));
  const left = shown[MOST_NOTES];
  return left ? [...notes, moreReprinted(left.path, shown.length - MOST_NOTES)] : notes;
}

const isValue = ([top, , key]: SpecPath) => top === "global.parameters" && key === "values";

/** Options of the scheduler, in which true remains true. */
const isArgs = ([top, second]: SpecPath) => top === "batch" && /^(?:\w+_)?args$/.test(String(second));

function isShown([top, second, third, fourth]: SpecPath): boolean {
  if (top === "study") {
    const key = third === "run" ? RUN_KEYS.get(String(fourth)) : STEP_KEYS.get(String(third));
    return key !== undefined && !READ.has(key.type);
  }
  if (top === "global.parameters") return !RULES.has(third);
  return !(top === "global.combine" && second === "exclude");
}
