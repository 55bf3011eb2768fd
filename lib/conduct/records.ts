/** The fold: from events to the state of a study. What an event means for one step is in `step_events.ts`. */

import { nodeNamed } from "../plan/plan_nodes.ts";
import { adjust, childrenOf, isSatisfied, newQueues } from "./readiness.ts";
import { applyToStep, endNode } from "./step_events.ts";
import { newColumns, recordsOf, STEP_STATES } from "./step_records.ts";
import type { Children, Progress } from "./study_state.ts";
import type { Plan, Settings, StudyEvent } from "../types.ts";

/** A study of which nothing has happened yet. What is ready is worked out when it is asked for: readers never do. */
export function newProgress(
  plan: Plan,
  settings: Settings,
  isScheduled: (node: number) => boolean,
): Progress {
  const { nodes, steps } = plan;
  let children: Children | undefined;
  const columns = newColumns(nodes.length);
  return {
    plan,
    columns,
    records: recordsOf(columns, nodes.length),
    isScheduled,
    queues: newQueues(),
    queued: new Uint8Array(nodes.length),
    inFlight: { local: new Set(), scheduled: new Set() },
    unwanted: new Set(),
    counts: nodes.length > 0 ? { INITIALIZED: nodes.length } : {},
    unended: nodes.length,
    cancelling: false,
    settings,
    unmet: new Int32Array(nodes.length),
    unfinished: new Int32Array(steps.length),
    going: new Int32Array(steps.length),
    forgiven: 0,
    get children() {
      return children ??= childrenOf(plan);
    },
    funnelsTold: new Uint8Array(steps.length),
    unsettled: true,
  };
}

/** Works out from the records what else is counted: they are all that a copy of the state has. */
export function recount(progress: Progress): void {
  const { records, counts, inFlight, unwanted } = progress;
  for (const state of STEP_STATES) delete counts[state];
  progress.unended = 0;
  progress.forgiven = 0;
  records.forEach(({ state, over, cancelling }, node) => {
    counts[state] = (counts[state] ?? 0) + 1;
    if (over) {
      if (state !== "FINISHED" && isSatisfied(progress, node)) progress.forgiven++;
      return;
    }
    progress.unended++;
    if (state !== "PENDING" && state !== "RUNNING") return;
    inFlight[progress.isScheduled(node) ? "scheduled" : "local"].add(node);
    if (cancelling) unwanted.add(node);
  });
}

/** Works out what is ready, if that is not known. */
export function settle(progress: Progress): void {
  if (progress.unsettled) adjust(progress);
}

/** Lays one event over the state. Events about steps that the plan does not have are ignored. */
export function applyEvent(progress: Progress, event: StudyEvent): void {
  const node = "step" in event && event.step !== undefined ? nodeNamed(progress.plan, event.step) : undefined;
  if (node !== undefined) applyToStep(progress, node, event);
  else if (!("step" in event) || event.step === undefined) applyToStudy(progress, event);
}

function applyToStudy(progress: Progress, event: StudyEvent): void {
  switch (event.event) {
    case "taken":
      progress.taken = event;
      return;
    case "cancelling":
      progress.cancelling = true;
      return;
    case "updated":
      progress.settings = { ...progress.settings, ...event.settings };
      return;
    case "written":
      for (let node = 0; node < progress.records.length; node++) endNode(progress, node, "DRYRUN");
      return;
    case "closed":
      progress.closed = event.state;
      return;
  }
}
