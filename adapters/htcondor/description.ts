/** Values of a submit description. */

import { oneLine } from "../values.ts";

/** What condor_submit replaces by the job's id. */
export const ID = "$(ClusterId)";

/** A text as condor_submit reads it back: it expands no macro in it, but the job's id. */
export function written(text: string): string {
  return whole(oneLine(text).split(ID).map((part) => part.replaceAll("$", "$(DOLLAR)")).join(ID));
}

/** A line that does not take the next one along. */
export function whole(line: string): string {
  return line.endsWith("\\") ? `${line}$(_)` : line;
}
