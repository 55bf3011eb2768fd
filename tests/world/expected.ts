/** What must have come of a study, worked out from the fates of its steps alone. */

import type { FailureKind } from "../../lib/spec/failure_kinds.ts";
import type { EndState } from "../../lib/study/states.ts";
import type { Plan, PlanNode } from "../../lib/plan/types.ts";
import type { RetryPolicy } from "../../lib/spec/types.ts";
import type { Settings } from "../../lib/spec/settings.ts";
import { type Fate, FINE } from "./truth.ts";

export interface Expected {
  readonly states: ReadonlySet<EndState>;
  /** How often its command was run from the start; undefined where chance decides. */
  readonly runs: ReadonlySet<number>;
}

const MACHINE: RetryPolicy = { limit: 3, delay: 60, on: ["hwfailure", "preempted"], scale: {} };

/**
 * `vanished`: how many jobs of each node were lost before they began, noticed or not.
 * `misleading`: for a requeued job, the scheduler may still report that its node failed after it has ended
 * differently.
 */
export function expectedEnds(
  plan: Plan,
  settings: Settings,
  fates: readonly (readonly Fate[])[],
  vanished: ReadonlyMap<number, number>,
  misleading: boolean,
): Expected[] {
  const all: { ends: Ending[]; runs: Set<number> }[] = [];
  for (const node of plan.nodes) {
    const ends: Ending[] = [];
    const runs = new Set<number>();
    const parents = waitedFor(plan, node, false).map((parent) => all[parent]!.ends);
    // Of these only an end by being cancelled keeps the node from running.
    const strict = waitedFor(plan, node, true).filter((parent) => isStrict(plan, node, parent))
      .map((parent) => all[parent]!.ends);
    if (
      parents.every((parent) => parent.some(({ satisfies }) => satisfies)) &&
      strict.every((parent) => parent.some(({ state }) => state !== "CANCELLED"))
    ) {
      const lost = vanished.get(node.index) ?? 0;
      for (const end of alone(node.step, settings, fates[node.index]!, lost, misleading)) {
        const { state } = end;
        const forgiven = node.step.allowFailure === true && state !== "CANCELLED";
        ends.push({ state, satisfies: state === "FINISHED" || forgiven });
        runs.add(end.runs);
      }
    }
    for (const { state, satisfies } of parents.flat()) {
      if (satisfies) continue;
      ends.push({ state: state === "CANCELLED" ? "CANCELLED" : "FAILED", satisfies: false });
      runs.add(0);
    }
    if (strict.flat().some(({ state }) => state === "CANCELLED")) {
      ends.push({ state: "CANCELLED", satisfies: false });
      runs.add(0);
    }
    all.push({ ends, runs });
  }
  return all.map(({ ends, runs }) => ({ states: new Set(ends.map(({ state }) => state)), runs }));
}

/** Whether a node that must have ended counts only where it was not cancelled. */
export function isStrict({ nodes }: Plan, node: PlanNode, parent: number): boolean {
  return node.step.uncancelled?.includes(nodes[parent]!.step.index) ?? false;
}

interface Ending {
  readonly state: EndState;
  /** Whether those that depend on it may run. */
  readonly satisfies: boolean;
}

/** The nodes that a node waits for, by the words of the spec: `late` those that only must have ended. */
export function waitedFor({ study, steps, nodes }: Plan, node: PlanNode, late: boolean): number[] {
  const { step } = node;
  const label = (use: number, combo: number) => study.parameters[use]!.labels.at(combo)!;
  const like = (target: number, by: readonly number[]) =>
    nodes.filter((other) =>
      other.step.index === target && by.every((use) => label(use, other.combo) === label(use, node.combo))
    );
  const found = [
    ...((late ? step.after : step.depends) ?? []).flatMap((target) => like(target, steps[target]!.uses)),
    ...((late ? step.afterFunnels : step.funnels) ?? []).flatMap((target) => like(target, [])),
    ...(step.matched ?? []).filter(({ after = false }) => after === late)
      .flatMap(({ step: target, by }) => like(target, by)),
  ];
  return [...new Set(found.map(({ index }) => index))];
}

/** The ends that a step may come to when all before it has finished. */
function alone(
  step: { restart: string; retry?: RetryPolicy },
  settings: Settings,
  fates: readonly Fate[],
  vanished: number,
  misleading: boolean,
): End[] {
  const policy = step.retry ?? MACHINE;
  const covers = (kind: FailureKind, code?: number) =>
    policy.on.some((on) => on === "any" || on === kind || (kind === "exit" && on === `exit:${code}`));
  const walk = (run: number, restarts: number, retries: number, toVanish: number): End[] => {
    // A job that is lost, or fails, before it begins is a failure of the machine.
    const unbegun = toVanish === 0
      ? []
      // One that is not there, though the scheduler has lost nothing, was deleted.
      : [
        { state: "CANCELLED" as const, runs: run },
        ...(covers("hwfailure") && retries < policy.limit
          ? walk(run, restarts, retries + 1, toVanish - 1)
          : [{ state: "HWFAILURE" as const, runs: run }]),
      ];
    return [...unbegun, ...begun(run, restarts, retries, toVanish)];
  };
  const begun = (run: number, restarts: number, retries: number, toVanish: number): End[] => {
    const fate = fates[run] ?? FINE;
    const runs = run + 1;
    if (fate.kind === "ok") return [{ state: "FINISHED", runs }];
    // Who sees a local step being killed knows how; who does not finds it gone.
    const kinds: (FailureKind | "cancelled")[] = fate.kind === "killed" ? ["exit", "lost"] : [fate.kind];
    if (misleading && fate.requeues > 0) kinds.push("hwfailure");
    return kinds.flatMap((kind): End[] => {
      if (kind === "cancelled") return [{ state: "CANCELLED", runs }];
      if (kind === "timeout" && step.restart !== "") {
        return settings.rlimit === 0 || restarts < settings.rlimit
          ? walk(runs, restarts + 1, retries, toVanish)
          : [{ state: "TIMEDOUT", runs }];
      }
      return covers(kind, fate.kind === "killed" ? 137 : fate.code) && retries < policy.limit
        ? walk(runs, restarts, retries + 1, toVanish)
        : [{ state: STATE_OF[kind], runs }];
    });
  };
  return walk(0, 0, 0, vanished);
}

interface End {
  readonly state: EndState;
  readonly runs: number;
}

const STATE_OF: Readonly<Record<FailureKind, EndState>> = {
  timeout: "TIMEDOUT",
  hwfailure: "HWFAILURE",
  preempted: "HWFAILURE",
  oom: "FAILED",
  exit: "FAILED",
  lost: "FAILED",
};
