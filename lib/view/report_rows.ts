/** The rows of a report: what is known of each step with its combination, column by column, so that many stay small. */

import { failedItself } from "./failures.ts";
import { listOf } from "../plan/parameters.ts";
import type { Attempt } from "../study/attempt.ts";
import { isMeasured, type Usage } from "../study/usage.ts";
import type { Plan, PlanNode } from "../plan/types.ts";
import type { StatusStep, StatusView } from "./status_view.ts";
import { fateOf } from "./tally.ts";
import { isEndState, isUnderWay, SHOWN_STATES } from "../study/states.ts";

/**
 * An attempt: its submission, in ms since the study's first; the time it waited; the time it ran; its end, as an
 * index. A value that is unknown, or not final, is -1. If an attempt was never seen to start,
 * its whole time counts as the run.
 */
export type ReportAttempt = readonly [submitted: number, waited: number, ran: number, state: number];

/** Columns: item i of each is row i's. */
export interface ReportRows {
  /** What follows the step's name and "_"; empty for the step's one node. */
  readonly label: string[];
  /** Below the study's folder; 0: `<step>/<label>`. */
  readonly workspace: (string | 0)[];
  /** Its first combination, -1 for none. */
  readonly combo: number[];
  /** Index into the states of the report. */
  readonly state: number[];
  readonly exit: (number | null)[];
  /** Index into `reasons`, -1 for none. */
  readonly reason: number[];
  /** 1: it ended without a run, because of a step before it. 2: it failed, and will run again. */
  readonly fate: (0 | 1 | 2)[];
  readonly job: (string | 0)[];
  readonly attempts: ReportAttempt[][];
  /** What the last attempt used, in the order of `USED`; -1 for what is unknown; 0 if nothing is. */
  readonly used: (readonly number[] | 0)[];
  readonly reasons: string[];
}

/** Which nodes have a row where not all can: what failed or is under way before the rest; in the order of the plan. */
export function chosenNodes({ steps }: StatusView, most: number): number[] {
  const all = steps.map((_, i) => i);
  if (steps.length <= most) return all;
  const weight = (step: StatusStep) => failedItself(step) ? 0 : isUnderWay(step.state) ? 1 : 2;
  return all.sort((a, b) => weight(steps[a]!) - weight(steps[b]!) || a - b).slice(0, most).sort((a, b) =>
    a - b
  );
}

export function reportRows(
  plan: Plan,
  view: StatusView,
  chosen: readonly number[],
  since: number,
): ReportRows {
  const rows: ReportRows = {
    label: [],
    workspace: [],
    combo: [],
    state: [],
    exit: [],
    reason: [],
    fate: [],
    job: [],
    attempts: [],
    used: [],
    reasons: [],
  };
  const reasonIndex = new Map<string, number>();
  for (const i of chosen) {
    const [node, step] = [plan.nodes[i]!, view.steps[i]!];
    const label = node.name === node.step.name ? "" : node.name.slice(node.step.name.length + 1);
    rows.label.push(label);
    rows.workspace.push(workspaceOf(node, label));
    rows.combo.push(node.combo);
    rows.state.push(SHOWN_STATES.indexOf(step.state));
    rows.exit.push(step.exitCode ?? null);
    rows.reason.push(indexIn(rows.reasons, reasonIndex, step.reason));
    rows.fate.push(FATES[fateOf(step) ?? "none"]);
    rows.job.push(step.jobId ?? 0);
    rows.used.push(usedIn(step));
    rows.attempts.push(step.attempts.map((attempt) => packed(attempt, since)));
  }
  return rows;
}

const FATES = { none: 0, skipped: 1, retrying: 2 } as const;

/** Milliseconds, and bytes. */
const USED = [
  ({ cpuMs }: Usage) => cpuMs,
  ({ nodePeakBytes, maxRssBytes }: Usage) => nodePeakBytes ?? maxRssBytes,
  ({ readBytes }: Usage) => readBytes,
  ({ writtenBytes }: Usage) => writtenBytes,
  ({ nodeMemoryBytes }: Usage) => nodeMemoryBytes,
  ({ limitSeconds }: Usage) => limitSeconds === undefined ? undefined : limitSeconds * 1000,
  ({ cpus }: Usage) => cpus,
];

function usedIn({ used }: StatusStep): readonly number[] | 0 {
  return used === undefined || !isMeasured(used) ? 0 : USED.map((valueOf) => valueOf(used) ?? -1);
}

function workspaceOf({ workspace, step }: PlanNode, label: string): string | 0 {
  return workspace === (label === "" ? step.name : `${step.name}/${label}`) ? 0 : workspace;
}

function packed({ submittedAt, startedAt, endedAt, state }: Attempt, since: number): ReportAttempt {
  const ran = endedAt === undefined ? -1 : Math.max(0, endedAt - (startedAt ?? submittedAt));
  return [
    submittedAt - since,
    startedAt === undefined ? -1 : Math.max(0, startedAt - submittedAt),
    ran,
    state === undefined || !isEndState(state) ? -1 : SHOWN_STATES.indexOf(state),
  ];
}

function indexIn(list: string[], known: Map<string, number>, text: string | undefined): number {
  if (text === undefined) return -1;
  let index = known.get(text);
  if (index === undefined) known.set(text, index = list.push(text) - 1);
  return index;
}

/** A parameter's values, each written once. */
export interface ReportParameter {
  readonly key: string;
  readonly values: string[];
  /** Index of its value in each combination. */
  readonly of: number[];
}

export function reportParameters({ study }: Plan): ReportParameter[] {
  return study.parameters.map(({ key, values }) => {
    const distinct: string[] = [];
    const known = new Map<string, number>();
    return { key, of: listOf(values).map((value) => indexIn(distinct, known, value)), values: distinct };
  });
}
