/** The program as its users meet it: a process with a controlled environment, in a fresh folder. */

import config from "../deno.json" with { type: "json" };

/** Root of the project, without a slash at its end. */
export const ROOT = decodeURIComponent(new URL("..", import.meta.url).pathname).replace(/\/$/, "");

export const VERSION = config.version;

/** A wait that is longer than any machine needs, however busy: it only ends what hangs. */
export const HANG_MS = 600_000;

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Another file than the sources: MAESTRO_UNDER_TEST=dist/maestro runs all that runs `maestro` with the one file. */
const UNDER_TEST = Deno.env.get("MAESTRO_UNDER_TEST");

/** The folder of a bundle of the sources, which starts in half the time: `run.ts` makes it. */
const BUNDLE = Deno.env.get("MAESTRO_BUNDLE");

/** What a host (`host.ts`) evaluates. */
export const PROGRAM = BUNDLE === undefined ? `${ROOT}/cli.ts` : `${BUNDLE}/cli.js`;

/** Whether every `maestro` of a test is a process. Otherwise commands may share one. */
export const PROCESSES = UNDER_TEST !== undefined ||
  ["PROCESSES", "UPDATE"].some((name) => Deno.env.get(name) === "1");

let bin: Promise<string> | undefined;

/** A folder with `maestro` in it, for scripts to call; gone when the tests end. */
export function binFolder(): Promise<string> {
  return bin ??= makeBin();
}

async function makeBin(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "maestro_bin_" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const sources = [Deno.execPath(), "run", "--allow-all", "--quiet", "--config"];
  const program = BUNDLE ?? ROOT;
  const words = UNDER_TEST === undefined
    ? [...sources, `${program}/deno.json`, `${program}/cli.ts`]
    : [await Deno.realPath(UNDER_TEST)];
  const command = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  // dash would drop functions that a test exports.
  const shell = await Deno.stat("/bin/bash").then(() => "/bin/bash -p", () => "/bin/sh");
  await Deno.writeTextFile(`${folder}/maestro`, `#!${shell}\nexec ${command} "$@"\n`, { mode: 0o755 });
  return folder;
}

let cache: Promise<string> | undefined;

/** Where the runtime keeps what it has downloaded: it looks in HOME, which is not the user's here. */
async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

/** The environment of a command that runs in a folder: `maestro` is on its PATH. */
export async function programEnvironment(folder: string): Promise<Record<string, string>> {
  return {
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
  };
}

/** Runs a command in a folder; its standard input is empty, or the text. */
export async function runIn(folder: string, argv: readonly string[], input?: string): Promise<Outcome> {
  const [word, ...args] = argv;
  const child = new Deno.Command(word === "maestro" ? `${await binFolder()}/maestro` : word!, {
    args,
    cwd: folder,
    clearEnv: true,
    env: await programEnvironment(folder),
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== undefined) feed(child.stdin, input);
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** A command may end before it has read everything. */
function feed(stdin: WritableStream<Uint8Array>, text: string): void {
  const writer = stdin.getWriter();
  writer.write(new TextEncoder().encode(text)).then(() => writer.close()).catch(() => {});
}

/** Calls `body` with a fresh folder that is gone afterwards. */
export async function inFreshFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "maestro_" }));
  try {
    return await body(folder);
  } finally {
    await removeFolder(folder);
  }
}

/** A conductor in the background may still write its last files: a folder that is not empty is removed again. */
async function removeFolder(folder: string): Promise<void> {
  for (let times = 1;; times++) {
    try {
      return await Deno.remove(folder, { recursive: true });
    } catch (error) {
      if (times === 100 || !String(error).includes("not empty")) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}
