/** Which tests cover a source file: those that import it, the nearest first, and those that run the program. */

import { readSource } from "../source.ts";

/** Of a source file. */
export type Covering = (path: string) => {
  /** Tests in whose process the file runs, in order of their distance from it; those that import it come first. */
  readonly inProcess: readonly string[];
  /** Tests that run `maestro` in processes. All of them run all files. */
  readonly asProgram: readonly string[];
};

/** Tests that do not depend on what the program does, but on how its text, its docs and its speed are. */
const OF_OTHER_THINGS = ["architecture", "bench", "docs", "faq", "large"];
/** What runs the program in a process, of tests/maestro.ts. */
const RUNS_PROGRAM =
  /import \{[^}]*\b(?:runIn|binFolder|PROGRAM)\b[^}]*\} from "\.\/maestro\.ts"|from "\.\/hosted\.ts"/;

/** `ignored`: names of suites that are not the quick one. */
export function readCovering(root: string, ignored: readonly string[]): Covering {
  const left = new Set([...OF_OTHER_THINGS, ...ignored]);
  const tests = [...Deno.readDirSync(`${root}/tests`)].map(({ name }) => name)
    .filter((name) => name.endsWith("_test.ts") && !left.has(name.replace("_test.ts", "")))
    .map((name) => `tests/${name}`).sort();
  const known = new Map<string, readonly string[]>();
  const importsOf = (path: string) => {
    const found = known.get(path) ?? importedBy(root, path);
    known.set(path, found);
    return found;
  };
  const distances = new Map(tests.map((test) => [test, distancesFrom(test, importsOf)]));
  const runs = (path: string) => RUNS_PROGRAM.test(Deno.readTextFileSync(`${root}/${path}`));
  const asProgram = tests.filter(runs);
  return (path) => {
    // Of two tests as near as each other, the one that needs less is about less.
    const rank = (test: string) => distances.get(test)!.get(path)! * 1000 + distances.get(test)!.size;
    const covers = (test: string) => {
      const distance = distances.get(test)!.get(path);
      // What imports the file itself is about it, whatever else it does.
      return distance !== undefined && (distance === 1 || !asProgram.includes(test));
    };
    const inProcess = tests.filter(covers).sort((a, b) => rank(a) - rank(b));
    const near = (test: string) => distances.get(test)!.get(path) ?? 1000;
    const others = asProgram.filter((test) => !inProcess.includes(test));
    return { inProcess, asProgram: others.sort((a, b) => near(a) - near(b)) };
  };
}

function importedBy(root: string, path: string): string[] {
  const { imports } = readSource(path, Deno.readTextFileSync(`${root}/${path}`));
  return imports.filter((name) => name.startsWith(".") && name.endsWith(".ts"))
    .map((name) => new URL(name, `file:///${path}`).pathname.slice(1));
}

/** Every file that a file imports, however far, and how far it is. */
function distancesFrom(path: string, importsOf: (path: string) => readonly string[]): Map<string, number> {
  const distances = new Map([[path, 0]]);
  for (const [at, distance] of distances) {
    for (const next of importsOf(at)) {
      if (!distances.has(next)) distances.set(next, distance + 1);
    }
  }
  return distances;
}
