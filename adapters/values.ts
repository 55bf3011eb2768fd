/** What adapters share: reading `batch`, and making text safe for one line of a script's header. */

import { clockText } from "../lib/units.ts";
import type { Batch } from "../lib/spec/types.ts";
import type { Resources } from "../lib/plan/types.ts";

/** Text of the first of these keys of `batch` that has one. Empty text, mappings and lists are no text. */
export function batchText(batch: Batch, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = batch[key];
    if (typeof value === "string" && value.trim() !== "") return oneLine(value);
  }
  return undefined;
}

/**
 * Like `batchText`, for counts: 0 means "not asked for", as in Maestro. Ranges such as 2-4 are passed to the
 * scheduler.
 */
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

/** A text cut to so many bytes of UTF-8, between characters. */
export function shortened(text: string, bytes: number): string {
  const encoded = new TextEncoder().encode(text);
  if (encoded.length <= bytes) return text;
  // A character that the cut went through decodes to U+FFFD.
  return new TextDecoder().decode(encoded.subarray(0, bytes)).replace(/\ufffd*$/, "...");
}

/**
 * `batch.args`: options of the scheduler without a separate key, as a text or a list, unchanged. A mapping is
 * Maestro's key for Flux's launcher. No other scheduler reads it, as in Maestro.
 */
export function extraArgs(batch: Batch): string[] {
  const { args } = batch;
  if (typeof args === "string") return [oneLine(args)].filter((text) => text !== "");
  if (!Array.isArray(args)) return [];
  return args.flatMap((item) => typeof item === "string" ? lineOrNone(item) ?? [] : []);
}

/** Arguments for one line of a header. */
export function argsLine(batch: Batch): string | undefined {
  return extraArgs(batch).join(" ") || undefined;
}

/** A name of letters, digits and `._-` alone: what is safe in every header, and in a name of a job or a log. */
export function plainName(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/g, "_");
}

/** The first word of `batch.shell`: the interpreter of the step's commands. */
export function shellPath(batch: Batch): string {
  return (batchText(batch, "shell") ?? "/bin/bash").split(" ")[0]!;
}

/** `HH:MM:SS` of a walltime, rounded up; undefined for none, no limit, or one that cannot be read. */
export function clockTime(seconds: number | undefined): string | undefined {
  if (seconds === undefined || !Number.isFinite(seconds)) return undefined;
  return clockText(seconds);
}

/**
 * The words that start a parallel program if the scheduler has no launcher: `batch.launcher`, or a default.
 */
export function mpiLauncher(batch: Batch, words: string, options: readonly string[]): string[] {
  const launcher = batchText(batch, "launcher") ?? words;
  return launcher === "none" ? [] : [...launcher.split(" ").filter((word) => word !== ""), ...options];
}

/** Keys for one scheduler only, and the hints of the others. */
export const OF_FLUX = {
  ...keysOf(
    ["nested", "waitable", "version", "uri", "flux_uri", "allocation_args", "launcher_args"],
    "It is for Flux.",
  ),
};
export const OF_LSF = {
  ...keysOf(
    ["tasks per rs", "rs per node", "cpus per rs"],
    "This scheduler has no resource sets. Use procs, cores per task and gpus.",
  ),
};

function keysOf(keys: readonly string[], hint: string): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, hint]));
}

/** Options that a submission gives itself, and what to do instead. */
export const OWN = {
  name: "Jobs have the names of their steps, by which the conductor finds them.",
  logs: "The conductor finds logs by their names. Redirect what belongs elsewhere: ./sim > my.out",
  joined: "`maestro logs` shows both streams. Redirect in the commands: exec 2>&1",
  array: "A step is one job; of an array one task runs. Write global.parameters instead.",
  waits: "The submission would wait for the job, and the conductor with it.",
  silent: "The conductor reads the job's id in what the submission prints.",
  nothing: "Nothing is submitted with it.",
  folder: "A step runs in its workspace. Write cd in the commands.",
  comment: "The conductor finds jobs by their comment. The step's description is in it.",
} as const;
