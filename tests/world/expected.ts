/** What must have come of a study, worked out from the fates of its steps alone. */

import type { EndState, FailureKind, Plan, RetryPolicy, Settings } from "../../lib/types.ts";
import { allParents } from "../../lib/node_text.ts";
import { type Fate, FINE } from "./truth.ts";

export interface Expected {
  readonly states: ReadonlySet<EndState>;
  /** How often its command was run from the start; undefined where chance decides. */
  readonly runs: ReadonlySet<number>;
}

const MACHINE: RetryPolicy = { limit: 3, delay: 60, on: ["hwfailure", "preempted"], scale: {} };

/** `vanished`: how many jobs of each node were lost before they began, each of which may have been noticed or not. */
export function expectedEnds(
  plan: Plan,
  settings: Settings,
  fates: readonly (readonly Fate[])[],
  vanished: ReadonlyMap<number, number>,
): Expected[] {
  const ends: Expected[] = [];
  for (const node of plan.nodes) {
    const parents = allParents(plan, node).map((parent) => ends[parent]!.states);
    const states = new Set<EndState>();
    const runs = new Set<number>();
    if (parents.every((parent) => parent.has("FINISHED"))) {
      for (const end of alone(node.step, settings, fates[node.index]!, vanished.get(node.index) ?? 0)) {
        states.add(end.state);
        runs.add(end.runs);
      }
    }
    for (const parent of parents) {
      for (const state of parent) {
        if (state === "FINISHED") continue;
        states.add(state === "CANCELLED" ? "CANCELLED" : "FAILED");
        runs.add(0);
      }
    }
    ends.push({ states, runs });
  }
  return ends;
}

/** The ends that a step may come to when all before it has finished. */
function alone(
  step: { restart: string; retry?: RetryPolicy },
  settings: Settings,
  fates: readonly Fate[],
  vanished: number,
): End[] {
  const policy = step.retry ?? MACHINE;
  const covers = (kind: FailureKind, code?: number) =>
    policy.on.some((on) => on === "any" || on === kind || (kind === "exit" && on === `exit:${code}`));
  const walk = (run: number, restarts: number, retries: number, toVanish: number): End[] => {
    // A job that is lost before it begins counts as a failure of the machine.
    const unbegun = toVanish === 0
      ? []
      : covers("hwfailure") && retries < policy.limit
      ? walk(run, restarts, retries + 1, toVanish - 1)
      : [{ state: "HWFAILURE" as const, runs: run }];
    return [...unbegun, ...begun(run, restarts, retries, toVanish)];
  };
  const begun = (run: number, restarts: number, retries: number, toVanish: number): End[] => {
    const fate = fates[run] ?? FINE;
    const runs = run + 1;
    if (fate.kind === "ok") return [{ state: "FINISHED", runs }];
    if (fate.kind === "cancelled") return [{ state: "CANCELLED", runs }];
    if (fate.kind === "timeout" && step.restart !== "") {
      return settings.rlimit === 0 || restarts < settings.rlimit
        ? walk(runs, restarts + 1, retries, toVanish)
        : [{ state: "TIMEDOUT", runs }];
    }
    // Who sees a local step being killed knows how; who does not finds it gone.
    const kinds: readonly FailureKind[] = fate.kind === "killed" ? ["exit", "lost"] : [fate.kind];
    return kinds.flatMap((kind) =>
      covers(kind, fate.kind === "killed" ? 137 : fate.code) && retries < policy.limit
        ? walk(runs, restarts, retries + 1, toVanish)
        : [{ state: STATE_OF[kind], runs }]
    );
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
