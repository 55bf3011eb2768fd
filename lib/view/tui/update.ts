/** What a key, a change of size or new data makes of the model. */

import { HELP } from "./help.ts";
import type { Key } from "./keys.ts";
import { bodyHeight, topLines } from "./layout.ts";
import { type Change, changeRow, changeSetting, changeStudy } from "./prompts.ts";
import { answer, typed } from "./answers.ts";
import { type Row, rowAt, rowsOf } from "./rows.ts";
import {
  ALL_ROWS,
  type Choice,
  type Cursor,
  type Effect,
  type Model,
  openStep,
  screenName,
  shownStudies,
  SORTS,
  START,
  type TextKind,
} from "./types.ts";

/** A model, and what the driver does for it. */
export interface Step {
  readonly model: Model;
  readonly effects: readonly Effect[];
}

const only = (model: Model): Step => ({ model, effects: [] });
const effect = (model: Model, ...effects: Effect[]): Step => ({ model, effects });

/** The model after a key. */
export function press(model: Model, key: Key): Step {
  const { message: _, ...quiet } = model;
  const { model: next, effects } = quiet.prompt ? prompted(quiet, key) : pressed(quiet, key);
  return { model: settled(next), effects };
}

function prompted(model: Model, key: Key): Step {
  if (key === "ctrl-z") return effect(model, { do: "suspend" });
  if (key === "ctrl-l") return effect(model, { do: "redraw" });
  const { prompt, effects } = model.prompt!.kind === "question"
    ? answer(model.prompt!, key)
    : typed(model.prompt!, key);
  const { prompt: _, ...rest } = model;
  const next: Model = prompt === undefined ? rest : { ...rest, prompt };
  if (model.prompt!.kind !== "input" || model.prompt!.setting !== undefined) return { model: next, effects };
  // A filter applies while it is typed; Escape ends it.
  const text = prompt?.kind === "input" ? prompt.text : key === "escape" ? "" : model.prompt!.text;
  return { model: filtered(next, text), effects };
}

function filtered(model: Model, text: string): Model {
  if (model.place.study !== undefined) return chosen(model, { filter: text });
  return { ...model, studyFilter: text, cursors: { ...model.cursors, studies: START } };
}

// ---------------------------------------------------------------- keys

/** What keys mean on every screen. */
const ALWAYS: Readonly<Record<Key, (model: Model) => Step>> = {
  "q": (model) => effect(model, { do: "leave" }),
  "ctrl-c": (model) => effect(model, { do: "leave" }),
  "ctrl-z": (model) => effect(model, { do: "suspend" }),
  "ctrl-l": (model) => effect(model, { do: "redraw" }),
  "?": (model) => only({ ...model, help: !model.help }),
  "m": (model) => effect({ ...model, mouse: !model.mouse }, { do: "mouse", on: !model.mouse }),
  "escape": (model) => only(back(model)),
  "backspace": (model) => only(back(model)),
};

function pressed(model: Model, key: Key): Step {
  const always = Object.hasOwn(ALWAYS, key) ? ALWAYS[key] : undefined;
  if (always) return always(model);
  if (key.startsWith("click:")) return clicked(model, Number(key.slice("click:".length)));
  const name = screenName(model);
  const moved = move(model, key);
  if (moved) return only(withCursor(model, name, moved));
  switch (name) {
    case "help":
      return only(key === "left" ? back(model) : model);
    case "studies":
      return inStudies(model, key);
    case "steps":
      return inSteps(model, key);
    case "attempts":
      return inStep(model, key);
    case "text":
      return only(inText(model, key));
  }
}

/** How far each key moves; a page is the height of the list. */
const MOVES: Readonly<Record<Key, (page: number) => number>> = {
  up: () => -1,
  k: () => -1,
  down: () => 1,
  j: () => 1,
  wheelup: () => -3,
  wheeldown: () => 3,
  pageup: (page) => -page,
  "ctrl-b": (page) => -page,
  pagedown: (page) => page,
  "ctrl-f": (page) => page,
  " ": (page) => page,
  home: () => -Infinity,
  g: () => -Infinity,
  end: () => Infinity,
  G: () => Infinity,
};

function move(model: Model, key: Key): Cursor | undefined {
  if (!Object.hasOwn(MOVES, key)) return undefined;
  const name = screenName(model);
  const cursor = model.cursors[name];
  const by = MOVES[key]!(Math.max(1, listHeight(model)));
  if (isScrolled(name)) return { at: 0, top: cursor.top + by };
  return { ...cursor, at: Math.max(0, Math.min(lengthOf(model) - 1, cursor.at + by)) };
}

/** Text scrolls, and no line of it is chosen. */
const isScrolled = (name: keyof Model["cursors"]) => name === "help" || name === "text";

