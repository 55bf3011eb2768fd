/** Where a spec's parameters come from beside the spec: files that it names, and parameter generators. */

import { basename, resolve } from "@std/path";
import bridge from "../../templates/pgen_bridge.py" with { type: "text" };
import { type BindOptions, environmentTexts } from "../bind.ts";
import { resolveEnvironment } from "../environment.ts";
import { bothFromInput, pargsWithoutPgen } from "../input_errors.ts";
import { generate, type Generated, generatorPath, parsePargs } from "../pgen.ts";
import { type ParameterFiles, parameterFiles } from "../spec_generators.ts";
import { isMapping } from "../spec_values.ts";
import type { System } from "../system.ts";
import { substitute } from "../tokens.ts";
import type { NamedText, Plan, Spec, YamlValue } from "../types.ts";

/** Options of all commands that read a spec. */
export interface SpecFlags {
  readonly pgen?: string;
  readonly pargs?: readonly string[];
  readonly define?: readonly string[];
}

/** Texts of the files that `global.parameters` names; names of `env` may stand in their paths. */
export function readParameterFiles(system: System, value: YamlValue, specRoot: string): ParameterFiles {
  const files = new Map<string, string | undefined>();
  if (!isMapping(value)) return files;
  const wanted = parameterFiles(value["global.parameters"]);
  if (wanted.length === 0) return files;
  const env = isMapping(value["env"]) ? value["env"] : {};
  const items: NamedText[] = [{ name: "SPECROOT", text: specRoot }];
  for (const section of [env["variables"], env["labels"]]) {
    if (!isMapping(section)) continue;
    for (const [name, text] of Object.entries(section)) {
      if (typeof text === "string") items.push({ name, text });
    }
  }
  const { texts } = resolveEnvironment(items);
  for (const file of wanted) {
    const path = resolve(specRoot, substitute(file, (name) => texts.get(name)));
    files.set(file, system.facts(path)?.isDirectory ? undefined : system.readTextIfAny(path));
  }
  return files;
}

/** The parameters of the generator that an option or the spec names; undefined where neither does. */
export async function generateParameters(
  system: System,
  spec: Spec,
  specFile: string,
  flags: SpecFlags,
  options: BindOptions,
): Promise<Generated | undefined> {
  const { conductor } = spec;
  const pargs = parsePargs(flags.pargs ?? []);
  const file = flags.pgen ?? conductor?.pgen;
  if (file === undefined) {
    if (flags.pargs && flags.pargs.length > 0) throw pargsWithoutPgen();
    return undefined;
  }
  if (file === "-" && specFile === "-") throw bothFromInput();
  const path = generatorPath(file, flags.pgen === undefined ? options.specRoot : system.cwd);
  const given = Object.fromEntries((conductor?.pargs ?? []).map(({ name, text }) => [name, text]));
  return await generate(system, {
    file,
    path,
    pargs: { ...given, ...pargs },
    env: environmentTexts(spec, options),
    bridge,
  });
}

/** Files that a study keeps of its parameter generator, and what it was told. */
export interface KeptFile {
  /** Below the study's folder. */
  readonly file: string;
  readonly content: { readonly text: string } | { readonly copyOf: string };
}

/** The generator under its own name, as in Maestro, unless something else of the study has it; its output in `meta`. */
export function keptFiles({ kept }: Generated, plan: Plan, specName: string): KeptFile[] {
  const { path, output, outputName } = kept;
  const files: KeptFile[] = [{ file: `meta/${outputName}`, content: { text: output } }];
  if (path === undefined) return files;
  const taken = [
    specName,
    "logs",
    "meta",
    "batch.info",
    "status.csv",
    ...plan.steps.map((step) => step.workspace),
  ];
  const name = basename(path);
  return [{ file: taken.includes(name) ? `meta/${name}` : name, content: { copyOf: path } }, ...files];
}
