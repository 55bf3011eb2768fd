/** The shell that does no more than start another program. */

import type { System } from "./system.ts";

export const BASH = "/bin/bash";

/** Whether an environment has functions that bash exported: `module`, `ml`. */
export function hasFunctions(env: Readonly<Record<string, string>>): boolean {
  return Object.keys(env).some((name) => name.startsWith("BASH_FUNC_"));
}

/** dash drops exported functions from what it starts. bash with `-p` reads no variable, and hands on all of them. */
export function startingShell(system: Pick<System, "facts">, env: System["env"]): readonly string[] {
  return hasFunctions(env) && system.facts(BASH) !== undefined ? [BASH, "-p"] : ["/bin/sh"];
}
