/** What `maestro tui` knows and shows, as types. */

import type { Settings } from "../../spec/settings.ts";
import type { StudyState } from "../../study/states.ts";
import type { StatusStep, StatusView } from "../status_view.ts";

/** A study in the list. */
export interface StudyEntry {
  readonly directory: string;
  /** Its name in the list. */
  readonly name: string;
  readonly createdAt: number;
  /** Undefined until it is read. */
  readonly summary?: StudySummary;
  /** Why it cannot be read. */
  readonly problem?: string;
}

export interface StudySummary {
  readonly state: StudyState;
  readonly counts: StatusView["counts"];
  readonly steps: number;
}

export interface StudiesData {
  readonly folder: string;
  readonly entries: readonly StudyEntry[];
  /** Not all folders were searched. */
  readonly cut: boolean;
}

/** The open study. Its view changes; a new object shows that. */
export interface StudyData {
  readonly directory: string;
  readonly view: StatusView;
  readonly settings: Settings;
  /** Why the latest state cannot be read. */
  readonly problem?: string;
}

export const TEXT_KINDS = ["out", "err", "script"] as const;
export type TextKind = (typeof TEXT_KINDS)[number];

/** An open log or script. */
export interface TextData {
  /** Its file, or what it is. */
  readonly title: string;
  readonly lines: readonly string[];
  /** Earlier lines are left out. */
  readonly cut: boolean;
  /** In place of lines, why there are none. */
  readonly problem?: string;
}

/** What the screen shows. Each part is open only within those before it. */
export interface Place {
  readonly study?: string;
  readonly node?: number;
  readonly text?: { readonly kind: TextKind; readonly attempt: number };
}

/** The line of a list that is chosen, and the first one on the screen. */
export interface Cursor {
  readonly at: number;
  readonly top: number;
}

export const SORTS = ["plan", "name", "state", "run", "elapsed", "start", "end", "restarts"] as const;
export type Sort = (typeof SORTS)[number];

/** Which rows of steps are shown, and in what order. */
export interface Choice {
  readonly filter: string;
  readonly failedOnly: boolean;
  readonly sort: Sort;
  readonly reverse: boolean;
  /** Steps of the spec whose combinations are shown. */
  readonly unfolded: ReadonlySet<string>;
}

/** A command of maestro, in words after its name. */
export type Words = readonly string[];

/** Answer to a question: a key, and what happens then. */
export interface Answer {
  readonly key: string;
  readonly label: string;
  /** Undefined: nothing happens. */
  readonly then?: { readonly run: Words } | { readonly ask: Prompt };
}

export type Prompt =
  | {
    readonly kind: "question";
    readonly text: string;
    /** The command of a `yes`, as a user would write it. */
    readonly command?: Words;
    readonly answers: readonly Answer[];
  }
  | {
    readonly kind: "input";
    readonly label: string;
    readonly text: string;
    /** What a number is for: an option of `update`, and the study. Otherwise the text is a filter. */
    readonly setting?: { readonly option: string; readonly directory: string };
  };

export interface Message {
  readonly text: string;
  readonly isError: boolean;
}

/** A step of the spec (`~index`, below 0) or a node of it (its index). */
export type Rows = Int32Array;

export interface Model {
  readonly width: number;
  readonly height: number;
  /** Ms since 1970. */
  readonly now: number;
  readonly place: Place;
  readonly help: boolean;
  readonly mouse: boolean;
  readonly studies?: StudiesData;
  readonly study?: StudyData;
  readonly text?: TextData;
  /** The filter of the list of studies. */
  readonly studyFilter: string;
  readonly choice: Choice;
  /** Rows of the open study. */
  readonly rows: Rows;
  readonly cursors: {
    readonly studies: Cursor;
    readonly steps: Cursor;
    readonly attempts: Cursor;
    readonly help: Cursor;
    readonly text: Cursor;
  };
  /** A log stays at its end. */
  readonly follow: boolean;
  /** Columns of a text that are out of sight on the left. */
  readonly left: number;
  readonly prompt?: Prompt;
  readonly message?: Message;
  /** The command that runs now. */
  readonly busy?: string;
}

/** What the driver does for the model. */
export type Effect =
  | { readonly do: "leave" }
  | { readonly do: "suspend" }
  | { readonly do: "redraw" }
  | { readonly do: "mouse"; readonly on: boolean }
  | { readonly do: "run"; readonly words: Words };

export const START: Cursor = { at: 0, top: 0 };
export const ALL_ROWS: Choice = {
  filter: "",
  failedOnly: false,
  sort: "plan",
  reverse: false,
  unfolded: new Set(),
};

/** The model before anything is read. */
export function newModel(width: number, height: number, now: number, place: Place): Model {
  return {
    ...{ width, height, now, place },
    ...{ help: false, mouse: false, studyFilter: "", choice: ALL_ROWS, rows: new Int32Array() },
    cursors: { studies: START, steps: START, attempts: START, help: START, text: START },
    ...{ follow: true, left: 0 },
  };
}

/** The list or text that is on the screen. */
export function screenName({ help, place }: Pick<Model, "help" | "place">): keyof Model["cursors"] {
  if (help) return "help";
  if (place.study === undefined) return "studies";
  if (place.node === undefined) return "steps";
  return place.text === undefined ? "attempts" : "text";
}

/** The open step, if it is read. */
export function openStep({ study, place }: Pick<Model, "study" | "place">): StatusStep | undefined {
  return place.node === undefined ? undefined : study?.view.steps[place.node];
}

/** The studies that the filter leaves. */
export function shownStudies({ studies, studyFilter }: Model): readonly StudyEntry[] {
  const entries = studies?.entries ?? [];
  if (studyFilter === "") return entries;
  const words = studyFilter.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(({ name, summary }) => {
    const text = `${name.toLowerCase()} ${summary?.state ?? ""}`;
    return words.every((word) => text.includes(word));
  });
}
