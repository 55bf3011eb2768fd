/** The program: hands the real world to the command that was asked for, and ends with its exit code. */

import { type ApplicationContext, ExitCode, run } from "@stricli/core";
import { basename, resolve } from "@std/path";
import config from "./deno.json" with { type: "json" };
import { readCommandLine } from "./lib/command_line.ts";
import { application, FLAGS } from "./lib/commands/app.ts";
import type { Context } from "./lib/commands/context.ts";
import { EXIT } from "./lib/errors.ts";
import { realSystem } from "./lib/system.ts";

/** The compiled file starts itself; under the runtime, the runtime starts this module. */
function selfCommand(): string[] {
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

function here(path: string): string {
  return decodeURIComponent(new URL(path, import.meta.url).pathname);
}

async function main(words: readonly string[]): Promise<number> {
  const system = realSystem(selfCommand());
  const { args, globals } = readCommandLine(words, FLAGS);
  if ("version" in globals) {
    system.stdout.write(`maestro ${config.version}\n`);
    return EXIT.ok;
  }
  const debugLevel = Number(globals["debug_lvl"] ?? 2);
  if (!Number.isInteger(debugLevel)) {
    system.stderr.write(
      `error: -d takes a number from 1 (debug) to 5 (critical), not "${globals["debug_lvl"]}"\n`,
    );
    return EXIT.usage;
  }
  const process: ApplicationContext["process"] = {
    stdout: system.stdout,
    stderr: system.stderr,
    env: system.env,
  };
  const context: Context & ApplicationContext = {
    process,
    system,
    version: config.version,
    exitCode: EXIT.ok,
    globals: {
      debugLevel,
      logToTerminal: "logstdout" in globals,
      // A conductor in the background has another current folder.
      ...(globals["logpath"] === undefined ? {} : { logPath: resolve(system.cwd, globals["logpath"]) }),
    },
  };
  await run(application(), args, context);
  if (process.exitCode === ExitCode.UnknownCommand || process.exitCode === ExitCode.InvalidArgument) return EXIT.usage;
  return process.exitCode ? EXIT.bug : context.exitCode;
}

const words = basename(Deno.execPath()) === "conductor" ? ["conduct", ...Deno.args] : Deno.args;
Deno.exit(await main(words));
