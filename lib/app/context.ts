/** What every command is given, and how its errors reach the user. */

import type { CommandContext } from "@stricli/core";
import { EXIT, UserError } from "../errors.ts";
import { codeOf, isFileError, type System } from "../system.ts";
import { headWord, wantsColor } from "../view/terminal.ts";

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
  /** What stood behind `maestro` on the command line. */
  readonly words: readonly string[];
  /** Set by the command; the process ends with it. */
  exitCode: number;
}

/** A command that returns its exit code; `this` is the context, as stricli hands it over. */
export type Command<FLAGS, ARGS extends readonly unknown[] = []> = (
  context: Context,
  flags: FLAGS,
  ...args: ARGS
) => number | Promise<number>;

/** Wraps a command so that mistakes of users become messages and all else a report of a bug. */
export function guarded<FLAGS, ARGS extends readonly unknown[]>(command: Command<FLAGS, ARGS>) {
  return async function (this: Context, flags: FLAGS, ...args: ARGS): Promise<void> {
    try {
      this.exitCode = await command(this, flags, ...args);
    } catch (error) {
      this.exitCode = report(this, await explained(this.system, error));
    }
  };
}

/** An error of the file system with what the user needs to know; any other as it is. */
export async function explained(system: System, error: unknown): Promise<unknown> {
  if (!isFileError(error, "EACCES", "EPERM")) return error;
  const { deniedAccess } = await import("./denied.ts");
  return await deniedAccess(system, error as Error) ?? error;
}

/** Whether an answer agrees: y or yes, in any case. */
export const isYes = (answer: string | undefined) =>
  ["y", "yes"].includes((answer ?? "").trim().toLowerCase());

/** Tells the user what went wrong; returns the exit code. */
export function report({ system, version }: Pick<Context, "system" | "version">, error: unknown): number {
  if (error instanceof UserError) {
    const styled = wantsColor(system.stderr.isTerminal, system.env);
    system.stderr.write(`${headWord("error", styled)} ${error.message}\n`);
    if (error.hint !== undefined) system.stderr.write(`${headWord("hint", styled)} ${error.hint}\n`);
    return error.exitCode;
  }
  const code = codeOf(error);
  if (code !== undefined) {
    system.stderr.write(`error: ${(error as Error).message}\n`);
    return ["ENOENT", "ENOTDIR", "EISDIR", "ENOTPLAIN"].includes(code) ? EXIT.noInput : EXIT.cannotCreate;
  }
  const told = error instanceof Error ? error.stack ?? error.message : String(error);
  system.stderr.write(`This is a bug in maestro ${version}; please report it with what follows.\n${told}\n`);
  return EXIT.bug;
}
