/** What every command receives, and how its errors reach the user. */

import type { CommandContext } from "@stricli/core";
import { errorJson, EXIT, UserError } from "../errors.ts";
import { codeOf, isFileError, type System } from "../system.ts";
import { VERSION } from "../version.ts";
import { headWord, wantsColor } from "../view/terminal.ts";

/** The level of the log without an option: INFO. */
export const DEBUG_LEVEL = 2;

/** Maestro's options before the command. */
export interface Globals {
  /** Folder for logs instead of the study's `logs`. */
  readonly logPath?: string;
  /** 1 debug to 5 critical. */
  readonly debugLevel: number;
  readonly logToTerminal: boolean;
}

export interface Context extends CommandContext {
  readonly system: System;
  readonly globals: Globals;
  readonly version: string;
  /** The words after `maestro` on the command line. */
  readonly words: readonly string[];
  /** Set by the command; the process ends with it. */
  exitCode: number;
  /** Whether the command prints JSON, and so its errors. */
  json?: boolean;
}

/** The context of one start of the program. */
export function contextOf(system: System, words: readonly string[], globals?: Globals): Context {
  const process = { stdout: system.stdout, stderr: system.stderr, env: system.env };
  return {
    ...{ process, system, version: VERSION, words, exitCode: EXIT.ok },
    globals: globals ?? { debugLevel: DEBUG_LEVEL, logToTerminal: false },
  };
}

/** A command that returns its exit code. `this` is the context, as stricli passes it. */
export type Command<FLAGS, ARGS extends readonly unknown[] = []> = (
  context: Context,
  flags: FLAGS,
  ...args: ARGS
) => number | Promise<number>;

/** Wraps a command: mistakes of users become messages, all other errors become a bug report. */
export function guarded<FLAGS, ARGS extends readonly unknown[]>(command: Command<FLAGS, ARGS>) {
  return async function (this: Context, flags: FLAGS, ...args: ARGS): Promise<void> {
    const { json, ndjson } = flags as { json?: boolean; ndjson?: boolean };
    this.json = Boolean(json || ndjson);
    try {
      this.exitCode = await command(this, flags, ...args);
    } catch (error) {
      this.exitCode = report(this, await explained(this.system, error));
    }
  };
}

/** An error of the file system with the facts that the user needs; any other error unchanged. */
export async function explained(system: System, error: unknown): Promise<unknown> {
  if (!isFileError(error, "EACCES", "EPERM")) return error;
  const { deniedAccess } = await import("./denied.ts");
  return await deniedAccess(system, error as Error) ?? error;
}

/** Whether an answer means yes: y or yes, in any case. */
export const isYes = (answer: string | undefined) =>
  ["y", "yes"].includes((answer ?? "").trim().toLowerCase());

/** Reports the error to the user, or as JSON to a program. Returns the exit code. */
export function report(
  { system, version, json }: Pick<Context, "system" | "version" | "json">,
  error: unknown,
): number {
  if (error instanceof UserError) {
    if (json) {
      system.stdout.write(errorJson(error.message, error.hint, error.place));
      return error.exitCode;
    }
    const styled = wantsColor(system.stderr.isTerminal, system.env);
    system.stderr.write(`${headWord("error", styled)} ${error.message}\n`);
    if (error.hint !== undefined) system.stderr.write(`${headWord("hint", styled)} ${error.hint}\n`);
    return error.exitCode;
  }
  const code = codeOf(error);
  if (code !== undefined) {
    const { message } = error as Error;
    if (json) system.stdout.write(errorJson(message));
    else system.stderr.write(`error: ${message}\n`);
    return ["ENOENT", "ENOTDIR", "EISDIR", "ENOTPLAIN"].includes(code) ? EXIT.noInput : EXIT.cannotCreate;
  }
  const told = error instanceof Error ? error.stack ?? error.message : String(error);
  if (json) system.stdout.write(errorJson(`This is a bug in maestro ${version}`, "Please report it."));
  system.stderr.write(
    `This is a bug in maestro ${version}. Please report it with the following text.\n${told}\n`,
  );
  return EXIT.bug;
}
