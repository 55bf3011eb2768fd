/** Which tests run a part of a source file. Probes in a copy of the project show it; what loads a file, its imports show. */

import { readSource } from "../source.ts";
import { type Part, partAt, withProbes } from "./probes.ts";
import type { Sources } from "./sources.ts";
import type { Record, TestName } from "./stage.ts";

/** A test that runs a part of a file. */
export interface Candidate {
  readonly test: TestName;
  readonly ms: number;
  /** Whether it runs the program in processes. */
  readonly asProgram: boolean;
}

/** Tests that run a place of a file, the most promising first. */
export interface Covering {
  readonly inProcess: readonly Candidate[];
  /** Tests that run `maestro` in processes. */
  readonly asProgram: readonly Candidate[];
}

export interface TestFile {
  readonly path: string;
  readonly asProgram: boolean;
  /** How many imports are between it and each file that it loads. */
  readonly distances: ReadonlyMap<string, number>;
}

/** Tests that do not depend on what the program does, but on how its text, its docs and its speed are. */
const OF_OTHER_THINGS = ["architecture", "bench", "docs", "faq", "large", "promised_words"];
/** What runs the program in a process, of tests/maestro.ts. */
const RUNS_PROGRAM =
  /import \{[^}]*\b(?:runIn|binFolder|PROGRAM)\b[^}]*\} from "\.\/maestro\.ts"|from "\.\/hosted\.ts"/;

/** `ignored`: names of suites that are not the quick one. */
export function readTestFiles(root: string, ignored: readonly string[]): TestFile[] {
  const left = new Set([...OF_OTHER_THINGS, ...ignored]);
  const known = new Map<string, readonly string[]>();
  const importsOf = (path: string) => {
    const found = known.get(path) ?? importedBy(root, path);
    known.set(path, found);
    return found;
  };
  return [...Deno.readDirSync(`${root}/tests`)].map(({ name }) => name)
    .filter((name) => name.endsWith("_test.ts") && !left.has(name.replace("_test.ts", "")))
    .map((name) => `tests/${name}`).concat(adapterTests(root)).sort().map((path) => ({
      path,
      asProgram: RUNS_PROGRAM.test(Deno.readTextFileSync(`${root}/${path}`)),
      distances: distancesFrom(path, importsOf),
    }));
}

/** The tests of adapters are beside them. */
function adapterTests(root: string): string[] {
  return [...Deno.readDirSync(`${root}/adapters`)].filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => `adapters/${name}/adapter_test.ts`);
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

/** All sources with probes but without `probeHead`, by their paths, and the parts that the probes are in. */
export interface ProbedSources {
  readonly texts: ReadonlyMap<string, string>;
  readonly partAt: (path: string, at: number) => number | undefined;
}

export function probeAll(sources: Sources, paths: readonly string[]): ProbedSources {
  const texts = new Map<string, string>();
  const known = new Map<string, { first: number; parts: readonly Part[] }>();
  let first = 0;
  for (const path of paths) {
    const { text, parts } = withProbes(sources.file(path), first);
    texts.set(path, text);
    known.set(path, { first, parts });
    first += parts.length;
  }
  return {
    texts,
    partAt: (path, at) => {
      const { first, parts } = known.get(path)!;
      const part = partAt(parts, at);
      return part === undefined ? undefined : first + part;
    },
  };
}

/** All tests that have run, and who has reached what. */
export class Coverage {
  /** Tests that fail without a mutant. */
  readonly failed: string[] = [];
  readonly #tests = new Map<TestFile, Candidate[]>();
  readonly #reached = new Map<number, { file: TestFile; candidate: Candidate }[]>();
  /** Reached while a file was loaded: what follows from it may show in any test. */
  readonly #loading = new Set<number>();

  add(file: TestFile, records: readonly Record[]): void {
    const candidates: Candidate[] = [];
    for (const { name, ms, probes, processes, failed } of records) {
      if (failed) {
        this.failed.push(`${file.path}: ${name}`);
        continue;
      }
      if (name === undefined) {
        for (const probe of probes) this.#loading.add(probe);
        continue;
      }
      const candidate = { test: [file.path, name] as const, ms, asProgram: processes === true };
      candidates.push(candidate);
      for (const probe of new Set(probes)) {
        const list = this.#reached.get(probe) ?? [];
        list.push({ file, candidate });
        this.#reached.set(probe, list);
      }
    }
    this.#tests.set(file, candidates);
  }

  /** `probe`: of the part; undefined for what runs when the file is loaded. */
  of(path: string, probe: number | undefined): Covering {
    const some = probe === undefined || this.#loading.has(probe)
      ? this.#loaders(path)
      : this.#reached.get(probe) ?? [];
    const rank = ({ file, candidate }: typeof some[number]) =>
      candidate.ms + FAR_MS * ((file.distances.get(path) ?? 9) - 1);
    const sorted = [...some].sort((a, b) => rank(a) - rank(b));
    const list = (asProgram: boolean) =>
      sorted.filter(({ candidate }) => candidate.asProgram === asProgram).map(({ candidate }) => candidate);
    return { inProcess: list(false), asProgram: list(true) };
  }

  #loaders(path: string): { file: TestFile; candidate: Candidate }[] {
    return [...this.#tests].flatMap(([file, candidates]) =>
      file.asProgram || file.distances.has(path) ? candidates.map((candidate) => ({ file, candidate })) : []
    );
  }
}

/** So much slower may a test be that is nearer to a file by one import, and still run first. */
const FAR_MS = 40;
