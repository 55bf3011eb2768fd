/**
 * The program of a self-extracting file as one text of many parts. V8 compiles each part when it is first
 * needed.
 *
 * Plain ES modules are slower: the runtime analyses each module before it runs the first, and caches the result in a
 * SQLite database. Without a database, `maestro status` takes more than
 * twice as long. With one it takes a quarter longer, and every start opens a database in the user's home, which is
 * often on NFS. bench/startup.ts repeats the measurement.
 *
 * The bundler splits the program at late imports (`await import`). `asFunction` turns each part into the text
 * of a function; LOADER reads and calls it. Both know the forms in which esbuild writes imports and exports. `asFunction` refuses any other, so a change of
 * the bundler fails the build, not a study.
 */

/** The line that lists where the parts are has at most this many bytes. */
const LONGEST_INDEX = 16_384;

/**
 * The runtime is started with this text (start.js). It evaluates the part `cli.js` and its imports; other
 * parts are not even read from the disk. The first line of maestro.js lists the place of each part in bytes.
 * The head writes this text in single quotes, which it therefore cannot contain.
 */
export const LOADER = `const file = Deno.openSync(import.meta.dirname + "/maestro.js");
const text = (from, to) => {
  const bytes = new Uint8Array(to - from);
  file.seekSync(from, 0);
  for (let at = 0, got; at < bytes.length && (got = file.readSync(bytes.subarray(at))) !== null;) at += got;
  return new TextDecoder().decode(bytes);
};
const head = text(0, ${LONGEST_INDEX});
const start = head.indexOf("\\n") + 1;
const places = JSON.parse(head.slice(0, start));
const made = {};
const need = (name) => made[name] ??= (0, eval)(text(start + places[name][0], start + places[name][1]))(need);
need("cli.js");`;

/** The files of a bundle as one text: maestro.js. */
export function joinParts(files: ReadonlyMap<string, string>): string {
  const names = [...files.keys()].sort();
  const parts = names.map((name) => asFunction(name, files.get(name)!, names));
  const places: Record<string, readonly [number, number]> = {};
  let from = 0;
  for (const [at, part] of parts.entries()) {
    const to = from + new TextEncoder().encode(part).length;
    places[names[at]!] = [from, to];
    from = to;
  }
  const index = JSON.stringify(places) + "\n";
  if (index.length > LONGEST_INDEX) throw new Error(`the index of the parts has ${index.length} bytes`);
  return index + parts.join("");
}

const IMPORTS = /^(?:import(?:\{[^}]*\}from)?"\.\/[^"]+";)*/;
const IMPORT = /import(?:\{([^}]*)\}from)?"\.\/([^"]+)";/g;
const EXPORTS = /export\{([^{}]*)\};(?:\s|\/\*(?:(?!\*\/)[^])*\*\/)*$/;

/**
 * A module as an expression: a function that gets `need`, which evaluates another part, and returns what the module
 * exports. Exports are copied: no module of the program may assign to a variable that it exports.
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
  const [tail, list] = EXPORTS.exec(module) ?? [""];
  let body = module.slice(head.length, module.length - tail.length)
    // Of use only where the program is run from its sources.
    .replaceAll("import.meta", "({})");
  for (const other of names) {
    body = body.replaceAll(`import("./${other}")`, `Promise.resolve().then(()=>need("${other}"))`);
  }
  const part = `((need)=>{"use strict";${needs}${body}\nreturn {${
    exportsOf(list)
  }}})\n//# sourceURL=maestro/${name}\n`;
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
