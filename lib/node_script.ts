/** The scripts of one node, rendered for its scheduler. */

import * as problem from "./graph_problems.ts";
import { dropLauncher, replaceLauncher } from "./launcher.ts";
import { commandOf, descriptionOf, paramsOf, resourceTexts, restartOf } from "./node_text.ts";
import { typedResources } from "./resources.ts";
import { jobName, renderScript } from "./script.ts";
import type { Adapter, Plan, PlanNode, Problem, Resources, ScriptRequest } from "./types.ts";

/** A script: its file's name in the workspace, and its text. */
export interface NodeScript {
  readonly file: string;
  readonly text: string;
}

export interface NodeScripts {
  /** Whether a scheduler runs it. */
  readonly scheduled: boolean;
  readonly script: NodeScript;
  readonly restart?: NodeScript;
  readonly resources: Resources;
  /** What only shows in a node: resources and launchers filled in with parameters. */
  readonly problems: readonly Problem[];
}

/** A step is scheduled if it asks for nodes or procs, and there is a scheduler. */
export function isScheduled(adapter: Adapter, resources: Resources): boolean {
  return adapter.name !== "local" && Boolean(resources.nodes || resources.procs);
}

/** Renders a node's script, and its restart script if it has one. */
export function nodeScripts(plan: Plan, node: PlanNode, adapter: Adapter): NodeScripts {
  const problems: Problem[] = [];
  const { step } = node;
  const resources = typedResources(resourceTexts(plan, node), (key, text, wanted) => {
    const params = Object.entries(paramsOf(plan, node)).map(([name, value]) => `${name}=${value}`).join(", ");
    problems.push(problem.badResource(step.name, step.position, key, text, wanted, params));
  });
  const scheduled = isScheduled(adapter, resources);
  const { batch } = plan.study;
  const name = jobName(node.fileBase === node.name ? node.name : node.fileBase);
  const request: ScriptRequest = {
    jobName: name,
    description: descriptionOf(plan, node),
    resources,
    batch,
    out: adapter.logName(name, "out"),
    err: adapter.logName(name, "err"),
  };
  const launch = (nodes: number | undefined, procs: number | undefined) =>
    adapter.launcher({ nodes, procs, resources, batch });
  const render = (cmd: string, place: "cmd" | "restart"): string => {
    if (!scheduled) return renderScript(adapter, request, dropLauncher(cmd), false);
    const launched = replaceLauncher(cmd, resources, launch);
    for (const message of launched.problems) {
      problems.push(problem.badLauncher(step.name, step.position, place, message));
    }
    return renderScript(adapter, request, launched.text, true);
  };
  const ending = adapter.infix === "" ? "sh" : `${adapter.infix}.sh`;
  const script = { file: `${node.fileBase}.${ending}`, text: render(commandOf(plan, node), "cmd") };
  if (step.restart === "") return { scheduled, script, resources, problems };
  const restart = {
    file: `${node.fileBase}.restart.${ending}`,
    text: render(restartOf(plan, node), "restart"),
  };
  return { scheduled, script, restart, resources, problems };
}
