/** Messages about a command line that cannot be read: the parser's findings in the form of all our errors. */

import {
  type AliasNotFoundError,
  type ApplicationText,
  type ArgumentParseError,
  ArgumentScannerError,
  type EnumValidationError,
  type FlagNotFoundError,
  formatMessageForArgumentScannerError,
  text_en,
  type UnexpectedPositionalError,
  type UnsatisfiedFlagError,
  type UnsatisfiedPositionalError,
} from "@stricli/core";

const SEE_HELP = "`maestro --help` lists the commands, `maestro COMMAND --help` the options of one.";

function message(what: string, hint?: string): string {
  return `error: ${what}` + (hint === undefined ? "" : `\nhint: ${hint}`);
}

function unknown(what: string, corrections: readonly string[]): string {
  const guess = corrections.map((word) => `"${word.replaceAll("`", "")}"`).join(" or ");
  return message(`Unknown ${what}`, guess === "" ? SEE_HELP : `Did you mean ${guess}?`);
}

/** What an option takes, from the error of its reader. */
function taken(error: string): string {
  if (error.includes("length of time")) return "a length of time such as 90s, 30m, 2h or 1-12:00:00";
  return error.includes("number") ? "a number" : "no value";
}

const WORDING = {
  FlagNotFoundError: ({ input, corrections }: FlagNotFoundError) =>
    unknown(`option --${input.replace(/^--/, "")}`, corrections.map((word) => `--${word}`)),
  AliasNotFoundError: ({ input }: AliasNotFoundError) => unknown(`option -${input.replace(/^-/, "")}`, []),
  ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, input, exception }: ArgumentParseError) =>
    message(`--${name} takes ${taken(String(exception))}, not "${input}"`),
  EnumValidationError: ({ externalFlagName, input, values }: EnumValidationError) =>
    message(`--${externalFlagName} takes ${values.join(" or ")}, not "${input}"`),
  UnsatisfiedFlagError: ({ externalFlagName }: UnsatisfiedFlagError) =>
    message(`--${externalFlagName} needs a value`),
  UnexpectedPositionalError: ({ input }: UnexpectedPositionalError) =>
    message(`Unexpected argument "${input}"`, SEE_HELP),
  UnsatisfiedPositionalError: ({ placeholder }: UnsatisfiedPositionalError) =>
    message(`Missing argument ${placeholder}`, SEE_HELP),
};

/** The parser's texts; those of errors are in our words. */
export const usageText: ApplicationText = {
  ...text_en,
  briefs: {
    ...text_en.briefs,
    help: "Print this help",
    argumentEscapeSequence: "Treat all following words as arguments",
  },
  noCommandRegisteredForInput: ({ input, corrections }) =>
    unknown(input.startsWith("-") ? `option ${input}` : `command "${input}"`, corrections),
  exceptionWhileParsingArguments: (error) =>
    error instanceof ArgumentScannerError
      ? formatMessageForArgumentScannerError(error, WORDING)
      : text_en.exceptionWhileParsingArguments(error, false),
};
