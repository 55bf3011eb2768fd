/** The fold: from events to the state of a study. What each event means is in `step_events.ts` and `study_facts.ts`. */

import { nodeNamed } from "../../plan/plan_nodes.ts";
import { adjust, childrenOf, isSatisfied, newQueues } from "./ready.ts";
import { endNode } from "./step_changes.ts";
import { stepEvent } from "./step_events.ts";
import { recordsOf, type StepRecord } from "./step_record.ts";
import { newColumns } from "./step_columns.ts";
import { isUnderWay, STEP_STATES } from "../states.ts";
import type { Children, Progress } from "./progress.ts";
import type { Plan } from "../../plan/types.ts";
import { isStepEvent, type StudyEvent } from "../events.ts";
import type { Settings } from "../../spec/settings.ts";
import { newLook } from "../queue_look.ts";
import { newFacts, wholeEvent } from "../study_facts.ts";

/** A study of which nothing has happened yet. What is ready is worked out when it is asked for: readers never do. */
export function newProgress(
  plan: Plan,
  settings: Settings,
  isScheduled: (node: number) => boolean,
): Progress {
  const { size, steps } = plan;
  let children: Children | undefined;
  let records: StepRecord[] | undefined;
  const columns = newColumns(size);
  return {
    plan,
    columns,
    get records() {
      return records ??= recordsOf(columns, size);
    },
    isScheduled,
    queues: newQueues(),
    queued: new Uint8Array(size),
    inFlight: { local: new Set(), scheduled: new Set() },
    unwanted: new Set(),
    counts: size > 0 ? { INITIALIZED: size } : {},
    unended: size,
    ...newFacts(settings),
    unmet: new Int32Array(size),
    unfinished: new Int32Array(steps.length),
    going: new Int32Array(steps.length),
    forgiven: 0,
    get children() {
      return children ??= childrenOf(plan);
    },
    funnelsTold: new Uint8Array(steps.length),
    unsettled: true,
    look: newLook(),
  };
}

/** Works out from the records what else is counted: they are all that a copy of the state has. */
export function recount(progress: Progress): void {
  const { columns, counts, inFlight, unwanted } = progress;
  for (const state of STEP_STATES) delete counts[state];
  progress.unended = 0;
  progress.forgiven = 0;
  for (let node = 0; node < progress.plan.size; node++) {
    const state = columns.state.get(node);
    counts[state] = (counts[state] ?? 0) + 1;
    if (columns.over.get(node)) {
      if (state !== "FINISHED" && isSatisfied(progress, node)) progress.forgiven++;
      continue;
    }
    progress.unended++;
    if (!isUnderWay(state)) continue;
    inFlight[progress.isScheduled(node) ? "scheduled" : "local"].add(node);
    if (columns.cancelling.get(node)) unwanted.add(node);
  }
}

/** Works out what is ready, if that is not known. */
export function settle(progress: Progress): void {
  if (progress.unsettled) adjust(progress);
}

/** Lays one event over the state. Events about steps that the plan does not have, or of later versions, are ignored. */
export function applyEvent(progress: Progress, event: StudyEvent): void {
  if (isStepEvent(event)) {
    const node = nodeNamed(progress.plan, event.step);
    if (node !== undefined) stepEvent(event)?.apply(progress, node, event);
    return;
  }
  const row = wholeEvent(event);
  row?.apply(progress, event);
  if (row?.ends === undefined) return;
  for (let node = 0; node < progress.plan.size; node++) endNode(progress, node, row.ends);
}
