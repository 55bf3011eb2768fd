/** Messages for users about things to show that do not exist; see `errors.ts`. */

import { shellWord } from "./shell_words.ts";
import { BAD_COMMAND_LINE, EXIT, UserError } from "./errors.ts";

export function noStudiesBelow(directory: string): UserError {
  return new UserError(
    `No study below ${directory}`,
    EXIT.noInput,
    '"last" means the newest study below the current folder. Change to a folder above your studies, or name a study.',
  );
}

export function noSuchParameter(name: string, guess: string | undefined): UserError {
  return new UserError(`No parameter "${name}" in this study`, EXIT.noInput, guess);
}

export function noSuchColumn(
  flag: string,
  name: string,
  names: readonly string[],
  guess: string | undefined,
): UserError {
  const listed = names.slice(0, LISTED_COLUMNS).join(", ");
  const more = names.length > LISTED_COLUMNS ? `, and ${names.length - LISTED_COLUMNS} more` : "";
  const hint = guess ?? `Columns are ${listed}${more}.`;
  return new UserError(`--${flag}: the results have no column "${name}"`, EXIT.noInput, hint);
}

/** Most names in the hint of a message. */
const LISTED_COLUMNS = 12;

export function badCondition(text: string): UserError {
  return new UserError(
    `--where takes a condition, not "${text}"`,
    EXIT.usage,
    "Write NAME=VALUE, or one of != < <= > >= in place of =. Put quotes around it.",
  );
}

export function badAxis(word: string): UserError {
  return new UserError(
    `--plot takes axes, not "${word}"`,
    EXIT.usage,
    "Write --plot x=NAME y=NAME, with names of parameters and results.",
  );
}

export function notAlone(flag: string, other: string): UserError {
  return new UserError(`--${flag} needs --${other}`, BAD_COMMAND_LINE);
}

export function nothingToDraw(x: string, y: string, why: string): UserError {
  return new UserError(`No row has a number for ${y} and a value for ${x}`, EXIT.noInput, why);
}

export function noLogAxis(axis: string, name: string): UserError {
  return new UserError(
    `The ${axis} axis cannot be logarithmic: not all values of ${name} are numbers`,
    EXIT.usage,
  );
}

export function tooManySeries(by: string, count: number, most: number): UserError {
  return new UserError(
    `--by ${by} gives ${count} series, but there are signs for ${most}`,
    EXIT.usage,
    "Choose a part with --where or --param, or another name.",
  );
}

export function notAPair(flag: string, item: string): UserError {
  return new UserError(`--${flag} takes NAME=VALUE, not "${item}"`, EXIT.usage);
}

export function noSuchState(word: string, states: readonly string[]): UserError {
  return new UserError(`There is no state "${word}"`, EXIT.usage, `States are ${states.join(", ")}.`);
}

export function noSuchSortKey(word: string, keys: readonly string[]): UserError {
  const hint = `Keys are ${
    keys.join(", ")
  }, and the study's parameters; a "-" before a key reverses the order.`;
  return new UserError(`Rows cannot be sorted by "${word}"`, EXIT.usage, hint);
}

export function badCount(flag: string): UserError {
  return new UserError(`--${flag} takes a whole number of at least 0`, EXIT.usage);
}

export function notTogether(...flags: string[]): UserError {
  return new UserError(
    `${flags.map((flag) => `--${flag}`).join(" and ")} cannot be given together`,
    BAD_COMMAND_LINE,
  );
}

/** Most step names in the list of a message. */
const LISTED = 5;

export function severalSteps(words: readonly string[], names: readonly string[]): UserError {
  const more = names.length > LISTED ? `, and ${names.length - LISTED} more` : "";
  return new UserError(
    `${names.length} steps match "${words.join(" ")}"`,
    EXIT.usage,
    `Name one of them: ${names.slice(0, LISTED).join(", ")}${more}.`,
  );
}

export function noStepBy(words: readonly string[]): UserError {
  return new UserError(`No step matches "${words.join(" ")}"`, EXIT.noInput, "`maestro status` lists them.");
}

export function nothingFailed(): UserError {
  return new UserError("No step has failed, so name a step", EXIT.usage, "`maestro status` lists them.");
}

export function notRunYet(name: string): UserError {
  return new UserError(
    `Step "${name}" has no logs, because it has not run yet`,
    EXIT.noInput,
    "`maestro status` shows its state.",
  );
}

export function noSuchAttempt(name: string, attempt: number, attempts: number): UserError {
  const hint = attempts === 1 ? "It was submitted once." : `It was submitted ${attempts} times.`;
  return new UserError(`Step "${name}" has no attempt ${attempt}`, EXIT.noInput, hint);
}

export function noLogFile(name: string, workspace: string): UserError {
  return new UserError(
    `Step "${name}" has no log file in ${workspace}`,
    EXIT.noInput,
    "Some schedulers write it when the job ends.",
  );
}

export function noScriptFile(name: string, workspace: string): UserError {
  return new UserError(`Step "${name}" has no script in ${workspace}`, EXIT.noInput, "It has not run yet.");
}

export function needsWholeTerminal(isTerminal: boolean, term: string): UserError {
  const why = isTerminal
    ? `The terminal (TERM=${term}) cannot move its cursor`
    : "tui needs a terminal for its input and its output";
  return new UserError(
    why,
    EXIT.usage,
    "`maestro list`, `maestro status` and `maestro logs` print the same.",
  );
}

export function tooLargeAPicture(): UserError {
  return new UserError(
    "The graph has too many steps and lines for a picture",
    EXIT.usage,
    "Fold it with --fold, or use --format dot with a program for large graphs.",
  );
}

export function noSuchShell(word: string, shells: readonly string[]): UserError {
  return new UserError(
    `There are no completions for "${word}"`,
    EXIT.usage,
    `Shells are ${shells.join(", ")}.`,
  );
}

export function exportExists(target: string): UserError {
  return new UserError(
    `${target} already exists`,
    EXIT.cannotCreate,
    "It is unchanged. Choose another path with -o.",
  );
}

export function exportInStudy(target: string, root: string): UserError {
  return new UserError(
    `${target} is in the study's own folder, ${root}`,
    EXIT.cannotCreate,
    "Choose a path outside of it with -o.",
  );
}

export function cannotExport(target: string, why: string): UserError {
  return new UserError(`Cannot create ${target}: ${why}`, EXIT.cannotCreate, "Choose another path with -o.");
}

export function neverRun(root: string, dry: boolean): UserError {
  const hint = dry ? "A dry run only writes scripts." : `\`maestro conduct ${shellWord(root)}\` runs it.`;
  return new UserError(
    `The study in ${root} has not run yet: nothing to export`,
    EXIT.noInput,
    hint,
  );
}

export function tooLargeForZip(target: string): UserError {
  return new UserError(
    `${target} would exceed the limits of a zip file: 65,535 files, 4 GiB`,
    EXIT.cannotCreate,
    "Choose a folder with -o.",
  );
}

export function cannotWritePlot(file: string, why: string): UserError {
  return new UserError(
    `Cannot write the plot to ${file}: ${why}`,
    EXIT.cannotCreate,
    "--svg FILE names another file, --svg - is standard output.",
  );
}

export function cannotWriteReport(file: string, why: string): UserError {
  return new UserError(
    `Cannot write the report to ${file}: ${why}`,
    EXIT.cannotCreate,
    "-o FILE writes it to another file, -o - to standard output.",
  );
}
