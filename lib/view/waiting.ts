/** Why a step that has not ended and does not run waits: the first reason that keeps it from starting. */

import { policyOf } from "../spec/failure_kinds.ts";
import { nameAt, nodeOf, stepOf } from "../plan/plan_nodes.ts";
import { schedulingOf } from "../plan/scheduling.ts";
import { isUnderWay } from "../study/states.ts";
import { jobsInFlight } from "../study/state/pack_queue.ts";
import { awaitsUser, isRuledOut, isSatisfied } from "../study/state/ready.ts";
import type { Progress } from "../study/state/progress.ts";
import { queued } from "../study/queue_look.ts";
import type { Plan, PlanStep } from "../plan/types.ts";
import { formatLocalTime } from "../times.ts";

/** What a step may wait for, in the words of docs/json.md. */
export const WAITS_FOR = {
  step: "a step before it",
  slot: "its turn: a local slot, or its submission",
  throttle: "the study's limit on jobs ([throttle](spec.md#conductor))",
  pool: "a limit on a kind of jobs",
  retry: "the time at which it runs again",
  hold: "`maestro release`",
  scheduler: "the scheduler, which has its job",
  refused: "the scheduler, which refused it for now",
  unclear: "a submission whose outcome nobody knows",
  trouble: "the conductor or this machine: what keeps it from its work, or that there is none",
} as const;
export type WaitsFor = keyof typeof WAITS_FOR;

/** Times in ms since 1970. */
export interface Waiting {
  readonly for: WaitsFor;
  readonly reason?: string | undefined;
  /** The step does not start before. */
  readonly until?: number | undefined;
  /** When it is likely to start, by its scheduler's word. */
  readonly expectedStartAt?: number | undefined;
}

/** What keeps all steps of a study from starting, in words: nobody conducts it, or its conductor is in trouble. */
export type Halted = () => string | undefined;

/** The reasons of one study at one time. What many steps share is worked out once, when it is asked for. */
export class Waits {
  private scheduling: ((node: number) => boolean) | undefined;
  private inUse: { readonly slots: number; readonly jobs: number } | undefined;
  /** For each step of the spec, what those that wait for all of it wait for: how many nodes, and the first. */
  private readonly funnels = new Map<string, Open>();
  /** The same for lists of nodes that many wait for. */
  private readonly groups = new Map<readonly number[], Open>();

  constructor(
    private readonly progress: Progress,
    private readonly now: number,
    private readonly halted: Halted,
  ) {}

  /** Why a node waits; undefined if it runs or has ended. */
  of(node: number): Waiting | undefined {
    const { columns } = this.progress;
    const state = columns.state.get(node);
    if (columns.over.get(node) || state === "RUNNING") return undefined;
    return isUnderWay(state) ? this.submitted(node) : this.unsubmitted(node);
  }

  private submitted(node: number): Waiting | undefined {
    const { columns } = this.progress;
    const reason = columns.stuck.get(node);
    if (columns.jobId.get(node) === undefined && reason !== undefined) return { for: "unclear", reason };
    // A step on this machine is about to begin.
    if (!this.isScheduled(node)) return undefined;
    const job = queued(this.progress.look, node, columns.attempt.get(node));
    // An estimate that is over was wrong.
    const expected = (job?.expectedStartAt ?? 0) > this.now ? job!.expectedStartAt : undefined;
    return { for: "scheduler", reason: reason ?? job?.reason, expectedStartAt: expected };
  }

  private unsubmitted(node: number): Waiting {
    const { columns } = this.progress;
    if (columns.held.get(node)) return { for: "hold", reason: "held: `maestro release` lets it start" };
    const step = stepOf(this.progress.plan, node);
    const open = this.openBefore(step, node);
    if (open.count > 0) return { for: "step", reason: openText(this.progress.plan, open) };
    const until = columns.notBefore.get(node);
    const putOff = columns.putOff.get(node);
    if (putOff !== undefined) {
      // After the last of its submissions it waits for the user.
      const waits = awaitsUser({ unclear: columns.unclear.get(node), blocked: columns.blocked.get(node) });
      return { for: putOff, reason: columns.stuck.get(node), until: waits ? undefined : until };
    }
    const reason = this.retryText(node);
    if (reason !== undefined) return { for: "retry", reason, until };
    const halted = this.halted();
    if (halted !== undefined) return { for: "trouble", reason: halted };
    return this.isScheduled(node) ? this.throttled() : this.slotted();
  }

