/** Resources from text to typed values, after all tokens are replaced. */

import { LEVELS } from "../spec/spec_keys.ts";
import type { Resources } from "./types.ts";
import { clockText, parseBoolean, parseInteger, walltimeSeconds } from "../units.ts";

const RUN_KEYS = new Map(LEVELS.run.keys.map((key) => [key.name, key]));

/** Typed resources under the spec's key words. Calls `refuse` for each text that is not valid for its key. */
export function typedResources(
  texts: Readonly<Record<string, string>>,
  refuse: (key: string, text: string, wanted: string) => void,
): Resources {
  const typed: Record<string, string | number | boolean> = {};
  for (const [key, text] of Object.entries(texts)) {
    if (text === "") continue;
    const known = RUN_KEYS.get(key === "exclusive launcher" ? "exclusive" : key);
    const value = known?.type === "integer"
      ? atLeast(parseInteger(text), known.least ?? 1)
      : known?.type === "boolean" || known?.type === "exclusive"
      ? parseBoolean(text)
      : known?.type === "walltime" && walltimeSeconds(text) === undefined
      ? undefined
      : text;
    if (value === undefined) refuse(key, text, WANTED[known!.type as keyof typeof WANTED](known!.least));
    else typed[key] = value;
  }
  return typed as Resources;
}

const WANTED = {
  integer: (least: number | undefined) => `a whole number from ${least ?? 1}`,
  boolean: () => "true or false",
  exclusive: () => "true or false",
  walltime: () => "a time such as 10, 10:00 or 01:30:00",
};

function atLeast(value: number | undefined, least: number): number | undefined {
  return value !== undefined && value >= least ? value : undefined;
}

/** Multiplies resources by their factors, once for each retry. Whole numbers are rounded up. */
export function grow(resources: Resources, scale: Readonly<Record<string, number>>, retries: number): void {
  for (const [key, factor] of Object.entries(scale)) {
    const value = resources[key as keyof Resources];
    const by = factor ** retries;
    if (key === "walltime" && typeof value === "string") {
      const seconds = walltimeSeconds(value);
      if (seconds !== undefined && Number.isFinite(seconds)) {
        resources.walltime = clockText(seconds * by);
      }
    } else if (typeof value === "number") {
      Object.assign(resources, { [key]: Math.ceil(value * by) });
    }
  }
}
