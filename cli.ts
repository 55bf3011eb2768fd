/** The program: hands the real world to the command that was asked for, and ends with its exit code. */

import { type ApplicationContext, ExitCode, run } from "@stricli/core";
import { basename, dirname, resolve } from "@std/path";

import { readCommandLine } from "./lib/command_line.ts";
import { application, FLAGS } from "./lib/commands/app.ts";
import { type Context, report } from "./lib/app/context.ts";
import { ambiguousOption, BAD_COMMAND_LINE, badDebugLevel, EXIT } from "./lib/errors.ts";
import { realSystem, type System } from "./lib/system.ts";
import { keepVersions } from "./lib/unpacked.ts";
import { VERSION } from "./lib/version.ts";

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

async function main(words: readonly string[]): Promise<number> {
  const real = realSystem(selfCommand());
  const system = outerFile === undefined ? real : keepUnpacked(real);
  const { args, globals, ambiguous } = readCommandLine(words, FLAGS);
  if (ambiguous) {
    return report({ system, version: VERSION }, ambiguousOption(ambiguous.given, ambiguous.names));
  }
  if ("version" in globals) {
    system.stdout.write(`maestro ${VERSION} (${kind})\n`);
    return EXIT.ok;
  }
  const debugLevel = Number(globals["debug_lvl"] ?? 2);
  if (!Number.isInteger(debugLevel)) {
    return report({ system, version: VERSION }, badDebugLevel(globals["debug_lvl"]));
  }
  const process: ApplicationContext["process"] = {
    stdout: system.stdout,
    stderr: system.stderr,
    env: system.env,
  };
  const context: Context & ApplicationContext = {
    process,
    system,
    version: VERSION,
    words,
    exitCode: EXIT.ok,
    globals: {
      debugLevel,
      logToTerminal: "logstdout" in globals,
      // A conductor in the background has another current folder.
      ...(globals["logpath"] === undefined ? {} : { logPath: resolve(system.cwd, globals["logpath"]) }),
    },
  };
  await run(application(args[0]), args, context);
  if (process.exitCode === ExitCode.UnknownCommand || process.exitCode === ExitCode.InvalidArgument) {
    return BAD_COMMAND_LINE;
  }
  return process.exitCode ? EXIT.bug : context.exitCode;
}

const words = basename(calledAs()) === "conductor" ? ["conduct", ...Deno.args] : Deno.args;
// Not awaited: a program in one file is a script, not a module.
void main(words).then(Deno.exit);
