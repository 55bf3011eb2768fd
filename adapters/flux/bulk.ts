/** Many submissions to Flux in one process: the input and output of `templates/flux_bulk.py`. */

import program from "../../templates/flux_bulk.py" with { type: "text" };
import type { BulkSubmission, CommandResult } from "../adapter.ts";
import { lines } from "../answers.ts";

/** The program's own exit code when it has begun nothing; a shell's when there is no Flux. */
const NOT_BEGUN: ReadonlySet<number> = new Set([3, 126, 127]);

export const fluxBulk: BulkSubmission = {
  most: 100,
  argv: ["flux", "python", "-c", program],
  input: (submissions) => submissions.map((one) => JSON.stringify(one) + "\n").join(""),
  parse({ code, stdout, stderr, timedOut }, count) {
    const told = new Map(lines(stdout).flatMap((line) => readResult(line, count)));
    const none = NOT_BEGUN.has(code) || /is not a flux command/.test(stderr);
    if (told.size === 0 && !timedOut && none) return undefined;
    return Array.from({ length: count }, (_, i) => told.get(i));
  },
};

/** One line: which submission, and how its command ended. */
function readResult(line: string, count: number): [number, CommandResult][] {
  try {
    const [i, code, stdout, stderr] = JSON.parse(line) as [number, number, string, string];
    return Number.isInteger(i) && i < count ? [[i, { code, stdout, stderr, timedOut: false }]] : [];
  } catch {
    return [];
  }
}
