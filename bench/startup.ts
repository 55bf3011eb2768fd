/**
 * What a start costs: the one file for the first time and later, beside the bare runtime and python3, in one run,
 * since times on another machine tell nothing. Also the size of the file.
 *
 *   deno task compile && deno task bench:startup
 */

const ROOT = decodeURIComponent(new URL("..", import.meta.url).pathname);
const FILE = Deno.args[0] ?? `${ROOT}dist/maestro`;
const ROUNDS = 20;
const FIRST_ROUNDS = 3;

interface Row {
  readonly what: string;
  /** Milliseconds: the least tells what it costs, the median what the machine was doing. */
  readonly least: number;
  readonly median: number;
}

/** Runs a command some times; undefined where it is not there. */
async function measure(
  what: string,
  argv: readonly string[],
  options: { env?: Record<string, string>; rounds?: number; before?: () => Promise<void> } = {},
): Promise<Row | undefined> {
  const [word, ...args] = argv;
  const { env = {}, rounds = ROUNDS, before } = options;
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await before?.();
    const start = performance.now();
    try {
      const { success } = await new Deno.Command(word!, {
        args,
        env,
        stdin: "null",
        stdout: "null",
        stderr: "null",
      })
        .output();
      if (!success) return undefined;
    } catch {
      return undefined;
    }
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { what, least: times[0]!, median: times[Math.floor(times.length / 2)]! };
}

async function main(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "maestro_bench_" });
  try {
    const env = { XDG_CACHE_HOME: `${folder}/cache` };
    const forget = () => Deno.remove(`${folder}/cache`, { recursive: true }).catch(() => {});
    const empty = `${folder}/empty.js`;
    const study = `${folder}/study`;
    await Deno.writeTextFile(empty, "");
    const dry = ["run", "--dry", "-y", "-o", study, `${ROOT}samples/build_archive.yaml`];
    const rows = [
      await measure("maestro --version, the first time", [FILE, "--version"], {
        env,
        rounds: FIRST_ROUNDS,
        before: forget,
      }),
      await measure("maestro run --dry", [FILE, ...dry], { env }),
      await measure("maestro status", [FILE, "status", study], { env }),
      await measure("maestro --version", [FILE, "--version"], { env }),
      await measure("deno run empty.js", [Deno.execPath(), "run", "--no-config", empty]),
      // By its own path: a shim of a version manager costs more than Python itself.
      await measure("python3 -c pass", ["/usr/bin/python3", "-c", "pass"]),
    ].flatMap((row) => row ?? []);
    const { size } = await Deno.stat(FILE);
    report(rows, size);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function report(rows: readonly Row[], size: number): void {
  const width = Math.max(...rows.map(({ what }) => what.length));
  console.log(`${"".padEnd(width)}  ${"least ms".padStart(9)}  ${"median ms".padStart(9)}`);
  for (const { what, least, median } of rows) {
    console.log(`${what.padEnd(width)}  ${least.toFixed(1).padStart(9)}  ${median.toFixed(1).padStart(9)}`);
  }
  console.log(`${"size of the file".padEnd(width)}  ${(size / 1e6).toFixed(1).padStart(9)} MB`);
  const round = (n: number) => Math.round(n * 10) / 10;
  const times = Object.fromEntries(
    rows.map(({ what, least, median }) => [what, [round(least), round(median)]]),
  );
  console.log(JSON.stringify({ bench: "startup", size, times }));
}

await main();
