/** Options of the settings: those of `run`, and those of `update` that change them later. */

import { numberParser } from "@stricli/core";
import {
  CHANGEABLE,
  type ConductSettings,
  OF_CONDUCT,
  type RunSettings,
  SETTING_NAMES,
  type SettingName,
  SETTINGS,
  type UpdateSettings,
} from "../spec/settings.ts";
import { durationSeconds } from "../units.ts";

const PLACEHOLDERS = { integer: "N", number: "SEC", duration: "TIME" } as const;

interface NumberFlag {
  readonly kind: "parsed";
  readonly parse: (text: string) => number;
  readonly brief: string;
  readonly placeholder: string;
  readonly optional: true;
  readonly preset?: string;
  readonly group?: string;
}

/** A value for each study. */
interface NumbersFlag extends NumberFlag {
  readonly variadic: true;
}

export const runSettings = Object.fromEntries(SETTING_NAMES.map((name) => {
  const { option, preset } = SETTINGS[name];
  return [option, { ...settingFlag(name), preset, group: "Limits" } satisfies NumberFlag];
})) as unknown as { readonly [OPTION in keyof RunSettings]-?: NumberFlag };

export const conductSettings = Object.fromEntries(OF_CONDUCT.map((name) => {
  const flag = settingFlag(name);
  return [SETTINGS[name].conduct!, { ...flag, preset: "as for run" } satisfies NumberFlag];
})) as unknown as { readonly [OPTION in keyof ConductSettings]-?: NumberFlag };

export const updateSettings = Object.fromEntries(CHANGEABLE.map((name) => {
  return [SETTINGS[name].change!.option, { ...settingFlag(name), variadic: true }];
})) as { readonly [OPTION in keyof UpdateSettings]-?: NumbersFlag };

function settingFlag(name: SettingName): NumberFlag {
  const { type, doc } = SETTINGS[name];
  return {
    kind: "parsed",
    parse: type === "duration" ? parseDuration : numberParser,
    brief: doc.replace(/\.$/, ""),
    placeholder: PLACEHOLDERS[type],
    optional: true,
  };
}

function parseDuration(text: string): number {
  const seconds = durationSeconds(text, "seconds");
  if (seconds === undefined) throw new SyntaxError("not a length of time");
  return seconds;
}
