/**
 * Numbers that control how a study is conducted, one row each. A row determines the key of a spec, its check, the
 * default and all texts. It also determines the options of commands, and the change of a running study.
 */

import { shortDuration } from "../units.ts";

interface SettingRow {
  /** Under `conductor` of a spec. */
  readonly key: string;
  /** Option of `run`, without its dashes. */
  readonly option: string;
  /** Option of `conduct`. */
  readonly conduct?: string;
  readonly type: "integer" | "number" | "duration";
  /** Least value, except for durations. */
  readonly least: 0 | 1;
  /** The default; undefined means the number of CPUs. */
  readonly initial: number | undefined;
  /** For readers of the schema and of help. */
  readonly doc: string;
  /** The default, in words. */
  readonly preset: string;
  /** The message of `run` about a value that is out of range, in Maestro's words if it has some. */
  wrong(value: number): string;
  /** In the report. */
  text(value: number): string;
  /** Of a setting that can be changed while the study is conducted. */
  readonly change?: {
    /** Option of `update`, and key of Maestro's lock file. */
    readonly option: string;
    readonly lock: string;
    /** The line of the log. */
    log(before: number, after: number): string;
  };
}

const ROWS = {
  attempts: {
    key: "attempts",
    option: "attempts",
    type: "integer",
    least: 1,
    initial: 1,
    doc: "Submission attempts before a step fails.",
    preset: "1",
    wrong: (value) => `Submission attempts must be greater than 0. '${value}' provided.`,
    text: (value) => `attempts ${value}`,
  },
  throttle: {
    key: "throttle",
    option: "throttle",
    type: "integer",
    least: 0,
    initial: 0,
    doc: "Jobs in the queue at a time; 0 = no limit.",
    preset: "0",
    wrong: (value) => `Submission throttle must be a value of zero or greater. '${value}' provided.`,
    text: (value) => `throttle ${value}`,
    change: {
      option: "throttle",
      lock: "throttle",
      log: (before, after) => `Updating throttle from ${before} to ${after}`,
    },
  },
  rlimit: {
    key: "rlimit",
    option: "rlimit",
    type: "integer",
    least: 0,
    initial: 1,
    doc: "Restarts of a step with a restart command; 0 = no limit.",
    preset: "1",
    wrong: (value) => `Restart limit must be a value of zero or greater. '${value}' provided.`,
    text: (value) => `rlimit ${value}`,
    change: { option: "rlimit", lock: "rlimit", log: (_, after) => `Updating restart limit to ${after}` },
  },
  sleep: {
    key: "sleep",
    option: "sleeptime",
    conduct: "sleeptime",
    type: "number",
    least: 0,
    initial: 60,
    doc: "Seconds between queries of the scheduler.",
    preset: "60",
    wrong: (value) => `Sleep time must be zero or greater. '${value}' provided.`,
    text: (value) => `sleep ${value} s`,
    change: {
      option: "sleep",
      lock: "sleep",
      log: (before, after) => `Updating conductor sleep time from ${before} to ${after}`,
    },
  },
  localJobs: {
    key: "local-jobs",
    option: "local-jobs",
    type: "integer",
    least: 1,
    initial: undefined,
    doc: "Steps that run at a time on this machine.",
    preset: "number of CPUs",
    wrong: (value) => `Local jobs must be greater than 0. '${value}' provided.`,
    text: (value) => `local jobs ${value}`,
    change: {
      option: "local-jobs",
      lock: "local_jobs",
      log: (before, after) => `Updating local jobs from ${before} to ${after}`,
    },
  },
  stopAfter: {
    key: "stop-after",
    option: "stop-after",
    conduct: "stop-after",
    type: "duration",
    least: 0,
    initial: 0,
    doc: "Submit nothing new after this time, counted from the start of each conductor; 0 = never.",
    preset: "0",
    wrong: (value) => `Time to stop after must be zero or greater. '${value}' provided.`,
    text: (value) => `stop-after ${shortDuration(value)}`,
    change: {
      option: "stop-after",
      lock: "stop_after",
      log: (before, after) => `Updating stop-after from ${shortDuration(before)} to ${shortDuration(after)}`,
    },
  },
} as const satisfies Readonly<Record<string, SettingRow>>;

type Rows = typeof ROWS;
export type SettingName = keyof Rows;

/** The row of each setting. */
export const SETTINGS: Readonly<Record<SettingName, SettingRow>> = ROWS;
export const SETTING_NAMES = Object.keys(ROWS) as readonly SettingName[];

/** Settings that are numbers; seconds where they are times. */
export type Numbers = { readonly [NAME in SettingName]: number };

/** How a study is conducted; what `run`'s options set. */
export interface Settings extends Numbers {
  readonly dry: boolean;
  readonly useTmp: boolean;
  readonly hashWorkspaces: boolean;
}

/** Options of `run`, by the words of the table. */
export type RunSettings = { readonly [NAME in SettingName as Rows[NAME]["option"]]?: number };

type OfConduct = {
  [NAME in SettingName]: Rows[NAME] extends { conduct: unknown } ? NAME : never;
}[SettingName];

/** Options of `conduct`, by the words of the table. */
export type ConductSettings = { readonly [NAME in OfConduct as Rows[NAME]["conduct"]]?: number };
export const OF_CONDUCT = SETTING_NAMES.filter((name): name is OfConduct =>
  SETTINGS[name].conduct !== undefined
);

type Changeable = {
  [NAME in SettingName]: Rows[NAME] extends { change: unknown } ? NAME : never;
}[SettingName];

/** What can be changed while a study is conducted. */
export type Change = { readonly [NAME in Changeable]?: number };
export const CHANGEABLE = SETTING_NAMES.filter((name): name is Changeable =>
  SETTINGS[name].change !== undefined
);

/** Options of `update`, by the words of the table: a value for each study. */
export type UpdateSettings = {
  readonly [NAME in Changeable as Rows[NAME]["change"]["option"]]?: readonly number[];
};

/** The defaults. */
export function usualSettings(cpus: number): Settings {
  return {
    ...eachSetting((name) => SETTINGS[name].initial ?? cpus),
    ...{ dry: false, useTmp: false, hashWorkspaces: false },
  };
}

/** A number for each setting. */
export function eachSetting(numberOf: (name: SettingName) => number): Numbers {
  return Object.fromEntries(SETTING_NAMES.map((name) => [name, numberOf(name)])) as Numbers;
}

/** Whether a setting can have this value. */
export function isSetting(name: SettingName, value: number): boolean {
  const { type, least } = SETTINGS[name];
  return type === "integer" ? Number.isInteger(value) && value >= least : value >= least && value < Infinity;
}