function withCursor(model: Model, name: keyof Model["cursors"], cursor: Cursor): Model {
  const next = { ...model, cursors: { ...model.cursors, [name]: cursor } };
  if (name !== "text") return next;
  // Who moves up in a log wants to read; the end of it follows again.
  return { ...next, follow: cursor.top >= lengthOf(model) - listHeight(model) };
}

function clicked(model: Model, row: number): Step {
  const name = screenName(model);
  const at = model.cursors[name].top + row - topLines(model).length - 1;
  if (isScrolled(name) || row <= topLines(model).length || at >= lengthOf(model)) return only(model);
  if (row >= topLines(model).length + bodyHeight(model)) return only(model);
  if (at !== model.cursors[name].at) return only(withCursor(model, name, { ...model.cursors[name], at }));
  return pressed(model, "enter");
}

// ---------------------------------------------------------------- screens

/** Closes what is in front. */
function back(model: Model): Model {
  if (model.help) return { ...model, help: false };
  const { place } = model;
  if (place.text) {
    const { text: _, ...rest } = model;
    const { text: __, ...outer } = place;
    return { ...rest, place: outer };
  }
  if (place.node !== undefined) {
    const { node: _, ...outer } = place;
    return { ...model, place: outer };
  }
  if (place.study === undefined) return model.studyFilter === "" ? model : filtered(model, "");
  if (model.choice.filter !== "" || model.choice.failedOnly) {
    return chosen(model, { filter: "", failedOnly: false });
  }
  const { study: _, ...rest } = model;
  return { ...rest, place: {}, choice: ALL_ROWS, rows: new Int32Array() };
}

function inStudies(model: Model, key: Key): Step {
  const entry = shownStudies(model)[model.cursors.studies.at];
  if (key === "/") return only(asked(model, { kind: "input", label: "Filter", text: model.studyFilter }));
  if (!entry) return only(model);
  const { directory } = entry;
  if (key === "enter" || key === "right") {
    return only({ ...model, place: { study: directory }, cursors: { ...model.cursors, steps: START } });
  }
  if (key === "u") return only(asked(model, changeSetting(directory, undefined)));
  const change = OF_STUDY[key];
  return change === undefined ? only(model) : only(asked(model, changeStudy(change, directory, undefined)));
}

const OF_STUDY: Readonly<Record<Key, Change>> = { R: "rerun", C: "cancel", H: "hold", L: "release" };
const OF_ROW: Readonly<Record<Key, Change>> = { r: "rerun", c: "cancel", h: "hold", l: "release" };
const OF_TEXT: Readonly<Record<Key, TextKind>> = { o: "out", e: "err", t: "script" };

function asked(model: Model, prompt: ReturnType<typeof changeStudy>): Model {
  return typeof prompt === "string"
    ? { ...model, message: { text: prompt, isError: false } }
    : { ...model, prompt };
}

function inSteps(model: Model, key: Key): Step {
  const { study, choice, rows } = model;
  const changed = ofStudy(model, key);
  if (changed) return only(changed);
  switch (key) {
    case "/":
      return only(asked(model, { kind: "input", label: "Filter", text: choice.filter }));
    case "s":
      return only(chosen(model, { sort: SORTS[(SORTS.indexOf(choice.sort) + 1) % SORTS.length]! }));
    case "S":
      return only(chosen(model, { reverse: !choice.reverse }));
    case "f":
      return only(chosen(model, { failedOnly: !choice.failedOnly }));
    case "+":
    case "-": {
      const names = key === "+" ? study?.view.totals.ofStep.map(({ name }) => name) ?? [] : [];
      return only(chosen(model, { unfolded: new Set(names) }));
    }
  }
  const row = study && rowAt(study.view, choice, rows, model.cursors.steps.at);
  return only(row ? onRow(model, row, key) : key === "left" ? back(model) : model);
}

function onRow(model: Model, row: Row, key: Key): Model {
  const change = OF_ROW[key];
  if (change !== undefined) return asked(model, changeRow(change, row, model.study!));
  if (row.kind === "group") {
    if (key === "enter" || (key === "right" && !row.isOpen) || (key === "left" && row.isOpen)) {
      return fold(model, row.name);
    }
    return key === "left" ? back(model) : model;
  }
  if (key === "left") return row.isInGroup ? onGroup(model, row.step.step) : back(model);
  const opened: Model = {
    ...model,
    place: { ...model.place, node: row.step.node },
    cursors: { ...model.cursors, attempts: { at: Infinity, top: 0 } },
  };
  if (key === "enter" || key === "right") return opened;
  const kind = OF_TEXT[key];
  return kind === undefined ? model : showText(opened, kind);
}

function fold(model: Model, name: string): Model {
  const unfolded = new Set(model.choice.unfolded);
  if (!unfolded.delete(name)) unfolded.add(name);
  return chosen(model, { unfolded });
}

