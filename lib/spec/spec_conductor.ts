/** `conductor` of a spec: settings of the conductor that options of `run` override. */

import * as problem from "./problems.ts";
import { mappingOf, readLevel, type Section, textOf } from "./spec_values.ts";
import type { ConductorSection, HookCommands, HookName, NamedText, Problem, YamlValue } from "./types.ts";
import { SETTING_NAMES, type SettingName, SETTINGS } from "./settings.ts";
import { durationSeconds, parseInteger, parseNumber } from "../units.ts";

export function readConductor(
  value: { [key: string]: YamlValue },
  problems: Problem[],
): { conductor?: ConductorSection } {
  if (Object.keys(value).length === 0) return {};
  const section = readLevel(value, "conductor", { name: '"conductor"', path: ["conductor"] }, problems);
  const pargs = Object.entries(mappingOf(section, "pargs")).flatMap(([name, text]): NamedText[] => {
    if (typeof text === "string") return [{ name, text }];
    problems.push(problem.noValue("parg", name, ["conductor", "pargs", name], text));
    return [];
  });
  const found = {
    ...Object.fromEntries(SETTING_NAMES.map((name) => [name, readSetting(name, section)])),
    pgen: textOf(section, "pgen") || undefined,
    pargs: pargs.length > 0 ? pargs : undefined,
    on: readHooks(section, problems),
  };
  return { conductor: Object.fromEntries(Object.entries(found).filter(([, v]) => v !== undefined)) };
}

function readSetting(name: SettingName, section: Section): number | undefined {
  const { key, type } = SETTINGS[name];
  return READERS[type](textOf(section, key));
}

const READERS = {
  integer: parseInteger,
  number: parseNumber,
  duration: (text: string) => durationSeconds(text, "seconds"),
};

function readHooks(section: Section, problems: Problem[]): HookCommands | undefined {
  const place = { name: '"on" of "conductor"', path: ["conductor", "on"] };
  const hooks = readLevel(mappingOf(section, "on"), "hooks", place, problems);
  const names: readonly HookName[] = ["finished", "failed", "step-failed"];
  const given = names.map((name) => [name, textOf(hooks, name)] as const).filter(([, command]) =>
    command !== ""
  );
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}
