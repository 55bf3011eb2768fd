/**
 * Measures what the tests find: makes small changes of the program's meaning, one at a time, and runs the tests that
 * cover the changed file. Works in copies of the project.
 *
 *     deno task mutants                          400 mutants, all tests that cover them
 *     deno task mutants --mutants=40 --seed=7    others
 *     deno task mutants --file=slurm --operator=rounding    only of files whose path has the text, only of a kind
 *     deno task mutants --workers=4              side by side; default: as many as the machine has cores
 *     deno task mutants --sample                 15 mutants, without tests that only run the program: for CI
 */

import { ROOT } from "../maestro.ts";
import { SUITES } from "../run.ts";
import { type Covering, readCovering } from "./covering.ts";
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
    const [, name, value] = /^--(mutants|seed|file|operator|workers|rate|sample)(?:=(.*))?$/.exec(word) ?? [];
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
    mutants: number("mutants", sample ? 15 : 400),
    seed: number("seed", crypto.getRandomValues(new Uint32Array(1))[0]!),
    file: given.get("file") ?? "",
    operator: given.get("operator") ?? "",
    workers: Math.max(1, number("workers", navigator.hardwareConcurrency)),
    sample,
    rate: number("rate", sample ? SAMPLE_RATE : RATE),
  };
}

const RATE = 90;
/**
 * Of 15 mutants, tests that do not run the program kill about two thirds. Fewer than 20 % are left by chance once in
 * many thousand samples, and always where a suite does not run.
 */
const SAMPLE_RATE = 20;

function filesBelow(folder: string): string[] {
  try {
    return [...Deno.readDirSync(`${ROOT}/${folder}`)].flatMap(({ name, isDirectory }) =>
      isDirectory ? filesBelow(`${folder}/${name}`) : /(?<!\.d)\.ts$/.test(name) ? [`${folder}/${name}`] : []
    ).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

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
  all: readonly string[],
  { seed, file, operator }: Options,
): Generator<Mutant> {
  const paths = all.filter((path) => path.includes(file));
  const left = paths.flatMap((path) => sources.mutations(path).map((mutation) => ({ path, mutation })))
    .filter(({ mutation }) => mutation.operator.includes(operator));
  console.log(`${left.length} mutations of ${paths.length} files`);
  const random = seededRandom(seed);
  while (left.length > 0) {
    const at = random.between(0, left.length - 1);
    const { path, mutation } = left[at]!;
    left[at] = left.at(-1)!;
    left.pop();
    const mutant = describe(sources, path, mutation);
    if (sources.typeChecks(path, mutant.mutated)) yield mutant;
  }
}

interface Tally {
  readonly verdicts: Map<Mutant, Verdict>;
  equivalent: number;
}

const show = ({ path, line, operator, before, after }: Mutant) =>
  `${path}:${line} ${operator}\n    - ${before}\n    + ${after}`;

/** So many of the nearest tests run first: they find most mutants, and load little. */
const NEAREST = 6;

/** A sample is fast: it leaves out what runs the program. */
function stagesOf({ inProcess, asProgram }: ReturnType<Covering>, sample: boolean): Stage[] {
  const [near, far] = [inProcess.slice(0, NEAREST), inProcess.slice(NEAREST)];
  return [{ files: near }, { files: far }, ...sample ? [] : [{ files: asProgram, asProgram: true }]];
}

/** Gives mutants to the workers until there are enough. */
async function tryAll(
  mutants: Iterator<Mutant>,
  workers: readonly Worker[],
  covering: Covering,
  all: readonly Stage[],
  { mutants: enough, sample }: Options,
): Promise<Tally> {
  const tally: Tally = { verdicts: new Map(), equivalent: 0 };
  let taken = 0;
  const next = (): Mutant | undefined => {
    while (taken < enough) {
      const { value, done } = mutants.next();
      if (done) return undefined;
      if (isEquivalent(value)) tally.equivalent++;
      else {
        taken++;
        return value;
      }
    }
    return undefined;
  };
  // Without a mutant all of them pass.
  await Promise.all(workers.map(async (worker, i) => {
    const fault = await worker.baseline(all.filter((_, stage) => stage % workers.length === i));
    if (fault !== "") throw new Error(`the tests fail without a mutant:\n${fault}`);
    for (let mutant = next(); mutant; mutant = next()) {
      const verdict = await worker.test(mutant, stagesOf(covering(mutant.path), sample));
      tally.verdicts.set(mutant, verdict);
      const count = `${tally.verdicts.size}/${enough}`;
      console.log(verdict === "survived" ? `${count} survived ${show(mutant)}` : `${count} ${verdict}`);
    }
  }));
  return tally;
}

/** The result in a few lines; the exit code. */
function report({ verdicts, equivalent }: Tally, { seed, rate }: Options): number {
  const count = (verdict: Verdict) => [...verdicts.values()].filter((one) => one === verdict).length;
  const killed = count("killed") + count("hung");
  const percent = verdicts.size === 0 ? 0 : 100 * killed / verdicts.size;
  const survivors = [...verdicts].filter(([, verdict]) => verdict === "survived").map(([mutant]) => mutant)
    .sort((a, b) => a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line);
  console.log(["", "Survivors:", ...survivors.map(show), ""].join("\n"));
  const parts = `${killed} of ${verdicts.size} killed (${
    count("hung")
  } of them hung), ${equivalent} equivalent`;
  console.log(`seed ${seed}: ${parts}: ${percent.toFixed(1)} %, at least ${rate} % expected`);
  return percent < rate ? 1 : 0;
}

async function main(): Promise<number> {
  const options = readOptions(Deno.args);
  console.log(`seed ${options.seed}`);
  const paths = FOLDERS.flatMap(filesBelow);
  const sources = openSources(ROOT, paths);
  const covering = readCovering(ROOT, Object.values(SUITES).flat());
  const workers = await makeWorkers(options.workers);
  try {
    const mutants = draw(sources, paths, options);
    const each = paths.map(covering);
    const inProcess = [...new Set(each.flatMap((tests) => tests.inProcess))];
    const asProgram = [...new Set(each.flatMap((tests) => tests.asProgram))];
    const all = stagesOf({ inProcess, asProgram }, options.sample);
    return report(await tryAll(mutants, workers, covering, all, options), options);
  } finally {
    for (const worker of workers) worker.end();
  }
}

if (import.meta.main) Deno.exit(await main());
