/** `maestro plan`: the expanded graph. It writes nothing. */

import { visible } from "../cells.ts";
import { EXIT } from "../errors.ts";
import type { Adapter } from "../../adapters/adapter.ts";
import type { Plan, PlanStep } from "../plan/types.ts";
import { nodeJson } from "../app/plan_json.ts";
import { guarded } from "../app/context.ts";
import { loadOrStop } from "../app/load_spec.ts";
import type { LookFlags } from "../app/parameters.ts";
import { chooseRoot } from "./run.ts";

export interface PlanFlags extends LookFlags {
  readonly json?: boolean;
  readonly out?: string;
  readonly hashws?: boolean;
}

export default guarded<PlanFlags, [string]>(async ({ system }, flags, file) => {
  const { plan, adapter } = await loadOrStop(system, file, {
    ...flags,
    looks: "stop",
    hashWorkspaces: flags.hashws ?? false,
    chooseRoot: (spec) => chooseRoot(system, spec, flags.out),
  });
  if (flags.json) writeJson(plan, adapter, (text) => system.stdout.write(text));
  else system.stdout.write(planText(plan));
  return EXIT.ok;
});

/** One JSON object, written piece by piece: the whole text of a large study need not fit in memory. */
function writeJson(plan: Plan, adapter: Adapter, write: (text: string) => void): void {
  const { name, description, root, parameters } = plan.study;
  const head = {
    version: 1,
    study: { name, description },
    root,
    parameters: parameters.map(({ name, labels, values }) => ({ name, labels, values })),
  };
  write(JSON.stringify(head).slice(0, -1) + ',"steps":[');
  let piece = "";
  plan.nodes.forEach((node, i) => {
    piece += (i === 0 ? "\n" : ",\n") + JSON.stringify(nodeJson(plan, node, adapter));
    if (piece.length < 1 << 16) return;
    write(piece);
    piece = "";
  });
  write(piece + "\n]}\n");
}

/** Nodes as people read them: by step, what each waits for, a few of the combinations. */
function planText(plan: Plan): string {
  const { study, steps, nodes } = plan;
  const lines = [
    `${study.name}: ${nodes.length} step${nodes.length === 1 ? "" : "s"} in ${study.root}`,
    "",
  ];
  for (const step of steps) {
    const waits = [
      ...step.depends.map((i) => steps[i]!.name),
      ...step.funnels.map((i) => `all of ${steps[i]!.name}`),
      ...matchedText(plan, step, false),
    ];
    const late = [
      ...(step.after ?? []).map((i) => steps[i]!.name),
      ...(step.afterFunnels ?? []).map((i) => `all of ${steps[i]!.name}`),
      ...matchedText(plan, step, true),
    ];
    const count = step.end - step.first;
    const uses = step.uses.map((use) => study.parameters[use]!.key).join(", ");
    const after = (waits.length > 0 ? `, after ${waits.join(", ")}` : "") +
      (late.length > 0 ? `, after the end of ${late.join(", ")}` : "");
    lines.push(uses === "" ? `${step.name}${after}` : `${step.name}: ${count} by ${uses}${after}`);
    if (uses === "") continue;
    const shown = nodes.slice(step.first, Math.min(step.end, step.first + SHOWN));
    lines.push(...shown.map((node) => `  ${node.name}`));
    if (count > SHOWN) lines.push(`  and ${count - SHOWN} more`);
  }
  return lines.map((line) => `${visible(line)}\n`).join("");
}

function matchedText({ steps, study }: Plan, step: PlanStep, after: boolean): string[] {
  return (step.matched ?? []).filter((funnel) => (funnel.after ?? false) === after).map(({ step, by }) =>
    `all of ${steps[step]!.name} of its ${
      by.map((parameter) => study.parameters[parameter]!.key).join(" and ")
    }`
  );
}

const SHOWN = 20;
