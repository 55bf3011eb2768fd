/** Values that the rules of `results` extract from the output of a step. */

import { resolve } from "@std/path";
import { resultFiles, workspaceOf } from "../plan/node_text.ts";
import { jobName } from "../plan/script.ts";
import { visible } from "../cells.ts";
import type { Plan, PlanNode } from "../plan/types.ts";
import type { ResultRule } from "../spec/types.ts";
import type { Progress } from "../study/state/progress.ts";
import type { System } from "../system.ts";
import { pickResult } from "../view/results.ts";

/** A step that has not finished has no results yet: its files may be incomplete. */
export function valuesOf(
  system: System,
  plan: Plan,
  { records }: Progress,
  node: PlanNode,
): (string | undefined)[] {
  const rules = node.step.results!;
  if (records[node.index]!.state !== "FINISHED") return rules.map(() => undefined);
  const folder = workspaceOf(plan, node);
  const texts = new Map<string, string | undefined>();
  return resultFiles(plan, node).map((file, i) => {
    if (rules[i]!.pick.kind === "image") return imageOf(system, plan, folder, file);
    if (!texts.has(file)) texts.set(file, readOutput(system, folder, file, node));
    const text = texts.get(file);
    return text === undefined ? undefined : pickInTime(system, node, rules[i]!, text);
  });
}

/** The path of a picture below the study's folder. Undefined if there is no such file. */
function imageOf(
  system: System,
  { study: { root } }: Plan,
  folder: string,
  file: string,
): string | undefined {
  const path = resolve(folder, file);
  const facts = system.facts(path);
  if (!facts || facts.isDirectory || facts.isSpecial) return undefined;
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}

/** A search may take longer than the age of the universe: `(a+)+$`. */
const MOST_MS = 5000;
/** Rules whose search took too long once: they are left out. */
const slow = new WeakSet<ResultRule>();

function pickInTime(
  system: System,
  { name }: PlanNode,
  rule: ResultRule,
  text: string,
): string | undefined {
  if (rule.pick.kind === "json") return pickResult(rule, text);
  if (slow.has(rule)) return undefined;
  let found: string | undefined;
  if (system.within(MOST_MS, () => found = pickResult(rule, text))) return found;
  slow.add(rule);
  system.stderr.say(
    `warning: The search for result "${visible(rule.name)}" of ${visible(name)} takes longer than ` +
      `${MOST_MS / 1000} s: the result is left out. Write a simpler regex.\n`,
  );
  return undefined;
}

/** Of a longer file its end is read. */
const MOST_BYTES = 1 << 26;

function readOutput(system: System, folder: string, file: string, node: PlanNode): string | undefined {
  const path = file === "" ? latestLog(system, folder, node) : resolve(folder, file);
  const facts = path === undefined ? undefined : system.facts(path);
  if (!facts || facts.isDirectory || facts.isSpecial) return undefined;
  return facts.size > MOST_BYTES ? system.readTail(path!, MOST_BYTES) : system.readText(path!);
}

/** The output of the last attempt. Each attempt has a separate file, with an id in its name. */
function latestLog(system: System, folder: string, { name, fileBase }: PlanNode): string | undefined {
  if (!system.facts(folder)?.isDirectory) return undefined;
  const starts = [`${jobName(name)}.`, `${jobName(fileBase)}.`];
  const logs = system.list(folder)
    .filter((file) => file.endsWith(".out") && starts.some((start) => file.startsWith(start)))
    .map((file) => ({ path: `${folder}/${file}`, at: system.facts(`${folder}/${file}`)?.changedAt ?? 0 }));
  return logs.sort((a, b) => b.at - a.at)[0]?.path;
}
