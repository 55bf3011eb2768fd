/** Studies as scenes find them, made once and copied for each point; and commands with a fault. */

import { binFolder, HANG_MS, programEnvironment, ROOT } from "../maestro.ts";
import { type Fault, faultVariables } from "./library.ts";
import { type Before, type Scene, specOf } from "./scenes.ts";

const FAKES = `${ROOT}/adapters/slurm/fake`;

/** What a command of a scene printed, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly said: string;
}

export interface Started {
  readonly ended: Promise<Ended>;
  kill(signal: Deno.Signal): void;
}

/** A folder with `spec.yaml` and, but for "spec", with the study `out`. */
export interface Stage {
  readonly folder: string;
  start(args: readonly string[], fault?: Fault): Started;
  run(args: readonly string[], fault?: Fault): Promise<Ended>;
}

/** `maestro`, as one process: a shell between would be a second program. */
export async function stageIn(folder: string): Promise<Stage> {
  const bin = await binFolder();
  const cache = (await programEnvironment(folder))["DENO_DIR"]!;
  const script = Deno.readTextFileSync(`${bin}/maestro`);
  const words = /^exec (.*) "\$@"$/m.exec(script)![1]!.slice(1, -1).split("' '");
  const start = (args: readonly string[], fault?: Fault): Started => {
    const child = new Deno.Command(words[0]!, {
      args: [...words.slice(1), ...args],
      cwd: folder,
      clearEnv: true,
      env: {
        DENO_DIR: cache,
        FAKE: `${folder}/queue`,
        FAKE_ENGINE: `${ROOT}/templates/fake_engine.sh`,
        HOME: folder,
        LC_ALL: "C",
        NO_COLOR: "1",
        PATH: `${FAKES}:${Deno.env.get("PATH")}`,
        TMPDIR: `${folder}/tmp`,
        TZ: "UTC",
        USER: "someone",
        ...(fault ? faultVariables(fault) : {}),
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const ended = child.output().then(({ code, signal, stdout, stderr }) => ({
      code: signal === null ? code : -1,
      said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr),
    }));
    return { ended, kill: (signal) => tryTo(() => Deno.kill(child.pid, signal)) };
  };
  return { folder, start, run: (args, fault) => start(args, fault).ended };
}

export function tryTo<T>(what: () => T): T | undefined {
  try {
    return what();
  } catch {
    return undefined;
  }
}

/** Makes the study of each kind of scene below a folder, once; returns what copies one for a point. */
export function stages(folder: string): (scene: Scene, to: string) => Promise<Stage> {
  const made = new Map<string, Promise<string>>();
  return async ({ before, scheduler }, to) => {
    const kind = `${before.replaceAll(" ", "_")}_${scheduler}`;
    if (!made.has(kind)) made.set(kind, make(`${folder}/${kind}`, before, scheduler));
    await copyTree(await made.get(kind)!, to);
    return await stageIn(to);
  };
}

async function make(folder: string, before: Before, scheduler: Scene["scheduler"]): Promise<string> {
  Deno.mkdirSync(`${folder}/tmp`, { recursive: true });
  Deno.writeTextFileSync(`${folder}/spec.yaml`, specOf(scheduler));
  if (before === "spec") return folder;
  const stage = await stageIn(folder);
  const maestro = async (...args: string[]) => {
    const { code, said } = await stage.run(args);
    if (code !== 0 && code !== 2 && code !== 4) {
      throw new Error(`maestro ${args.join(" ")}: ${code}\n${said}`);
    }
  };
  await maestro("run", "-n", "-o", "out", "-s", "0.2", "spec.yaml");
  if (before === "begun") await maestro("conduct", "--once", "out");
  if (before === "held") await maestro("hold", "out");
  if (before === "finished") await maestro("conduct", "out");
  if (before === "failed" || before === "asked") {
    Deno.writeTextFileSync(`${folder}/fail`, "");
    await maestro("conduct", "out");
    Deno.removeSync(`${folder}/fail`);
  }
  if (before === "asked") {
    Deno.mkdirSync(`${folder}/out/.maestro/requests`);
    const request = JSON.stringify({ ask: "rerun", steps: ["b"] });
    Deno.writeTextFileSync(`${folder}/out/.maestro/requests/000000000000001-a.json`, `${request}\n`);
  }
  await noneLeft(folder);
  return folder;
}

async function copyTree(from: string, to: string): Promise<void> {
  const { success } = await new Deno.Command("cp", { args: ["-a", from, to] }).output();
  if (!success) throw new Error(`cp ${from} ${to}`);
}

/** Processes that work in a folder, or name it on their command line. */
export function processesOf(folder: string): { readonly pid: number; readonly words: string }[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).flatMap(({ name }) => {
    const words = tryTo(() => Deno.readTextFileSync(`/proc/${name}/cmdline`)) ?? "";
    const cwd = tryTo(() => Deno.readLinkSync(`/proc/${name}/cwd`)) ?? "";
    return words !== "" && (words.includes(folder) || `${cwd}/`.startsWith(`${folder}/`))
      ? [{ pid: Number(name), words: words.replaceAll("\0", " ").trim() }]
      : [];
  });
}

/** Returns when none is left; false after a time that only ends a hang. */
export async function noneLeft(folder: string, limit = HANG_MS): Promise<boolean> {
  for (const deadline = Date.now() + limit; Date.now() < deadline;) {
    if (processesOf(folder).length === 0) return true;
    await new Promise((done) => setTimeout(done, 50));
  }
  return false;
}
