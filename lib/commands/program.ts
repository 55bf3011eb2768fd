/** The program after its start: finds the requested command, and returns its exit code. */

import { type ApplicationContext, ExitCode, run } from "@stricli/core";
import { resolve } from "@std/path";

import { type Context, contextOf, DEBUG_LEVEL, report } from "../app/context.ts";
import { readCommandLine, withHelp } from "../command_line.ts";
import { ambiguousOption, BAD_COMMAND_LINE, badDebugLevel, errorJson, EXIT } from "../errors.ts";
import type { System } from "../system.ts";
import { VERSION } from "../version.ts";
import { application, FLAGS } from "./app.ts";

/** `kind`: the kind of the program file, for `--version`. */
export async function runProgram(system: System, words: readonly string[], kind: string): Promise<number> {
  const { args: given, globals, ambiguous } = readCommandLine(words, FLAGS);
  const json = wantsJson(given);
  const reporter = { system, version: VERSION, json };
  if (ambiguous) return report(reporter, ambiguousOption(ambiguous.given, ambiguous.names));
  if ("version" in globals) {
    system.stdout.write(`maestro ${VERSION} (${kind})\n`);
    return EXIT.ok;
  }
  const args = withHelp(given);
  const [command] = args;
  if (command !== undefined && !command.startsWith("-") && !Object.hasOwn(FLAGS, command)) {
    const { unknownCommand } = await import("./unknown_command.ts");
    return report(reporter, unknownCommand(command, Object.keys(FLAGS)));
  }
  const debugLevel = Number(globals["debug_lvl"] ?? DEBUG_LEVEL);
  if (!Number.isInteger(debugLevel)) {
    return report(reporter, badDebugLevel(globals["debug_lvl"]));
  }
  const context: Context & Pick<ApplicationContext, "process"> = contextOf(system, words, {
    debugLevel,
    logToTerminal: "logstdout" in globals,
    // A conductor in the background has another current folder.
    ...(globals["logpath"] === undefined ? {} : { logPath: resolve(system.cwd, globals["logpath"]) }),
  });
  const refusal = json ? textOfParser(context) : undefined;
  await run(application(command), args, context);
  const { exitCode } = context.process;
  if (refusal?.text) system.stdout.write(refusalJson(refusal.text));
  if (exitCode === ExitCode.UnknownCommand || exitCode === ExitCode.InvalidArgument) return BAD_COMMAND_LINE;
  return exitCode ? EXIT.bug : context.exitCode;
}

/** Whether a command line asks for JSON. */
function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  const options = end < 0 ? words : words.slice(0, end);
  return options.some((word) => word === "--json" || word === "--ndjson");
}

/** Collects what the parser of command lines prints as an error. Commands write to the system's streams. */
function textOfParser(context: { process: { stderr: { write(text: string): void } } }): { text: string } {
  const found = { text: "" };
  context.process = { ...context.process, stderr: { write: (text) => void (found.text += text) } };
  return found;
}

/** The parser's `error:` and `hint:` as JSON. */
function refusalJson(text: string): string {
  const [, message = text.trim(), hint] = /^error: ([^]*?)\n(?:hint: ([^]*?)\n)?$/.exec(`${text.trim()}\n`) ??
    [];
  return errorJson(message, hint);
}
