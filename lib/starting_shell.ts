/** A shell that only starts another program. */

import type { System } from "./system.ts";

export const BASH = "/bin/bash";

/** Whether an environment has functions that bash exported: `module`, `ml`. */
export function hasFunctions(env: Readonly<Record<string, string>>): boolean {
  return Object.keys(env).some((name) => name.startsWith("BASH_FUNC_"));
}

/**
 * dash drops exported functions from the environment of its children. bash with `-p` imports no functions,
 * and passes all of them on.
 */
export function startingShell(system: Pick<System, "facts">, env: System["env"]): readonly string[] {
  return hasFunctions(env) && system.facts(BASH) !== undefined ? [BASH, "-p"] : ["/bin/sh"];
}
