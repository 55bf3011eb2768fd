/** The nodes of a plan as JSON. */

import { allParents, commandOf, descriptionOf, paramsOf, restartOf, workspaceOf } from "../plan/node_text.ts";
import { nodeScripts } from "../plan/node_script.ts";
import type { Adapter } from "../../adapters/adapter.ts";
import type { Plan, PlanNode } from "../plan/types.ts";

/** A node of a plan, with everything that is run for it, as in `maestro plan --json`. */
export type PlannedStep = ReturnType<typeof nodeJson>;

/** A node as `plan --json` shows it. */
export function nodeJson(plan: Plan, node: PlanNode, adapter: Adapter) {
  const { scheduled, script, restart, resources } = nodeScripts(plan, node, adapter);
  const workspace = workspaceOf(plan, node);
  return {
    name: node.name,
    step: node.step.name,
    description: descriptionOf(plan, node),
    params: paramsOf(plan, node),
    parents: allParents(plan, node).map((parent) => plan.nodes[parent]!.name),
    ...afterJson(plan, node),
    workspace,
    cmd: commandOf(plan, node),
    restart: restartOf(plan, node),
    resources,
    scheduled,
    script: { path: `${workspace}/${script.file}`, text: script.text },
    ...(restart ? { restartScript: { path: `${workspace}/${restart.file}`, text: restart.text } } : {}),
  };
}

/** Nodes that must have ended; nothing where there are none, as in studies of Maestro's. */
function afterJson(plan: Plan, node: PlanNode): { after?: string[] } {
  const after = allParents(plan, node, "after").map((parent) => plan.nodes[parent]!.name);
  return after.length > 0 ? { after } : {};
}
