/**
 * `.study.update.lock`: changes of settings from Maestro's `update` to a conductor. A YAML mapping; null
 * means no change.
 */

import { parseYaml } from "../spec/yaml.ts";
import { studyPaths } from "../paths.ts";
import { codeOf, type System } from "../system.ts";
import { type Change, CHANGEABLE, isSetting, SETTINGS } from "../spec/settings.ts";
import type { YamlValue } from "../spec/types.ts";

/** Maestro's keys, and those that it passes over. */
const KEYS = CHANGEABLE.map((name) => [SETTINGS[name].change!.lock, name] as const)
  .toSorted(([a], [b]) => a < b ? -1 : 1);
const MAESTROS: readonly string[] = ["rlimit", "sleep", "throttle"];

/** A file that is no change after so long has been cut short, or is something else. */
const WRITE_MS = 10_000;

/** Leaves a change for the conductor. False: another one waits to be taken. */
export function leaveUpdate(system: System, root: string, change: Change): boolean {
  const file = studyPaths(root).updateLock;
  if (waitingUpdate(system, root)?.isOdd) system.removeFile(file);
  const entries = KEYS
    .filter(([key, setting]) => MAESTROS.includes(key) || change[setting] !== undefined)
    .map(([key, setting]) => `${key}: ${change[setting] ?? "null"}\n`);
  try {
    return system.createText(file, entries.join(""));
  } catch (error) {
    // A part of a change is none, and would be in the way of others.
    if (codeOf(error) !== undefined && waitingUpdate(system, root)?.settings === undefined) {
      system.removeFile(file);
    }
    throw error;
  }
}

/** The change that waits; or `isOdd`: the file is none. Undefined: there is no file, or it is not all there yet. */
export function waitingUpdate(
  system: System,
  root: string,
): { file: string; settings?: Change; isOdd?: true } | undefined {
  const file = studyPaths(root).updateLock;
  const facts = system.facts(file);
  if (facts === undefined) return undefined;
  const isPlain = !facts.isDirectory && !facts.isSpecial && facts.size <= MOST_BYTES;
  const settings = isPlain ? changeIn(parseYaml(system.readTextIfAny(file) ?? "").value) : undefined;
  if (settings) return { file, settings };
  return system.now() - facts.changedAt > WRITE_MS ? { file, isOdd: true } : undefined;
}

/** Four short lines take less. */
const MOST_BYTES = 1 << 16;

function changeIn(value: YamlValue): Change | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const change: { -readonly [KEY in keyof Change]: number } = {};
  for (const [key, setting] of KEYS) {
    const text = value[key];
    if (typeof text !== "string" || !/^\d+(\.\d+)?$/.test(text)) continue;
    // A number may be of any length: Python's are.
    const number = Math.min(Number(text), Number.MAX_SAFE_INTEGER);
    if (isSetting(setting, number)) change[setting] = number;
  }
  return change;
}
