/** Whether two states of one study are the same, however they came about. */

import { isSameInColumns } from "./step_columns.ts";
import type { Progress } from "./progress.ts";

export function isSameState(a: Progress, b: Progress): boolean {
  return a.plan.size === b.plan.size && isSameInColumns(a.columns, b.columns, a.plan.size) &&
    namesOf(a).every((name) => isSame(a[name], b[name]));
}

/** What is compared otherwise, or follows from the plan and from who asks. */
const OTHERS: readonly (keyof Progress)[] = [
  "plan",
  "columns",
  "records",
  "children",
  "isScheduled",
  "original",
  "look",
];

const namesOf = (progress: Progress) =>
  (Object.keys(progress) as (keyof Progress)[]).filter((name) => !OTHERS.includes(name));

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return a === b;
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((each) => b.has(each));
  const [keysOfA, keysOfB] = [definedKeys(a), definedKeys(b)];
  return keysOfA.length === keysOfB.length &&
    keysOfA.every((key) => isSame(a[key as keyof typeof a], b[key as keyof typeof b]));
}

const definedKeys = (of: object) => Object.keys(of).filter((key) => of[key as keyof typeof of] !== undefined);
