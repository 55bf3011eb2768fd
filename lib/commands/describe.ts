/** The commands as plain data, from their definitions: for completions and the man page. */

import type { Command } from "@stricli/core";
import type { Context } from "../app/context.ts";
import type { Shown } from "./flag_kinds.ts";

export interface FlagFacts {
  readonly name: string;
  readonly short?: string;
  /** The name of its value in help. Undefined if it has none. */
  readonly placeholder?: string;
  /** All its values, if they are a few words. */
  readonly values: readonly string[];
  readonly brief: string;
  /** The value without the option. */
  readonly preset?: string;
  /** The heading under which help lists it. */
  readonly group?: string;
}

export interface ArgumentFacts {
  readonly placeholder: string;
  readonly brief: string;
  readonly many: boolean;
  readonly optional: boolean;
}

export interface CommandFacts {
  readonly name: string;
  /** The heading under which help lists it. */
  readonly group: string;
  readonly brief: string;
  readonly description: string;
  readonly flags: readonly FlagFacts[];
  readonly arguments: readonly ArgumentFacts[];
}

/** Options that may come before or after every command. */
export const COMMON_FLAGS: readonly FlagFacts[] = [
  { name: "help", short: "h", values: [], brief: "Print help" },
  { name: "version", short: "v", values: [], brief: "Print the version" },
  {
    name: "debug_lvl",
    short: "d",
    placeholder: "N",
    values: ["1", "2", "3", "4", "5"],
    brief: "Lowest level in the log: 1 debug, 2 info, 3 warning, 4 error, 5 critical",
    preset: "2",
  },
  {
    name: "logpath",
    short: "l",
    placeholder: "DIR",
    values: [],
    brief: "Folder for an additional copy of the log",
  },
  { name: "logstdout", short: "c", values: [], brief: "Print the log on the terminal, too" },
];

export function describe(name: string, group: string, command: Command<Context>): CommandFacts {
  return {
    name,
    group,
    brief: command.brief,
    description: command.fullDescription ?? "",
    flags: flagsOf(command),
    arguments: argumentsOf(command),
  };
}

function flagsOf({ parameters: { flags = {}, aliases = {} } }: Command<Context>): FlagFacts[] {
  return Object.entries(flags).map(([name, flag]): FlagFacts => {
    const short = Object.entries(aliases).find(([, long]) => long === name)?.[0];
    const values = flag.kind === "enum" ? [...flag.values] : [];
    const placeholder = flag.kind === "boolean" ? undefined : flag.placeholder ?? name.toUpperCase();
    const { preset, group } = flag as Shown;
    return {
      name,
      values,
      brief: flag.brief,
      ...(preset === undefined ? {} : { preset }),
      ...(group === undefined ? {} : { group }),
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
    optional: optional ?? (positional.kind === "array" && !positional.minimum),
  }));
}
