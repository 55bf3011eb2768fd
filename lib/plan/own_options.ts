/**
 * Options of a scheduler that conflict with this program, in `args` and as directives in commands: found
 * before the run, with an alternative. Also finds shells without a guard.
 */

import { headOf, isGuarded, shellName } from "./script.ts";
import { noGuard, ownOption, unreadDirective } from "../spec/step_problems.ts";
import type { Adapter, OwnOption } from "../../adapters/adapter.ts";
import type { Batch, Problem, Spec, SpecPath, SpecStep, YamlValue } from "../spec/types.ts";

/** Warnings about options and shells of the steps that a scheduler runs. */
export function ownOptions({ batch, steps }: Spec, adapter: Adapter): Problem[] {
  const { own, scheduler } = adapter;
  if (scheduler === undefined) return [];
  const problems: Problem[] = [];
  const look = (options: readonly string[], where: string, path: SpecPath) => {
    for (const { words, hint } of own?.options ?? []) {
      const found = options.find((option) => words.some((word) => isOption(option, word)));
      if (found !== undefined) problems.push(ownOption(found, where, path, hint));
    }
  };
  look(wordsOf(batch["args"]), '"args" of "batch"', ["batch", "args"]);
  const scheduled = steps.filter(({ resources, batch: other }) =>
    other?.["type"] !== "local" && Boolean(resources["nodes"] || resources["procs"])
  );
  for (const step of scheduled) {
    const path = ["study", step.position, "run"];
    look(wordsOf(step.batch?.["args"]), `"args" of step "${step.name}"`, [...path, "batch", "args"]);
    look(wordsOf(step.resources["args"]), `"args" of step "${step.name}"`, [...path, "args"]);
    for (const key of ["cmd", "restart"] as const) {
      const options = own ? directivesOf(step[key], own) : [];
      const where = `a directive in "${key}" of step "${step.name}"`;
      if (step.pack && options.length > 0) {
        problems.push(unreadDirective(step.name, [...path, key], options[0]!));
      } else look(options, where, [...path, key]);
    }
  }
  return [...problems, ...unguarded(batch, scheduled)];
}

/** Once for the batch's shell, and once for each step with another shell. */
function unguarded(batch: Batch, steps: readonly SpecStep[]): Problem[] {
  const problems: Problem[] = [];
  if (!isGuarded(batch) && steps.some(({ shell }) => shell === undefined)) {
    problems.push(noGuard(["batch", "shell"], shellName(batch)));
  }
  for (const { shell, position } of steps) {
    if (shell === undefined || isGuarded({ ...batch, shell })) continue;
    problems.push(noGuard(["study", position, "run", "shell"], shellName({ ...batch, shell })));
  }
  return problems;
}

/** The words of `args`. Quotes only matter to the scheduler. */
function wordsOf(args: YamlValue | undefined): string[] {
  const texts = Array.isArray(args) ? args : [args];
  return texts.flatMap((text) =>
    typeof text === "string" ? text.split(/\s+/).filter((word) => word !== "") : []
  );
}

/** The options that a scheduler reads in commands. */
function directivesOf(cmd: string, { directive, everywhere }: NonNullable<Adapter["own"]>): string[] {
  if (directive === undefined) return [];
  const text = everywhere ? cmd : headOf(cmd)[0];
  return text.split("\n").flatMap((line) => {
    const match = directive.exec(line);
    return match === null ? [] : wordsOf(line.slice(match[0].length)).filter((word) => word.startsWith("-"));
  });
}

/**
 * Whether a word is an option: `--output=x` and `--out=x` are `--ou(tput)`. `-a1-3` is `-a` if options have
 * one letter.
 */
function isOption(word: string, option: OwnOption["words"][number]): boolean {
  const short = /^(--[^(]+)\((.+)\)$/.exec(option);
  if (short !== null) {
    const name = word.split("=")[0]!;
    return name.startsWith(short[1]!) && `${short[1]}${short[2]}`.startsWith(name);
  }
  if (option.startsWith("--")) return word === option || word.startsWith(`${option}=`);
  if (option.endsWith("…")) return word.startsWith(option.slice(0, -1)) && !word.startsWith("--");
  return word === option;
}
