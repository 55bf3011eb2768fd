/** What lint says about a text that is no YAML, or YAML of which no spec can be made. */

import { error, warning } from "./problem.ts";
import type { Problem, SpecPath } from "./types.ts";

export function notYaml(reason: string, hint?: string): Problem {
  return error([], "value", `The file is not YAML: ${reason}`, hint);
}

/** Stands for all repeated keys of a file until `placeProblems` finds out where they are. */
export function repeatedKeys(): Problem {
  return warning([], "key", "A key is given twice in one mapping: the last one counts");
}

export function repeatedKey(key: string, path: SpecPath): Problem {
  return warning(path, "key", `Key "${key}" is given twice in one mapping: the last one counts`);
}

export function notAMerge(path: SpecPath): Problem {
  return error(
    path,
    "value",
    `"<<" needs a mapping or a list of mappings to merge`,
    "Write it as <<: *anchor",
  );
}

export function keyNotText(path: SpecPath): Problem {
  return error(
    path,
    "key",
    "A mapping stands where a key is expected",
    "Quote text that starts with a brace.",
  );
}

/** A plain scalar that Maestro, and so this program, prints otherwise than it is written. */
export function reprinted(path: SpecPath, written: string, text: string): Problem {
  const hint = `Quote it to keep it: "${written}"`;
  return { ...error(path, "value", `${written} becomes ${text}, as Maestro prints it`, hint), level: "note" };
}

export function moreReprinted(path: SpecPath, count: number): Problem {
  const message = `${count} more ${count === 1 ? "value becomes" : "values become"} other text, from here on`;
  return { ...error(path, "value", message, "Quote those whose spelling matters."), level: "note" };
}

/** Stands for what `placeProblems` finds by itself: where the first tab is. */
export function tabIndents(): Problem {
  return notYaml("a line is indented with a tab", "Indent with spaces: YAML does not say how wide a tab is.");
}

export function holdsNul(path: SpecPath): Problem {
  return error(path, "value", "The text holds a NUL character", "No shell can take it; leave it out.");
}

export function containsItself(path: SpecPath): Problem {
  return error(path, "value", "An alias stands inside the value that it refers to");
}
