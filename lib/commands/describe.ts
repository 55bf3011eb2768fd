/** The commands as plain data, from their definitions: for completions and the man page. */

import type { Command } from "@stricli/core";
import type { Context } from "../app/context.ts";

export interface FlagFacts {
  readonly name: string;
  readonly short?: string;
  /** What stands for its value in help; undefined: it has none. */
  readonly placeholder?: string;
  /** All that its value may be, where that is a few words. */
  readonly values: readonly string[];
  readonly brief: string;
}

export interface ArgumentFacts {
  readonly placeholder: string;
  readonly brief: string;
  readonly many: boolean;
  readonly optional: boolean;
}

export interface CommandFacts {
  readonly name: string;
  readonly brief: string;
  readonly description: string;
  readonly flags: readonly FlagFacts[];
  readonly arguments: readonly ArgumentFacts[];
}

/** Options that stand before or behind every command. */
export const COMMON_FLAGS: readonly FlagFacts[] = [
  { name: "help", short: "h", values: [], brief: "Help on the command" },
  { name: "version", short: "v", values: [], brief: "The version" },
  {
    name: "debug_lvl",
    short: "d",
    placeholder: "N",
    values: ["1", "2", "3", "4", "5"],
    brief: "Least level that is logged: 1 debug, 2 info (default), 3 warning, 4 error, 5 critical",
  },
  {
    name: "logpath",
    short: "l",
    placeholder: "DIR",
    values: [],
    brief: "Folder for logs instead of the study's logs",
  },
  { name: "logstdout", short: "c", values: [], brief: "Logs to the terminal as well" },
];

export function describe(commands: Readonly<Record<string, Command<Context>>>): CommandFacts[] {
  return Object.entries(commands).map(([name, command]) => ({
    name,
    brief: command.brief,
    description: command.fullDescription ?? "",
    flags: flagsOf(command),
    arguments: argumentsOf(command),
  }));
}

function flagsOf({ parameters: { flags = {}, aliases = {} } }: Command<Context>): FlagFacts[] {
  return Object.entries(flags).map(([name, flag]): FlagFacts => {
    const short = Object.entries(aliases).find(([, long]) => long === name)?.[0];
    const values = flag.kind === "enum" ? [...flag.values] : [];
    const placeholder = flag.kind === "boolean" ? undefined : flag.placeholder ?? name.toUpperCase();
    return {
      name,
      values,
      brief: flag.brief,
      ...(short === undefined ? {} : { short }),
      ...(placeholder === undefined ? {} : { placeholder }),
    };
  });
}

function argumentsOf({ parameters: { positional } }: Command<Context>): ArgumentFacts[] {
  if (!positional) return [];
  const many = positional.kind === "array";
  const parameters = positional.kind === "array" ? [positional.parameter] : positional.parameters;
  return parameters.map(({ placeholder = "", brief, optional }) => ({
    placeholder,
    brief,
    many,
    optional: optional ?? false,
  }));
}
