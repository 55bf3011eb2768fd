/** Small studies of every shape, and the fates of their steps. */

import { expand } from "../../lib/plan/plan.ts";
import { createStudy, type Study } from "../../lib/study/folder.ts";
import type { System } from "../../lib/system.ts";
import type { BoundStep, BoundStudy, MatchedFunnel } from "../../lib/plan/types.ts";
import type { RetryPolicy } from "../../lib/spec/types.ts";
import { type Settings, usualSettings } from "../../lib/spec/settings.ts";
import type { Random } from "./random.ts";
import type { Fate } from "./truth.ts";

export const ROOT = "/work/study";

export interface Scenario {
  readonly study: BoundStudy;
  readonly settings: Settings;
  /** By node. */
  readonly fates: readonly (readonly Fate[])[];
}

export const SETTINGS: Settings = { ...usualSettings(2), sleep: 10 };

export function boundStep(name: string, position: number, step: Partial<BoundStep> = {}): BoundStep {
  return {
    name,
    position,
    description: "",
    cmd: "true",
    restart: "",
    resources: {},
    uses: [],
    depends: [],
    funnels: [],
    ...step,
  };
}

/** Steps with procs go to the scheduler. */
export const SCHEDULED = { procs: "1" };

export const isScheduledStep = ({ resources }: BoundStep) => resources["procs"] !== undefined;

export function boundStudy(steps: readonly BoundStep[], combos: number): BoundStudy {
  const labels = Array.from({ length: combos }, (_, i) => `X.${i + 1}`);
  return {
    name: "study",
    description: "",
    root: ROOT,
    batch: { type: "fake" },
    hashWorkspaces: false,
    parameters: combos > 0
      ? [{ key: "X", name: "X", labels, values: labels.map((_, i) => String(i + 1)) }]
      : [],
    steps,
  };
}

/** `once`: a scheduler runs a job once only. */
export function randomScenario(random: Random, once: boolean): Scenario {
  const combos = random.chance(0.5) ? random.between(1, 4) : 0;
  const local = random.pick([0, 0.4, 0.6, 1]);
  const steps: BoundStep[] = [];
  const count = random.between(1, 6);
  for (let i = 0; i < count; i++) steps.push(randomStep(random, i, steps, combos, local));
  const study = { ...boundStudy(steps, 0), parameters: twoParameters(combos) };
  const settings = {
    ...SETTINGS,
    attempts: random.between(1, 3),
    rlimit: random.between(0, 2),
    throttle: random.chance(0.6) ? 0 : random.between(1, 3),
    sleep: random.pick([1, 5, 10, 30, 60]),
    localJobs: random.between(1, 4),
  };
  const troubled = random.pick([0, 0.2, 0.5]);
  const fates = expand(study, () => "").nodes.map(({ step }) => {
    const runs = random.chance(troubled) ? random.between(1, 4) : 0;
    return Array.from({ length: runs + 1 }, (_, run) => {
      const fate = randomFate(random, isScheduledStep(step), run < runs);
      return once ? { ...fate, requeues: 0 } : fate;
    });
  });
  return { study, settings, fates };
}

/** Two parameters, whose combinations share values: some steps fold several into one node. */
function twoParameters(combos: number): BoundStudy["parameters"] {
  const column = (key: string, value: (combo: number) => number) => {
    const values = Array.from({ length: combos }, (_, combo) => String(value(combo)));
    return { key, name: key, values, labels: values.map((text) => `${key}.${text}`) };
  };
  return combos === 0 ? [] : [column("X", (i) => i % 2 + 1), column("Y", (i) => Math.floor(i / 2) + 1)];
}

/** What a step may wait for. */
interface RandomWaits {
  readonly depends: number[];
  readonly funnels: number[];
  readonly after: number[];
  readonly afterFunnels: number[];
  readonly uncancelled: number[];
  readonly matched: MatchedFunnel[];
}

function randomStep(
  random: Random,
  position: number,
  before: readonly BoundStep[],
  combos: number,
  local: number,
): BoundStep {
  const waits: RandomWaits = {
    depends: [],
    funnels: [],
    after: [],
    afterFunnels: [],
    uncancelled: [],
    matched: [],
  };
  for (let parent = 0; parent < position; parent++) {
    if (random.chance(1.2 / position)) addWait(random, waits, parent, before[parent]!.uses);
  }
  const uses = new Set(combos === 0 ? [] : [0, 1].filter(() => random.chance(0.4)));
  for (const parent of [...waits.depends, ...waits.after]) {
    before[parent]!.uses.forEach((use) => uses.add(use));
  }
  for (const { by } of waits.matched) by.forEach((use) => uses.add(use));
  const retry = random.chance(0.4) ? randomRetry(random) : undefined;
  const { depends, funnels, after, afterFunnels, uncancelled, matched } = waits;
  return boundStep(`s${position}`, position, {
    ...{ depends, funnels, after, afterFunnels, uncancelled, matched },
    uses: [...uses].sort(),
    restart: random.chance(0.4) ? "again" : "",
    resources: random.chance(local) ? {} : SCHEDULED,
    ...(random.chance(0.25) ? { allowFailure: true } : {}),
    ...(retry ? { retry } : {}),
  });
}

function addWait(random: Random, waits: RandomWaits, step: number, uses: readonly number[]): void {
  const late = random.chance(0.35);
  const form = uses.length === 0 ? "plain" : random.pick(["plain", "plain", "funnel", "matched"] as const);
  if (late && random.chance(0.4)) waits.uncancelled.push(step);
  if (form === "plain") (late ? waits.after : waits.depends).push(step);
  if (form === "funnel") (late ? waits.afterFunnels : waits.funnels).push(step);
  if (form !== "matched") return;
  const by = uses.length > 1 && random.chance(0.3) ? uses : [random.pick(uses)];
  waits.matched.push({ step, by, ...(late ? { after: true } : {}) });
}

function randomRetry(random: Random): RetryPolicy {
  const on = random.pick([["any"], ["exit", "lost"], ["timeout"], ["hwfailure", "preempted"], [
    "oom",
    "exit:3",
  ], ["lost"]]);
  return { limit: random.between(0, 3), delay: random.pick([0, 5, 60]), on, scale: {} };
}

function randomFate(random: Random, scheduled: boolean, fails: boolean): Fate {
  const requeues = scheduled && random.chance(0.15) ? random.between(1, 2) : 0;
  const kind = !fails ? "ok" : scheduled
    ? random.pick(
      ["exit", "timeout", "timeout", "hwfailure", "preempted", "oom", "cancelled", "lost"] as const,
    )
    : random.pick(["exit", "exit", "killed"] as const);
  const code = kind === "ok" ? 0 : kind === "exit" ? random.pick([1, 3, 127]) : kind === "oom" ? 137 : 143;
  return {
    kind,
    code,
    ms: random.pick([0, 100, 2000, 10_000, 30_000]) + random.between(0, 1000),
    requeues,
    leavesCode: random.chance(0.5),
  };
}

/** Lays a scenario out, as `maestro run` does. */
export function layOutScenario(system: System, { study, settings }: Scenario): Study {
  system.makeDirectory(study.root);
  const origin = { maestro: "0", id: "m0123456789", createdAt: system.now(), spec: "spec.yaml", settings };
  return createStudy(system, expand(study, () => ""), origin);
}
