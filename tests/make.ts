/** Small studies for tests, from a few words. */

import { type BindOptions, bindStudy } from "../lib/plan/bind.ts";
import { expand } from "../lib/plan/plan.ts";
import type { BoundStudy, Plan } from "../lib/plan/types.ts";
import type { NamedText, Parameter, Problem, Spec, SpecStep } from "../lib/spec/types.ts";
import { type Settings, usualSettings } from "../lib/spec/settings.ts";

/** A step: its name, its command, what it waits for. */
export type StepWords = readonly [
  name: string,
  cmd: string,
  depends?: readonly string[],
  more?: Partial<SpecStep>,
];

export interface SpecWords {
  readonly steps: readonly StepWords[];
  /** Parameter to its values; labels are `KEY.value` unless given as `KEY: [values, labels]`. */
  readonly parameters?: Readonly<Record<string, readonly string[]>>;
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly more?: Partial<Spec>;
}

export function named(texts: Readonly<Record<string, string>>): NamedText[] {
  return Object.entries(texts).map(([name, text]) => ({ name, text }));
}

export function makeSpec(
  { steps, parameters = {}, labels = {}, variables = {}, more = {} }: SpecWords,
): Spec {
  return {
    name: "study",
    description: "d",
    variables: named(variables),
    labels: [],
    sources: [],
    pathDependencies: [],
    gitDependencies: [],
    batch: { type: "local" },
    steps: steps.map(([name, cmd, depends = [], rest = {}], position) => ({
      name,
      description: "",
      cmd,
      restart: "",
      depends,
      resources: {},
      position,
      ...rest,
    })),
    parameters: Object.entries(parameters).map(([key, values]): Parameter => ({
      key,
      name: key,
      values,
      labels: labels[key] ?? values.map((value) => `${key}.${value}`),
    })),
    ...more,
  };
}

export const OPTIONS: BindOptions = { root: "/out", specRoot: "/specs", cwd: "/cwd", hashWorkspaces: false };

/** The bound study, with the messages about it. */
export function bind(
  words: SpecWords,
  options: Partial<BindOptions> = {},
): { study?: BoundStudy; problems: Problem[]; messages: string[] } {
  const bound = bindStudy(makeSpec(words), { ...OPTIONS, ...options });
  return { ...bound, messages: bound.problems.map(({ level, message }) => `${level}: ${message}`) };
}

/** The plan; throws where there is none. */
export function makePlan(
  words: SpecWords,
  options: Partial<BindOptions> = {},
  md5 = (text: string) => text,
): Plan {
  const { study, messages } = bind(words, options);
  if (!study) throw new Error(messages.join("\n"));
  return expand(study, md5);
}

export const SETTINGS: Settings = usualSettings(4);
