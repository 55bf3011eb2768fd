/** The `batch` settings of one step, which override those of the spec. */

import { otherScheduler, templateOfStep } from "./step_problems.ts";
import { mappingOf, readLevel, type Section, textOf, type Where } from "./spec_values.ts";
import type { Problem, StepBatch } from "./types.ts";

/** What a check must know about the spec's `batch`. */
export interface StudyBatch {
  readonly type: string;
  /** Keys that at least one scheduler reads. */
  readonly batchKeys: readonly string[];
  /** The name of a scheduler by any word for it. */
  nameOf(word: string): string;
}

/** `batch` of a step, in `run` or beside it, and its `args`. Undefined if it has neither. */
export function readStepBatch(
  step: Section,
  run: Section,
  { name, path }: Where,
  study: StudyBatch,
  problems: Problem[],
): StepBatch | undefined {
  const args = run.get("args");
  const own = typeof args === "object" && args !== null ? { args } : {};
  const read = (section: Section, place: readonly (string | number)[]) => {
    if (!section.has("batch")) return {};
    const where = { name: `"batch" of ${name}`, path: [...place, "batch"] };
    const keys = readLevel(mappingOf(section, "batch"), "batch", where, problems, study.batchKeys);
    const type = study.nameOf(textOf(keys, "type").toLowerCase());
    if (type !== "" && type !== "local" && type !== study.type) {
      problems.push(otherScheduler(name, [...where.path, "type"], type, study.type));
    }
    if (keys.has("template")) problems.push(templateOfStep(name, [...where.path, "template"]));
    return { ...Object.fromEntries(keys), ...(type === "" ? {} : { type }) };
  };
  const batch = { ...read(step, path), ...read(run, [...path, "run"]), ...own };
  return Object.keys(batch).length > 0 ? batch : undefined;
}
