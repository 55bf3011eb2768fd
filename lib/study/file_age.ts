/** How old a file is, by the clock of its server. The clock of this machine may show another time. */

import { codeOf, type System } from "../system.ts";

/**
 * Milliseconds since the last change of a file: its time is compared with that of a file written just now, beside it.
 * Undefined if there is no such file. Goes by this machine's clock where nothing can be written.
 */
export function ageOf(system: System, path: string): number | undefined {
  const changedAt = system.facts(path)?.changedAt;
  return changedAt === undefined ? undefined : (serverTime(system, path) ?? system.now()) - changedAt;
}

function serverTime(system: System, path: string): number | undefined {
  const beside = `${path}.${system.token()}.tmp`;
  try {
    system.createText(beside, "");
    const facts = system.facts(beside);
    system.removeFile(beside);
    return facts?.changedAt;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}
