/** The attempts of a node, from what is known of it. */

import type { Columns } from "./step_columns.ts";
import type { Attempt } from "../attempt.ts";

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
  return {
    number: columns.attempt.get(node),
    kind,
    state: columns.state.get(node),
    ...known(columns, node),
    ...(columns.over.get(node) ? { endedAt: columns.endedAt.get(node)! } : {}),
  };
}

/** Moves the attempt to the earlier ones: another may follow. `end`: how it ended, as far as that is known. */
export function leaveBehind(columns: Columns, node: number, end: Pick<Attempt, "state" | "endedAt">): void {
  const kind = columns.kind.get(node);
  if (kind === undefined) return;
  columns.earlier.push(node, {
    number: columns.attempt.get(node),
    kind,
    ...end,
    ...known(columns, node),
  });
  columns.kind.clear(node);
  columns.startedAt.clear(node);
}

function known(columns: Columns, node: number) {
  const jobId = columns.jobId.get(node);
  const host = columns.host.get(node);
  const startedAt = columns.startedAt.get(node);
  const exitCode = columns.exitCode.get(node);
  const reason = columns.reason.get(node);
  return {
    ...(jobId === undefined ? {} : { jobId }),
    ...(host === undefined ? {} : { host }),
    submittedAt: columns.intendedAt.get(node)!,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The attempts of the step's present life: since it was last to run from the beginning. */
export function attemptsOfLife(columns: Columns, node: number): readonly Attempt[] {
  // Nothing was submitted since a reset.
  if (columns.submittedAt.get(node) === undefined) return [];
  const all = attemptsOf(columns, node);
  const first = all.findLastIndex(({ kind }) => kind === "first" || kind === "rerun");
  return first > 0 ? all.slice(first) : all;
}