  /** `retry 2 of 3 at 20:12:15`; undefined if the step is not about to run again. */
  retryText(node: number): string | undefined {
    const { columns, plan, settings } = this.progress;
    const again = columns.again.get(node);
    if (again === undefined || columns.over.get(node)) return undefined;
    const number = (again === "restart" ? columns.restarts : columns.retries).get(node) + 1;
    const limit = again === "restart" ? settings.rlimit : policyOf(stepOf(plan, node)).limit;
    const at = columns.notBefore.get(node);
    // A limit that was lowered, or none.
    const most = limit >= number ? ` of ${limit}` : "";
    return `${again} ${number}${most}${at === undefined ? "" : ` at ${this.clock(at)}`}`;
  }

  /** The time alone, on the same day. */
  private clock(at: number): string {
    const text = formatLocalTime(at);
    return text.slice(0, 10) === formatLocalTime(this.now).slice(0, 10) ? text.slice(11) : text;
  }

  private throttled(): Waiting {
    const { throttle } = this.progress.settings;
    const { jobs } = this.used();
    if (throttle === 0 || jobs < throttle) return { for: "slot", reason: "is about to be submitted" };
    return { for: "throttle", reason: `${jobs} of ${throttle} jobs are in the queue` };
  }

  private slotted(): Waiting {
    const { settings: { throttle, localJobs }, plan } = this.progress;
    const { slots } = this.used();
    // Without a scheduler, the throttle counts steps on this machine.
    if (plan.study.batch.type === "local" && throttle > 0 && throttle < localJobs && slots >= throttle) {
      return { for: "throttle", reason: `${slots} of ${throttle} steps are running` };
    }
    if (slots < localJobs) return { for: "slot", reason: "is about to start" };
    return { for: "slot", reason: `${slots} of ${localJobs} local slots are in use` };
  }

  private used() {
    if (this.inUse !== undefined) return this.inUse;
    const { inFlight } = this.progress;
    const all = [...inFlight.local, ...inFlight.scheduled];
    const scheduled = new Set(all.filter((node) => this.isScheduled(node)));
    const jobs = jobsInFlight(this.progress, scheduled);
    return this.inUse = { slots: all.length - scheduled.size, jobs };
  }

  private isScheduled(node: number): boolean {
    const { plan } = this.progress;
    return (this.scheduling ??= schedulingOf(plan, plan.study.batch.type ?? "local"))(node);
  }

  /** What has to finish or to end before a node may start. */
  private openBefore(step: PlanStep, node: number): Open {
    const { plan, columns } = this.progress;
    const { parents, after = [] } = nodeOf(step, node);
    let open = this.openAmong(parents);
    for (const parent of after) {
      const waits = !columns.over.get(parent) || isRuledOut(this.progress, parent, node);
      if (waits) open = add(open, parent, 1);
    }
    for (const funnel of step.funnels) {
      const { first, count } = this.openIn(`depends ${funnel}`, plan.steps[funnel]!, (parent) => {
        return !isSatisfied(this.progress, parent);
      });
      open = add(open, first, count);
    }
    for (const funnel of step.afterFunnels ?? []) {
      const { first, count } = this.openIn(`after ${funnel}`, plan.steps[funnel]!, (parent) => {
        return !columns.over.get(parent);
      });
      open = add(open, first, count);
    }
    return open;
  }

  private openAmong(parents: readonly number[]): Open {
    const known = this.groups.get(parents);
    if (known !== undefined) return known;
    let open = NONE;
    for (const parent of parents) if (!isSatisfied(this.progress, parent)) open = add(open, parent, 1);
    if (parents.length >= MANY) this.groups.set(parents, open);
    return open;
  }

  private openIn(key: string, { first, end }: PlanStep, isOpen: (node: number) => boolean): Open {
    let open = this.funnels.get(key);
    if (open !== undefined) return open;
    open = NONE;
    for (let node = first; node < end; node++) if (isOpen(node)) open = add(open, node, 1);
    this.funnels.set(key, open);
    return open;
  }
}

/** A list that is as long may be that of many nodes. */
const MANY = 16;

/** Nodes that have not ended as others need it. */
interface Open {
  readonly first: number;
  readonly count: number;
}
const NONE: Open = { first: -1, count: 0 };

function add(open: Open, first: number, count: number): Open {
  if (count === 0) return open;
  return { first: open.count === 0 ? first : open.first, count: open.count + count };
}

function openText(plan: Plan, { first, count }: Open): string {
  const name = nameAt(stepOf(plan, first), first);
  return count === 1 ? `waits for ${name}` : `waits for ${name} and ${count - 1} more`;
}
