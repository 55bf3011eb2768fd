/**
 * The program of a self-extracting file: one text, in which each part is read by the runtime's compiler no sooner than
 * it is needed. To compile all takes longer than the runtime takes to start; `status` needs a fifth of it.
 *
 * The bundler cuts the program where it is imported late (`await import`). Each part becomes the text of a
 * function, which START calls. Modules would do the same, but are slower to load.
 */

import { deno } from "./deno.ts";

/** The line that says where the parts are has so many bytes at most. */
const LONGEST_PLACES = 16_384;

/**
 * What the runtime is started with: evaluates the part that is the command line's, and whatever parts that needs; the
 * others are not even read from the disk. The first line of the text says where in the rest the parts are, in bytes.
 * Packages that are CommonJS ask `require` for what is built into the runtime; a function's text has none of its own.
 * The head writes it in single quotes, so it has none.
 */
export const START = `const file = Deno.openSync(import.meta.dirname + "/maestro.js");
const text = (from, to) => {
  const bytes = new Uint8Array(to - from);
  file.seekSync(from, 0);
  for (let at = 0, got; at < bytes.length && (got = file.readSync(bytes.subarray(at))) !== null;) at += got;
  return new TextDecoder().decode(bytes);
};
const head = text(0, ${LONGEST_PLACES});
const start = head.indexOf("\\n") + 1;
const places = JSON.parse(head.slice(0, start));
const made = {};
const require = (name) => process.getBuiltinModule(name);
const need = (name) =>
  made[name] ??= (0, eval)(text(start + places[name][0], start + places[name][1]))(need, require);
need("cli.js");`;

/** The whole program: all modules, packages and templates in it. */
export function bundle(): string {
  const folder = Deno.makeTempDirSync({ prefix: "maestro_bundle_" });
  try {
    const options = ["--quiet", "--platform", "deno", "--format", "esm", "--code-splitting"];
    const output = ["--minify", "--keep-names", "--outdir", folder];
    const { success, said } = deno(["bundle", ...options, ...output, "cli.ts"]);
    if (!success) throw new Error(`deno bundle failed:\n${said}`);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    const parts = names.map((name) => asFunction(name, Deno.readTextFileSync(`${folder}/${name}`), names));
    return withPlaces(names, parts);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The parts, behind a line that says where each is. */
function withPlaces(names: readonly string[], parts: readonly string[]): string {
  const places: Record<string, readonly [number, number]> = {};
  let from = 0;
  for (const [at, part] of parts.entries()) {
    const to = from + new TextEncoder().encode(part).length;
    places[names[at]!] = [from, to];
    from = to;
  }
  const line = JSON.stringify(places) + "\n";
  if (line.length > LONGEST_PLACES) throw new Error(`where the parts are takes ${line.length} bytes`);
  return line + parts.join("");
}

const IMPORTS = /^(?:import(?:\{[^}]*\}from)?"\.\/[^"]+";)*/;
const IMPORT = /import(?:\{([^}]*)\}from)?"\.\/([^"]+)";/g;
const EXPORTS = /export(?:\{([^{}]*)\}| default ([^;]*));(?:\s|\/\*(?:(?!\*\/)[^])*\*\/)*$/;

/**
 * A module as an expression: a function that is given `need`, which evaluates another part, and returns what the module
 * exports. That is copied: no module of the program may assign to a variable that it exports.
 */
export function asFunction(name: string, module: string, names: readonly string[]): string {
  const head = IMPORTS.exec(module)![0];
  const needs = head.replace(
    IMPORT,
    (_, list?: string, from?: string) =>
      list === undefined
        ? `need("${from}");`
        : `const{${list.replace(/([\w$]+) as ([\w$]+)/g, "$1:$2")}}=need("${from}");`,
  );
  const [tail, list, whole] = EXPORTS.exec(module) ?? [""];
  // So end packages that are CommonJS. The runtime gives what they export by name as well.
  const exported = whole !== undefined ? `(all=>({...all,default:all}))(${whole})` : `{${exportsOf(list)}}`;
  let body = module.slice(head.length, module.length - tail.length)
    // Of use only where the program is run from its sources.
    .replaceAll("import.meta", "({})");
  for (const other of names) {
    body = body.replaceAll(`import("./${other}")`, `Promise.resolve().then(()=>need("${other}"))`);
  }
  const part =
    `((need,require)=>{"use strict";${needs}${body}\nreturn ${exported}})\n//# sourceURL=maestro/${name}\n`;
  try {
    if (/\bimport\("\.\//.test(part)) throw new Error("it asks for no part");
    (0, eval)(part); // Compiles it and runs nothing: what modules only may have is a mistake in a function.
  } catch (error) {
    throw new Error(`${name} cannot be made a function: does the bundler write something new?`, {
      cause: error,
    });
  }
  return part;
}

/** `a as b,c` as what is in an object. */
function exportsOf(list = ""): string {
  const pairs = list.split(",").map((words) => words.split(" as "));
  return pairs.map(([own, other]) => other === undefined ? own : `${other}:${own}`).join();
}
