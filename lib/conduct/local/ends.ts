/** What the end of a process on this machine says of its attempt. */

import type { ProcessEnd, System } from "../../system.ts";
import type { AttemptEnd } from "../runner.ts";

/** `errors`: the file with what it said on its standard error. */
export function attemptEnd(system: System, end: ProcessEnd, errors: string): AttemptEnd {
  if (end.code === 0 && end.signal === null) return { kind: "finished" };
  const said = lastLine(system, errors);
  const how = end.signal ? `killed by ${end.signal}` : `exit code ${end.code}${signalWord(end.code)}`;
  return { kind: "exit", exitCode: end.code, reason: said === "" ? how : `${how}: ${said}` };
}

export const LOST: AttemptEnd = {
  kind: "lost",
  reason: "its process is gone and left no exit code: it was killed, or the machine went down",
};

export const UNREADABLE = {
  kind: "lost",
  reason: "its job file cannot be read: whether it ran is not known",
} as const satisfies AttemptEnd;

/** A shell says 128 and the signal's number of what a signal killed. */
function signalWord(code: number): string {
  const word = SIGNALS[code - 128];
  return word === undefined ? "" : ` (${word})`;
}

const SIGNALS: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  15: "SIGTERM",
  24: "SIGXCPU",
};

/** The last thing a step said on its standard error. */
function lastLine(system: System, path: string): string {
  try {
    const lines = system.readTail(path, 4096).split("\n").map((line) => line.trim()).filter((line) =>
      line !== ""
    );
    return (lines.at(-1) ?? "").replace(/\s+/g, " ").slice(0, 300);
  } catch {
    return "";
  }
}
