/** The fold: from events to the state of a study. The only place where a record changes. */

import type { Plan, Settings, StepRecord, StepState, StudyEvent } from "./types.ts";

/** A study's state in memory. Costs O(nodes + edges) to make and O(what it concerns) for each event. */
export interface Progress {
  readonly plan: Plan;
  readonly records: readonly StepRecord[];
  /** Nodes that may start, in the order in which they became free; those taken since are passed over. */
  readonly ready: Queue;
  /** Nodes submitted and not ended. */
  readonly inFlight: Set<number>;
  readonly counts: Partial<Record<StepState, number>>;
  /** Nodes not in an end state. */
  unended: number;
  cancelling: boolean;
  settings: Settings;
  /** Set once a conductor has taken the study. */
  takenAt?: number;
  closed?: "finished" | "failed" | "cancelled";
  /** Parents, and steps funnelled over, that a node still waits for. */
  readonly unmet: Int32Array;
  /** Nodes of each step that have not finished. */
  readonly unfinished: Int32Array;
  readonly children: Children;
  /** Steps with a failed node whose funnels have been told: 1. Spares walking a wide funnel for every failure. */
  readonly funnelsTold: Uint8Array;
  readonly indexOf: ReadonlyMap<string, number>;
}

/** First in, first out. */
export interface Queue {
  readonly items: number[];
  head: number;
}

/** Who waits for whom, seen from the parent. */
export interface Children {
  /** Nodes that wait for node i alone: `list[start[i]]` up to `list[start[i + 1]]`. */
  readonly start: Int32Array;
  readonly list: Int32Array;
  /** For each step, the steps that funnel over it. */
  readonly funnels: readonly (readonly number[])[];
}

export function newProgress(plan: Plan, settings: Settings): Progress {
  const { nodes, steps } = plan;
  const unmet = new Int32Array(nodes.length);
  const ready: Queue = { items: [], head: 0 };
  nodes.forEach((node, i) => {
    unmet[i] = node.parents.length + node.step.funnels.length;
    if (unmet[i] === 0) ready.items.push(i);
  });
  return {
    plan,
    records: nodes.map(() => ({ state: "INITIALIZED", attempt: 0, restarts: 0 })),
    ready,
    inFlight: new Set(),
    counts: nodes.length > 0 ? { INITIALIZED: nodes.length } : {},
    unended: nodes.length,
    cancelling: false,
    settings,
    unmet,
    unfinished: Int32Array.from(steps, (step) => step.end - step.first),
    children: childrenOf(plan),
    funnelsTold: new Uint8Array(steps.length),
    indexOf: new Map(nodes.map((node, i) => [node.name, i])),
  };
}

function childrenOf({ nodes, steps }: Plan): Children {
  const start = new Int32Array(nodes.length + 1);
  for (const node of nodes) for (const parent of node.parents) start[parent + 1]!++;
  for (let i = 0; i < nodes.length; i++) start[i + 1]! += start[i]!;
  const list = new Int32Array(start[nodes.length]!);
  const next = start.slice();
  for (const node of nodes) for (const parent of node.parents) list[next[parent]!++] = node.index;
  const funnels: number[][] = steps.map(() => []);
  for (const step of steps) for (const funnel of step.funnels) funnels[funnel]!.push(step.index);
  return { start, list, funnels };
}

/** Calls `visit` with each node that waits for `node` alone, and with those that wait for its whole step. */
export function eachChild(
  progress: Progress,
  node: number,
  visit: (child: number) => void,
  withFunnels: boolean,
): void {
  const { start, list, funnels } = progress.children;
  for (let i = start[node]!; i < start[node + 1]!; i++) visit(list[i]!);
  if (!withFunnels) return;
  for (const step of funnels[progress.plan.nodes[node]!.step.index]!) {
    const { first, end } = progress.plan.steps[step]!;
    for (let child = first; child < end; child++) visit(child);
  }
}

/** Whether the node has come to its end. */
export function hasEnded(record: StepRecord): boolean {
  return record.state !== "INITIALIZED" && record.state !== "PENDING" && record.state !== "RUNNING" &&
    record.state !== "UNKNOWN";
}

/** Lays one event over the state. Events about steps that the plan does not have are ignored. */
export function applyEvent(progress: Progress, event: StudyEvent): void {
  switch (event.event) {
    case "taken":
      progress.takenAt ??= event.at;
      delete progress.closed;
      return;
    case "cancelling":
      progress.cancelling = true;
      return;
    case "updated":
      progress.settings = { ...progress.settings, ...event.settings };
      return;
    case "written":
      for (let node = 0; node < progress.records.length; node++) end(progress, node, "DRYRUN");
      return;
    case "closed":
      progress.closed = event.state;
      return;
  }
  const node = progress.indexOf.get(event.step);
  if (node === undefined) return;
  const record = progress.records[node]!;
  switch (event.event) {
    case "submitting":
      setState(progress, record, "PENDING");
      record.attempt = event.attempt;
      record.submittedAt ??= event.at;
      if (event.restart) record.restarts++;
      progress.inFlight.add(node);
      return;
    case "submitted":
      record.jobId = event.jobId;
      if (event.host !== undefined) record.host = event.host;
      return;
    case "started":
      setState(progress, record, "RUNNING");
      record.startedAt ??= event.at;
      return;
    case "withdrawn":
      setState(progress, record, "INITIALIZED");
      progress.inFlight.delete(node);
      progress.ready.items.push(node);
      return;
    case "ended":
      if (hasEnded(record)) return;
      record.endedAt = event.at;
      if (event.exitCode !== undefined) record.exitCode = event.exitCode;
      if (event.reason !== undefined) record.reason = event.reason;
      end(progress, node, event.state);
  }
}

function setState(progress: Progress, record: StepRecord, state: StepState): void {
  const { counts } = progress;
  const left = counts[record.state]! - 1;
  if (left > 0) counts[record.state] = left;
  else delete counts[record.state];
  record.state = state;
  counts[state] = (counts[state] ?? 0) + 1;
}

function end(progress: Progress, node: number, state: StepState): void {
  setState(progress, progress.records[node]!, state);
  progress.inFlight.delete(node);
  progress.unended--;
  if (state === "FINISHED") release(progress, node);
}

/** A finished node frees those that waited for it only. */
function release(progress: Progress, node: number): void {
  const { start, list, funnels } = progress.children;
  const free = (child: number) => {
    if (--progress.unmet[child]! === 0) progress.ready.items.push(child);
  };
  for (let i = start[node]!; i < start[node + 1]!; i++) free(list[i]!);
  const step = progress.plan.nodes[node]!.step.index;
  if (--progress.unfinished[step]! > 0) return;
  for (const funnel of funnels[step]!) {
    const { first, end } = progress.plan.steps[funnel]!;
    for (let child = first; child < end; child++) free(child);
  }
}
