/**
 * Measures what the tests find. It makes small changes of the program's meaning, one at a time, and runs the tests
 * that cover the changed file. It works in copies of the project.
 *
 *     deno task mutants                          400 mutants, all tests that cover them
 *     deno task mutants --mutants=40 --seed=7    others
 *     deno task mutants --file=slurm --operator=rounding    only of files whose path has the text, only of a kind
 *     deno task mutants --seed=7 --skip=40       goes on where a run ended
 *     deno task mutants --workers=4              side by side; default: as many as the machine has cores
 *     deno task mutants --sample                 40 mutants, without tests that only run the program: for CI
 */

import { ROOT } from "../maestro.ts";
import {
  Coverage,
  type Covering,
  probeAll,
  type ProbedSources,
  readTestFiles,
  type TestFile,
} from "./covering.ts";
import { EQUIVALENTS } from "./equivalents.ts";
import type { Mutation } from "./operators.ts";
import { seededRandom } from "../world/random.ts";
import { openSources, type Sources } from "./sources.ts";

import { makeWorkers, type Stage, type Verdict, type Worker } from "./worker.ts";

/** Folders whose files are mutated, where they are there. */
const FOLDERS = ["lib/plan", "lib/spec", "lib/conduct", "lib/study", "adapters"];

export interface Mutant extends Mutation {
  readonly path: string;
  readonly line: number;
  /** The first changed line, before and after. */
  readonly before: string;
  readonly after: string;
  readonly mutated: string;
}

interface Options {
  readonly mutants: number;
  readonly seed: number;
  /** How many of the first are left out. */
  readonly skip: number;
  /** Texts in the path and of the operator: only such mutants. */
  readonly file: string;
  readonly operator: string;
  readonly workers: number;
  readonly sample: boolean;
  /** Percentage of killed mutants below which the task fails. */
  readonly rate: number;
}

