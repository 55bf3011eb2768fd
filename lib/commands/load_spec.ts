/** Reads, checks and expands a spec: what `run`, `plan` and `lint` have in common. */

import { ADAPTERS, findAdapter } from "../../adapters/mod.ts";
import { basename, dirname, resolve } from "@std/path";
import { type BindOptions, bindStudy, dependencyPaths } from "../bind.ts";
import { EXIT, specNotFound, UserError } from "../errors.ts";
import { missingPath } from "../graph_problems.ts";
import { nodeScripts } from "../node_script.ts";
import { expand } from "../plan.ts";
import { placeProblems } from "../places.ts";
import { checkSpec } from "../spec.ts";
import { digest } from "../study_folder.ts";
import { nearest } from "../suggest.ts";
import { isFileError, type System } from "../system.ts";
import { headWord, wantsColor } from "../terminal.ts";
import type { Adapter, PlacedProblem, Plan, Problem, Spec, SpecPath } from "../types.ts";
import { parseYaml } from "../yaml.ts";

export interface LoadedSpec {
  /** As the user wrote it; "-" is standard input. */
  readonly file: string;
  /** Name for the copy in the study's folder. */
  readonly baseName: string;
  readonly text: string;
  readonly spec: Spec;
  readonly plan: Plan;
  readonly adapter: Adapter;
  readonly warnings: readonly PlacedProblem[];
  /** Full paths where git dependencies are cloned, by name. */
  readonly clones: ReadonlyMap<string, string>;
}

/** How a root is chosen once the spec is known. */
export type ChooseRoot = (spec: Spec) => string;

export interface LoadOptions {
  readonly hashWorkspaces: boolean;
  readonly chooseRoot: ChooseRoot;
}

/** A spec that may be planned, or all that is wrong with it. */
export type Loaded = { loaded: LoadedSpec; problems: PlacedProblem[] } | {
  loaded?: undefined;
  problems: PlacedProblem[];
};

/** Reads a spec and finds all its problems. Throws only when there is no such file. */
export async function loadSpec(system: System, file: string, options: LoadOptions): Promise<Loaded> {
  const text = await readSpec(system, file);
  const { value, problems } = parseYaml(text);
  const schedulers = Object.values(ADAPTERS);
  if (problems.some(({ level }) => level === "error")) {
    return { problems: await placeProblems(file, text, problems) };
  }
  const checked = checkSpec(value, schedulers);
  problems.push(...checked.problems);
  const { spec } = checked;
  if (!spec) return { problems: await placeProblems(file, text, problems) };
  const bindOptions: BindOptions = {
    root: options.chooseRoot(spec),
    specRoot: file === "-" ? system.cwd : dirname(resolve(system.cwd, file)),
    cwd: system.cwd,
    hashWorkspaces: options.hashWorkspaces,
  };
  const { paths, clones } = dependencyPaths(spec, bindOptions);
  const bound = bindStudy(spec, bindOptions);
  const adapter = findAdapter(spec.batch.type) ?? ADAPTERS["local"]!;
  const plan = bound.study && expand(bound.study, await digest(options.hashWorkspaces));
  const later = [
    ...paths.flatMap(({ name, text }, i) =>
      system.facts(text) === undefined ? [missingPath(i, name, text)] : []
    ),
    ...bound.problems,
    ...(plan ? nodeProblems(plan, adapter) : []),
  ];
  // What the first check has said of a place, or within it, need not be said again in other words.
  problems.push(
    ...later.filter((problem) => !checked.problems.some(({ path }) => startsWith(path, problem.path))),
  );
  const placed = await placeProblems(file, text, problems);
  if (!plan || problems.some(({ level }) => level === "error")) return { problems: placed };
  const baseName = file === "-" ? "spec.yaml" : basename(file);
  return {
    loaded: { file, baseName, text, spec, plan, adapter, warnings: placed, clones },
    problems: placed,
  };
}

function startsWith(path: SpecPath, start: SpecPath): boolean {
  return start.every((part, i) => path[i] === part);
}

/** Like `loadSpec`, but shows what is wrong and stops there. Warnings are shown and go on. */
export async function loadOrStop(system: System, file: string, options: LoadOptions): Promise<LoadedSpec> {
  const { loaded, problems } = await loadSpec(system, file, options);
  system.stderr.write(problemReport(system, problems));
  if (loaded) return loaded;
  const errors = problems.filter(({ level }) => level === "error").length;
  throw new UserError(
    `${file} has ${errors} error${errors === 1 ? "" : "s"}; nothing was created`,
    EXIT.badSpec,
  );
}

async function readSpec(system: System, file: string): Promise<string> {
  if (file === "-") return await system.readInput();
  const path = resolve(system.cwd, file);
  try {
    return system.readText(path);
  } catch (error) {
    if (!isFileError(error, "ENOENT", "ENOTDIR", "EISDIR")) throw error;
    const folder = dirname(path);
    const names = system.facts(folder)?.isDirectory ? system.list(folder) : [];
    const near = nearest(basename(path), names.filter((name) => /\.ya?ml$/.test(name)));
    throw specNotFound(file, near, system.facts(path)?.isDirectory ?? false);
  }
}

/**
 * Problems of resources and launchers. Where neither depends on parameters, the step's first node speaks for all;
 * otherwise each is looked at until one is wrong.
 */
function nodeProblems(plan: Plan, adapter: Adapter): Problem[] {
  return plan.steps.flatMap((step) => {
    const fixed = step.text.resources.every(([, text]) => text.every((piece) => typeof piece === "string")) &&
      !`${step.cmd}${step.restart}`.includes("$(LAUNCHER)[");
    const end = fixed ? Math.min(step.first + 1, step.end) : step.end;
    for (let node = step.first; node < end; node++) {
      const { problems } = nodeScripts(plan, plan.nodes[node]!, adapter);
      if (problems.length > 0) return problems;
    }
    return [];
  });
}

/** Problems as text: what, where, the line itself, what to do. */
export function problemReport(system: System, problems: readonly PlacedProblem[]): string {
  const styled = wantsColor(system.stderr.isTerminal, system.env);
  return problems.map(({ level, message, file, line, column, source, hint }) => {
    const shown = source.length > 160 ? source.slice(0, 157) + "..." : source;
    const number = String(line);
    const caret = " ".repeat(number.length) + " | " +
      shown.slice(0, column - 1).replace(/[^\t]/g, " ") + (column <= shown.length + 1 ? "^" : "");
    return `${
      headWord(level, styled)
    } ${message}\n  at ${file}:${line}:${column}\n${number} | ${shown}\n${caret}\n` +
      (hint === undefined ? "" : `${headWord("hint", styled)} ${hint}\n`) + "\n";
  }).join("");
}
