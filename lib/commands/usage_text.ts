/** Messages about a command line that cannot be read: the parser's findings in the form of all our errors. */

import {
  AliasNotFoundError,
  type ApplicationText,
  ArgumentParseError,
  ArgumentScannerError,
  EnumValidationError,
  FlagNotFoundError,
  text_en,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from "@stricli/core";
import { SEE_HELP } from "../errors.ts";

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

/** By class, because a bundle does not keep the names of classes. */
function wording(error: ArgumentScannerError): string {
  if (error instanceof FlagNotFoundError) {
    const { input, corrections } = error;
    return unknown(`option --${input.replace(/^--/, "")}`, corrections.map((word) => `--${word}`));
  }
  if (error instanceof AliasNotFoundError) return unknown(`option -${error.input.replace(/^-/, "")}`, []);
  if (error instanceof ArgumentParseError) {
    const takes = taken(String(error.exception));
    return message(`--${error.externalFlagNameOrPlaceholder} takes ${takes}, not "${error.input}"`);
  }
  if (error instanceof EnumValidationError) {
    return message(`--${error.externalFlagName} takes ${error.values.join(" or ")}, not "${error.input}"`);
  }
  if (error instanceof UnsatisfiedFlagError) return message(`--${error.externalFlagName} needs a value`);
  if (error instanceof UnexpectedPositionalError) {
    return message(`Unexpected argument "${error.input}"`, SEE_HELP);
  }
  if (error instanceof UnsatisfiedPositionalError) {
    return message(`Missing argument ${error.placeholder}`, SEE_HELP);
  }
  return message(error.message);
}

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
      ? wording(error)
      : text_en.exceptionWhileParsingArguments(error, false),
};
