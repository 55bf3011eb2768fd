/** How a case of the suite fails: what is wrong, and what was seen. */

/** An adapter does not pass a case. Where in the suite that was seen is of no use to its author: there is no stack. */
export class Failure extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Failure";
    this.stack = "";
  }
}

/** Fails with a sentence, unless a condition holds. `seen`: what shows it. */
export function expect(condition: boolean, sentence: string, seen?: unknown): asserts condition {
  if (!condition) throw new Failure(seen === undefined ? sentence : `${sentence}\n${shown(seen)}`);
}

/** Fails unless two values have the same JSON. */
export function expectSame(actual: unknown, expected: unknown, sentence: string): void {
  if (JSON.stringify(actual) === JSON.stringify(expected)) return;
  throw new Failure(`${sentence}\n  is:        ${shown(actual)}\n  should be: ${shown(expected)}`);
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
