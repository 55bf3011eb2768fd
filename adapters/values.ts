/** What adapters share: reading `batch`, and making text safe for one line of a script's header. */

import type { Batch, Resources } from "../lib/types.ts";

/** Text of the first of these keys of `batch` that has one. Empty text, mappings and lists are no text. */
export function batchText(batch: Batch, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = batch[key];
    if (typeof value === "string" && value.trim() !== "") return oneLine(value);
  }
  return undefined;
}

/** Like `batchText`, for counts: 0 is "not asked for", as it is to Maestro. Ranges such as 2-4 are left to the scheduler. */
export function batchCount(batch: Batch, key: string): string | undefined {
  const text = batchText(batch, key);
  return text === "0" ? undefined : text;
}

/** A step's count as text; absent and 0 are both "not asked for". */
export function count(number: number | undefined): string | undefined {
  return number ? String(number) : undefined;
}

/** Nodes of a job: the step's, else those of `batch`. */
export function nodesOf(resources: Resources, batch: Batch): string | undefined {
  return count(resources.nodes) ?? batchCount(batch, "nodes");
}

/** A value on one line: a line break in it would end the directive and put its rest into the script as commands. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").trim();
}

/** `oneLine`, undefined when nothing is left. */
export function lineOrNone(text: string | undefined): string | undefined {
  return text === undefined ? undefined : oneLine(text) || undefined;
}
