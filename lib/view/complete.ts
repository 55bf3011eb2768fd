/** Completion: candidates for the last word of a command line. */

import { visible } from "../cells.ts";
import { SHOWN_STATES } from "../study/states.ts";

/** A command as far as completion is concerned. */
export interface Completable {
  readonly name: string;
  readonly brief: string;
  readonly flags: readonly CompletableFlag[];
  readonly arguments: readonly { readonly placeholder: string }[];
}

export interface CompletableFlag {
  readonly name: string;
  readonly short?: string;
  readonly placeholder?: string;
  readonly values: readonly string[];
  readonly brief: string;
}

export interface Candidate {
  readonly word: string;
  readonly about: string;
}

/** What is only known by looking: asked when it is needed. */
export interface Known {
  studies(): readonly string[];
  /** Names of steps and of their combinations, of the study in a folder. */
  steps(directory: string): Promise<readonly string[]>;
  /** `NAME=VALUE` of all parameters of a study. */
  parameters(directory: string): Promise<readonly string[]>;
}

/**
 * `words`: those after the program's name; the last one may be incomplete. No candidates: a file name may
 * follow.
 */
export async function complete(
  words: readonly string[],
  commands: readonly Completable[],
  common: readonly CompletableFlag[],
  known: Known,
): Promise<Candidate[]> {
  const current = words.at(-1) ?? "";
  const { command, flag, given } = readWords(words.slice(0, -1), commands, common);
  const flags = [...command?.flags ?? [], ...common];
  let candidates: Candidate[];
  const [, long, value] = /^--([^=]+)=(.*)$/s.exec(current) ?? [];
  if (flag) candidates = await valuesOf(flag, given[0], known);
  else if (value !== undefined) {
    const named = flags.find(({ name }) => name === long);
    const values = named ? await valuesOf(named, given[0], known) : [];
    candidates = values.map(({ word, about }) => ({ word: `--${long}=${word}`, about }));
  } else if (current.startsWith("-")) {
    candidates = flags.map(({ name, brief }) => ({ word: `--${name}`, about: brief }));
  } else if (!command) candidates = commands.map(({ name, brief }) => ({ word: name, about: brief }));
  else candidates = await argumentsFor(command, given, known);
  return candidates.filter(({ word }) => word.startsWith(current) && visible(word) === word);
}

interface Read {
  readonly command: Completable | undefined;
  /** The last word is a flag that wants its value. */
  readonly flag: CompletableFlag | undefined;
  /** Arguments that are already there. */
  readonly given: readonly string[];
}

function readWords(
  words: readonly string[],
  commands: readonly Completable[],
  common: readonly CompletableFlag[],
): Read {
  let command: Completable | undefined;
  let flag: CompletableFlag | undefined;
  const given: string[] = [];
  for (const word of words) {
    if (flag) flag = undefined;
    else if (word.startsWith("-") && word !== "-") {
      const found = [...command?.flags ?? [], ...common].find(({ name, short }) =>
        word === `--${name}` || word === `-${short}`
      );
      flag = found?.placeholder === undefined ? undefined : found;
    } else if (!command) command = commands.find(({ name }) => name === word);
    else given.push(word);
  }
  return { command, flag, given };
}

const plain = (words: readonly string[]): Candidate[] => words.map((word) => ({ word, about: "" }));

async function valuesOf(
  flag: CompletableFlag,
  directory: string | undefined,
  known: Known,
): Promise<Candidate[]> {
  if (flag.values.length > 0) return plain(flag.values);
  if (flag.name === "state") return plain(SHOWN_STATES);
  // The study may come after the flag, where nobody has written it yet. Then it is the newest.
  if (flag.name === "step") return plain(await known.steps(directory ?? "last"));
  return flag.name === "param" ? plain(await known.parameters(directory ?? "last")) : [];
}

async function argumentsFor(
  command: Completable,
  given: readonly string[],
  known: Known,
): Promise<Candidate[]> {
  const placeholder = command.arguments[Math.min(given.length, command.arguments.length - 1)]?.placeholder ??
    "";
  if (placeholder === "SHELL") return given.length === 0 ? plain(["bash", "zsh", "fish"]) : [];
  if (placeholder === "DIR [STEP]" && given.length > 0) {
    return plain([...await known.steps(given[0]!), ...await known.parameters(given[0]!)]);
  }
  if (!placeholder.includes("DIR") || command.name === "list") return [];
  const studies = known.studies();
  const newest = { word: "last", about: "the newest study below this folder" };
  return studies.length === 0 ? [] : [...plain(studies), newest];
}
