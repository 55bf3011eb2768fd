/** Whether two states of one study are the same, however they came about. */

import { isSameInColumns } from "./step_columns.ts";
import type { Progress } from "./progress.ts";

export function isSameState(a: Progress, b: Progress): boolean {
  return a.plan.size === b.plan.size && isSameInColumns(a.columns, b.columns, a.plan.size) &&
    isSame(rest(a), rest(b));
}

/** All that changes, but for the records. */
function rest(progress: Progress) {
  const { queues, queued, inFlight, unwanted, counts, unended, cancelling, settings, taken, closed } =
    progress;
  const { unmet, unfinished, going, forgiven, funnelsTold, unsettled } = progress;
  return {
    ...{ queues, queued, inFlight, unwanted, counts, unended, cancelling, settings, taken, closed },
    ...{ unmet, unfinished, going, forgiven, funnelsTold, unsettled },
  };
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return a === b;
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((each) => b.has(each));
  const [keysOfA, keysOfB] = [definedKeys(a), definedKeys(b)];
  return keysOfA.length === keysOfB.length &&
    keysOfA.every((key) => isSame(a[key as keyof typeof a], b[key as keyof typeof b]));
}

const definedKeys = (of: object) => Object.keys(of).filter((key) => of[key as keyof typeof of] !== undefined);
