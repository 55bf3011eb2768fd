/** The attempts of a node, from what is known of it. */

import type { Columns } from "./step_columns.ts";
import type { Attempt, AttemptKind } from "../attempt.ts";
import { type Usage, USAGE_FIELDS } from "../usage.ts";

/** All attempts of a node, in order, those before a rerun included. */
export function attemptsOf(columns: Columns, node: number): readonly Attempt[] {
  const earlier = columns.earlier.get(node);
  const last = lastAttempt(columns, node);
  return last === undefined ? earlier : earlier.length === 0 ? [last] : [...earlier, last];
}

/** The attempt in flight, or the one that the step ended with. */
export function lastAttempt(columns: Columns, node: number): Attempt | undefined {
  const kind = columns.kind.get(node);
  if (kind === undefined) return undefined;
  return made(columns, node, kind, {
    state: columns.state.get(node),
    endedAt: columns.over.get(node) ? columns.endedAt.get(node) : undefined,
  });
}

/** How an attempt ended, as far as that is known. */
type End = Pick<Attempt, "state" | "endedAt">;

/** Moves the attempt to the earlier ones: another may follow. */
export function leaveBehind(columns: Columns, node: number, end: End): void {
  const kind = columns.kind.get(node);
  if (kind === undefined) return;
  columns.earlier.push(node, made(columns, node, kind, end));
  columns.kind.clear(node);
  columns.startedAt.clear(node);
}

/** All of one form: a large study has many. */
function made(columns: Columns, node: number, kind: AttemptKind, { state, endedAt }: End): Attempt {
  return {
    number: columns.attempt.get(node),
    kind,
    state,
    jobId: columns.jobId.get(node),
    host: columns.host.get(node),
    submittedAt: columns.intendedAt.get(node)!,
    startedAt: columns.startedAt.get(node),
    endedAt,
    exitCode: columns.exitCode.get(node),
    reason: columns.reason.get(node),
    used: usedBy(columns, node),
  };
}

/** What the last attempt used. Undefined if nothing is known. */
export function usedBy(columns: Columns, node: number): Usage | undefined {
  let used: { -readonly [FIELD in keyof Usage]: number } | undefined;
  for (const field of USAGE_FIELDS) {
    const value = columns[field].get(node);
    if (value !== undefined) (used ??= {})[field] = value;
  }
  return used;
}

/** What an attempt used becomes known after its end; others may have followed by then. */
export function learnUse(columns: Columns, node: number, number: number, used: Usage): void {
  if (columns.kind.get(node) !== undefined && number === columns.attempt.get(node)) {
    return noteUse(columns, node, used);
  }
  const earlier = columns.earlier.get(node);
  if (!earlier.some((attempt) => attempt.number === number)) return;
  columns.earlier.set(
    node,
    earlier.map((attempt) => attempt.number === number ? { ...attempt, used } : attempt),
  );
}

/** Of the last attempt. */
export function noteUse(columns: Columns, node: number, used: Usage): void {
  for (const field of USAGE_FIELDS) if (used[field] !== undefined) columns[field].set(node, used[field]);
}

/** The attempts of the step's present life: since it was last to run from the beginning. */
export function attemptsOfLife(columns: Columns, node: number): readonly Attempt[] {
  // Nothing was submitted since a reset.
  if (columns.submittedAt.get(node) === undefined) return [];
  const all = attemptsOf(columns, node);
  const first = all.findLastIndex(({ kind }) => kind === "first" || kind === "rerun");
  return first > 0 ? all.slice(first) : all;
}
