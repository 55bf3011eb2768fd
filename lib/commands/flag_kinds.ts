/** Kinds of flags and arguments, and the parts that the definition of a command supplies. */

import { type Command, numberParser } from "@stricli/core";
import type { FlagTable } from "../command_line.ts";
import type { Context } from "../app/context.ts";

/** Facts about a flag that only help and the man page show. */
export interface Shown {
  /** The value without the flag. */
  readonly preset?: string;
  readonly group?: string;
}

const shown = (preset: string | undefined): Shown => preset === undefined ? {} : { preset };

export const number = (brief: string, placeholder: string, preset?: string) =>
  ({ kind: "parsed", parse: numberParser, brief, placeholder, optional: true, ...shown(preset) }) as const;
export const flag = (brief: string) =>
  ({ kind: "boolean", brief, optional: true, withNegated: false }) as const;
export const text = (brief: string, placeholder: string, preset?: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true, ...shown(preset) }) as const;
export const choice = <const WORDS extends readonly string[]>(values: WORDS, brief: string, preset: string) =>
  ({ kind: "enum", values, brief, optional: true, ...shown(preset) }) as const;
export const texts = (brief: string, placeholder: string) =>
  ({
    kind: "parsed",
    parse: String,
    brief: `${brief}; repeatable`,
    placeholder,
    optional: true,
    variadic: true,
  }) as const;
export const spec = {
  brief: 'Spec, a YAML file; "-" reads standard input',
  parse: String,
  placeholder: "SPEC",
};
export const directory = {
  brief: 'Folder of a study, or "last": the newest study below the current folder',
  parse: String,
  placeholder: "DIR",
};

/** Options of all commands that read a spec. */
export const specFlags = grouped("Parameters", {
  pgen: text(
    "Take parameters from a CSV, JSON or YAML file, or from a generator: Python for Maestro, or an executable",
    "FILE",
  ),
  pargs: texts("Argument of the generator", "KEY:VALUE"),
  define: texts("Replace the text of a variable of the spec", "NAME=VALUE"),
});

/** The flags under a heading in help. */
export function grouped<FLAGS extends Readonly<Record<string, object>>>(group: string, flags: FLAGS): FLAGS {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, { ...flag, group }])) as FLAGS;
}

/** The same for commands that only look at a spec, which may be a stranger's. */
export const lookFlags = {
  ...specFlags,
  "run-generators": flag("Run the program that the spec names as its parameter generator"),
};

/** A command's flags, for `command_line.ts`. */
export function flagTable({ parameters: { flags = {}, aliases = {} } }: Command<Context>): FlagTable {
  const names = Object.keys(flags);
  const isSwitch = (name: string) => flags[name]!.kind === "boolean";
  return {
    values: names.filter((name) => !isSwitch(name)),
    switches: names.filter(isSwitch),
    short: aliases as Readonly<Record<string, string>>,
  };
}
