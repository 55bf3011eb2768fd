/** The scripts of one node, written for its scheduler. */

import * as problem from "../spec/graph_problems.ts";
import { dropLauncher, replaceLauncher } from "./launcher.ts";
import {
  commandOf,
  descriptionOf,
  exportsOf,
  paramsOf,
  resourceTexts,
  restartOf,
  workspaceOf,
} from "./node_text.ts";
import { scriptFile } from "./plan_nodes.ts";
import { guardFile, jobFile } from "../paths.ts";
import { grow, typedResources } from "./resources.ts";
import { isScheduled } from "./scheduling.ts";
import { type Guard, isGuarded, jobName, renderScript, shellName } from "./script.ts";
import { packOfNodes, packWithoutGuard } from "../spec/step_problems.ts";
import { walltimeSeconds } from "../units.ts";
import { wrapCommands } from "./wrap.ts";
import type { Adapter, ScriptRequest } from "../../adapters/adapter.ts";
import type { Batch, Problem } from "../spec/types.ts";
import type { Plan, PlanNode, PlanStep, Resources } from "./types.ts";

/** A script: its file name in the workspace, and its text. */
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
  /** The values of the header. */
  readonly request: ScriptRequest;
  /** Problems that are visible only in a node: its resources and launchers contain values of parameters. */
  readonly problems: readonly Problem[];
}

/** Keys of `run` that adapters read as keys of `batch`. */
const OF_BATCH = ["mem", "constraint", "gres", "args"] as const;

/** The spec's `batch`, with the keys that a step overrides. */
function batchOf(batch: Batch, { shell, batch: own = {} }: PlanStep, resources: Resources): Batch {
  const asked = OF_BATCH.flatMap((key) => resources[key] === undefined ? [] : [[key, resources[key]]]);
  const { type: _, ...others } = own;
  return { ...batch, ...others, ...(shell === undefined ? {} : { shell }), ...Object.fromEntries(asked) };
}

/** Whether jobs of a step have a guard: they claim their attempts before anything else. */
export function hasGuard(plan: Plan, step: PlanStep): boolean {
  return isGuarded(batchOf(plan.study.batch, step, {}));
}

/**
 * Characters that a file name cannot contain, or that a scheduler reads as a pattern, a quote or an escape.
 */
// deno-lint-ignore no-control-regex
const ODD = /[/%\\"'`\x00-\x1f\x7f]|\{\{/;

/**
 * The name of job and logs: the node's name, as in Maestro, unless it contains such characters. Scripts have
 * a safe form of it.
 */
function shownName(plan: Plan, { name, combo, fileBase, step }: PlanNode): string {
  const { hashWorkspaces } = plan.study;
  if (combo >= 0 && hashWorkspaces === "md5") return fileBase;
  const own = combo >= 0 && hashWorkspaces ? step.name + fileBase.slice(step.workspace.length) : name;
  return !ODD.test(own) && new TextEncoder().encode(own).length <= step.names.file ? own : fileBase;
}

/** The run of a node that a script is for. */
export interface Run {
  /** Its submission, from 1. It names the claim, and from the second on the logs. */
  readonly attempt: number;
  /** Number of retries. Resources grow with it if the step's policy asks for that. */
  readonly retries: number;
  /** Options that the scheduler lacks: `ScriptRequest.lacks`. */
  readonly lacks?: ReadonlySet<string>;
  /**
   * Distinguishes its submission from all others, and arms the guard of its script. Without it there is no
   * guard.
   */
  readonly token?: string;
}

const FIRST_RUN: Run = { attempt: 1, retries: 0 };

/** Writes a node's script, and its restart script if it has one. */
export function nodeScripts(plan: Plan, node: PlanNode, adapter: Adapter, run = FIRST_RUN): NodeScripts {
  const problems: Problem[] = [];
  const { step } = node;
  const resources = resourcesOf(plan, node, run.retries, (key, text, wanted) => {
    const params = Object.entries(paramsOf(plan, node)).map(([name, value]) => `${name}=${value}`).join(", ");
    problems.push(problem.badResource(step.name, step.position, key, text, wanted, params));
  });
  const scheduled = isScheduled(adapter.name, resources, step.batch);
  const batch = batchOf(plan.study.batch, step, resources);
  if (step.pack && scheduled) {
    if ((resources.nodes ?? 1) > 1) problems.push(packOfNodes(step.name, step.position, resources.nodes!));
    if (!isGuarded(batch)) problems.push(packWithoutGuard(step.name, step.position, shellName(batch)));
  }
  const env = exportsOf(plan, node);
  const name = jobName(shownName(plan, node));
  const logs = run.attempt > 1 ? `${name}.${run.attempt}` : name;
  const request: ScriptRequest = {
    jobName: name,
    description: descriptionOf(plan, node),
    resources,
    batch,
    out: adapter.logName(logs, "out"),
    err: adapter.logName(logs, "err"),
    ...(run.lacks ? { lacks: run.lacks } : {}),
    workspace: workspaceOf(plan, node),
  };
  const launch = (nodes: number | undefined, procs: number | undefined) =>
    adapter.launcher({ ...request, nodes, procs });
  const render = (file: string, cmd: string, place: "cmd" | "restart"): NodeScript => {
    const wrapped = (commands: string) => wrapCommands(commands, batch, env);
    if (!scheduled) return { file, text: renderScript(adapter, request, wrapped(dropLauncher(cmd)), false) };
    const launched = replaceLauncher(cmd, resources, launch);
    for (const message of launched.problems) {
      problems.push(problem.badLauncher(step.name, step.position, place, message));
    }
    const guard = guardOf(plan, node, run, file);
    return { file, text: renderScript(adapter, request, wrapped(launched.text), true, guard) };
  };
  const ending = adapter.infix === "" ? "sh" : `${adapter.infix}.sh`;
  const script = render(scriptFile(node, `.${ending}`), commandOf(plan, node), "cmd");
  if (step.restart === "") return { scheduled, script, resources, request, problems };
  const restart = render(scriptFile(node, `.restart.${ending}`), restartOf(plan, node), "restart");
  return { scheduled, script, restart, resources, request, problems };
}

/** The guard of a submitted script. */
function guardOf(plan: Plan, node: PlanNode, { attempt, token }: Run, file: string): Guard | undefined {
  if (token === undefined) return undefined;
  const { root } = plan.study;
  const folder = workspaceOf(plan, node);
  return {
    jobFile: jobFile(root, node.index, attempt),
    runner: guardFile(root),
    script: `${folder}/${file}`,
    ...{ folder, token },
  };
}

/** The resources of a node's run, after a number of retries. */
function resourcesOf(
  plan: Plan,
  node: PlanNode,
  retries: number,
  wrong: Parameters<typeof typedResources>[1],
): Resources {
  const resources = typedResources(resourceTexts(plan, node), wrong);
  if (retries > 0 && node.step.retry) grow(resources, node.step.retry.scale, retries);
  return resources;
}

/** Seconds that a run of a node may take. Undefined if there is no limit. */
export function limitOf(
  plan: Plan,
  node: PlanNode,
  retries: number,
  seconds: (walltime: string) => number | undefined = walltimeSeconds,
): number | undefined {
  const limit = seconds(resourcesOf(plan, node, retries, () => {}).walltime ?? "");
  return limit === Infinity ? undefined : limit;
}
