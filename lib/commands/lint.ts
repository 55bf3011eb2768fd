/** `maestro lint`: all problems of a spec at once. It writes nothing. */

import { addAll } from "../spec/problem.ts";
import { counted, EXIT, UserError } from "../errors.ts";
import type { PlacedProblem } from "../spec/types.ts";
import { guarded } from "../app/context.ts";
import { loadSpec, problemReport } from "../app/load_spec.ts";
import type { LookFlags } from "../app/parameters.ts";
import { chooseRoot } from "./run.ts";

export interface LintFlags extends LookFlags {
  readonly json?: boolean;
  readonly portable?: boolean;
}

export default guarded<LintFlags, string[]>(async (context, flags, ...files) => {
  const { system } = context;
  const problems: PlacedProblem[] = [];
  const missing: { file: string; error: UserError }[] = [];
  for (const file of files) {
    try {
      const found = await loadSpec(system, file, {
        ...flags,
        hashWorkspaces: false,
        notes: true,
        looks: "warn",
        chooseRoot: (spec) => chooseRoot(system, spec, undefined),
      });
      addAll(problems, found.problems);
    } catch (error) {
      // A missing file must not hide the problems of the others.
      if (!(error instanceof UserError)) throw error;
      missing.push({ file, error });
    }
  }
  const count = (wanted: string) => problems.filter(({ level }) => level === wanted).length;
  const [errors, warnings, notes] = [count("error"), count("warning"), count("note")];
  if (flags.json) {
    const all = [...problems.map(problemJson), ...missing.map(missingJson)];
    system.stdout.write(JSON.stringify({ version: 1, problems: all }, null, 2) + "\n");
    if (missing.length > 0) return missing[0]!.error.exitCode;
  } else system.stderr.write(problemReport(system, problems));
  if (missing.length > 0) throw missing[0]!.error;
  if (!flags.json) {
    const more = notes > 0 ? `, ${counted(notes, "note")}` : "";
    system.stderr.write(`${counted(errors, "error")}, ${counted(warnings, "warning")}${more}\n`);
  }
  return errors > 0 ? EXIT.badSpec : EXIT.ok;
});

/** A file that cannot be read has no line. */
function missingJson({ file, error: { message, hint } }: { file: string; error: UserError }) {
  return {
    ...{ level: "error", message, file, line: null, column: null, source: null },
    ...{ hint: hint ?? null, path: [] },
  };
}

function problemJson({ level, message, file, line, column, source, hint, path }: PlacedProblem) {
  return { level, message, file, line, column, source, hint: hint ?? null, path };
}
