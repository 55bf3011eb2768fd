/**
 * Facts about a study as a whole, and the events that change them. A new fact is a member of `StudyFacts` and a row
 * of `FACTS`. A new event is a member of `WholeEvent` and a row of `WHOLE_EVENTS`. The compiler asks
 * for each of them. The state's beginning, its copy, the comparison of two states, compaction, words and docs
 * follow.
 */

import { formatLocalTime } from "../times.ts";
import { shortDuration } from "../units.ts";
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
  /** When the conductor's time was up: it submits nothing new from then on. */
  stoppedAt: number | undefined;
}

/** A fact as `status` shows it. */
export interface ShownFact {
  /** Of its JSON, a time. */
  readonly field: FactField;
  readonly at?: number | undefined;
  /** Of its summary, while the study is conducted. */
  readonly line?: string | undefined;
  /** Why nobody conducts the study. */
  readonly left?: string | undefined;
}
export type FactField = "stopsAt";

/** How a fact begins, and whether it does so again when a step is to run again. */
const FACTS: {
  readonly [NAME in keyof StudyFacts]: {
    begin(settings: Settings): StudyFacts[NAME];
    readonly reset: boolean;
    /** What `status` shows of it. */
    show?(facts: StudyFacts, alive: boolean): ShownFact;
  };
} = {
  cancelling: { begin: () => false, reset: true },
  settings: { begin: (settings) => settings, reset: false },
  taken: { begin: () => undefined, reset: false },
  closed: { begin: () => undefined, reset: true },
  stoppedAt: { begin: () => undefined, reset: false, show: showStop },
};
const NAMES = Object.keys(FACTS) as (keyof StudyFacts)[];

function showStop(
  { stoppedAt, settings: { stopAfter }, taken, closed }: StudyFacts,
  alive: boolean,
): ShownFact {
  const field = "stopsAt";
  const period = `stop-after ${shortDuration(stopAfter)}`;
  if (closed !== undefined) return { field };
  if (stoppedAt !== undefined) {
    const since = formatLocalTime(stoppedAt);
    const line =
      `stopped    since ${since} nothing new is submitted (${period}); running steps continue to their end`;
    return {
      field,
      at: stoppedAt,
      line,
      left: `its conductor submitted nothing new after ${since} (${period}) and left`,
    };
  }
  if (!alive || stopAfter === 0 || taken === undefined || taken.once) return { field };
  const at = taken.at + stopAfter * 1000;
  return {
    field,
    at,
    line: `stops      at ${formatLocalTime(at)} (${period}): nothing new is submitted then`,
  };
}

/** What `status` shows of the study as a whole. */
export function shownFacts(facts: StudyFacts, alive: boolean): ShownFact[] {
  return NAMES.flatMap((name) => FACTS[name].show?.(facts, alive) ?? []);
}

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
  | { readonly event: "stopped"; readonly at: number }
  | { readonly event: "written"; readonly at: number }
  | { readonly event: "closed"; readonly at: number; readonly state: StudyEnd };

/** The fields of an event beside the common ones, each with a note if its name is not clear. */
export type FieldsOf<EVENT> = { readonly [FIELD in keyof Omit<EVENT, "event" | "at" | "step">]-?: string };

/** How the log of a conductor shows an event: by the words of its row, with other words where Maestro has them, or not. */
export type InLog = "none" | "info" | "warning" | { readonly info: string };

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
  /** For `maestro events`, and for the log. */
  words(event: EVENT): string;
  /** How the log shows it. */
  log(event: EVENT, study: string): InLog;
  apply(facts: StudyFacts, event: EVENT): void;
  readonly keep: Keep;
  /** The state that all steps have then. */
  readonly ends?: StepState;
}

/** In Maestro's words. */
const LAST_WORDS: Readonly<Record<StudyEnd, (study: string) => string>> = {
  finished: (study) => `'${study}' is complete. Returning.`,
  failed: (study) => `'${study}' is complete with failures. Returning.`,
  cancelled: (study) => `Study '${study}' has been cancelled.`,
};

export const WHOLE_EVENTS: {
  readonly [NAME in WholeEvent["event"]]: WholeEventRow<WholeEvent & { event: NAME }>;
} = {
  taken: {
    doc: "a conductor took the study. Consecutive passes on one host are recorded once",
    fields: { host: "", pid: "", once: "for a single pass" },
    words: ({ pid, host, once }) => `conductor started, pid ${pid} on ${host}${once ? " for one pass" : ""}`,
    log: () => "none",
    apply: (facts, event) => void Object.assign(facts, { taken: event, stoppedAt: undefined }),
    keep: "last",
  },
  cancelling: {
    doc: "the user asked to cancel the study",
    fields: {},
    words: () => "cancellation requested",
    log: () => "warning",
    apply: (facts) => void (facts.cancelling = true),
    keep: "since a reset",
  },
  updated: {
    doc: "settings changed",
    fields: { settings: "those that changed" },
    words: ({ settings }) =>
      `settings changed: ${Object.entries(settings).map(([name, value]) => `${name} ${value}`).join(", ")}`,
    // The request that asked for it has a line for each setting, in Maestro's words.
    log: () => "none",
    apply(facts, { settings }) {
      facts.settings = { ...facts.settings, ...settings };
      // It is asked anew whether the time is up.
      if (settings.stopAfter !== undefined) facts.stoppedAt = undefined;
    },
    keep: "last of each setting",
  },
  stopped: {
    doc:
      "the conductor's time was up (stop-after): nothing new is submitted until another conductor takes the study",
    fields: {},
    words: () =>
      "the time of its conductor is up (stop-after): it submits nothing new, and leaves when no step runs",
    log: () => "info",
    apply: (facts, { at }) => void (facts.stoppedAt = at),
    keep: "last",
  },
  written: {
    doc: "a dry run wrote all scripts: every step is DRYRUN",
    fields: {},
    words: () => "all scripts are written; nothing runs",
    log: () => "none",
    apply: () => {},
    keep: "all",
    ends: "DRYRUN",
  },
  closed: {
    doc: "nothing is left to do",
    fields: { state: "finished, failed or cancelled" },
    words: ({ state }) => state,
    log: ({ state }, study) => ({ info: LAST_WORDS[state](study) }),
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
