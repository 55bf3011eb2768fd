/**
 * What is known of a study as a whole, and the events that change it. A new fact is a member of `StudyFacts` and a row of
 * `FACTS`; a new event is a member of `WholeEvent` and a row of `WHOLE_EVENTS`. The compiler asks for each of them. The
 * state's beginning, its copy, the comparison of two states, compaction, words and docs follow.
 */

import type { Settings } from "../spec/settings.ts";
import type { StepState, StudyEnd } from "./states.ts";

/** Facts of a study that are none of a single step. They are plain data: the copy of the state has them as JSON. */
export interface StudyFacts {
  /** The user asked to cancel the study. */
  cancelling: boolean;
  settings: Settings;
  /** The last conductor to take the study. */
  taken: WholeEvent & { event: "taken" } | undefined;
  closed: StudyEnd | undefined;
}

/** How a fact begins, and whether it does so again when a step is to run again. */
const FACTS: {
  readonly [NAME in keyof StudyFacts]: {
    begin(settings: Settings): StudyFacts[NAME];
    readonly reset: boolean;
  };
} = {
  cancelling: { begin: () => false, reset: true },
  settings: { begin: (settings) => settings, reset: false },
  taken: { begin: () => undefined, reset: false },
  closed: { begin: () => undefined, reset: true },
};
const NAMES = Object.keys(FACTS) as (keyof StudyFacts)[];

/** Before anything has happened. */
export function newFacts(settings: Settings): StudyFacts {
  return Object.fromEntries(
    NAMES.map((name) => [name, FACTS[name].begin(settings)]),
  ) as unknown as StudyFacts;
}

/** The facts among all that a state has. */
export function factsOf(facts: StudyFacts): StudyFacts {
  return Object.fromEntries(NAMES.map((name) => [name, facts[name]])) as unknown as StudyFacts;
}

/** A step is to run again: the study has not ended. */
export function reopen(facts: StudyFacts): void {
  for (const name of NAMES) {
    if (FACTS[name].reset) Object.assign(facts, { [name]: FACTS[name].begin(facts.settings) });
  }
}

/** What happened to the study as a whole. */
export type WholeEvent =
  | {
    readonly event: "taken";
    readonly at: number;
    readonly host: string;
    readonly pid: number;
    readonly once?: true;
  }
  | { readonly event: "cancelling"; readonly at: number; readonly step?: undefined }
  | { readonly event: "updated"; readonly at: number; readonly settings: Partial<Settings> }
  | { readonly event: "written"; readonly at: number }
  | { readonly event: "closed"; readonly at: number; readonly state: StudyEnd };

/** The fields of an event beside those that all have, each with a word on it where its name says too little. */
export type FieldsOf<EVENT> = { readonly [FIELD in keyof Omit<EVENT, "event" | "at" | "step">]-?: string };

/** Which events of a kind a shorter journal keeps. */
type Keep =
  /** The last one. */
  | "last"
  /** Those since a step was last reset. */
  | "since a reset"
  /** Those with a setting that no later one has. */
  | "last of each setting"
  /** The journal is not made shorter. */
  | "all";

interface WholeEventRow<EVENT> {
  /** For docs/json.md. */
  readonly doc: string;
  readonly fields: FieldsOf<EVENT>;
  /** For `maestro events`. */
  words(event: EVENT): string;
  apply(facts: StudyFacts, event: EVENT): void;
  readonly keep: Keep;
  /** The state that all steps have then. */
  readonly ends?: StepState;
}

export const WHOLE_EVENTS: {
  readonly [NAME in WholeEvent["event"]]: WholeEventRow<WholeEvent & { event: NAME }>;
} = {
  taken: {
    doc: "a conductor took the study. Passes on one host that follow each other are noted once",
    fields: { host: "", pid: "", once: "for a single pass" },
    words: ({ pid, host, once }) =>
      `taken by a conductor, pid ${pid} on ${host}${once ? ", for one pass" : ""}`,
    apply: (facts, event) => void (facts.taken = event),
    keep: "last",
  },
  cancelling: {
    doc: "the user asked to cancel the study",
    fields: {},
    words: () => "cancelling was asked for",
    apply: (facts) => void (facts.cancelling = true),
    keep: "since a reset",
  },
  updated: {
    doc: "settings changed",
    fields: { settings: "those that changed" },
    words: ({ settings }) =>
      `settings changed: ${Object.entries(settings).map(([name, value]) => `${name} ${value}`).join(", ")}`,
    apply: (facts, { settings }) => void (facts.settings = { ...facts.settings, ...settings }),
    keep: "last of each setting",
  },
  written: {
    doc: "a dry run wrote all scripts: every step is DRYRUN",
    fields: {},
    words: () => "all scripts are written, nothing is run",
    apply: () => {},
    keep: "all",
    ends: "DRYRUN",
  },
  closed: {
    doc: "nothing is left to do",
    fields: { state: "finished, failed or cancelled" },
    words: ({ state }) => state,
    apply: (facts, { state }) => void (facts.closed = state),
    keep: "since a reset",
  },
};

/** The row of an event; undefined for one of a later version. */
export function wholeEvent(event: WholeEvent): WholeEventRow<WholeEvent> | undefined {
  return Object.hasOwn(WHOLE_EVENTS, event.event)
    ? WHOLE_EVENTS[event.event] as WholeEventRow<WholeEvent>
    : undefined;
}
