/** Rows of a status, made by hand. */

import { STEP_STATE, type StepState } from "../lib/study/states.ts";
import type { EndedBy, StatusStep, StatusView, Tally } from "../lib/view/status_view.ts";

/** A row; how it has ended follows from its state, unless `more` has it. */
export function statusStep(name: string, state: StepState, more: Partial<StatusStep> = {}): StatusStep {
  return {
    node: 0,
    name,
    step: name.split("_")[0]!,
    workspace: `/p/out/${name}`,
    shortWorkspace: name,
    state,
    params: {},
    restarts: 0,
    attempts: [],
    ended: endedBy(state, more.skipped),
    ...more,
  };
}

function endedBy(state: StepState, skipped: true | undefined): EndedBy | undefined {
  const { kind } = STEP_STATE[state];
  if (kind === "finished") return "itself";
  if (kind === "failed") return skipped ? "skipped" : "itself";
  return kind === "cancelled" ? "cancelled" : undefined;
}

/** The tally of these rows. */
export function tallyOfRows(rows: readonly StatusStep[]): Tally {
  const tally = {
    ...{ finished: 0, failed: 0, skipped: 0, retrying: 0, waiting: 0 },
    ...{ running: 0, cancelled: 0, unknown: 0, dry: 0 },
  };
  for (const { state, ended } of rows) tally[keyOf(state, ended)]++;
  return tally;
}

function keyOf(state: StepState, ended: EndedBy | undefined): keyof Tally {
  switch (STEP_STATE[state].kind) {
    case "finished":
      return "finished";
    case "failed":
      return ended === undefined ? "retrying" : ended === "skipped" ? "skipped" : "failed";
    case "cancelled":
      return "cancelled";
    case "written":
      return "dry";
    case "unknown":
      return "unknown";
    default:
      return state === "RUNNING" ? "running" : "waiting";
  }
}

/** A view of these rows. */
export function viewOf(steps: StatusStep[], more: Partial<StatusView> = {}): StatusView {
  const counts = countsOf(steps);
  return {
    ...{ study: "s", directory: "/p/out", state: "running", conductor: { alive: false }, facts: [] },
    counts,
    tally: tallyOfRows(steps),
    totals: totalsOf(steps),
    steps,
    ...more,
  };
}

function countsOf(rows: readonly StatusStep[]) {
  const counts: Partial<Record<StepState, number>> = {};
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function totalsOf(steps: readonly StatusStep[]) {
  const known = <VALUE>(values: (VALUE | undefined)[]) => values.filter((value) => value !== undefined);
  const submitted = known(steps.map(({ submittedAt }) => submittedAt));
  const ended = known(steps.map(({ endedAt }) => endedAt));
  const stuck = Map.groupBy(
    steps.filter(({ state }) => ["PENDING", "RUNNING"].includes(state)),
    ({ reason }) => reason,
  );
  return {
    steps: steps.length,
    ...(submitted.length > 0 ? { submittedAt: Math.min(...submitted) } : {}),
    ...(ended.length > 0 ? { endedAt: Math.max(...ended) } : {}),
    ofStep: [...Map.groupBy(steps, ({ step }) => step)].map(([name, some]) => ({
      name,
      total: some.length,
      counts: countsOf(some),
      tally: tallyOfRows(some),
    })),
    stuck: [...stuck].flatMap(([reason, some]) =>
      reason === undefined ? [] : [{ reason, first: some[0]!.name, nodes: some.length }]
    ),
  };
}
