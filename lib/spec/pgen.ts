/** Parameter generators: `--pgen` and `--pargs`. */

import { basename, dirname, resolve } from "@std/path";
import {
  badParg,
  generatorFailed,
  generatorNotExecutable,
  generatorNotFound,
  generatorRefused,
  generatorTooSlow,
  noPython,
} from "../input_errors.ts";
import { detectFormat, type FoundParameters, type ParameterFormat, parseParameters } from "./pgen_formats.ts";
import { isPrinted } from "./python_text.ts";
import type { ParameterFiles, ReadFiles } from "./spec_generators.ts";
import { nearest } from "../suggest.ts";
import { isFileError, type RunResult, type System } from "../system.ts";
import { substitute } from "../tokens.ts";
import type { Parameter, YamlValue } from "./types.ts";

/** The input of a generator. */
export interface GeneratorRequest {
  /** As the user wrote it; "-" is standard input. */
  readonly file: string;
  readonly path: string;
  readonly pargs: Readonly<Record<string, string>>;
  /** The names of the spec's `env` with their full texts, including OUTPUT_PATH and SPECROOT. */
  readonly env: Readonly<Record<string, string>>;
  /** The spec with `--define` applied. A generator may have a section in it. */
  readonly spec: YamlValue;
  /** Its folder; empty for standard input. */
  readonly specPath: string;
  /** The text of `templates/pgen_bridge.py`. */
  readonly bridge: string;
}

/** A study's record of its generator. */
export interface KeptGenerator {
  /** The generator, if it is a file: a copy has its name in the study's folder. */
  readonly path?: string;
  /** Its output, and the name of the copy in `meta`. */
  readonly output: string;
  readonly outputName: string;
}

export interface Generated extends FoundParameters {
  readonly kept: KeptGenerator;
}

const TIMEOUT_S = 600;
/** If a generator takes longer than this, a message announces it. */
const PATIENCE_MS = 2000;

/**
 * `KEY:VALUE` items as in Maestro: split at the first colon, without surrounding blanks. The last one wins.
 */
export function parsePargs(items: readonly string[]): Record<string, string> {
  return Object.fromEntries(items.map((item) => {
    const colon = item.indexOf(":");
    if (colon < 0) throw badParg(item);
    return [item.slice(0, colon).trim(), item.slice(colon + 1).trim()];
  }));
}

/** The parameters that a generator returns. Throws if it fails, or returns no parameters. */
export async function generate(system: System, request: GeneratorRequest): Promise<Generated> {
  const { file, path } = request;
  const folder = file === "-" ? system.cwd : dirname(path);
  const read: ReadFiles = (files) => readFiles(system, files, folder, (name) => request.env[name]);
  if (file === "-") return await fromText(await system.readInput(), undefined, "Standard input", {}, read);
  const facts = system.facts(path);
  if (!facts || facts.isDirectory) throw generatorNotFound(file, neighbour(system, path));
  const format = formatOf(path);
  if (format !== undefined) return await fromText(system.readText(path), format, file, { path }, read);
  if (path.endsWith(".py") && system.readText(path).includes("get_custom_generator")) {
    return await fromPython(system, request);
  }
  return await fromExecutable(system, request, read);
}

/** Whether a generator is a program, and no file with parameters: it can do anything that the user can. */
export function isProgram(system: System, { file, path }: Pick<GeneratorRequest, "file" | "path">): boolean {
  const facts = file === "-" ? undefined : system.facts(path);
  return facts !== undefined && !facts.isDirectory && formatOf(path) === undefined;
}

const formatOf = (path: string) => FORMATS[/\.\w+$/.exec(path)?.[0].toLowerCase() ?? ""];

const FORMATS: Readonly<Record<string, ParameterFormat>> = {
  ".csv": "csv",
  ".json": "json",
  ".yaml": "yaml",
  ".yml": "yaml",
};

function neighbour(system: System, path: string): string | undefined {
  const folder = dirname(path);
  return nearest(basename(path), system.facts(folder)?.isDirectory ? system.list(folder) : []);
}

async function fromText(
  text: string,
  format: ParameterFormat | undefined,
  source: string,
  kept: { path?: string },
  read: ReadFiles,
): Promise<Generated> {
  const detected = format ?? detectFormat(text);
  const found = await parseParameters(text, detected, source, read);
  return { ...found, kept: { ...kept, output: text, outputName: `pgen_output.${detected}` } };
}

