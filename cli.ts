/** The program: passes the real world to the requested command, and ends with its exit code. */

import { basename, dirname } from "@std/path";
import { plainStatus, runPlainStatus } from "./lib/commands/plain_status.ts";
import { realSystem, type System } from "./lib/system.ts";
import { keepVersions } from "./lib/unpacked.ts";
import { VERSION } from "./lib/version.ts";
import HELP from "./templates/help.txt" with { type: "text" };

/** The self-extracting file that contains this program. Its head (.ci/head.sh) passes the path. */
const outerFile = takeEnv("MAESTRO_FILE");
// What the head sets for the runtime must not reach other programs, least of all steps. What the user set
// must reach them.
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

/** The single file starts itself. Under the runtime, the runtime starts this module. */
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

/** The name that the user called. The runtime's path to itself has all symbolic links resolved. */
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
 * At once, and then from time to time while this process runs: a long process sleeps repeatedly. A separate
 * timer would make every start load the runtime's code for timers.
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

/** Answers that need no other module. `deno task update` makes the copy of the help, and a test compares it. */
const SHORT: Readonly<Record<string, string>> = {
  "--version": `maestro ${VERSION} (${kind})\n`,
  "-v": `maestro ${VERSION} (${kind})\n`,
  "--help": HELP,
  "-h": HELP,
  "help": HELP,
  "": HELP,
};

async function main(words: readonly string[]): Promise<number> {
  const real = realSystem(selfCommand());
  const word = words.length > 1 ? undefined : words[0] ?? "";
  const short = word !== undefined && Object.hasOwn(SHORT, word) ? SHORT[word] : undefined;
  if (short !== undefined) {
    real.stdout.write(short);
    return 0;
  }
  const system = outerFile === undefined ? real : keepUnpacked(real);
  const plain = plainStatus(words);
  if (plain !== undefined) return await runPlainStatus(system, words, plain);
  const { runProgram } = await import("./lib/commands/program.ts");
  return await runProgram(system, words, kind);
}

const words = basename(calledAs()) === "conductor" ? ["conduct", ...Deno.args] : Deno.args;
// Without await: a program in one file is a script, not a module.
void main(words).then(Deno.exit);
