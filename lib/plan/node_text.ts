/** The text of one node: its command, restart command, description and resources, with all slots replaced. */

import { nodeIndex } from "./plan_nodes.ts";
import { joined, substitute } from "../tokens.ts";
import type { BoundParameter, Plan, PlanNode, SlottedText, TextSlot } from "./types.ts";
import type { NamedText } from "../spec/types.ts";

/** The command, which may contain `$(LAUNCHER)`. */
export function commandOf(plan: Plan, node: PlanNode): string {
  return fill(plan, node, node.step.text.cmd);
}

/** The restart command; empty if the step has none. */
export function restartOf(plan: Plan, node: PlanNode): string {
  return fill(plan, node, node.step.text.restart);
}

/** The step's description, with the parameters of this node. */
export function descriptionOf(plan: Plan, node: PlanNode): string {
  return fill(plan, node, node.step.text.description);
}

/** Variables that the node's scripts export, with the exact text for the shell. */
export function exportsOf(plan: Plan, node: PlanNode): NamedText[] {
  return (node.step.text.env ?? []).map(([name, text]) => ({ name, text: fill(plan, node, text) }));
}

/** Files of the node's results, relative to its workspace, in the order of the step's `results`. */
export function resultFiles(plan: Plan, node: PlanNode): string[] {
  return (node.step.text.resultFiles ?? []).map((text) => fill(plan, node, text));
}

/** Resources that the node asks for, as text under the spec's key words. */
export function resourceTexts(plan: Plan, node: PlanNode): Record<string, string> {
  return Object.fromEntries(node.step.text.resources.map(([key, text]) => [key, fill(plan, node, text)]));
}

/** The values of the parameters that the node uses, by key, in the order of its name. */
export function paramsOf(plan: Plan, node: PlanNode): Record<string, string> {
  const { parameters } = plan.study;
  return Object.fromEntries(
    node.step.uses.map((use) => [parameters[use]!.key, parameters[use]!.values.at(node.combo)!]),
  );
}

/** Absolute path of the node's workspace. */
export function workspaceOf(plan: Plan, node: PlanNode): string {
  return `${plan.study.root}/${node.workspace}`;
}

/**
 * Indices of all nodes that a node waits for: its parents of the same combination and all nodes of its
 * funnels. With `after`, the nodes that only need to have ended.
 */
export function allParents(plan: Plan, node: PlanNode, kind: "depends" | "after" = "depends"): number[] {
  const { step } = node;
  const [single, funnels] = kind === "depends"
    ? [node.parents, step.funnels]
    : [node.after ?? [], step.afterFunnels ?? []];
  if (funnels.length === 0) return [...single];
  const all = new Set(single);
  for (const funnel of funnels) {
    const { first, end } = plan.steps[funnel]!;
    for (let parent = first; parent < end; parent++) all.add(parent);
  }
  return [...all];
}

function fill(plan: Plan, node: PlanNode, text: SlottedText): string {
  if (text.length === 0) return "";
  if (text.length === 1 && typeof text[0] === "string") return text[0];
  return joined(text.map((piece) => typeof piece === "string" ? piece : slotText(plan, node, piece)));
}

function slotText(plan: Plan, node: PlanNode, slot: TextSlot): string {
  switch (slot.kind) {
    case "own":
      return workspaceOf(plan, node);
    case "workspace": {
      const step = plan.steps[slot.step]!;
      if (slot.all) return `${plan.study.root}/${step.workspace}`;
      return workspaceOf(plan, plan.nodes[nodeIndex(step, node.combo)]!);
    }
    case "name":
      return plan.study.parameters[slot.parameter]!.name;
    case "label":
    case "value": {
      const { labels, values } = plan.study.parameters[slot.parameter]!;
      return slot.kind === "label"
        ? nestedLabel(plan, node, slot.parameter, labels.at(node.combo)!)
        : nested(plan, node, slot.parameter, values.at(node.combo)!);
    }
  }
}

/** Like `nested`: Maestro replaces all labels in a text before the first value. */
function nestedLabel(plan: Plan, node: PlanNode, parameter: number, text: string): string {
  const { parameters } = plan.study;
  const whole = substitute(text, (name) => {
    const later = parameters.findIndex((p, i) => i > parameter && `${p.key}.label` === name);
    return later < 0 ? undefined : nestedLabel(plan, node, later, parameters[later]!.labels.at(node.combo)!);
  });
  return nested(plan, node, -1, whole);
}

/**
 * A value may contain `$(WORKSPACE)`, or the token of a parameter that is defined later: Maestro replaces
 * parameters one after the other.
 */
function nested(plan: Plan, node: PlanNode, parameter: number, text: string): string {
  if (!text.includes("$(")) return text;
  const { parameters } = plan.study;
  return substitute(text, (name) => {
    if (name === "WORKSPACE") return workspaceOf(plan, node);
    const later = parameters.findIndex((p: BoundParameter, i) => i > parameter && p.key === name);
    if (later >= 0) return nested(plan, node, later, parameters[later]!.values.at(node.combo)!);
    return parameters.find((p) => `${p.key}.name` === name)?.name;
  });
}
