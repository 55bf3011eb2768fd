/** Which nodes a scheduler runs. */

import { resourceTexts } from "./node_text.ts";
import { nodeOf, stepOf } from "./plan_nodes.ts";
import { typedResources } from "./resources.ts";
import type { StepBatch } from "../spec/types.ts";
import type { Plan, PlanNode, Resources } from "./types.ts";

/**
 * A step is scheduled if it asks for nodes or procs, the study has a scheduler, and the step does not decline
 * it. `adapter`: its name.
 */
export function isScheduled(adapter: string, resources: Resources, own?: StepBatch): boolean {
  return adapter !== "local" && own?.["type"] !== "local" && Boolean(resources.nodes || resources.procs);
}

/**
 * Whether a scheduler runs a node, by its index. Computed once for a step whose nodes have equal resources.
 */
export function schedulingOf(plan: Plan, adapter: string): (node: number) => boolean {
  const ofNode = (node: PlanNode) =>
    isScheduled(adapter, typedResources(resourceTexts(plan, node), () => {}), node.step.batch);
  const ofStep = plan.steps.map((step) =>
    step.first < step.end && step.text.resources.every(([, pieces]) => pieces.every(isFixed))
      ? ofNode(nodeOf(step, step.first))
      : undefined
  );
  return (index) => {
    const step = stepOf(plan, index);
    return ofStep[step.index] ?? ofNode(nodeOf(step, index));
  };
}

const isFixed = (piece: unknown) => typeof piece === "string";
