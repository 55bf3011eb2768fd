/**
 * `$(LAUNCHER)`: the word in a command that becomes `mpirun -n 4`, or whatever the scheduler starts parallel
 * programs with.
 *
 * Alone, it means all nodes and procs of the step. A size in brackets directly after it means that many:
 * `[1n, 4p]`, `[4p, 1n]`, `[1n 4p]`, `[4p]`, `[1n]`, or nodes and procs by position, `[1, 4]`. The launcher
 * chooses what a size does not name: `[4p]` sets no nodes, `[2n]` no procs. Each size is compared with the
 * step's resources separately, because consecutive commands may each use all of them.
 *
 * Brackets are a size only if they contain nothing but letters, digits, commas, blanks and tokens.
 * `$(LAUNCHER)[ -f x ]` is a launcher without a size, and text.
 */

import { quote } from "../shell_words.ts";
import type { Resources } from "./types.ts";

/** Makes the launcher's words for a number of nodes and procs. For an empty list, the token is removed. */
export type Launch = (nodes: number | undefined, procs: number | undefined) => string[];

/**
 * A command with its launchers replaced, and the problems of their sizes. An invalid launcher remains
 * unchanged.
 */
export interface Launched {
  readonly text: string;
  readonly problems: string[];
}

interface Size {
  readonly nodes?: number;
  readonly procs?: number;
}

/**
 * Groups: the content of the brackets, the blanks after it. A bracket never extends beyond its line or the
 * first `]`.
 */
const TOKEN = /\$\(LAUNCHER\)(?:\[([\w.=, \t${}()]*)\])?([ \t]*)/g;

/** Replaces every `$(LAUNCHER)` of a command. */
export function replaceLauncher(cmd: string, resources: Resources, launch: Launch): Launched {
  const problems = new Set<string>();
  const text = cmd.replace(TOKEN, (whole: string, bracket: string | undefined, blanks: string) => {
    const token = whole.slice(0, whole.length - blanks.length);
    const size = bracket === undefined ? resources : readSize(bracket);
    const found = size === undefined ? [notASize(token)] : excesses(token, size, resources);
    if (size === undefined || found.length > 0) {
      for (const problem of found) problems.add(problem);
      return whole;
    }
    const words = launch(size.nodes || undefined, size.procs || undefined);
    return words.length === 0 ? "" : words.map(launchWord).join(" ") + blanks;
  });
  return { text, problems: [...problems] };
}

/** Removes every `$(LAUNCHER)` with its size and the blanks after it, for a step without a scheduler. */
export function dropLauncher(cmd: string): string {
  return cmd.replace(TOKEN, "");
}

/** Undefined if it is not a size: `p`, `4`, `2n 3n`, `0p`, an unknown token. */
function readSize(bracket: string): Size | undefined {
  const byPlace = /^\s*(\d+)\s*,\s*(\d+)\s*$/.exec(bracket);
  if (byPlace) return positive({ nodes: Number(byPlace[1]), procs: Number(byPlace[2]) });
  const size: { nodes?: number; procs?: number } = {};
  const counts = /(\d+)\s*([np])/g;
  for (const [, digits, unit] of bracket.matchAll(counts)) {
    const key = unit === "n" ? "nodes" : "procs";
    if (size[key] !== undefined) return undefined;
    size[key] = Number(digits);
  }
  return /^[\s,]*$/.test(bracket.replace(counts, "")) ? positive(size) : undefined;
}

function positive(size: Size): Size | undefined {
  const counts = Object.values(size);
  return counts.length > 0 && counts.every((count) => count > 0) ? size : undefined;
}

/** How a size exceeds that of the step. A resource that the step does not name has no limit. */
function excesses(token: string, size: Size, resources: Resources): string[] {
  return (["nodes", "procs"] as const).flatMap((key) => {
    const asked = size[key];
    const given = resources[key];
    return asked && given && asked > given
      ? [`${token} asks for ${asked} ${key}, but the step has ${given}`]
      : [];
  });
}

function notASize(token: string): string {
  return `${token} has an invalid size; write $(LAUNCHER)[1n, 4p], [4p], [1n] or [1, 4] (nodes, procs)`;
}

/** One word for the shell. `$` and `{}` are kept: a value may name a variable of the job's environment. */
function launchWord(word: string): string {
  return /^[\w@%+=:,./${}-]+$/.test(word) ? word : quote(word);
}
