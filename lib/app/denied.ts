/** Files that the user may not access. Names the owner, which the system's message does not. */

import { dirname } from "@std/path";
import { noAccess, type UserError } from "../errors.ts";
import { studyPaths } from "../paths.ts";
import { isFileError, type System } from "../system.ts";

const ASK_TIMEOUT_MS = 5000;

/** The message for a denied access. Undefined if the error does not name a file. */
export async function deniedAccess(
  system: System,
  { message }: Error,
): Promise<UserError | undefined> {
  const path = /: \w+ '([^']+)'/s.exec(message)?.[1];
  if (path === undefined || !path.startsWith("/")) return undefined;
  const blocked = blockedAt(system, path);
  if (blocked?.owner === undefined) return undefined;
  const owner = await nameOf(system, blocked.owner);
  const root = studyOf(system, path);
  return noAccess(path, blocked.at, owner, root ?? blocked.at, root !== undefined && canLook(system, root));
}

/** The study that a file belongs to. */
function studyOf(system: System, path: string): string | undefined {
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) {
    try {
      if (system.facts(`${at}/.maestro`)) return at;
    } catch (error) {
      if (!isFileError(error, "EACCES", "EPERM")) throw error;
      // We may not read it. The path itself shows whether it is a study.
      if (path.startsWith(`${at}/.maestro/`)) return at;
    }
  }
  return undefined;
}

/** Whether the user may read a study. If so, the denied access was a change. */
function canLook(system: System, root: string): boolean {
  try {
    return system.readTail(studyPaths(root).plan, 1) !== "" &&
      system.readTail(studyPaths(root).journal, 1) !== "";
  } catch {
    return false;
  }
}

/** The file itself, or the folder above it that blocks the user. */
function blockedAt(system: System, path: string): { at: string; owner: number | undefined } | undefined {
  for (let at = path;; at = dirname(at)) {
    try {
      const facts = system.facts(at);
      if (facts) return { at, owner: facts.owner };
    } catch (error) {
      if (!isFileError(error, "EACCES", "EPERM")) throw error;
    }
    if (at === dirname(at)) return undefined;
  }
}

async function nameOf(system: System, uid: number): Promise<string> {
  try {
    const { code, stdout } = await system.run(["getent", "passwd", String(uid)], {
      cwd: "/",
      timeoutMs: ASK_TIMEOUT_MS,
    });
    const name = code === 0 ? stdout.split(":")[0]!.trim() : "";
    if (name !== "") return name;
  } catch {
    // Without such a program, the number must do.
  }
  return `user ${uid}`;
}

/** The text of a file; undefined if there is none, or if this user may not read it. */
export function readIfMay(system: System, path: string): string | undefined {
  try {
    return system.isForeignLink(path) ? undefined : system.readTextIfAny(path);
  } catch (error) {
    if (isFileError(error, "EACCES", "EPERM", "EISDIR")) return undefined;
    throw error;
  }
}
