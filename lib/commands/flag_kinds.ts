/** Kinds of flags and arguments, and what the definition of a command tells of its own. */

import { type Command, numberParser } from "@stricli/core";
import type { FlagTable } from "../command_line.ts";
import type { Context } from "../app/context.ts";

export const number = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: numberParser, brief, placeholder, optional: true }) as const;
export const flag = (brief: string) =>
  ({ kind: "boolean", brief, optional: true, withNegated: false }) as const;
export const text = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true }) as const;
export const texts = (brief: string, placeholder: string) =>
  ({
    kind: "parsed",
    parse: String,
    brief: `${brief}; may be repeated`,
    placeholder,
    optional: true,
    variadic: true,
  }) as const;
export const spec = { brief: "Spec, a YAML file; - is standard input", parse: String, placeholder: "SPEC" };
export const directory = {
  brief: 'Folder of a study; "last" is the newest one below this folder',
  parse: String,
  placeholder: "DIR",
};

/** Of all commands that read a spec. */
export const specFlags = {
  pgen: text(
    "Parameters from a generator (Python of Maestro's, or an executable) or a CSV, JSON or YAML file",
    "FILE",
  ),
  pargs: texts("What the generator is told", "KEY:VALUE"),
  define: texts("Another text for a variable of the spec", "NAME=VALUE"),
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
