/** `run.env` of a step: environment variables that its scripts export. */

import * as problem from "./problems.ts";
import { notAVariable } from "./step_problems.ts";
import { mappingOf, type Section } from "./spec_values.ts";
import type { NamedText, Problem, SpecPath } from "./types.ts";

/** Undefined if the step has none. */
export function readStepEnv(
  run: Section,
  where: string,
  path: SpecPath,
  problems: Problem[],
): NamedText[] | undefined {
  const entries = Object.entries(mappingOf(run, "env"));
  if (entries.length === 0) return undefined;
  return entries.flatMap(([name, value]) => {
    const place = [...path, name];
    if (!/^[A-Za-z_]\w*$/.test(name)) problems.push(notAVariable(name, where, place));
    else if (value === null || typeof value === "string") return [{ name, text: value ?? "" }];
    else problems.push(problem.wrongValue(name, `"env" of ${where}`, place, "text", value));
    return [];
  });
}
