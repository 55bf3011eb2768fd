/** The program: hands the real world to the command that was asked for, and ends with its exit code. */

import { basename, dirname } from "@std/path";
import { realSystem, type System } from "./lib/system.ts";
import { keepVersions } from "./lib/unpacked.ts";
import { VERSION } from "./lib/version.ts";
import HELP from "./templates/help.txt" with { type: "text" };

/** The self-extracting file that this program came in: its head (.ci/head.sh) passes the path. */
const outerFile = takeEnv("MAESTRO_FILE");
// What the head sets for the runtime must reach no other program, a step least of all; what the user had set must.
for (const name of takeEnv("MAESTRO_SET_ASIDE")?.split(/\s+/) ?? []) {
  const theirs = takeEnv(`MAESTRO_HAD_${name}`);
  if (theirs === undefined) Deno.env.delete(name);
  else Deno.env.set(name, theirs);
}

function takeEnv(name: string): string | undefined {
  const value = Deno.env.get(name);
  if (value !== undefined) Deno.env.delete(name);
  return value;
}

const kind = Deno.build.standalone ? "compiled" : outerFile === undefined ? "from source" : "self-extracting";

/** One file starts itself; under the runtime, the runtime starts this module. */
function selfCommand(): string[] {
  if (outerFile !== undefined) return ["/bin/sh", outerFile];
  if (Deno.build.standalone) return [Deno.execPath()];
  return [
    Deno.execPath(),
    "run",
    "--allow-all",
    "--quiet",
    "--config",
    here("./deno.json"),
    here("./cli.ts"),
  ];
}

/** The name by which this program was called: the runtime's path to itself is behind all symbolic links. */
function calledAs(): string {
  if (outerFile !== undefined) return outerFile;
  if (Deno.build.standalone && Deno.build.os === "linux") {
    return Deno.readTextFileSync("/proc/self/cmdline").split("\0")[0]!;
  }
  return Deno.execPath();
}

function here(path: string): string {
  return decodeURIComponent(new URL(path, import.meta.url).pathname);
}

/**
 * Now, and as long as this process runs: what runs long sleeps again and again. A timer of its own would make every
 * start load what the runtime needs for timers.
 */
function keepUnpacked(system: System): System {
  const folder = dirname(Deno.execPath());
  let next = 0;
  const keep = () => {
    if (performance.now() < next) return;
    next = performance.now() + 6 * 3_600_000;
    keepVersions(system, folder);
  };
  keep();
  return {
    ...system,
    sleep(ms, awake) {
      keep();
      return system.sleep(ms, awake);
    },
  };
}

/** What needs nothing of the program. The help is a copy, which `deno task update` makes; a test compares it. */
const SHORT: Readonly<Record<string, string>> = {
  "--version": `maestro ${VERSION} (${kind})\n`,
  "-v": `maestro ${VERSION} (${kind})\n`,
  "--help": HELP,
  "-h": HELP,
};

async function main(words: readonly string[]): Promise<number> {
  const real = realSystem(selfCommand());
  const short = words.length === 1 && Object.hasOwn(SHORT, words[0]!) ? SHORT[words[0]!] : undefined;
  if (short !== undefined) {
    real.stdout.write(short);
    return 0;
  }
  const { runProgram } = await import("./lib/commands/program.ts");
  return await runProgram(outerFile === undefined ? real : keepUnpacked(real), words, kind);
}

const words = basename(calledAs()) === "conductor" ? ["conduct", ...Deno.args] : Deno.args;
// Not awaited: a program in one file is a script, not a module.
void main(words).then(Deno.exit);
