/**
 * The cost of a start, and the size of the file, for both kinds of the one file. The peers are the bare runtime, an
 * empty program of the same kind, plain modules of the same bundle, and python3.
 *
 *     deno task compile --self-extracting && deno run -A bench/startup.ts
 *
 * COMPILE_DENO and DENORT_BIN (docs/install.md) add the compiled kind.
 */

import { bundle } from "../.ci/bundle.ts";
import { compile } from "../.ci/compiled.ts";
import { RUNTIME_FLAGS, writeSelfExtracting } from "../.ci/self_extracting.ts";
import { hostTarget } from "../.ci/targets.ts";
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

/** The same beside another command, in turns. */
async function beside(
  what: string,
  argv: readonly string[],
  against: string,
  other: readonly string[],
  env: Record<string, string>,
  ratio?: number,
): Promise<Row> {
  const timed = (argv: readonly string[]) => async () => (await run(argv, { env })).ms;
  const samples = await inTurns(timed(argv), timed(other), ROUNDS);
  return { what, unit: "ms", ...samples, against, ...ratio === undefined ? {} : { target: { ratio } } };
}

const EMPTY: ReadonlyMap<string, string> = new Map([["cli.js", "export{};"]]);

/** Rows of the compiled kind; none where nothing can be compiled. */
async function compiledRows(folder: string, study: string, bare: readonly string[]): Promise<Row[]> {
  const [file, empty] = [`${folder}/compiled`, `${folder}/empty_compiled`];
  const made = await compile(hostTarget(), file, bundle());
  if ("why" in made) {
    console.error(`The compiled kind is left out: ${made.why}`);
    return [];
  }
  await compile(hostTarget(), empty, EMPTY, undefined, () => Promise.resolve(undefined));
  const status = [file, "status", study];
  return [
    await beside("compiled: maestro status", status, "deno run empty.js", bare, {}, 2.6),
    await beside("compiled: maestro status", status, "an empty compiled program", [empty], {}),
    await beside(
      "compiled: maestro --version",
      [file, "--version"],
      "an empty compiled program",
      [empty],
      {},
    ),
  ];
}

/** The bundle as modules, with a private cache of what the runtime has found out about them, and without one. */
async function moduleRows(folder: string, study: string, env: Record<string, string>): Promise<Row[]> {
  await Deno.mkdir(`${folder}/modules`);
  for (const [name, text] of bundle()) await Deno.writeTextFile(`${folder}/modules/${name}`, text);
  const modules = [Deno.execPath(), ...RUNTIME_FLAGS.split(" "), `${folder}/modules/cli.js`, "status", study];
  const status = [ONE_FILE, "status", study];
  const cache = { ...env, DENO_DIR: `${folder}/modules_cache` };
  return [
    await beside("maestro status", status, "plain modules", modules, { ...env, DENO_DIR: "/dev/null" }),
    await beside("maestro status", status, "plain modules, database in DENO_DIR", modules, cache),
  ];
}

await bench("startup", "A start of the one file", async (folder) => {
  const size = await oneFileSize();
  // A first start would find what the user's home has.
  const env = { XDG_CACHE_HOME: `${folder}/cache`, HOME: folder };
  const forget = () => Deno.remove(`${folder}/cache`, { recursive: true }).catch(() => {});
  const empty = `${folder}/empty.js`;
  const bare = [Deno.execPath(), "run", "--no-config", empty];
  const study = `${folder}/study`;
  const emptyFile = `${folder}/empty_self_extracting`;
  writeSelfExtracting(hostTarget(), emptyFile, EMPTY, Deno.execPath());
  await Deno.writeTextFile(empty, "");
  const dry = ["run", "--dry", "-y", "-o", study, `${ROOT}samples/build_archive.yaml`];
  return [
    await row("maestro --version, the first time", [ONE_FILE, "--version"], {
      env,
      rounds: FIRST_ROUNDS,
      before: forget,
    }),
    await row("maestro run --dry", [ONE_FILE, ...dry], { env }),
    await beside("maestro status", [ONE_FILE, "status", study], "deno run empty.js", bare, env, 2.2),
    await beside(
      "maestro status",
      [ONE_FILE, "status", study],
      "an empty self-extracting file",
      [emptyFile],
      env,
    ),
    await beside("maestro --version", [ONE_FILE, "--version"], "deno run empty.js", bare, env, 1.5),
    await beside("maestro --help", [ONE_FILE, "--help"], "deno run empty.js", bare, env, 1.5),
    ...await moduleRows(folder, study, env),
    ...await compiledRows(folder, study, bare),
    // By its own path: a shim of a version manager costs more than Python itself.
    await row("python3 -c pass", ["/usr/bin/python3", "-c", "pass"]),
    { what: "size of the file", unit: "MB", values: [size / 1e6] },
  ];
});
