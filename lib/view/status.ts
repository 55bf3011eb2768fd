/** What can be said of a study: its state, turned into what readers see. */

import { paramsOf, workspaceOf } from "../plan/node_text.ts";
import { nodeOf } from "../plan/plan_nodes.ts";
import { isSatisfied } from "../conduct/readiness.ts";
import { recordAt } from "../conduct/step_record.ts";
import type { Progress } from "../conduct/study_state.ts";
import type {
  ConductorView,
  PlanNode,
  StatusStep,
  StatusTotals,
  StatusView,
  StepRecord,
  StepState,
  StudyState,
} from "../types.ts";

/** The view of a study at a time. */
export function statusView(progress: Progress, conductor: ConductorView, now: number): StatusView {
  const { plan, columns } = progress;
  const moment = { progress, now };
  let totals: StatusTotals | undefined;
  let steps: StatusStep[] | undefined;
  return {
    study: plan.study.name,
    directory: plan.study.root,
    state: studyState(progress, conductor, now),
    conductor,
    counts: progress.counts,
    get totals() {
      return totals ??= totalsOf(progress);
    },
    get steps() {
      return steps ??= plan.nodes.map((node) => new Row(moment, node, progress.records[node.index]!));
    },
    *eachStep() {
      for (const step of plan.steps) {
        for (let index = step.first; index < step.end; index++) {
          yield new Row(moment, nodeOf(step, index), recordAt(columns, index));
        }
      }
    },
  };
}

/** From the columns alone: of a large study, records and rows are many objects. */
function totalsOf({ plan, columns: { state, submittedAt, endedAt, stuck } }: Progress): StatusTotals {
  let start = Infinity;
  let end = -Infinity;
  const byReason = new Map<string, number[]>();
  const ofStep = plan.steps.map(({ name, first, end: behind }) => {
    const counts: Partial<Record<StepState, number>> = {};
    for (let node = first; node < behind; node++) {
      const word = state.get(node);
      counts[word] = (counts[word] ?? 0) + 1;
      const submitted = submittedAt.get(node);
      if (submitted !== undefined && submitted < start) start = submitted;
      const ended = endedAt.get(node);
      if (ended !== undefined && ended > end) end = ended;
      const reason = stuck.get(node);
      if (reason === undefined) continue;
      const alike = byReason.get(reason);
      if (alike) alike.push(node);
      else byReason.set(reason, [node]);
    }
    return { name, total: behind - first, counts };
  });
  return {
    steps: plan.size,
    ...(start === Infinity ? {} : { submittedAt: start }),
    ...(end === -Infinity ? {} : { endedAt: end }),
    ofStep,
    stuck: [...byReason].map(([reason, nodes]) => ({
      reason,
      first: plan.nodes[nodes[0]!]!.name,
      nodes: nodes.length,
    })),
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

/** What the rows of one view share. */
interface Moment {
  readonly progress: Progress;
  readonly now: number;
}

/** A row whose texts are worked out when they are asked for: most readers ask for a few of many. */
class Row implements StatusStep {
  constructor(readonly moment: Moment, readonly node: PlanNode, readonly record: StepRecord) {}

  get name(): string {
    return this.node.name;
  }

  get step(): string {
    return this.node.step.name;
  }

  get workspace(): string {
    return workspaceOf(this.moment.progress.plan, this.node);
  }

  get shortWorkspace(): string {
    return this.node.workspace;
  }

  get state(): StepState {
    return this.record.state;
  }

  get params(): Readonly<Record<string, string>> {
    return paramsOf(this.moment.progress.plan, this.node);
  }

  get restarts(): number {
    return this.record.restarts;
  }

  get jobId(): string | undefined {
    return this.record.jobId;
  }

  get submittedAt(): number | undefined {
    return this.record.submittedAt;
  }

  get startedAt(): number | undefined {
    return this.record.startedAt;
  }

  get endedAt(): number | undefined {
    return this.record.endedAt;
  }

  get runTime(): number | undefined {
    return this.since(this.record.startedAt);
  }

  get elapsedTime(): number | undefined {
    return this.since(this.record.submittedAt);
  }

  get exitCode(): number | undefined {
    return this.record.exitCode;
  }

  get reason(): string | undefined {
    return this.record.reason ?? this.record.stuck;
  }

  get allowed(): true | undefined {
    return this.record.state !== "FINISHED" && isSatisfied(this.moment.progress, this.node.index)
      ? true
      : undefined;
  }

  private since(from: number | undefined): number | undefined {
    const until = this.record.endedAt ?? (this.record.over ? undefined : this.moment.now);
    return from === undefined || until === undefined ? undefined : Math.max(0, until - from) / 1000;
  }
}
