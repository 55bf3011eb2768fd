/** The steps of a spec: `study`. */

import * as problem from "./problems.ts";
import { checkDepends, type Dependence, readDepends } from "./spec_depends.ts";
import { readResults } from "./spec_results.ts";
import { readRetry } from "./spec_retry.ts";
import { isMapping, listOf, mappingOf, readLevel, type Section, textOf } from "./spec_values.ts";
import { readStepBatch, type StudyBatch } from "./spec_step_batch.ts";
import { readStepEnv } from "./spec_step_env.ts";
import type { NamedText, Pack, Problem, SpecStep, YamlValue } from "./types.ts";
import { parseBoolean, parseInteger } from "../units.ts";

/** All steps and their problems. */
export function readStudy(
  study: readonly YamlValue[],
  studyBatch: StudyBatch,
  problems: Problem[],
): SpecStep[] {
  if (study.length === 0) problems.push(problem.noSteps(["study"]));
  const steps: SpecStep[] = [];
  const positions = new Map<string, number>();
  const dependences: Dependence[] = [];
  study.forEach((value, position) => {
    const path = ["study", position];
    if (!isMapping(value)) {
      problems.push(
        problem.wrongThing(`Step ${position + 1}`, path, "a mapping", value, 'Begin it with "- name: ".'),
      );
      return;
    }
    const where = { name: stepInWords(value, position), path };
    const step = readLevel(value, "step", where, problems);
    const name = textOf(step, "name");
    const first = positions.get(name);
    if (first !== undefined) problems.push(problem.stepNameTaken(name, [...path, "name"], first));
    else if (name !== "") positions.set(name, position);
    const run: Section = step.has("run")
      ? readLevel(mappingOf(step, "run"), "run", { name: where.name, path: [...path, "run"] }, problems)
      : new Map();
    const waits = readDepends(run, name, where.name, [...path, "run"], problems);
    dependences.push(...waits);
    const retry = readRetry(run, where.name, [...path, "run", "retry"], problems);
    const results = readResults(mappingOf(step, "results"), where.name, [...path, "results"], problems);
    const env = readStepEnv(run, where.name, [...path, "run", "env"], problems);
    const batch = readStepBatch(step, run, where, studyBatch, problems);
    const pack = readPack(run);
    const more = { retry, results, env, batch, pack };
    const given = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined));
    steps.push({ ...toStep(step, run, waits, position), ...given });
  });
  for (const dependence of dependences) checkDepends(dependence, [...positions.keys()], positions, problems);
  return steps;
}

function stepInWords(value: { [key: string]: YamlValue }, position: number): string {
  const name = value["name"];
  return typeof name === "string" && name !== "" ? `step "${name}"` : `step ${position + 1}`;
}

const NOT_RESOURCES: ReadonlySet<string> = new Set([
  ...["cmd", "restart", "depends", "after", "pre", "post"],
  ...["allow-failure", "shell", "env", "pack", "pack at once"],
]);

/** The name under which a step's resources contain `exclusive: {launcher: ...}`. */
const LAUNCHER_KEY = "exclusive launcher";

function readPack(run: Section): Pack | undefined {
  const most = parseInteger(textOf(run, "pack"));
  if (most === undefined) return undefined;
  return { most, atOnce: Math.min(most, parseInteger(textOf(run, "pack at once")) ?? most) };
}

const texts = (items: readonly YamlValue[]) => items.filter((item) => typeof item === "string");

function toStep(step: Section, run: Section, waits: readonly Dependence[], position: number): SpecStep {
  const resources: Record<string, string> = {};
  for (const [key, value] of run) {
    if (typeof value === "string" && value !== "" && !NOT_RESOURCES.has(key)) resources[key] = value;
  }
  const { allocation, launcher } = mappingOf(run, "exclusive");
  if (typeof allocation === "string") resources["exclusive"] = allocation;
  if (typeof launcher === "string") resources[LAUNCHER_KEY] = launcher;
  return {
    name: textOf(step, "name"),
    description: textOf(step, "description"),
    cmd: textOf(run, "cmd"),
    restart: textOf(run, "restart"),
    depends: waits.filter(({ key, completed }) => key === "depends" && !completed).flatMap(({ items }) =>
      texts(items)
    ),
    ...(waits.some(({ completed }) => completed)
      ? { completed: waits.filter(({ completed }) => completed).flatMap(({ items }) => texts(items)) }
      : {}),
    ...(run.has("after") ? { after: texts(listOf(run, "after")) } : {}),
    ...(parseBoolean(textOf(run, "allow-failure")) ? { allowFailure: true as const } : {}),
    ...(run.has("shell") ? { shell: textOf(run, "shell") } : {}),
    ...unusedTexts(run),
    resources,
    position,
  };
}

function unusedTexts(run: Section): { unused?: NamedText[] } {
  const unused = ["pre", "post"].filter((name) => run.has(name)).map((name) => ({
    name,
    text: textOf(run, name),
  }));
  return unused.length > 0 ? { unused } : {};
}
