/** The program behind its command line: finds the command that was asked for, and returns its exit code. */

import { type ApplicationContext, ExitCode, run } from "@stricli/core";
import { resolve } from "@std/path";

import { type Context, report } from "../app/context.ts";
import { readCommandLine } from "../command_line.ts";
import { ambiguousOption, BAD_COMMAND_LINE, badDebugLevel, EXIT } from "../errors.ts";
import type { System } from "../system.ts";
import { VERSION } from "../version.ts";
import { application, FLAGS } from "./app.ts";

/** `kind`: of the file that the program came in, for `--version`. */
export async function runProgram(system: System, words: readonly string[], kind: string): Promise<number> {
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
