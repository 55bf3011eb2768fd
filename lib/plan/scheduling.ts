/** Which nodes a scheduler runs. */

import { resourceTexts } from "./node_text.ts";
import { nodeOf, stepOf } from "./plan_nodes.ts";
import type { StepBatch } from "../spec/types.ts";
import type { Plan, PlanNode, Resources } from "./types.ts";
import { parseInteger } from "../units.ts";

/**
 * A step is scheduled if it asks for nodes or procs, the study has a scheduler, and the step does not decline
 * it. `adapter`: its name.
 */
export function isScheduled(adapter: string, resources: Asked, own?: StepBatch): boolean {
  return adapter !== "local" && own?.["type"] !== "local" &&
    ((resources.nodes ?? 0) > 0 || (resources.procs ?? 0) > 0);
}

/** The resources that make a step one for a scheduler. */
type Asked = Pick<Resources, "nodes" | "procs">;

/** Without the table of all keys, which readers of a study do not need: a text that is no number asks for nothing. */
const askedBy = ({ nodes = "", procs = "" }: Readonly<Record<string, string>>) => ({
  nodes: parseInteger(nodes) ?? 0,
  procs: parseInteger(procs) ?? 0,
});

/**
 * Whether a scheduler runs a node, by its index. Computed once for a step whose nodes have equal resources.
 */
export function schedulingOf(plan: Plan, adapter: string): (node: number) => boolean {
  const ofNode = (node: PlanNode) =>
    isScheduled(adapter, askedBy(resourceTexts(plan, node)), node.step.batch);
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