/** An executable: its input is on standard input and in the environment, its parameters are its output. */
async function fromExecutable(
  system: System,
  request: GeneratorRequest,
  read: ReadFiles,
): Promise<Generated> {
  const { file, path, pargs, env, spec, specPath } = request;
  const named = Object.entries(pargs).filter(([key]) => /^\w+$/.test(key))
    .map(([key, value]) => [`MAESTRO_PARG_${key}`, value]);
  const variables = {
    ...Object.fromEntries(named),
    MAESTRO_ENV: JSON.stringify(env),
    MAESTRO_PARGS: JSON.stringify(pargs),
    MAESTRO_OUTPUT_PATH: env["OUTPUT_PATH"] ?? "",
    MAESTRO_SPECROOT: env["SPECROOT"] ?? "",
    MAESTRO_SPEC: specPath,
  };
  const result = await run(system, file, [path], JSON.stringify({ env, pargs, spec }) + "\n", variables)
    .catch((error) => {
      if (!isFileError(error, "EACCES", "ENOEXEC", "ENOENT")) throw error;
      // It may import its get_custom_generator from another module.
      if (path.endsWith(".py")) return undefined;
      throw generatorNotExecutable(file);
    });
  if (result === undefined) return await fromPython(system, request);
  return await fromText(result.stdout, undefined, `The output of ${file}`, { path }, read);
}

/** A generator of Maestro: the bridge imports it, and writes its result to a file. */
async function fromPython(system: System, request: GeneratorRequest): Promise<Generated> {
  const { file, path, pargs, env, spec, specPath, bridge } = request;
  const folder = system.makeTempDirectory("maestro_pgen_");
  try {
    const [asked, answer] = [`${folder}/request.json`, `${folder}/result.json`];
    system.writeText(asked, JSON.stringify({ file: path, env, pargs, spec }), 0o600);
    await run(system, file, ["python3", "-c", bridge, asked, answer], "", { MAESTRO_SPEC: specPath }).catch(
      (error) => {
        if (isFileError(error, "ENOENT")) throw noPython(file);
        throw error;
      },
    );
    const output = system.readTextIfAny(answer);
    if (output === undefined) throw generatorRefused(file, "it ended without a result");
    const { parameters: made, refused } = JSON.parse(output) as {
      parameters: (Parameter & { texts: string[] })[];
      refused?: string;
    };
    if (refused !== undefined) throw generatorRefused(file, refused);
    const parameters = made.map(({ texts, ...parameter }): Parameter => {
      const raws = new Map(texts.filter(isPrinted).map((text) => [text, text]));
      return raws.size > 0 ? { ...parameter, raws } : parameter;
    });
    return { parameters, problems: [], kept: { path, output, outputName: "pgen_output.json" } };
  } finally {
    system.removeTree(folder);
  }
}

/** Runs a generator. The user sees its standard error. */
async function run(
  system: System,
  file: string,
  argv: readonly string[],
  input: string,
  env: Record<string, string>,
): Promise<RunResult> {
  const seconds = Number(system.env["MAESTRO_PGEN_TIMEOUT"]) || TIMEOUT_S;
  const running = system.run(argv, { cwd: system.cwd, env, input, timeoutMs: seconds * 1000, mayAsk: true });
  const ended = running.then(() => true, () => true);
  const wait = async (ms: number) => {
    let done = false;
    await system.sleep(ms, ended.then(() => void (done = true)));
    return done;
  };
  if (!await wait(PATIENCE_MS)) {
    system.stderr.write(`Waiting for the parameter generator ${file}.\n`);
    // After its end, a child process may keep its output open.
    if (!await wait(seconds * 1000 - PATIENCE_MS + 1000)) throw generatorTooSlow(file, seconds);
  }
  const result = await running;
  if (result.stderr !== "") system.stderr.write(result.stderr.replace(/\n?$/, "\n"));
  if (result.timedOut) throw generatorTooSlow(file, seconds);
  if (result.code !== 0) throw generatorFailed(file, result.code);
  return result;
}

/** Texts of files that parameters name, below a folder. Their paths may contain names of `env`. */
export function readFiles(
  system: System,
  files: readonly string[],
  folder: string,
  lookup: (name: string) => string | undefined,
): ParameterFiles {
  return new Map(files.map((file) => {
    const path = resolve(folder, substitute(file, lookup));
    return [file, system.facts(path)?.isDirectory ? undefined : system.readTextIfAny(path)];
  }));
}

/** The path of a generator that a spec names: relative to the spec. */
export function generatorPath(file: string, folder: string): string {
  return file === "-" ? "-" : resolve(folder, file);
}
