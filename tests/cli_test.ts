/**
 * The command line as a whole. Each folder of `cli/` is a case, with the words of the command line (`args`,
 * one a line) or a shell script (`cmd`). Other files are copied into the folder in which it runs. `exit`,
 * `stdout` and `stderr` are the expected result; without a file, nothing is expected. UPDATE=1 rewrites the
 * expected result. The commands share a process (`hosted.ts`), and cases that need more of a shell are left
 * out. With PROCESSES=1 each command has a separate process.
 */

import { assertEquals } from "./assert.ts";
import { needsProcesses, runIn } from "./hosted.ts";
import { inFreshFolder, type Outcome, PROCESSES } from "./maestro.ts";
import { steady } from "./steady.ts";

const CASES = new URL("cli/", import.meta.url).pathname;
const UPDATE = Deno.env.get("UPDATE") === "1";
/** Cases that are run side by side: they wait for processes most of the time. */
const SIDE_BY_SIDE = navigator.hardwareConcurrency + 1;
const OWN_FILES = ["args", "cmd", "exit", "stdout", "stderr"];

function argvOf(name: string): string[] {
  const text = (file: string) => Deno.readTextFileSync(`${CASES}${name}/${file}`);
  try {
    return ["maestro", ...text("args").split("\n").filter(Boolean)];
  } catch {
    return ["/bin/sh", "-c", text("cmd")];
  }
}

async function runCase(name: string): Promise<Outcome> {
  return await inFreshFolder(async (folder) => {
    const files = [...Deno.readDirSync(CASES + name)].map((entry) => entry.name);
    for (const file of files) {
      if (!OWN_FILES.includes(file)) await Deno.copyFile(`${CASES}${name}/${file}`, `${folder}/${file}`);
    }
    const { code, stdout, stderr } = await runIn(folder, argvOf(name));
    return { code, stdout: steady(stdout, folder), stderr: steady(stderr, folder) };
  });
}

async function expected(name: string): Promise<Outcome> {
  const read = async (file: string) => {
    try {
      return await Deno.readTextFile(`${CASES}${name}/${file}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  };
  return { code: Number(await read("exit")), stdout: await read("stdout"), stderr: await read("stderr") };
}

async function update(name: string, { code, stdout, stderr }: Outcome): Promise<void> {
  for (const [file, text] of Object.entries({ exit: `${code}\n`, stdout, stderr })) {
    const path = `${CASES}${name}/${file}`;
    if (text !== "") await Deno.writeTextFile(path, text);
    else await Deno.remove(path).catch(() => {});
  }
}

const names = [...Deno.readDirSync(CASES)].map((entry) => entry.name).sort()
  .filter((name) => PROCESSES || !needsProcesses(argvOf(name)));
const outcomes: (Promise<Outcome> | undefined)[] = [];
/** The next ones run while this one is waited for. */
function outcomeOf(index: number): Promise<Outcome> {
  for (let i = index; i < Math.min(index + SIDE_BY_SIDE, names.length); i++) {
    outcomes[i] ??= runCase(names[i]!);
    outcomes[i]!.catch(() => {});
  }
  return outcomes[index]!;
}

names.forEach((name, index) => {
  Deno.test({
    name: `maestro: ${name}`,
    // Neighbours are under way while a case is looked at.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const outcome = await outcomeOf(index);
      if (UPDATE) await update(name, outcome);
      else assertEquals(outcome, await expected(name));
    },
  });
});
