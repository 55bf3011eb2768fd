/** Messages of lint about a step's exports, its results, and its `batch`. */

import { error } from "./problem.ts";
import { didYouMean } from "../suggest.ts";
import type { Problem, SpecPath } from "./types.ts";

export function notAVariable(name: string, where: string, path: SpecPath): Problem {
  const hint = "Use letters, digits and _, and begin with a letter or _.";
  return error(
    path,
    "key",
    `"${name}" in "env" of ${where} is not a valid name of an environment variable`,
    hint,
  );
}

export function noShellForEnv(where: string, path: SpecPath, shell: string): Problem {
  const hint = "Set them in its commands, or use a shell such as /bin/bash.";
  return error(path, "value", `"env" of ${where} cannot be exported in ${shell}`, hint);
}

/** After `#!` the system expects a path. Without one, no script starts. */
export function shellWithoutPath(where: string, path: SpecPath, shell: string): Problem {
  const name = shell.replace(/^#!\s*/, "");
  const hint = `Write ${name.startsWith("/") ? name : `/bin/${name} or /usr/bin/env ${name}`}`;
  return {
    ...error(path, "value", `"shell" of ${where} is not an absolute path: ${shell}`, hint),
    level: "warning",
  };
}

export function noShellForPost(path: SpecPath, shell: string): Problem {
  const hint = "Move them to the commands of the steps, or use a shell such as /bin/bash.";
  return error(path, "value", `"post" of "batch" is not possible in ${shell}`, hint);
}

export function regexAndJson(where: string, path: SpecPath): Problem {
  return error(path, "value", `"regex" and "json" cannot both be in ${where}`, "Keep one of them.");
}

export function imageAlone(others: readonly string[], where: string, path: SpecPath): Problem {
  const words = others.map((key) => `"${key}"`).join(", ");
  return error(
    path,
    "value",
    `"image" and ${words} cannot both be in ${where}`,
    '"image" names the file of a picture, and nothing is extracted from it.',
  );
}

export function badPattern(where: string, path: SpecPath, why: string): Problem {
  return error(path, "value", `"regex" of ${where} is not a regular expression: ${why}`);
}

export function badJsonPath(where: string, path: SpecPath, text: string): Problem {
  return error(
    path,
    "value",
    `"json" of ${where} is not a path: ${JSON.stringify(text)}`,
    "Write it as a.b[0].",
  );
}

/** A file of an adapter that is not there. */
export function noAdapterFile(path: SpecPath, word: string): Problem {
  return error(path, "value", `There is no adapter file ${word}`, "The path is relative to the spec.");
}

/** `lint`, `plan` and `graph` run no program of a spec. */
export function adapterNotLoaded(path: SpecPath, word: string): Problem {
  const message = `The adapter ${word} is not loaded here, because it is a program; all else is checked`;
  const hint = `\`maestro adapter test ${word}\` tests it. \`maestro run\` loads it if you agree.`;
  return { ...error(path, "value", message, hint), level: "warning" };
}

/** The user did not agree, or could not be asked. */
export function adapterNotTrusted(path: SpecPath, word: string): Problem {
  const hint = "Read the file. `maestro run --trust-adapter` loads it without a question.";
  return error(path, "value", `The adapter ${word} is a program, and nobody agreed to run it`, hint);
}

/** Others may have written the file. */
export function adapterOfOthers(path: SpecPath, file: string, open: string): Problem {
  const message = `The adapter ${file} is not loaded: others can write ${open}, or it is another user's`;
  return error(path, "value", message, `Make it your own: chmod go-w ${open}`);
}

export function unknownBatchType(
  type: string,
  path: SpecPath,
  known: readonly string[],
  others: readonly string[],
): Problem {
  const list = `Known types: ${known.join(", ")}.`;
  const guess = didYouMean(type, [...known, ...others]);
  return error(
    path,
    "value",
    `Unknown batch type "${type}"`,
    guess === undefined ? list : `${guess} ${list}`,
  );
}

/** As in Maestro, the type is then "local", whatever the other keys are. */
export function noBatchType(path: SpecPath, asked: readonly string[]): Problem {
  const message = `"batch" has ${
    asked.map((key) => `"${key}"`).join(", ")
  } and no "type": all steps run on this machine`;
  return { ...error(path, "key", message, "Add the scheduler, such as type: slurm"), level: "warning" };
}

export function otherScheduler(where: string, path: SpecPath, type: string, study: string): Problem {
  const hint = study === "local" ? "Set the type in the spec's batch." : `Write ${study}, or local.`;
  return error(
    path,
    "value",
    `"type" in "batch" of ${where} is "${type}", and the study's is "${study}"`,
    hint,
  );
}

export function templateOfStep(where: string, path: SpecPath): Problem {
  return error(
    path,
    "key",
    `"template" cannot be set in "batch" of ${where}`,
    "Move it to the spec's batch: a study has one template.",
  );
}

export function noEffect(
  key: string,
  where: string,
  path: SpecPath,
  scheduler: string,
  hint: string,
): Problem {
  return {
    ...error(path, "key", `"${key}" of ${where} has no effect with ${scheduler}`, hint),
    level: "warning",
  };
}

export function noTemplate(path: SpecPath, file: string): Problem {
  const hint = "`maestro template NAME` prints one to start from. The path is relative to the spec.";
  return error(path, "value", `The template ${file} cannot be read`, hint);
}

export function packOfNodes(step: string, position: number, nodes: number): Problem {
  const hint = 'A pack shares one node. Remove "nodes" or "pack".';
  return error(
    ["study", position, "run", "pack"],
    "key",
    `Step "${step}" has ${nodes} nodes and "pack"`,
    hint,
  );
}

export function packWithoutGuard(step: string, position: number, shell: string): Problem {
  const hint = 'Use a shell such as /bin/bash, or remove "pack".';
  return error(
    ["study", position, "run", "pack"],
    "key",
    `Step "${step}" cannot be packed: its scripts are for ${shell}`,
    hint,
  );
}

export function ownOption(option: string, where: string, path: SpecPath, hint: string): Problem {
  return { ...error(path, "value", `${option} in ${where} conflicts with maestro`, hint), level: "warning" };
}

export function unreadDirective(step: string, path: SpecPath, option: string): Problem {
  const message = `Directives in the commands of step "${step}" are not read: ${option}`;
  const hint = "Its combinations share one job (pack). Write the options as args in its batch.";
  return { ...error(path, "value", message, hint), level: "warning" };
}

export function noGuard(path: SpecPath, shell: string): Problem {
  const message = `Scripts for ${shell} have no guard: a job that the scheduler starts twice runs twice`;
  const hint = `Use a shell such as /bin/bash, and let it start ${shell}.`;
  return { ...error(path, "value", message, hint), level: "warning" };
}
