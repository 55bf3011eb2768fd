/** How old a file is, by the clock of its server. The clock of this machine may show another time. */

import { codeOf, type System } from "../system.ts";

/**
 * Milliseconds since the last change of a file of a study. Its time is compared with that of a file that was written just
 * now. Undefined if there is no such file. Goes by this machine's clock where nothing can be written.
 */
export function ageOf(system: System, path: string): number | undefined {
  const changedAt = system.facts(path)?.changedAt;
  return changedAt === undefined ? undefined : (serverTime(system, path) ?? system.now()) - changedAt;
}

/** One file for all: it stays, so no error of its removal leaves others behind. */
function serverTime(system: System, path: string): number | undefined {
  const clock = `${path.slice(0, path.lastIndexOf("/.maestro/"))}/.maestro/clock`;
  try {
    system.writeText(clock, `${system.token()}\n`);
    return system.facts(clock)?.changedAt;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}