function readOptions(words: readonly string[]): Options {
  const given = new Map(words.map((word) => {
    const [, name, value] =
      /^--(mutants|seed|skip|file|operator|workers|rate|sample)(?:=(.*))?$/.exec(word) ?? [];
    if (name === undefined) throw new Error(`not an option: ${word}`);
    return [name, value ?? ""];
  }));
  const sample = given.has("sample");
  const number = (name: string, otherwise: number) => {
    const value = Number(given.get(name) ?? otherwise);
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} takes a whole number`);
    return value;
  };
  return {
    mutants: number("mutants", sample ? 40 : 400),
    seed: number("seed", crypto.getRandomValues(new Uint32Array(1))[0]!),
    skip: number("skip", 0),
    file: given.get("file") ?? "",
    operator: given.get("operator") ?? "",
    workers: Math.max(1, number("workers", navigator.hardwareConcurrency)),
    sample,
    rate: number("rate", sample ? SAMPLE_RATE : RATE),
  };
}

const RATE = 90;
/**
 * Of 40 mutants, tests that do not run the program kill about 34. Fewer than 24 are left by chance once in ten
 * thousand samples, and always where a suite does not run.
 */
const SAMPLE_RATE = 60;

/** Files of adapters that only the docs show are none of the program. */
function filesBelow(folder: string): string[] {
  try {
    return [...Deno.readDirSync(`${ROOT}/${folder}`)].flatMap(({ name, isDirectory }) =>
      isDirectory
        ? filesBelow(`${folder}/${name}`)
        : /(?<!\.d|_test)\.ts$/.test(name) && !(folder.startsWith("adapters/") && name === "docs.ts")
        ? [`${folder}/${name}`]
        : []
    ).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Suites of the shipped file, of other programs, of the docs, and those that take long or count calls of the system. */
const LEFT_OUT = [
  ...["bundle", "completions", "crash", "disk", "docs_run", "earlier_version", "faults", "mod_examples"],
  ...["namespaces", "onefile", "onefile_bare", "picture", "promised_words", "shared_study", "watch"],
];
/** More tests that fail without a mutant are no accident. */
const MOST_FAILED = 10;

/** A mutation with all that a report shows. */
function describe(sources: Sources, path: string, mutation: Mutation): Mutant {
  const text = sources.text(path);
  const mutated = text.slice(0, mutation.start) + mutation.text + text.slice(mutation.end);
  const from = text.lastIndexOf("\n", mutation.start - 1) + 1;
  const lineAt = (whole: string) => whole.slice(from, whole.indexOf("\n", mutation.start)).trim();
  const line = text.slice(0, mutation.start).split("\n").length;
  return { ...mutation, path, line, before: lineAt(text), after: lineAt(mutated), mutated };
}

const isEquivalent = (mutant: Mutant) =>
  EQUIVALENTS.some(({ file, operator, before, after }) =>
    mutant.path.endsWith(`/${file}`) && mutant.operator === operator && mutant.before === before &&
    mutant.after === after
  );

/** All mutations, in an order that the seed gives. */
function* draw(
  sources: Sources,
  paths: readonly string[],
  { seed, skip, operator }: Options,
): Generator<Mutant> {
  const left = paths.flatMap((path) => sources.mutations(path).map((mutation) => ({ path, mutation })))
    .filter(({ mutation }) => mutation.operator.includes(operator));
  console.log(`${left.length} mutations of ${paths.length} files`);
  const random = seededRandom(seed);
  let drawn = 0;
  while (left.length > 0) {
    const at = random.between(0, left.length - 1);
    const { path, mutation } = left[at]!;
    left[at] = left.at(-1)!;
    left.pop();
    const mutant = describe(sources, path, mutation);
    if (sources.typeChecks(path, mutant.mutated) && ++drawn > skip) yield mutant;
  }
}

interface Tally {
  readonly verdicts: Map<Mutant, Verdict>;
  equivalent: number;
}

const show = ({ path, line, operator, before, after }: Mutant) =>
  `${path}:${line} ${operator}\n    - ${before}\n    + ${after}`;

/** So much of the most promising tests runs first: they find most mutants, and load little. */
const FIRST_MS = 1000;
const FIRST_FILES = 4;

function stagesOf({ inProcess, asProgram }: Covering, { sample }: Options): Stage[] {
  let ms = 0;
  const files = new Set<string>();
  const end = inProcess.findIndex((one) => {
    files.add(one.test[0]);
    return (ms += one.ms) > FIRST_MS || files.size > FIRST_FILES;
  });
  const first = end < 0 ? inProcess.length : Math.max(1, end);
  return [
    { tests: inProcess.slice(0, first) },
    { tests: inProcess.slice(first) },
    { tests: sample ? [] : asProgram, asProgram: true },
  ];
}

/** Runs all tests once, on sources with probes: they pass without a mutant, and show what they reach. */
async function cover(
  workers: readonly Worker[],
  files: readonly TestFile[],
  { texts }: ProbedSources,
): Promise<Coverage> {
  const coverage = new Coverage();
  // Those that take longest begin.
  const left = files.toSorted((a, b) => Number(a.asProgram) - Number(b.asProgram));
  await Promise.all(workers.map(async (worker) => {
    await worker.probe(texts);
    for (let file = left.pop(); file; file = left.pop()) coverage.add(file, await worker.record(file));
    worker.restore();
  }));
  return coverage;
}

/** Gives mutants to the workers until there are enough. */
async function tryAll(
  mutants: Iterator<Mutant>,
  workers: readonly Worker[],
  coveringOf: (mutant: Mutant) => Covering,
  options: Options,
): Promise<Tally> {
  const tally: Tally = { verdicts: new Map(), equivalent: 0 };
  let taken = 0;
  const next = (): Mutant | undefined => {
    while (taken < options.mutants) {
      const { value, done } = mutants.next();
      if (done) return undefined;
      taken++;
      if (!isEquivalent(value)) return value;
      tally.equivalent++;
    }
    return undefined;
  };
  await Promise.all(workers.map(async (worker) => {
    for (let mutant = next(); mutant; mutant = next()) {
      const began = performance.now();
      worker.change(new Map([[mutant.path, mutant.mutated]]));
      const verdict = await worker.test(stagesOf(coveringOf(mutant), options));
      worker.restore();
      tally.verdicts.set(mutant, verdict);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      const count = `${tally.verdicts.size + tally.equivalent}/${options.mutants} ${verdict} ${seconds} s`;
      console.log(isKilled(verdict) ? count : `${count} ${show(mutant)}`);
    }
  }));
  return tally;
}

const isKilled = (verdict: Verdict) => verdict === "killed" || verdict === "hung";

/** The result in a few lines; the exit code. */
function report({ verdicts, equivalent }: Tally, { seed, rate }: Options): number {
  const count = (verdict: Verdict) => [...verdicts.values()].filter((one) => one === verdict).length;
  const killed = [...verdicts.values()].filter(isKilled).length;
  const percent = verdicts.size === 0 ? 0 : 100 * killed / verdicts.size;
  const survivors = [...verdicts].filter(([, verdict]) => !isKilled(verdict)).map(([mutant]) => mutant)
    .sort((a, b) => a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line);
  console.log(["", "Survivors:", ...survivors.map(show), ""].join("\n"));
  const parts = `${killed} of ${verdicts.size} killed (${count("hung")} of them hung), ` +
    `${count("unreached")} that no test runs, ${equivalent} more are equivalent`;
  console.log(`seed ${seed}: ${parts}: ${percent.toFixed(1)} %, at least ${rate} % expected`);
  return percent < rate ? 1 : 0;
}

async function main(): Promise<number> {
  const options = readOptions(Deno.args);
  console.log(`seed ${options.seed}`);
  const paths = FOLDERS.flatMap(filesBelow).filter((path) => path.includes(options.file));
  const sources = openSources(ROOT, paths);
  const probed = probeAll(sources, paths);
  const files = readTestFiles(ROOT, LEFT_OUT).filter(({ asProgram, distances }) =>
    asProgram && options.sample ? false : asProgram || paths.some((path) => distances.has(path))
  );
  const { workers, end } = await makeWorkers(options.workers);
  try {
    const coverage = await cover(workers, files, probed);
    console.log(`${files.length} files of tests run them: ${seconds()} s`);
    for (const test of coverage.failed) console.log(`fails without a mutant, and is left out: ${test}`);
    if (coverage.failed.length > MOST_FAILED) throw new Error("too many tests fail without a mutant");
    const coveringOf = ({ path, start }: Mutant) => coverage.of(path, probed.partAt(path, start));
    const tally = await tryAll(draw(sources, paths, options), workers, coveringOf, options);
    return report(tally, options);
  } finally {
    end();
  }
}

const seconds = () => Math.round(performance.now() / 1000);

if (import.meta.main) Deno.exit(await main());
