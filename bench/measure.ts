/**
 * What all benches share. Each measures the program and a peer (or the machine's own limit) in turns within one
 * run. Times from another hour or machine are not comparable. A bench prints a
 * table and one line of JSON.
 *
 * `--quick` uses smaller sizes. TMPDIR chooses the file system.
 */

import { cpuUsage } from "node:process";

export const ROOT = decodeURIComponent(new URL("..", import.meta.url).pathname);
export const QUICK = Deno.args.includes("--quick");
export const ROUNDS = 5;
/** The program from its sources. `run --dry` and so on follow. */
export const MAESTRO: readonly string[] = [
  Deno.execPath(),
  "run",
  "--allow-all",
  "--quiet",
  `${ROOT}cli.ts`,
];

/** One line of a bench's table. */
export interface Row {
  /** What is measured, with its size. */
  readonly what: string;
  readonly unit: string;
  /** One value a round. */
  readonly values: readonly number[];
  /** What it is measured against, and what that took in the same rounds. */
  readonly against?: string;
  readonly peer?: readonly number[];
  /** What is aimed at: a ratio to the peer at most, or a value at most. */
  readonly target?: { readonly ratio: number } | { readonly value: number };
}

/** A row as it is printed and as it is in the line of JSON. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly median: number;
  readonly least: number;
  readonly rounds: number;
  readonly against?: string;
  readonly peer?: number;
  readonly ratio?: number;
  readonly target?: string;
  readonly reached?: boolean;
}

/** The line of JSON of a bench. */
export interface Outcome {
  readonly bench: string;
  readonly machine: string;
  readonly load: number;
  readonly rows?: readonly Figure[];
  /** Why nothing could be measured here. */
  readonly skipped?: string;
}

/** Thrown by a bench that lacks what it needs, with what that is. */
export class Skipped extends Error {}

/** The one file, which `deno task compile` makes. */
export const ONE_FILE = `${ROOT}dist/maestro`;

/** Its size in bytes; without it there is nothing to measure. */
export async function oneFileSize(): Promise<number> {
  return await Deno.stat(ONE_FILE).then(({ size }) => size, () => {
    throw new Skipped("there is no dist/maestro; deno task compile makes it");
  });
}

/** Runs a bench in a new folder, and prints the result. */
export async function bench(
  name: string,
  title: string,
  measure: (folder: string) => Promise<readonly Row[]>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: `maestro_bench_${name}_` });
  const base = { bench: name, machine: machine(), load: round(Deno.loadavg()[0]!) };
  console.log(`${title}\n${base.machine}, load ${base.load}`);
  try {
    const rows = (await measure(folder)).map(figure);
    console.log(table(rows));
    print({ ...base, rows });
  } catch (error) {
    if (!(error instanceof Skipped)) throw error;
    console.log(`Not measured: ${error.message}`);
    print({ ...base, skipped: error.message });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function print(outcome: Outcome): void {
  console.log(JSON.stringify(outcome));
}

/** Measures the program and its peer in turns. Each function returns its measurement. */
export async function inTurns(
  subject: (turn: number) => Promise<number>,
  peer: (turn: number) => Promise<number>,
  rounds: number = ROUNDS,
): Promise<{ values: number[]; peer: number[] }> {
  const samples = { values: [] as number[], peer: [] as number[] };
  for (let turn = 0; turn < rounds; turn++) {
    samples.values.push(await subject(turn));
    samples.peer.push(await peer(turn));
  }
  return samples;
}

/** The same without a peer. */
export async function repeatedly(
  subject: (turn: number) => Promise<number>,
  rounds: number = ROUNDS,
): Promise<number[]> {
  const values: number[] = [];
  for (let turn = 0; turn < rounds; turn++) values.push(await subject(turn));
  return values;
}

export interface Run {
  readonly ms: number;
  /** The most memory that its process held; 0 if the system has no figure, or the process ended too soon. */
  readonly peakMb: number;
  readonly stdout: string;
}

/** Runs a command to its end. Throws if it fails, with the end of its output. */
export async function run(
  argv: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; keepOutput?: boolean } = {},
): Promise<Run> {
  const { keepOutput = false, ...rest } = options;
  const [word, ...args] = argv;
  const start = performance.now();
  const stdout = keepOutput ? "piped" : "null";
  const child = new Deno.Command(word!, { args, stdin: "null", stdout, stderr: "piped", ...rest }).spawn();
  let peakMb = 0;
  const look = () => peakMb = Math.max(peakMb, peakMemoryMb(child.pid));
  const timer = setInterval(look, 20);
  const ended = child.status.then((status) => ({ status, ms: performance.now() - start }));
  const [{ status, ms }, out, err] = await Promise.all([
    ended,
    keepOutput ? new Response(child.stdout).text() : "",
    new Response(child.stderr).text(),
  ]).finally(() => clearInterval(timer));
  if (!status.success) throw new Error(`${argv.join(" ")} failed:\n${err.slice(-2000)}`);
  return { ms, peakMb, stdout: out };
}

