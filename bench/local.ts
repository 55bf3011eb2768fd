/**
 * What many small steps on this machine cost: studies of independent `true` steps, and `make -j2` running the same
 * scripts in the same folders with logs. Side by side in one run, since times on another machine tell nothing.
 *
 *   deno task bench
 */

const ROOT = decodeURIComponent(new URL("..", import.meta.url).pathname);
const SIZES = [200, 1000];
const ROUNDS = 5;
const JOBS = 2;

interface Result {
  readonly steps: number;
  /** Milliseconds, one a round. */
  readonly maestro: readonly number[];
  readonly make: readonly number[];
}

function specText(steps: number): string {
  const values = Array.from({ length: steps }, (_, i) => i).join(", ");
  return `description: {name: bench, description: Many small steps.}
study:
  - {name: s, description: Does nothing., run: {cmd: "true # $(N)"}}
global.parameters:
  N: {values: [${values}], label: N.%%}
`;
}

/** The scripts of a study that has run, as targets that need nothing. */
function makefileText(study: string, steps: number): string {
  const names = Array.from({ length: steps }, (_, i) => `N.${i}`);
  const rules = names.map((name) =>
    `${name}:\n\t@cd ${study}/s/${name} && ./s_${name}.sh </dev/null >make.out 2>make.err\n`
  );
  return `.PHONY: all ${names.join(" ")}\nall: ${names.join(" ")}\n${rules.join("")}`;
}

/** Runs a command to its end; returns its milliseconds. */
async function timed(argv: readonly string[]): Promise<number> {
  const start = performance.now();
  const [word, ...args] = argv;
  const { success, stderr } = await new Deno.Command(word!, { args, stdin: "null" }).output();
  if (!success) {
    throw new Error(`${argv.join(" ")} failed:\n${new TextDecoder().decode(stderr).slice(-2000)}`);
  }
  return performance.now() - start;
}

async function measure(folder: string, steps: number): Promise<Result> {
  const spec = `${folder}/${steps}.yaml`;
  const study = `${folder}/${steps}`;
  const makefile = `${folder}/${steps}.mk`;
  await Deno.writeTextFile(spec, specText(steps));
  await Deno.writeTextFile(makefile, makefileText(study, steps));
  const maestro = [Deno.execPath(), "run", "--allow-all", "--quiet", `${ROOT}cli.ts`, "-d", "3"];
  const run = [...maestro, "run", "-y", "-fg", "--local-jobs", String(JOBS), "-o", study, spec];
  const times = { maestro: [] as number[], make: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) await Deno.remove(study, { recursive: true });
    times.maestro.push(await timed(run));
    times.make.push(await timed(["make", "-s", `-j${JOBS}`, "-f", makefile]));
  }
  return { steps, ...times };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function machine(): string {
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

const folder = await Deno.makeTempDir({ prefix: "maestro_bench_" });
try {
  const results: Result[] = [];
  for (const steps of SIZES) results.push(await measure(folder, steps));
  const rows = results.map(({ steps, maestro, make }) => ({
    steps,
    maestroMs: Math.round(median(maestro)),
    makeMs: Math.round(median(make)),
    ratio: Math.round(median(maestro) / median(make) * 100) / 100,
    maestroMsPerStep: Math.round(median(maestro) / steps * 100) / 100,
  }));
  console.log(`${JOBS} jobs, median of ${ROUNDS}; ${machine()}`);
  console.log("steps  maestro run -fg  make -j2  ratio  ms a step");
  for (const row of rows) {
    const cells = [
      `${row.maestroMs} ms`.padStart(15),
      `${row.makeMs} ms`.padStart(8),
      row.ratio.toFixed(2).padStart(5),
    ];
    console.log(
      `${String(row.steps).padStart(5)}  ${cells.join("  ")}  ${row.maestroMsPerStep.toFixed(2).padStart(9)}`,
    );
  }
  console.log(JSON.stringify({ bench: "local", jobs: JOBS, rounds: ROUNDS, machine: machine(), rows }));
} finally {
  await Deno.remove(folder, { recursive: true });
}
