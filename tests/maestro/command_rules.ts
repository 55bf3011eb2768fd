/** Where the outcome of a command line differs from the original's on purpose. */

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
}

export interface CommandRule {
  readonly name: string;
  readonly reason: string;
  readonly betterFor: string;
  /** The original's outcome, as ours is; the same object where the rule does not apply. */
  readonly apply: (theirs: Outcome, command: readonly string[], ours: Outcome) => Outcome;
}

/** Exit codes of sysexits.h: 64 usage, 65 a bad spec, 66 no such file or study, 73 a folder that cannot be made. */
const TELLING = [64, 65, 66, 73];

export const COMMAND_RULES: readonly CommandRule[] = [
  {
    name: "errors on standard error",
    reason: "What is wrong with an update goes to standard error, with what to do",
    betterFor: "scripts that read the output, and people who redirect it",
    apply: (theirs, [command], { code }) =>
      command === "update" && code !== 0 && theirs.stdout.includes("ERROR: ")
        ? { ...theirs, stdout: "" }
        : theirs,
  },
  {
    name: "exit codes with a meaning",
    reason: "What was wrong is in the exit code, where the original exits 1 for everything",
    betterFor: "scripts: they can tell a bad spec from a missing one",
    apply: (theirs, _, { code }) =>
      theirs.code === 1 && TELLING.includes(code) ? { ...theirs, code } : theirs,
  },
  {
    name: "success is 0",
    reason: "An update that was written exits 0, where the original exits 255",
    betterFor: "scripts with set -e",
    apply: (theirs, [command]) =>
      command === "update" && theirs.code === 255 ? { ...theirs, code: 0 } : theirs,
  },
  {
    name: "no study is an error",
    reason: "The status of what is no study exits 66, where the original exits 0",
    betterFor: "scripts that wait for a study",
    apply: (theirs, [command], { code }) =>
      command === "status" && code === 66 && theirs.stdout.includes("No status to report")
        ? { ...theirs, code }
        : theirs,
  },
];

/** What the clock and the system decide: job ids, times, durations, and blanks at the ends of lines. */
export function steadyText(text: string, folder: string): string {
  return text.replaceAll(folder, "@DIR@")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "@TIME@.............")
    .replace(/\d+d:\d\dh:\d\dm:\d\ds/g, "@DURATION@....")
    // Numbers of seven digits, so that a column has one width.
    .replace(
      /(Job ID +|[│ ] +)(\d{2,7})( +)/g,
      (_, before, digits, after) =>
        `${before}#######${" ".repeat(Math.max(1, digits.length + after.length - 7))}`,
    )
    .replace(/[ \t]+$/gm, "");
}
