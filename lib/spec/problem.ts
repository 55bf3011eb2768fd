/** A problem from its words and its place. */

import type { Problem, SpecPath } from "./types.ts";

/** `at`: whether the place is the key itself or its value. */
export function error(path: SpecPath, at: Problem["at"], message: string, hint?: string): Problem {
  return { level: "error", message, path, at, ...(hint === undefined ? {} : { hint }) };
}

export function warning(path: SpecPath, at: Problem["at"], message: string, hint?: string): Problem {
  return { ...error(path, at, message, hint), level: "warning" };
}

/** Appends lists of any length: arguments of a call have a limit, and a spec may have any number of problems. */
export function addAll<T>(all: T[], ...lists: readonly (readonly T[])[]): void {
  for (const list of lists) for (const item of list) all.push(item);
}
