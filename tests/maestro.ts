/** The program as its users meet it: a process with a controlled environment, in a fresh folder. */

import config from "../deno.json" with { type: "json" };

/** Root of the project, without a slash at its end. */
export const ROOT = decodeURIComponent(new URL("..", import.meta.url).pathname).replace(/\/$/, "");

export const VERSION = config.version;

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Another file than the sources: MAESTRO_UNDER_TEST=dist/maestro runs all that runs `maestro` with the one file. */
const UNDER_TEST = Deno.env.get("MAESTRO_UNDER_TEST");

let bin: Promise<string> | undefined;

/** A folder with `maestro` in it, for scripts to call; gone when the tests end. */
export function binFolder(): Promise<string> {
  return bin ??= makeBin();
}

async function makeBin(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "maestro_bin_" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const sources = [Deno.execPath(), "run", "--allow-all", "--quiet", "--config"];
  const words = UNDER_TEST === undefined
    ? [...sources, `${ROOT}/deno.json`, `${ROOT}/cli.ts`]
    : [await Deno.realPath(UNDER_TEST)];
  const command = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  await Deno.writeTextFile(`${folder}/maestro`, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  return folder;
}

let cache: Promise<string> | undefined;

/** Where the runtime keeps what it has downloaded: it looks in HOME, which is not the user's here. */
async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

/** Runs a command in a folder; `maestro` is on its PATH, and its standard input is empty. */
export async function runIn(folder: string, argv: readonly string[]): Promise<Outcome> {
  const [word, ...args] = argv;
  const { code, stdout, stderr } = await new Deno.Command(
    word === "maestro" ? `${await binFolder()}/maestro` : word!,
    {
      args,
      cwd: folder,
      clearEnv: true,
      env: {
        DENO_DIR: await (cache ??= denoDir()),
        HOME: folder,
        LC_ALL: "C",
        NO_COLOR: "1",
        PATH: `${await binFolder()}:${Deno.env.get("PATH")}`,
        SAMPLES: `${ROOT}/samples`,
        TZ: "UTC",
        USER: "someone",
        // Unpacked once, and not into the folder that a test looks at.
        ...UNDER_TEST === undefined ? {} : { XDG_CACHE_HOME: `${await binFolder()}/cache` },
      },
      stdin: "null",
    },
  ).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Calls `body` with a fresh folder that is gone afterwards. */
export async function inFreshFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "maestro_" }));
  try {
    return await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
