/** Messages of lint about a text that is not YAML, or YAML that cannot be a spec. */

import { error, warning } from "./problem.ts";
import type { Problem, SpecPath } from "./types.ts";

export function notYaml(reason: string, hint?: string): Problem {
  return error([], "value", `The file is not YAML: ${reason}`, hint);
}

const ONCE = "Remove all but one of them.";

/** Represents all repeated keys of a file until `placeProblems` finds their places. */
export function repeatedKeys(): Problem {
  return warning([], "key", "Duplicate key in one mapping: the last one counts", ONCE);
}

export function repeatedKey(key: string, path: SpecPath): Problem {
  return warning(path, "key", `Duplicate key "${key}" in one mapping: the last one counts`, ONCE);
}

export function notAMerge(path: SpecPath): Problem {
  return error(
    path,
    "value",
    `"<<" needs a mapping or a list of mappings to merge`,
    "Write <<: *anchor",
  );
}

export function keyNotText(path: SpecPath): Problem {
  return error(
    path,
    "key",
    "A mapping cannot be a key",
    "Quote text that starts with a brace.",
  );
}

/** A plain scalar that Maestro, and therefore this program, prints differently from its source text. */
export function reprinted(path: SpecPath, written: string, text: string): Problem {
  const hint = `Quote it to keep the spelling: "${written}"`;
  return { ...error(path, "value", `${written} becomes ${text}, as Maestro prints it`, hint), level: "note" };
}

export function moreReprinted(path: SpecPath, count: number): Problem {
  const message = `${count} more ${
    count === 1 ? "value becomes" : "values become"
  } other text after this line`;
  return { ...error(path, "value", message, "Quote those whose spelling matters."), level: "note" };
}

/** A placeholder: `placeProblems` finds the first tab. */
export function tabIndents(): Problem {
  return notYaml("a line is indented with a tab", "Indent with spaces: YAML does not allow tabs.");
}

export function holdsNul(path: SpecPath): Problem {
  return error(path, "value", "The text contains a NUL character", "No shell can read it. Remove it.");
}

export function containsItself(path: SpecPath): Problem {
  return error(
    path,
    "value",
    "An alias is inside the value that it refers to",
    "Replace the alias by a value.",
  );
}