/** A study that runs to its end on this machine, and make with its scripts; `jobs` at a time if given. */
export async function besideMake(study: string, spec: string, makefile: string, jobs?: number) {
  await Deno.writeTextFile(`${study}.yaml`, spec);
  await Deno.writeTextFile(`${study}.mk`, makefile);
  const some = jobs === undefined ? [] : ["--local-jobs", `${jobs}`];
  const maestro = [...MAESTRO, "-d", "3", "run", "-y", "-fg", ...some, "-o", study, `${study}.yaml`];
  const make = ["make", "-s", ...(jobs === undefined ? [] : [`-j${jobs}`]), "-f", `${study}.mk`];
  return await inTurns(async (turn) => {
    if (turn > 0) await Deno.remove(study, { recursive: true });
    return (await run(maestro)).ms;
  }, async () => (await run(make)).ms);
}

/** The most memory that a process has held so far, from Linux. */
export function peakMemoryMb(pid: number | "self"): number {
  return Number(/VmHWM:\s*(\d+)/.exec(readIfAny(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
}

/** The milliseconds that this process's threads have been at work. */
export function cpuMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/** The milliseconds that this process's threads are at work on something: other processes do not show in it. */
export async function worked(action: () => unknown): Promise<number> {
  const start = cpuMs();
  await action();
  return cpuMs() - start;
}

/** The milliseconds of something done in this process. */
export async function timed(action: () => unknown): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function machine(): string {
  const model = /model name\s*: (.*)/.exec(readIfAny("/proc/cpuinfo"))?.[1] ?? Deno.build.arch;
  return `${navigator.hardwareConcurrency} CPUs, ${model}, ${Deno.build.os} ${Deno.osRelease()}, deno ${Deno.version.deno}`;
}

function readIfAny(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

/** A row in its printed form. */
export function figure({ what, unit, values, against, peer, target }: Row): Figure {
  const middle = median(values);
  const ratio = peer === undefined ? undefined : middle / median(peer);
  const measured = target !== undefined && "ratio" in target ? ratio : middle;
  const limit = target === undefined ? undefined : "ratio" in target ? target.ratio : target.value;
  return {
    what,
    unit,
    median: round(middle),
    least: round(Math.min(...values)),
    rounds: values.length,
    ...(against === undefined ? {} : { against }),
    ...(peer === undefined ? {} : { peer: round(median(peer)) }),
    ...(ratio === undefined ? {} : { ratio: round(ratio) }),
    ...(target === undefined
      ? {}
      : { target: "ratio" in target ? `<= ${limit}x` : `<= ${Number(limit!.toPrecision(3))} ${unit}` }),
    ...(limit === undefined || measured === undefined ? {} : { reached: measured <= limit }),
  };
}

/** Three digits that mean something. */
function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

const HEADINGS = ["what", "median", "least", "against", "peer", "ratio", "target", "reached"];

export function table(rows: readonly Figure[]): string {
  const lines = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, at) => Math.max(...lines.map((cells) => cells[at]!.length)));
  const words = new Set([0, 3, 6, 7]);
  const pad = (cell: string, at: number) =>
    words.has(at) ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!);
  return lines.map((cells) => cells.map(pad).join("  ").trimEnd()).join("\n");
}

function cellsOf(row: Figure): string[] {
  const { what, unit, median, least, against = "", peer, ratio, target = "", reached } = row;
  return [
    what,
    `${median} ${unit}`,
    `${least} ${unit}`,
    against,
    peer === undefined ? "" : `${peer} ${unit}`,
    ratio === undefined ? "" : `${ratio}x`,
    target,
    reached === undefined ? "" : reached ? "yes" : "no",
  ];
}
