/** Reads, checks and expands a spec, for `run`, `plan` and `lint`. */

import { addAll } from "../spec/problem.ts";
import { ADAPTERS } from "../../adapters/mod.ts";
import { basename, dirname, resolve } from "@std/path";
import { type BindOptions, bindStudy, dependencyPaths } from "../plan/bind.ts";
import { defineNames } from "../spec/set_variables.ts";
import { counted, EXIT, specNotFound, UserError } from "../errors.ts";
import { missingPath } from "../spec/graph_problems.ts";
import { ownOptions } from "../plan/own_options.ts";
import { ignoredKeys } from "../spec/ignored_keys.ts";
import { safeName } from "../names.ts";
import { spellingNotes } from "../spec/notes.ts";
import { nodeScripts } from "../plan/node_script.ts";
import { STUDY_NAMES } from "../paths.ts";
import { expand } from "../plan/plan.ts";
import { placeProblems, readYaml } from "../spec/source_positions.ts";
import { asDocumentation, generatorUnknown, ofGenerator } from "../spec/sweep_problems.ts";
import { checkSpec } from "../spec/spec.ts";
import { lostValues } from "../plan/lost_values.ts";
import { digest } from "../study/folder.ts";
import { nearest } from "../suggest.ts";
import { isFileError, type System } from "../system.ts";
import { headWord, wantsColor } from "../view/terminal.ts";
import {
  generateParameters,
  type KeptFile,
  keptFiles,
  type LookFlags,
  readParameterFiles,
  unwantedGenerator,
} from "./parameters.ts";
import { generatorNotRun } from "../input_errors.ts";
import { type OwnAdapter, ownAdapterOf } from "./own_adapter.ts";
import { withTemplate } from "./site_template.ts";
import type { Adapter } from "../../adapters/adapter.ts";
import type { ParameterFiles } from "../spec/spec_generators.ts";
import type { PlacedProblem, Problem, Spec, SpecPath, YamlValue } from "../spec/types.ts";
import type { Plan } from "../plan/types.ts";

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
  /** URLs of git dependencies, by name. */
  readonly urls: ReadonlyMap<string, string>;
  /** The study's record of its parameter generator. */
  readonly kept: readonly KeptFile[];
}

/** Chooses a root when the spec is known. */
export type ChooseRoot = (spec: Spec) => string;

export interface LoadOptions extends LookFlags {
  /** Whether the user lets an adapter file run that the spec names. Without an answer it does not run. */
  readonly adapterFile?: (file: string) => Promise<boolean>;
  readonly hashWorkspaces: boolean;
  readonly chooseRoot: ChooseRoot;
  /** Whether to add notes to errors and warnings. Their places need a second parser. */
  readonly notes?: boolean;
  /** What a command that only looks at the spec does where the spec names a generator: it warns, or it stops. */
  readonly looks?: "warn" | "stop";
  /** Whether the spec is for another machine. If so, files that must exist are not checked. */
  readonly portable?: boolean;
}

/** A spec that can be planned, or all its problems. */
export type Loaded = { loaded: LoadedSpec; problems: PlacedProblem[] } | {
  loaded?: undefined;
  problems: PlacedProblem[];
};

const hasErrors = (problems: readonly Problem[]) => problems.some(({ level }) => level === "error");

/** Reads a spec and finds all its problems. Throws only if there is no such file. */
export async function loadSpec(system: System, file: string, options: LoadOptions): Promise<Loaded> {
  const text = await readSpec(system, file);
  const { value, problems, reprinted } = await readYaml(text);
  if (options.notes) addAll(problems, spellingNotes(reprinted));
  if (hasErrors(problems)) return { problems: await placeProblems(file, text, problems) };
  const specRoot = file === "-" ? system.cwd : dirname(resolve(system.cwd, file));
  const defined = defineNames(value, options.define ?? []);
  const files = readParameterFiles(system, defined, specRoot);
  const own = await ownAdapterOf(system, defined, specRoot, options.looks ? "skip" : options.adapterFile);
  const { spec, ...checked } = checkWith(defined, own, files);
  const asked = options.pgen ?? spec?.conductor?.pgen;
  addAll(problems, asked === undefined ? checked.problems : checked.problems.map(asDocumentation));
  if (!spec) return { problems: await placeProblems(file, text, problems) };
  const bindOptions: BindOptions = {
    root: options.chooseRoot(spec),
    specRoot,
    cwd: system.cwd,
    hashWorkspaces: options.hashWorkspaces,
  };
  const baseName = copyName(file);
  // An invalid spec runs no generator, so its missing parameters are not reported either.
  if (asked !== undefined && hasErrors(problems)) {
    return { problems: await placeProblems(file, text, problems) };
  }
  const unwanted = options.looks && await unwantedGenerator(system, spec, options, specRoot);
  if (unwanted !== undefined) {
    if (options.looks === "stop") throw generatorNotRun(unwanted);
    return { problems: await placeProblems(file, text, [...problems, generatorUnknown(unwanted)]) };
  }
  const generated = await generateParameters(system, { file, value: defined, spec }, options, bindOptions);
  const whole = generated ? { ...spec, parameters: generated.parameters } : spec;
  const made = await makePlan(system, whole, { ...bindOptions, portable: options.portable }, baseName, own);
  addAll(problems, newProblems(made.problems, checked.problems, generated !== undefined));
  if (made.plan) addAll(problems, lostValues(made.plan).map((lost) => generated ? ofGenerator(lost) : lost));
  const placed = [
    ...generated?.problems ?? [],
    ...own?.placed ?? [],
    ...made.site.placed,
    ...await placeProblems(file, text, problems),
  ];
  const { plan, site: { adapter }, clones, urls } = made;
  if (!plan || hasErrors(placed)) return { problems: placed };
  const generator = generated ? keptFiles(generated, plan, baseName) : [];
  const kept = [...generator, ...made.site.kept, ...own?.kept ?? []];
  return {
    loaded: { file, baseName, text, spec: whole, plan, adapter, warnings: placed, clones, urls, kept },
    problems: placed,
  };
}

