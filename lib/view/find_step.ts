/** The step that a user means: by its name, the beginning of it, its folder, or what its parameters are. */

import { noSuchStep } from "../errors.ts";
import { paramsOf } from "../plan/node_text.ts";
import { nearest } from "../suggest.ts";
import type { Plan, PlanNode } from "../plan/types.ts";
import { noStepBy, severalSteps } from "../view_errors.ts";

/** The one node that all words speak of. `isLikely`: counts where there are several. */
export function meantNode(
  plan: Plan,
  words: readonly string[],
  isLikely: (node: PlanNode) => boolean = () => true,
): PlanNode {
  let nodes = plan.nodes;
  for (const word of words) {
    const pair = parameterPair(plan, word);
    nodes = pair
      ? nodes.filter((node) => paramsOf(plan, node)[pair.key] === pair.value)
      : named(plan, nodes, word);
  }
  const likely = nodes.length > 1 ? nodes.filter(isLikely) : nodes;
  if (likely.length > 0) nodes = likely;
  if (nodes.length === 1) return nodes[0]!;
  throw nodes.length === 0 ? noStepBy(words) : severalSteps(words, nodes.map(({ name }) => name));
}

/** `SIZE=10`, if SIZE is a parameter. */
function parameterPair(plan: Plan, word: string): { key: string; value: string } | undefined {
  const equals = word.indexOf("=");
  const key = word.slice(0, Math.max(0, equals));
  return plan.study.parameters.some((parameter) => parameter.key === key)
    ? { key, value: word.slice(equals + 1) }
    : undefined;
}

/** A node's own name counts before a step's, that before the beginning of one, and that before its folder. */
function named(plan: Plan, nodes: readonly PlanNode[], word: string): readonly PlanNode[] {
  for (
    const means of [
      ({ name }: PlanNode) => name === word,
      ({ step }: PlanNode) => step.name === word,
      ({ name }: PlanNode) => name.startsWith(word),
      ({ workspace }: PlanNode) => `/${workspace}`.endsWith(`/${word.replace(/\/+$/, "")}`),
    ]
  ) {
    if (plan.nodes.some(means)) return nodes.filter(means);
  }
  const known = [...plan.steps, ...plan.nodes].map(({ name }) => name);
  const parameters = plan.study.parameters.map(({ key }) => `${key}=`);
  throw noSuchStep(word, nearest(word, known) ?? nearest(word.replace(/=.*/s, "="), parameters));
}
