/** The program's sources as TypeScript sees them: their mutations, and whether a mutated file still type-checks. */

import ts from "npm:typescript@6.0.3";
import config from "../../deno.json" with { type: "json" };
import { type Mutation, mutationsOf } from "./operators.ts";

export interface Sources {
  readonly mutations: (path: string) => Mutation[];
  readonly file: (path: string) => ts.SourceFile;
  readonly text: (path: string) => string;
  /** Whether the mutated file has no error that the file does not have. Other files are not looked at. */
  readonly typeChecks: (path: string, mutated: string) => boolean;
}

/** Reads files below a root; paths are relative to it. */
export function openSources(root: string, paths: readonly string[]): Sources {
  const texts = new Map<string, { text: string; version: number }>();
  const read = (name: string) => {
    const known = texts.get(name);
    if (known) return known;
    const text = ts.sys.readFile(name);
    if (text === undefined) return undefined;
    const made = { text, version: 0 };
    texts.set(name, made);
    return made;
  };
  const host: ts.LanguageServiceHost = {
    getCompilationSettings: () => OPTIONS,
    getScriptFileNames: () => paths.map((path) => `${root}/${path}`),
    getScriptVersion: (name) => String(read(name)?.version),
    getScriptSnapshot: (name) => {
      const found = read(name);
      return found && ts.ScriptSnapshot.fromString(found.text);
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
  };
  const service = ts.createLanguageService(host);
  const errors = (name: string) =>
    [...service.getSyntacticDiagnostics(name), ...service.getSemanticDiagnostics(name)]
      .map(({ code }) => code).sort().join(" ");
  const before = new Map<string, string>();
  return {
    mutations: (path) => {
      const program = service.getProgram()!;
      return mutationsOf(program.getSourceFile(`${root}/${path}`)!, program.getTypeChecker());
    },
    file: (path) => service.getProgram()!.getSourceFile(`${root}/${path}`)!,
    text: (path) => read(`${root}/${path}`)!.text,
    typeChecks: (path, mutated) => {
      const name = `${root}/${path}`;
      const found = read(name)!;
      if (!before.has(path)) before.set(path, errors(name));
      const { text } = found;
      Object.assign(found, { text: mutated, version: found.version + 1 });
      const after = errors(name);
      Object.assign(found, { text, version: found.version + 1 });
      return after === before.get(path);
    },
  };
}

/** The options of `deno.json`, but a name without a use is no error. Packages have no types here: what they give is `any`. */
const OPTIONS: ts.CompilerOptions = {
  ...config.compilerOptions,
  noUnusedLocals: false,
  noUnusedParameters: false,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  noEmit: true,
  types: [],
};
