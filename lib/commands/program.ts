/** The program after its start: finds the requested command, and returns its exit code. */

import { type ApplicationContext, ExitCode, run } from "@stricli/core";
import { resolve } from "@std/path";

import { type Context, contextOf, DEBUG_LEVEL, report } from "../app/context.ts";
import { readCommandLine, withHelp } from "../command_line.ts";
import { ambiguousOption, BAD_COMMAND_LINE, badDebugLevel, EXIT } from "../errors.ts";
import type { System } from "../system.ts";
import { VERSION } from "../version.ts";
import { application, FLAGS } from "./app.ts";

/** `kind`: the kind of the program file, for `--version`. */
export async function runProgram(system: System, words: readonly string[], kind: string): Promise<number> {
  const { args: given, globals, ambiguous } = readCommandLine(words, FLAGS);
  if (ambiguous) {
    return report({ system, version: VERSION }, ambiguousOption(ambiguous.given, ambiguous.names));
  }
  if ("version" in globals) {
    system.stdout.write(`maestro ${VERSION} (${kind})\n`);
    return EXIT.ok;
  }
  const args = withHelp(given);
  const [command] = args;
  if (command !== undefined && !command.startsWith("-") && !Object.hasOwn(FLAGS, command)) {
    const { unknownCommand } = await import("./unknown_command.ts");
    return report({ system, version: VERSION }, unknownCommand(command, Object.keys(FLAGS)));
  }
  const debugLevel = Number(globals["debug_lvl"] ?? DEBUG_LEVEL);
  if (!Number.isInteger(debugLevel)) {
    return report({ system, version: VERSION }, badDebugLevel(globals["debug_lvl"]));
  }
  const context: Context & Pick<ApplicationContext, "process"> = contextOf(system, words, {
    debugLevel,
    logToTerminal: "logstdout" in globals,
    // A conductor in the background has another current folder.
    ...(globals["logpath"] === undefined ? {} : { logPath: resolve(system.cwd, globals["logpath"]) }),
  });
  await run(application(command), args, context);
  const { exitCode } = context.process;
  if (exitCode === ExitCode.UnknownCommand || exitCode === ExitCode.InvalidArgument) return BAD_COMMAND_LINE;
  return exitCode ? EXIT.bug : context.exitCode;
}
