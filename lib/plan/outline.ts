/** What a study will run, in one line: steps, jobs, queues, and the most node-hours. */

import type { Adapter } from "../../adapters/adapter.ts";
import { isScheduled } from "./scheduling.ts";
import { resourceTexts } from "./node_text.ts";
import { typedResources } from "./resources.ts";
import type { Plan, PlanStep, Resources } from "./types.ts";
import { walltimeSeconds } from "../units.ts";

/** Sums over the nodes of a study. */
interface Work {
  local: number;
  jobs: number;
  nodeHours: number;
  /** Of jobs that ask for tasks, and not for nodes. */
  taskHours: number;
  /** Jobs without a walltime. */
  unlimited: number;
  readonly queues: Set<string>;
}

export function outlineOf(plan: Plan, adapter: Adapter): string {
  const work: Work = { local: 0, jobs: 0, nodeHours: 0, taskHours: 0, unlimited: 0, queues: new Set() };
  for (const step of plan.steps) addStep(work, plan, step, adapter);
  const steps = plan.steps.length;
  const combinations = plan.size === steps ? "" : `, ${plan.size} with their combinations`;
  const parts = [
    ...work.jobs === 0 ? [] : [jobsText(work, adapter)],
    ...work.local === 0 ? [] : [`${work.local} on this machine`],
  ];
  return `Will run ${several(steps, "step")}${combinations}: ${parts.join("; ")}.`;
}

function jobsText(work: Work, adapter: Adapter): string {
  const { jobs, nodeHours, taskHours, unlimited, queues } = work;
  const queue = queues.size === 0 ? "" : ` in queue ${[...queues].join(" or ")}`;
  const hours = [
    ...nodeHours === 0 ? [] : [`${round(nodeHours)} node-hours`],
    ...taskHours === 0 ? [] : [`${round(taskHours)} task-hours`],
  ];
  const most = hours.length === 0 ? "" : ` (at most ${hours.join(" and ")} per attempt)`;
  const rest = unlimited === 0 ? "" : `, ${unlimited === jobs ? "all" : unlimited} without a walltime`;
  return `${several(jobs, "job")} of ${adapter.name}${queue}${most}${rest}`;
}

const several = (count: number, thing: string) => `${count} ${thing}${count === 1 ? "" : "s"}`;

/** Up to two digits after the point, rounded up. */
const round = (hours: number) => String(Math.ceil(hours * 100 - 1e-6) / 100);

function addStep(work: Work, plan: Plan, step: PlanStep, adapter: Adapter): void {
  const { first, end, pack, text } = step;
  const isFixed = text.resources.every(([, pieces]) => pieces.every((piece) => typeof piece === "string"));
  /** Nodes with equal resources, which may share a job. */
  const alike = new Map<string, { resources: Resources; count: number }>();
  for (let node = first; node < end; node += isFixed ? end - first : 1) {
    const resources = typedResources(resourceTexts(plan, plan.nodes[node]!), () => {});
    const key = JSON.stringify(resources);
    const count = (alike.get(key)?.count ?? 0) + (isFixed ? end - first : 1);
    alike.set(key, { resources, count });
  }
  for (const { resources, count } of alike.values()) {
    if (!isScheduled(adapter.name, resources, step.batch)) work.local += count;
    else addJobs(work, plan, step, adapter, resources, pack ? Math.ceil(count / pack.most) : count);
  }
}

function addJobs(
  work: Work,
  plan: Plan,
  { pack, batch: own = {} }: PlanStep,
  { scheduler }: Adapter,
  resources: Resources,
  jobs: number,
): void {
  const batch = { ...plan.study.batch, ...own };
  const seconds = scheduler?.seconds ?? walltimeSeconds;
  const limit = seconds(resources.walltime || String(batch["walltime"] ?? "")) ?? Infinity;
  const nodes = pack ? 1 : resources.nodes || Number(batch["nodes"]);
  const rounds = pack ? Math.ceil(pack.most / pack.atOnce) : 1;
  const hours = jobs * rounds * limit / 3600;
  work.jobs += jobs;
  if (limit === Infinity) work.unlimited += jobs;
  else if (nodes > 0) work.nodeHours += hours * nodes;
  else work.taskHours += hours * (resources.procs || 1);
  if (batch["queue"]) work.queues.add(String(batch["queue"]));
}
