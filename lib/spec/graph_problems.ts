/**
 * Messages about problems that are visible only when the names in a spec are resolved. Problems of a single
 * key are in `problems.ts`.
 */

import { funnelTarget, matchNames } from "./dependence.ts";
import { error, warning } from "./problem.ts";
import { oneOf } from "../suggest.ts";
import type { Problem, SpecPath, SpecStep } from "./types.ts";

function inRun(step: SpecStep, ...rest: (string | number)[]): SpecPath {
  return ["study", step.position, "run", ...rest];
}

/** `circle` ends where it begins. */
export function environmentCircle(circle: readonly string[]): Problem {
  return warning(
    ["env"],
    "value",
    `Names in "env" refer to each other in a circle: ${circle.join(" -> ")}`,
    `$(${circle[0]}) remains in the script, and a shell reads it as a command.`,
  );
}

/** `path` names steps, each of which depends on the next. It ends at `step`, where it begins. */
export function cycle(path: readonly string[], step: SpecStep): Problem {
  const names = (item: string) => funnelTarget(item) === path[1];
  const item = step.depends.findIndex(names);
  const late = item < 0 ? (step.after ?? []).findIndex(names) : -1;
  const key = item < 0 && late >= 0 ? "after" : "depends";
  return error(
    late < 0 && item < 0 ? inRun(step, key) : inRun(step, key, Math.max(item, late)),
    "value",
    `Steps depend on each other in a circle: ${path.join(" -> ")}`,
    `Remove one of these from its step's "${key}".`,
  );
}

/** `completed`: `depends` as a mapping whose condition is all-completed. */
type WaitKey = "depends" | "after" | "completed";

const WAITS = { depends: "depends on", after: "runs after", completed: "depends on" };

/**
 * The place of an item of a key. If `depends` is a mapping, it has no list of items, and the place is that of
 * the key.
 */
function itemPath(step: SpecStep, key: WaitKey, item: number): SpecPath {
  return key === "completed" ? inRun(step, "depends", "steps", item) : inRun(step, key, item);
}

export function unknownDependency(
  step: SpecStep,
  key: WaitKey,
  item: number,
  name: string,
  known: Iterable<string>,
): Problem {
  const bare = funnelTarget(name);
  return error(
    itemPath(step, key, item),
    "value",
    `Step "${step.name}" ${WAITS[key]} "${name}", but there is no step "${bare}"`,
    oneOf(bare, known),
  );
}

export function unknownMatch(
  step: SpecStep,
  key: WaitKey,
  item: number,
  name: string,
  parameter: string,
  known: Iterable<string>,
): Problem {
  return error(
    itemPath(step, key, item),
    "value",
    `Step "${step.name}" ${WAITS[key]} "${name}", but there is no parameter "${parameter}"`,
    oneOf(parameter, known),
  );
}

export function matchNotUsed(step: SpecStep, key: WaitKey, target: string, parameter: string): Problem {
  const item = (step[key] ?? []).findIndex((name) => matchNames(name)?.includes(parameter));
  return error(
    inRun(step, key, Math.max(item, 0)),
    "value",
    `Step "${step.name}" depends on nodes with the same ${parameter}, but step "${target}" does not use ${parameter}`,
    "Remove the brackets to wait for all of its combinations.",
  );
}

export function unknownWorkspace(
  step: SpecStep,
  place: "cmd" | "restart",
  name: string,
  known: Iterable<string>,
): Problem {
  return error(
    inRun(step, place),
    "value",
    `Step "${step.name}" uses $(${name}.workspace), but there is no step "${name}"`,
    oneOf(name, known),
  );
}

export function notAnAncestor(step: SpecStep, place: "cmd" | "restart", name: string): Problem {
  return warning(
    inRun(step, place),
    "value",
    `Step "${step.name}" uses $(${name}.workspace) but does not depend on step "${name}"`,
    `Add "${name}" to its "depends" unless the order does not matter.`,
  );
}

export function unusedParameter(key: string): Problem {
  const hint = `Write $(${key}) in a command, or remove the parameter.`;
  return warning(["global.parameters", key], "key", `No step uses parameter "${key}"`, hint);
}

/** `kind` is the kind of the entry with this name in `env`. */
export function parameterHidden(key: string, kind: string): Problem {
  const message = `Parameter "${key}" has the name of a ${kind}`;
  const hint = `$(${key}) is the ${kind}, so no step uses the parameter.`;
  return warning(["global.parameters", key], "key", message, hint);
}

/** Only a text without effect names the parameter, but it makes the step's nodes. */
export function onlyNamedBy(step: SpecStep, key: string, parameter: string): Problem {
  const path = key === "description" ? ["study", step.position, key] : inRun(step, key);
  return warning(
    path,
    "value",
    `Step "${step.name}" runs for each value of "${parameter}", because its ${key} names it`,
    `As in Maestro. For one run, write ${parameter} there without $( ).`,
  );
}

/** `near`: the probable name. `swept`: the spec has parameters. */
export function unknownToken(
  step: SpecStep,
  place: string,
  token: string,
  near: string | undefined,
  swept: boolean,
): Problem {
  const generator = swept ? "" : " If a parameter generator defines it, name the generator with -p.";
  return warning(
    inRun(step, place),
    "value",
    `$(${token}) in step "${step.name}" is not defined in this spec`,
    near ?? `The shell would run it as a command.${generator}`,
  );
}

/** A resource with an invalid value after its tokens are replaced. */
export function badResource(
  step: string,
  position: number,
  key: string,
  text: string,
  wanted: string,
  params: string,
): Problem {
  const where = params === "" ? "" : ` for ${params}`;
  return error(
    ["study", position, "run", key],
    "value",
    `"${key}" of step "${step}" must be ${wanted}, but is "${text}"${where}`,
  );
}

/** An invalid `$(LAUNCHER)`. */
export function badLauncher(
  step: string,
  position: number,
  place: "cmd" | "restart",
  message: string,
): Problem {
  return error(["study", position, "run", place], "value", `In step "${step}": ${message}`);
}

export function missingPath(index: number, name: string, path: string): Problem {
  return error(
    ["env", "dependencies", "paths", index, "path"],
    "value",
    `Path dependency "${name}" does not exist: ${path}`,
    "Create it, or correct the path. A relative path starts at the current folder.",
  );
}
