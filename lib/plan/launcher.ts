/**
 * `$(LAUNCHER)`: the word in a command that becomes `mpirun -n 4`, or whatever the scheduler starts parallel
 * programs with.
 *
 * Bare, it stands for all nodes and procs of the step. With a size in brackets right behind it, it stands for that
 * much: `[1n, 4p]`, `[4p, 1n]`, `[1n 4p]`, `[4p]`, `[1n]`, or nodes and procs by place, `[1, 4]`. What a size does not
 * name is left to the launcher: `[4p]` sets no nodes, `[2n]` no procs. Each is checked by itself against the step:
 * commands that follow one another may each use all of it.
 *
 * Only brackets that hold nothing but letters, digits, commas, blanks and tokens are a size. `$(LAUNCHER)[ -f x ]` is
 * a bare launcher and text.
 */

import { quote } from "../shell_words.ts";
import type { Resources } from "./types.ts";

/** Makes the launcher's words for so many nodes and procs; an empty list makes the token vanish. */
export type Launch = (nodes: number | undefined, procs: number | undefined) => string[];

/** A command with its launchers filled in, and what was wrong with their sizes; a wrong one is left as it stands. */
export interface Launched {
  readonly text: string;
  readonly problems: string[];
}

interface Size {
  readonly nodes?: number;
  readonly procs?: number;
}

/** Groups: what is in the brackets, the blanks behind. A bracket never reaches past its line or the first `]`. */
const TOKEN = /\$\(LAUNCHER\)(?:\[([\w.=, \t${}()]*)\])?([ \t]*)/g;

/** Fills in every `$(LAUNCHER)` of a command. */
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

/** Takes every `$(LAUNCHER)` away, sizes and the blanks behind included: what a step without a scheduler runs. */
export function dropLauncher(cmd: string): string {
  return cmd.replace(TOKEN, "");
}

/** Undefined when it is none: `p`, `4`, `2n 3n`, `0p`, a token that nobody knew. */
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

/** How a size goes beyond the step's. What the step does not name has no bound. */
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
  return `${token} has no size that can be read; write $(LAUNCHER)[1n, 4p], [4p], [1n] or [1, 4] (nodes, procs)`;
}

/** One word to the shell. `$` and `{}` are left alone: a value may name a variable of the job's environment. */
function launchWord(word: string): string {
  return /^[\w@%+=:,./${}-]+$/.test(word) ? word : quote(word);
}
