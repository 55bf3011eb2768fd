/** For commands that look at files again and again: one failed look is not the end. */

import { isTransient, type System } from "./system.ts";

/** Errors in a row for longer than this are reported. */
const PATIENCE_MS = 60_000;

/** Returns a function that gives what a look gives, or undefined where the look failed for a reason that may pass. */
export function patientLook(system: Pick<System, "now">): <T>(look: () => T) => T | undefined {
  let failedSince: number | undefined;
  return (look) => {
    try {
      const seen = look();
      failedSince = undefined;
      return seen;
    } catch (error) {
      failedSince ??= system.now();
      if (!isTransient(error) || system.now() - failedSince > PATIENCE_MS) throw error;
      return undefined;
    }
  };
}
