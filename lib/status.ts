/** What can be said of a study: its state, turned into what readers see. */

import { paramsOf, workspaceOf } from "./node_text.ts";
import { isSatisfied } from "./readiness.ts";
import type { Progress } from "./study_state.ts";
import type { ConductorView, PlanNode, StatusStep, StatusView, StepRecord, StudyState } from "./types.ts";

/** The view of a study at a time. */
export function statusView(progress: Progress, conductor: ConductorView, now: number): StatusView {
  const { plan, records } = progress;
  return {
    study: plan.study.name,
    directory: plan.study.root,
    state: studyState(progress, conductor, now),
    conductor,
    counts: progress.counts,
    steps: plan.nodes.map((node, i) => statusStep(progress, node, records[i]!, now)),
  };
}

/** A study that is conducted by single passes is stalled when none has come for this long. */
const TICK_LIMIT_MS = 3_600_000;

function studyState(progress: Progress, conductor: ConductorView, now: number): StudyState {
  if (progress.closed) return progress.closed;
  if (progress.unended === 0) return "finished";
  if (conductor.alive) return "running";
  if (progress.taken === undefined) return "initialized";
  // Between single passes nobody conducts: that is as it should be, for a while.
  const lastSeen = Math.max(progress.taken.at, conductor.heartbeatAt ?? 0);
  return progress.taken.once && now - lastSeen < TICK_LIMIT_MS ? "running" : "stalled";
}

function statusStep(progress: Progress, node: PlanNode, record: StepRecord, now: number): StatusStep {
  const { plan } = progress;
  const until = record.endedAt ?? (record.over ? undefined : now);
  const { submittedAt, startedAt, reason = record.stuck } = record;
  return {
    name: node.name,
    step: node.step.name,
    workspace: workspaceOf(plan, node),
    shortWorkspace: node.workspace,
    state: record.state,
    params: paramsOf(plan, node),
    restarts: record.restarts,
    ...(record.jobId === undefined ? {} : { jobId: record.jobId }),
    ...(submittedAt === undefined ? {} : { submittedAt }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(record.endedAt === undefined ? {} : { endedAt: record.endedAt }),
    ...(startedAt === undefined || until === undefined ? {} : { runTime: seconds(startedAt, until) }),
    ...(submittedAt === undefined || until === undefined ? {} : { elapsedTime: seconds(submittedAt, until) }),
    ...(record.exitCode === undefined ? {} : { exitCode: record.exitCode }),
    ...(reason === undefined ? {} : { reason }),
    ...(record.state !== "FINISHED" && isSatisfied(progress, node.index) ? { allowed: true } : {}),
  };
}

function seconds(from: number, to: number): number {
  return Math.max(0, to - from) / 1000;
}
