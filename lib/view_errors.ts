/** What users are told when what they want to see is not there; see `errors.ts`. */

import { shellWord } from "./shell_words.ts";
import { BAD_COMMAND_LINE, EXIT, UserError } from "./errors.ts";

export function noStudiesBelow(directory: string): UserError {
  return new UserError(
    `No study below ${directory}`,
    EXIT.noInput,
    '"last" is the newest study below the current folder.',
  );
}

export function noSuchParameter(name: string, guess: string | undefined): UserError {
  return new UserError(`No parameter "${name}" in this study`, EXIT.noInput, guess);
}

export function notAPair(flag: string, item: string): UserError {
  return new UserError(`--${flag} takes NAME=VALUE, not "${item}"`, EXIT.usage);
}

export function noSuchState(word: string, states: readonly string[]): UserError {
  return new UserError(`There is no state "${word}"`, EXIT.usage, `States are ${states.join(", ")}.`);
}

export function noSuchSortKey(word: string, keys: readonly string[]): UserError {
  const hint = `Keys are ${keys.join(", ")}, and the study's parameters; a "-" before one turns the order.`;
  return new UserError(`Rows cannot be sorted by "${word}"`, EXIT.usage, hint);
}

export function badCount(flag: string): UserError {
  return new UserError(`--${flag} takes a whole number from 0`, EXIT.usage);
}

export function notTogether(...flags: string[]): UserError {
  return new UserError(
    `${flags.map((flag) => `--${flag}`).join(" and ")} cannot be given together`,
    BAD_COMMAND_LINE,
  );
}

/** Names listed of steps that are meant alike. */
const LISTED = 5;

export function severalSteps(words: readonly string[], names: readonly string[]): UserError {
  const more = names.length > LISTED ? `, and ${names.length - LISTED} more` : "";
  return new UserError(
    `${names.length} steps are "${words.join(" ")}"`,
    EXIT.usage,
    `Name one of them: ${names.slice(0, LISTED).join(", ")}${more}.`,
  );
}

export function noStepBy(words: readonly string[]): UserError {
  return new UserError(`No step is "${words.join(" ")}"`, EXIT.noInput, "`maestro status` lists them.");
}

export function nothingFailed(): UserError {
  return new UserError("No step has failed; name the one whose logs to show", EXIT.usage);
}

export function notRunYet(name: string): UserError {
  return new UserError(`Step "${name}" has not run yet: it has no logs`, EXIT.noInput);
}

export function noSuchAttempt(name: string, attempt: number, attempts: number): UserError {
  const hint = attempts === 1 ? "It was submitted once." : `It was submitted ${attempts} times.`;
  return new UserError(`Step "${name}" has no attempt ${attempt}`, EXIT.noInput, hint);
}

export function noLogFile(name: string, workspace: string): UserError {
  return new UserError(
    `Step "${name}" has no log file in ${workspace}`,
    EXIT.noInput,
    "A scheduler may write it only when the job ends.",
  );
}

export function noScriptFile(name: string, workspace: string): UserError {
  return new UserError(`Step "${name}" has no script in ${workspace}`, EXIT.noInput, "It has not run yet.");
}

export function tooLargeAPicture(): UserError {
  return new UserError(
    "There are too many steps and lines for a picture",
    EXIT.usage,
    "Fold them with --fold, or give --format dot to a program for large graphs.",
  );
}

export function noSuchShell(word: string, shells: readonly string[]): UserError {
  return new UserError(
    `There are no completions for "${word}"`,
    EXIT.usage,
    `There are some for ${shells.join(", ")}.`,
  );
}

export function exportExists(target: string): UserError {
  return new UserError(
    `${target} is there already`,
    EXIT.cannotCreate,
    "It is left as it is. Name another place with -o.",
  );
}

export function exportInStudy(target: string, root: string): UserError {
  return new UserError(
    `${target} is in the study's own folder, ${root}`,
    EXIT.cannotCreate,
    "Name a place outside of it with -o.",
  );
}

export function cannotExport(target: string, why: string): UserError {
  return new UserError(`${target} cannot be made: ${why}`, EXIT.cannotCreate, "Name another place with -o.");
}

export function neverRun(root: string, dry: boolean): UserError {
  const hint = dry ? "A dry run is none." : `\`maestro conduct ${shellWord(root)}\` runs it.`;
  return new UserError(
    `The study in ${root} has not been run: there is no run to export`,
    EXIT.noInput,
    hint,
  );
}

export function tooLargeForZip(target: string): UserError {
  return new UserError(
    `${target} would be larger than a zip file can be: 65,535 files, 4 GiB`,
    EXIT.cannotCreate,
    "Name a folder with -o.",
  );
}

export function cannotWriteReport(file: string, why: string): UserError {
  return new UserError(
    `The report cannot be written to ${file}: ${why}`,
    EXIT.cannotCreate,
    "-o FILE writes it elsewhere, -o - to standard output.",
  );
}
