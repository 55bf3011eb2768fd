/**
 * `maestro status` of studies and nothing else, without the parser of command lines. To load the parser takes as long
 * as all else that a small study needs, and no command is called as often. A test compares both ways.
 */

import type { System } from "../system.ts";
import type { StatusFlags } from "./status.ts";

/** Options of `status` that have no value, and mean the same wherever they are. */
const SWITCHES = ["json", "ndjson", "csv", "exit-code"] as const;

/** What the parser would pass to the command. Undefined for all words that only the parser understands. */
export function plainStatus(words: readonly string[]): { flags: StatusFlags; named: string[] } | undefined {
  const [command, ...rest] = words;
  if (command !== "status") return undefined;
  const flags: { -readonly [NAME in keyof StatusFlags]: StatusFlags[NAME] } = {};
  const named: string[] = [];
  for (const word of rest) {
    const known = SWITCHES.find((name) => word === `--${name}`);
    if (known !== undefined && flags[known] === undefined) flags[known] = true;
    else if (known !== undefined || word === "" || word.startsWith("-")) return undefined;
    else named.push(word);
  }
  return { flags, named };
}

/** Runs it, and returns the exit code. */
export async function runPlainStatus(
  system: System,
  words: readonly string[],
  { flags, named }: { flags: StatusFlags; named: string[] },
): Promise<number> {
  const { default: status } = await import("./status.ts");
  const { contextOf } = await import("../app/context.ts");
  const context = contextOf(system, words);
  await status.call(context, flags, ...named);
  return context.exitCode;
}
