/** A progress line that counts, for work that may take longer than two seconds. */

import type { System } from "./system.ts";

const FIRST_MS = 2000;
const TERMINAL_MS = 200;
const PLAIN_MS = 10_000;

/**
 * On a terminal, one line that is overwritten; elsewhere, a line from time to time. Nothing for work that
 * ends at once.
 */
export function progressLine(system: System, what: string, total: number): { step(): void; end(): void } {
  const { stderr } = system;
  const live = stderr.isTerminal && system.env["TERM"] !== "dumb";
  let done = 0;
  let next = system.now() + FIRST_MS;
  let shown = false;
  return {
    step() {
      done++;
      // The clock is read only from time to time: a step may take ten microseconds.
      if (done % 256 !== 0 || system.now() < next) return;
      next = system.now() + (live ? TERMINAL_MS : PLAIN_MS);
      shown = true;
      const text = `${done} of ${total} ${what}`;
      stderr.write(live ? `\r${text}` : `${text}\n`);
    },
    end() {
      if (shown && live) stderr.write(`\r${" ".repeat(String(total).length * 2 + what.length + 5)}\r`);
    },
  };
}
