/** What the end of a process on this machine means for its attempt. */

import type { ProcessEnd, System } from "../../system.ts";
import { signalOf } from "../../signals.ts";
import type { AttemptEnd } from "../runner.ts";

/** `errors`: the file with its standard error. */
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

/** If a signal killed the command, a shell returns 128 and the signal's number. */
function signalWord(code: number): string {
  const word = signalOf(code);
  return word === undefined ? "" : ` (${word})`;
}

/** The last line that a step printed on its standard error. */
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
