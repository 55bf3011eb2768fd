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
      for (let noticed = 0; noticed <= (vanished.get(node.index) ?? 0); noticed++) {
        for (const end of alone(node.step, settings, fates[node.index]!, noticed)) {
          states.add(end.state);
          runs.add(end.runs);
        }
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
): { state: EndState; runs: number }[] {
  const policy = step.retry ?? MACHINE;
  const walk = (run: number, restarts: number, retries: number): { state: EndState; runs: number }[] => {
    const fate = fates[run] ?? FINE;
    if (fate.kind === "ok") return [{ state: "FINISHED", runs: run + 1 }];
    if (fate.kind === "cancelled") return [{ state: "CANCELLED", runs: run + 1 }];
    if (fate.kind === "timeout" && step.restart !== "") {
      return settings.rlimit === 0 || restarts < settings.rlimit
        ? walk(run + 1, restarts + 1, retries)
        : [{ state: "TIMEDOUT", runs: run + 1 }];
    }
    // Who sees a local step being killed knows how; who does not finds it gone.
    const kinds: readonly FailureKind[] = fate.kind === "killed" ? ["exit", "lost"] : [fate.kind];
    return kinds.flatMap((kind) => {
      const covered = policy.on.some((on) => on === "any" || on === kind || (kind === "exit" && on === `exit:${codeOf(fate)}`));
      if (covered && retries < policy.limit) return walk(run + 1, restarts, retries + 1);
      return [{ state: STATE_OF[kind], runs: run + 1 }];
    });
  };
  // A job that was lost before it began counts as a failure of the machine.
  const covered = policy.on.some((on) => on === "any" || on === "hwfailure");
  if (vanished > 0 && !(covered && policy.limit >= vanished)) return [{ state: "HWFAILURE", runs: 0 }];
  return walk(0, 0, vanished);
}

const codeOf = (fate: Fate) => fate.kind === "killed" ? 137 : fate.code;

const STATE_OF: Readonly<Record<FailureKind, EndState>> = {
  timeout: "TIMEDOUT",
  hwfailure: "HWFAILURE",
  preempted: "HWFAILURE",
  oom: "FAILED",
  exit: "FAILED",
  lost: "FAILED",
};
