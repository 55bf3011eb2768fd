/** Parameters from outside the spec: files that it names, and parameter generators. */

import { basename, resolve } from "@std/path";
import bridge from "../../templates/pgen_bridge.py" with { type: "text" };
import { type BindOptions, environmentTexts } from "../plan/bind.ts";
import { splitDefine } from "../spec/set_variables.ts";
import { resolveEnvironment } from "../plan/environment.ts";
import { bothFromInput, pargsWithoutPgen } from "../input_errors.ts";
import { consoleName, STUDY_NAMES } from "../paths.ts";
import { generate, type Generated, generatorPath, isProgram, parsePargs, readFiles } from "../spec/pgen.ts";
import { visible } from "../cells.ts";
import type { Origin } from "../study/provenance.ts";
import { type ParameterFiles, parameterFiles } from "../spec/spec_generators.ts";
import { isMapping } from "../spec/spec_values.ts";
import type { System } from "../system.ts";
import type { NamedText, Spec, YamlValue } from "../spec/types.ts";
import type { Plan } from "../plan/types.ts";
import { type Context, isYes } from "./context.ts";

/** Options of all commands that read a spec. */
export interface SpecFlags {
  readonly pgen?: string;
  readonly pargs?: readonly string[];
  readonly define?: readonly string[];
}

/** Options of commands that only look at a spec. */
export interface LookFlags extends SpecFlags {
  /** Runs a generator that the spec names. */
  readonly "run-generators"?: boolean;
}

/**
 * The program that a spec would have run, as it names it. Undefined: there is none, or the user named it, or agreed. A
 * command that only looks at a stranger's spec must run nothing of it.
 */
export async function unwantedGenerator(
  system: System,
  { conductor }: Spec,
  flags: LookFlags,
  specRoot: string,
): Promise<string | undefined> {
  const file = conductor?.pgen;
  if (file === undefined || flags.pgen !== undefined || flags["run-generators"]) return undefined;
  const path = generatorPath(file, specRoot);
  if (!isProgram(system, { file, path })) return undefined;
  if (
    system.atTerminal && isYes(await system.ask(`The spec wants to run ${visible(path)}. Run it? [y|[n]]: `))
  ) {
    return undefined;
  }
  return file;
}

/** Texts of the files that `global.parameters` names. Their paths may contain names of `env`. */
export function readParameterFiles(system: System, value: YamlValue, specRoot: string): ParameterFiles {
  const wanted = isMapping(value) ? parameterFiles(value["global.parameters"]) : [];
  if (!isMapping(value) || wanted.length === 0) return new Map();
  const env = isMapping(value["env"]) ? value["env"] : {};
  const items: NamedText[] = [{ name: "SPECROOT", text: specRoot }];
  for (const section of [env["variables"], env["labels"]]) {
    if (!isMapping(section)) continue;
    for (const [name, text] of Object.entries(section)) {
      if (typeof text === "string") items.push({ name, text });
    }
  }
  const { texts } = resolveEnvironment(items);
  return readFiles(system, wanted, specRoot, (name) => texts.get(name));
}

/** The parameters of the generator that an option or the spec names. Undefined if neither names one. */
export async function generateParameters(
  system: System,
  { file: specFile, value, spec }: { file: string; value: YamlValue; spec: Spec },
  flags: SpecFlags,
  options: BindOptions,
): Promise<Generated | undefined> {
  const { conductor } = spec;
  const pargs = allPargs(flags, conductor);
  const file = flags.pgen ?? conductor?.pgen;
  if (file === undefined) {
    if (flags.pargs && flags.pargs.length > 0) throw pargsWithoutPgen();
    return undefined;
  }
  if (file === "-" && specFile === "-") throw bothFromInput();
  const path = generatorPath(file, flags.pgen === undefined ? options.specRoot : system.cwd);
  return await generate(system, {
    file,
    path,
    pargs,
    env: environmentTexts(spec, options),
    spec: value,
    specPath: specFile === "-" ? "" : resolve(system.cwd, specFile),
    bridge,
  });
}

/** Arguments of a generator. An option replaces the spec's value of the same key. */
function allPargs(flags: SpecFlags, conductor: Spec["conductor"]): Record<string, string> {
  const given = Object.fromEntries((conductor?.pargs ?? []).map(({ name, text }) => [name, text]));
  return { ...given, ...parsePargs(flags.pargs ?? []) };
}

/** Records how the parameters were made. */
export function originOf(
  { system, version, words }: Context,
  flags: SpecFlags,
  { conductor }: Spec,
): Origin {
  const pgen = flags.pgen ?? conductor?.pgen;
  return {
    maestro: version,
    words,
    folder: system.cwd,
    host: system.host,
    user: system.user,
    define: Object.fromEntries((flags.define ?? []).map(splitDefine)),
    ...(pgen === undefined ? {} : { pgen }),
    pargs: allPargs(flags, conductor),
  };
}

/** Files that a study keeps of its parameter generator, and its arguments. */
export interface KeptFile {
  /** Below the study's folder. */
  readonly file: string;
  readonly content: { readonly text: string } | { readonly copyOf: string };
  /** Of a text; else what the umask leaves. */
  readonly mode?: number;
}

/**
 * The generator with its own name, as in Maestro, unless another file of the study has that name; its output
 * in `meta`.
 */
export function keptFiles({ kept }: Generated, plan: Plan, specName: string): KeptFile[] {
  const { path, output, outputName } = kept;
  const files: KeptFile[] = [{ file: `meta/${outputName}`, content: { text: output } }];
  if (path === undefined) return files;
  const steps = plan.steps.map((step) => step.workspace);
  const taken = [...STUDY_NAMES, specName, consoleName(plan.study.name), ...steps];
  const name = basename(path);
  return [{ file: taken.includes(name) ? `meta/${name}` : name, content: { copyOf: path } }, ...files];
}