/** Problems at places of which, and within which, the first check found none. It has them in other words. */
function newProblems(found: readonly Problem[], before: readonly Problem[], isGenerated: boolean): Problem[] {
  return found.filter(({ path }) =>
    !before.some((said) => startsWith(said.path, path)) && !(isGenerated && path[0] === "global.parameters")
  );
}

/** The checks of a spec that may have its own adapter. */
function checkWith(
  value: YamlValue,
  own: OwnAdapter | undefined,
  files: ParameterFiles,
): ReturnType<typeof checkSpec> {
  const { problems, ...found } = checkSpec(value, schedulersWith(own), files);
  return { ...found, problems: [...own?.problems ?? [], ...problems] };
}

/** The schedulers that a spec may name: the program's, and its own adapter under the word in the spec. */
function schedulersWith(own: OwnAdapter | undefined): Adapter[] {
  const known = Object.values(ADAPTERS);
  if (own === undefined) return known;
  const { adapter, word } = own;
  const words = [...adapter.otherNames ?? [], word.toLowerCase()];
  return [...known.filter(({ name }) => name !== adapter.name), { ...adapter, otherNames: words }];
}

/** The plan of a spec, as far as possible, and the problems that only expansion shows. */
async function makePlan(
  system: System,
  spec: Spec,
  options: BindOptions & { portable?: boolean | undefined },
  baseName: string,
  own: OwnAdapter | undefined,
) {
  const { paths, clones, urls } = dependencyPaths(spec, options);
  const bound = bindStudy(spec, options);
  const site = withTemplate(system, spec.batch, options.specRoot, own?.adapter);
  const even = new Set(spec.parameters.map(({ values }) => values.length)).size <= 1;
  const study = bound.study?.steps.some(({ name }) => safeName(name) === baseName)
    ? { ...bound.study, reserved: [baseName] }
    : bound.study;
  const plan = even && study ? expand(study, await digest(false)) : undefined;
  const missing = options.portable
    ? []
    : paths.flatMap(({ name, text }, i) =>
      system.facts(text) === undefined ? [missingPath(i, name, text)] : []
    );
  const sound = site.placed.length === 0 && site.problems.length === 0;
  const problems = [
    ...missing,
    ...bound.problems,
    ...site.problems,
    ...ignoredKeys(spec, site.adapter, Object.values(ADAPTERS)),
    ...ownOptions(spec, site.adapter),
    ...(plan && sound ? nodeProblems(plan, site.adapter) : []),
  ];
  return { plan, site, clones, urls, problems };
}

/** Name of the spec's copy in the study's folder: the original name if it is free. */
function copyName(file: string): string {
  const name = basename(file);
  return file === "-" || STUDY_NAMES.includes(name) ? "spec.yaml" : name;
}

function startsWith(path: SpecPath, start: SpecPath): boolean {
  return start.every((part, i) => path[i] === part);
}

/** Like `loadSpec`, but prints errors and stops. Prints warnings and continues. */
export async function loadOrStop(system: System, file: string, options: LoadOptions): Promise<LoadedSpec> {
  const { loaded, problems } = await loadSpec(system, file, options);
  system.stderr.write(problemReport(system, problems));
  if (loaded) return loaded;
  const errors = problems.filter(({ level }) => level === "error");
  // All problems may be in a file that contains parameters.
  const place = errors.some((problem) => problem.file === file) ? file : errors[0]?.file ?? file;
  const message = `${place} has ${counted(errors.length, "error")}; nothing was created`;
  throw new UserError(message, EXIT.badSpec, undefined, errors[0]);
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
 * Problems of resources and launchers. If neither depends on parameters, the check of the step's first node
 * is enough. Otherwise all nodes are checked until one is wrong.
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

/** Problems as text: what, where, the line itself, and what to do. */
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