/** Folds a step and chooses it. */
function onGroup(model: Model, name: string): Model {
  const next = fold(model, name);
  const index = next.study!.view.totals.ofStep.findIndex((step) => step.name === name);
  const at = next.rows.indexOf(~index);
  return withCursor(next, "steps", { ...next.cursors.steps, at });
}

/** The keys that change the open study as a whole. */
function ofStudy(model: Model, key: Key): Model | undefined {
  const { study } = model;
  if (!study) return undefined;
  if (key === "u") return asked(model, changeSetting(study.directory, study.settings));
  const change = OF_STUDY[key];
  return change === undefined ? undefined : asked(model, changeStudy(change, study.directory, study.view));
}

function inStep(model: Model, key: Key): Step {
  const step = openStep(model);
  const changed = ofStudy(model, key);
  if (changed) return only(changed);
  if (key === "left") return only(back(model));
  const change = OF_ROW[key];
  if (change !== undefined && step) {
    return only(asked(model, changeRow(change, { kind: "step", step, isInGroup: false }, model.study!)));
  }
  const kind = key === "enter" || key === "right" ? "out" : OF_TEXT[key];
  return only(kind === undefined ? model : showText(model, kind));
}

/** Opens a log or a script of the chosen attempt. */
function showText(model: Model, kind: TextKind): Model {
  const attempts = openStep(model)?.attempts ?? [];
  const attempt = attempts[Math.min(model.cursors.attempts.at, attempts.length - 1)];
  return opened(model, kind, attempt?.number ?? 0);
}

/** `attempt` 0 is the latest one. */
function opened(model: Model, kind: TextKind, attempt: number): Model {
  const { text: _, ...rest } = model;
  return {
    ...rest,
    place: { ...model.place, text: { kind, attempt } },
    cursors: { ...model.cursors, text: START },
    ...{ follow: kind !== "script", left: 0 },
  };
}

const SIDEWAYS = 20;

function inText(model: Model, key: Key): Model {
  const { place, left } = model;
  const { kind, attempt } = place.text!;
  if (key === "left") return left === 0 ? back(model) : { ...model, left: Math.max(0, left - SIDEWAYS) };
  if (key === "right") return { ...model, left: left + SIDEWAYS };
  if (key === "f") return { ...model, follow: !model.follow };
  const other = OF_TEXT[key];
  if (other !== undefined) return opened(model, other, attempt);
  if (key !== "n" && key !== "p") return model;
  const numbers = openStep(model)?.attempts.map(({ number }) => number) ?? [];
  const at = attempt === 0 ? numbers.length - 1 : numbers.indexOf(attempt);
  const next = numbers[at + (key === "n" ? 1 : -1)];
  if (next === undefined) {
    return {
      ...model,
      message: { text: `No ${key === "n" ? "later" : "earlier"} attempt.`, isError: false },
    };
  }
  return opened(model, kind, next);
}

// ---------------------------------------------------------------- what follows from changes

/** Another choice of rows. The chosen row stays chosen where it is still shown. */
export function chosen(model: Model, change: Partial<Choice>): Model {
  return withRows({ ...model, choice: { ...model.choice, ...change } });
}

/** The rows of the open study, worked out again. */
export function withRows(model: Model): Model {
  const { study, choice, rows: before, cursors } = model;
  if (!study) return model;
  const rows = rowsOf(study.view, choice);
  const row = before[cursors.steps.at];
  const at = row === undefined ? -1 : rows.indexOf(row);
  const steps = at < 0 ? cursors.steps : { ...cursors.steps, at };
  return { ...model, rows, cursors: { ...cursors, steps } };
}

function lengthOf(model: Model): number {
  switch (screenName(model)) {
    case "help":
      return HELP.length;
    case "studies":
      return shownStudies(model).length;
    case "steps":
      return model.rows.length;
    case "attempts":
      return openStep(model)?.attempts.length ?? 0;
    case "text":
      return model.text?.lines.length ?? 0;
  }
}

/** Lines of the list without its head. */
const listHeight = (model: Model) => bodyHeight(model) - (isScrolled(screenName(model)) ? 0 : 1);

/** The same model with the chosen line on the screen. */
export function settled(model: Model): Model {
  const name = screenName(model);
  const cursor = model.cursors[name];
  const height = Math.max(1, listHeight(model));
  const count = lengthOf(model);
  const lastTop = Math.max(0, count - height);
  // What has not been read has no length; its place stays until it has.
  if (name === "attempts" && count === 0) return model;
  let { at, top } = cursor;
  if (isScrolled(name)) {
    at = 0;
    top = name === "text" && model.follow ? lastTop : top;
  } else {
    at = Math.max(0, Math.min(at, count - 1));
    top = Math.min(Math.max(top, at - height + 1), at);
  }
  top = Math.max(0, Math.min(top, lastTop));
  if (at === cursor.at && top === cursor.top) return model;
  return { ...model, cursors: { ...model.cursors, [name]: { at, top } } };
}
