/** Messages for users about parameters from outside the spec, and about new texts for its variables. */

import { EXIT, UserError } from "./errors.ts";

export function pargsWithoutPgen(): UserError {
  const hint = "Name the parameter generator with --pgen FILE.";
  return new UserError("--pargs needs --pgen", EXIT.usage, hint);
}

/** In Maestro's words. */
export function badParg(item: string): UserError {
  return new UserError(
    `'${item}' is not capable of being split by the token ':'. Verify that all other parameters are formatted properly.`,
    EXIT.usage,
    "Write it as KEY:VALUE.",
  );
}

export function bothFromInput(): UserError {
  return new UserError(
    "Spec and parameters cannot both come from standard input",
    EXIT.usage,
    "Save one of them to a file.",
  );
}

export function badDefine(item: string): UserError {
  return new UserError(`--define takes NAME=VALUE, not "${item}"`, EXIT.usage);
}

export function unknownDefine(name: string, guess: string | undefined): UserError {
  const hint = guess ?? "--define sets variables and labels of the spec.";
  return new UserError(`The spec has no variable "${name}"`, EXIT.usage, hint);
}

export function generatorNotFound(file: string, near: string | undefined): UserError {
  const hint = near === undefined
    ? "A path in a spec starts at the folder of the spec, a path of --pgen at the current folder."
    : `Did you mean "${near}"?`;
  return new UserError(`No such parameter generator: ${file}`, EXIT.noInput, hint);
}

export function generatorNotExecutable(file: string): UserError {
  const hint = "Use a file that ends in .py, .csv, .json or .yaml, or make it executable with chmod +x.";
  return new UserError(`${file} is not a parameter generator`, EXIT.badSpec, hint);
}

export function generatorNotRun(file: string): UserError {
  return new UserError(
    `The parameter generator ${file} is not run: the spec names it, and it may do anything`,
    EXIT.usage,
    "Read the program. If you trust it, add --run-generators.",
  );
}

export function noPython(file: string): UserError {
  const hint = "Load a module with Python 3, or write the parameters to a CSV or JSON file.";
  return new UserError(`${file} is a generator in Python, but python3 is not installed`, EXIT.badSpec, hint);
}

export function generatorFailed(file: string, code: number): UserError {
  return new UserError(
    `The parameter generator ${file} failed with exit code ${code}`,
    EXIT.badSpec,
    "Its output is above this message.",
  );
}

export function generatorTooSlow(file: string, seconds: number): UserError {
  const hint = "Set MAESTRO_PGEN_TIMEOUT to a larger number of seconds.";
  return new UserError(
    `The parameter generator ${file} did not end in ${seconds} seconds`,
    EXIT.badSpec,
    hint,
  );
}

export function generatorRefused(file: string, why: string): UserError {
  return new UserError(`${file} is not a parameter generator: ${why}`, EXIT.badSpec);
}

const EXPECTED = {
  csv: "Expected CSV: a row of names, then a row of values for each combination",
  json:
    `JSON: {"SIZE": {"values": [1, 2], "label": "SIZE.%%"}}, or a list of rows: [{"SIZE": 1}, {"SIZE": 2}]`,
  yaml: "Expected parameters as in global.parameters: SIZE: {values: [1, 2], label: SIZE.%%}",
};

export function unreadableParameters(
  source: string,
  format: "csv" | "json" | "yaml",
  why: string,
): UserError {
  const hint = format === "yaml" ? `${EXPECTED.yaml}.` : `${EXPECTED.csv}; or ${EXPECTED.json}.`;
  return new UserError(`${source} does not hold parameters: ${why}`, EXIT.badSpec, hint);
}
