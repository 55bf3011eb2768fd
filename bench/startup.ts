/**
 * What a start costs: the one file for the first time and later, beside the bare runtime and python3. Also the size of
 * the file.
 *
 *   deno task compile && deno run -A bench/startup.ts
 */

import { bench, inTurns, ONE_FILE, oneFileSize, repeatedly, ROOT, type Row, run } from "./measure.ts";

const ROUNDS = 20;
const FIRST_ROUNDS = 5;

async function row(
  what: string,
  argv: readonly string[],
  options: { env?: Record<string, string>; rounds?: number; before?: () => Promise<void> } = {},
): Promise<Row> {
  const { env = {}, rounds = ROUNDS, before } = options;
  const values = await repeatedly(async () => {
    await before?.();
    return (await run(argv, { env })).ms;
  }, rounds);
  return { what, unit: "ms", values };
}

/** The same beside the bare runtime, in turns. */
async function beside(
  what: string,
  argv: readonly string[],
  empty: readonly string[],
  ratio: number,
  env: Record<string, string>,
) {
  const timed = (argv: readonly string[]) => async () => (await run(argv, { env })).ms;
  const samples = await inTurns(timed(argv), timed(empty), ROUNDS);
  return { what, unit: "ms", ...samples, against: "deno run empty.js", target: { ratio } };
}

await bench("startup", "A start of the one file", async (folder) => {
  const size = await oneFileSize();
  const env = { XDG_CACHE_HOME: `${folder}/cache` };
  const forget = () => Deno.remove(`${folder}/cache`, { recursive: true }).catch(() => {});
  const empty = `${folder}/empty.js`;
  const bare = [Deno.execPath(), "run", "--no-config", empty];
  const study = `${folder}/study`;
  await Deno.writeTextFile(empty, "");
  const dry = ["run", "--dry", "-y", "-o", study, `${ROOT}samples/build_archive.yaml`];
  return [
    await row("maestro --version, the first time", [ONE_FILE, "--version"], {
      env,
      rounds: FIRST_ROUNDS,
      before: forget,
    }),
    await row("maestro run --dry", [ONE_FILE, ...dry], { env }),
    await beside("maestro status", [ONE_FILE, "status", study], bare, 2, env),
    await beside("maestro --version", [ONE_FILE, "--version"], bare, 1.5, env),
    // By its own path: a shim of a version manager costs more than Python itself.
    await row("python3 -c pass", ["/usr/bin/python3", "-c", "pass"]),
    { what: "size of the file", unit: "MB", values: [size / 1e6] },
  ];
});
