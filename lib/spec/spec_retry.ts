/** `run.retry`: whether a failed step runs again, how often, and with how much larger resources. */

import { FAILURE_KINDS } from "./failure_kinds.ts";
import * as problem from "./problems.ts";
import { isMapping, listOf, mappingOf, readLevel, type Section, textOf } from "./spec_values.ts";
import type { Problem, RetryPolicy, SpecPath } from "./types.ts";
import { durationSeconds, parseInteger } from "../units.ts";

/** What `retry.on` may list, beside `exit:N`. */
const KINDS: readonly string[] = ["any", ...FAILURE_KINDS];
/** What `retry.scale` may multiply. */
const SCALABLE = ["walltime", "nodes", "procs", "gpus", "cores per task"];

/** The policy in a `run` section. Undefined if it has none. */
export function readRetry(
  run: Section,
  where: string,
  path: SpecPath,
  problems: Problem[],
): RetryPolicy | undefined {
  const value = run.get("retry");
  if (value === undefined || !isMapping(value)) return undefined;
  const section = readLevel(value, "retry", { name: `"retry" of ${where}`, path }, problems);
  const on = listOf(section, "on").filter((item) => typeof item === "string");
  on.forEach((item, i) => {
    if (KINDS.includes(item) || /^exit:\d+$/.test(item)) return;
    problems.push(problem.unknownWord(item, `"on" of ${where}`, [...path, "on", i], [...KINDS, "exit:N"]));
  });
  return {
    limit: parseInteger(textOf(section, "limit") || "1") ?? 1,
    delay: durationSeconds(textOf(section, "delay") || "0", "seconds") ?? 0,
    on: on.length > 0 ? on : ["any"],
    scale: readScale(section, where, path, problems),
  };
}

function readScale(
  section: Section,
  where: string,
  path: SpecPath,
  problems: Problem[],
): Record<string, number> {
  const scale: Record<string, number> = {};
  for (const [key, text] of Object.entries(mappingOf(section, "scale"))) {
    const place = [...path, "scale", key];
    const factor = typeof text === "string" ? Number(text) : NaN;
    if (!SCALABLE.includes(key)) {
      problems.push(problem.unknownKey(key, `"scale" of ${where}`, place, SCALABLE));
    } else if (!(factor > 0)) {
      problems.push(problem.wrongValue(key, where, place, "a factor above 0", text ?? null));
    } else scale[key] = factor;
  }
  return scale;
}
