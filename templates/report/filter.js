/** Which rows are shown: by text, state, step and parameter. All that shows rows listens. */

import { data, isBehind, number, paramOf, rows } from "./data.js";
import { byId, el, mark } from "./dom.js";

/** `params`: indices of values, by parameter; a parameter with several shows rows with any of them. */
export const filter = { text: "", states: new Set(), step: -1, params: new Map() };

const listeners = [];
/** Calls back with the rows that are shown, and a mark for each row; now, and whenever that changes. */
export function onFilter(listener) {
  listeners.push(listener);
}

/** What is searched in a row, in small letters; made when someone searches. */
const texts = [];
function textOf(row) {
  return texts[row.index] ??= [
    row.name,
    ...data.steps[row.step].uses.map((use) => `${data.parameters[use].key}=${paramOf(row, use)}`),
    row.state,
    // It contains the name of another step. A search for that name means that step.
    isBehind(row) ? "" : row.reason ?? "",
    row.job ?? "",
  ].join("\n").toLowerCase();
}

export function applyFilter() {
  const words = filter.text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const params = [...filter.params];
  const shown = [];
  const mask = new Uint8Array(rows.length);
  for (const row of rows) {
    if (filter.states.size > 0 && !filter.states.has(row.state)) continue;
    if (filter.step >= 0 && row.step !== filter.step) continue;
    if (!params.every(([parameter, values]) => hasValue(row, parameter, values))) continue;
    if (words.length > 0) {
      const text = textOf(row);
      if (!words.every((word) => text.includes(word))) continue;
    }
    mask[row.index] = 1;
    shown.push(row);
  }
  byId("shown").textContent = shown.length === rows.length
    ? `${number(rows.length)} steps`
    : `${number(shown.length)} of ${number(rows.length)} steps`;
  byId("clear").hidden = shown.length === rows.length && filter.text === "";
  for (const listener of listeners) listener(shown, mask);
}

function hasValue(row, parameter, values) {
  return row.combo >= 0 && data.steps[row.step].uses.includes(parameter) &&
    values.has(data.parameters[parameter].of[row.combo]);
}

/** Sets some of the filter, shows it in the form, and applies it. */
export function setFilter(change) {
  Object.assign(filter, change);
  showFilter();
  applyFilter();
}

export const clearFilter = () => setFilter({ text: "", states: new Set(), step: -1, params: new Map() });

/** Values of a parameter that a list offers; of more a text is taken. */
const MOST_OPTIONS = 500;

let showFilter = () => {};

export function drawFilters() {
  const search = el("input", {
    ...{
      type: "search",
      id: "search",
      placeholder: "Search names, parameters, reasons",
      spellcheck: "false",
    },
    "aria-label": "Search steps",
    oninput: () => {
      filter.text = search.value;
      applyFilter();
    },
  });
  const step = el(
    "select",
    { "aria-label": "Step", id: "step", onchange: () => setFilter({ step: Number(step.value) }) },
    el("option", { value: "-1" }, "All steps"),
    data.steps.map(({ name }, i) => el("option", { value: String(i) }, name)),
  );
  const states = data.states.filter((_, i) => data.steps.some(({ counts }) => counts[i] > 0)).map((state) =>
    el(
      "button",
      { type: "button", class: "toggle", "data-state": state, onclick: () => toggleState(state) },
      mark(state),
      state,
    )
  );
  const chosen = el("span", { class: "chosen" });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").append(
    search,
    step,
    ...data.parameters.length > 0 ? parameterChoice() : [],
    el("span", { class: "states", role: "group", "aria-label": "States" }, states),
    chosen,
    el(
      "button",
      { type: "button", class: "plain", id: "clear", hidden: true, onclick: clearFilter },
      "Clear",
    ),
  );
  showFilter = () => {
    search.value = filter.text;
    step.value = String(filter.step);
    for (const button of states) button.ariaPressed = String(filter.states.has(button.dataset.state));
    chosen.replaceChildren(...chosenValues());
  };
  showFilter();
}

function toggleState(state) {
  const states = new Set(filter.states);
  if (!states.delete(state)) states.add(state);
  setFilter({ states });
}

function parameterChoice() {
  const value = el("select", { "aria-label": "Value", id: "value", hidden: true, onchange: add });
  const key = el(
    "select",
    { "aria-label": "Parameter", id: "parameter", onchange: offer },
    el("option", { value: "" }, "Parameter"),
    data.parameters.map(({ key }, i) => el("option", { value: String(i) }, key)),
  );
  function offer() {
    value.hidden = key.value === "";
    if (value.hidden) return;
    const { values } = data.parameters[Number(key.value)];
    const more = values.length > MOST_OPTIONS
      ? [el("option", { disabled: true }, "More: search for them")]
      : [];
    value.replaceChildren(
      el("option", { value: "" }, "Value"),
      ...values.slice(0, MOST_OPTIONS).map((text, i) => el("option", { value: String(i) }, text)),
      ...more,
    );
  }
  function add() {
    if (value.value === "") return;
    const params = new Map(filter.params);
    const parameter = Number(key.value);
    params.set(parameter, new Set([...params.get(parameter) ?? [], Number(value.value)]));
    value.value = "";
    setFilter({ params });
  }
  return [key, value];
}

/** The values that are asked for, each with a way to take it back. */
function chosenValues() {
  return [...filter.params].flatMap(([parameter, values]) =>
    [...values].map((value) => {
      const text = `${data.parameters[parameter].key} = ${data.parameters[parameter].values[value]}`;
      const remove = () => {
        const params = new Map(filter.params);
        const left = new Set([...values].filter((other) => other !== value));
        if (left.size > 0) params.set(parameter, left);
        else params.delete(parameter);
        setFilter({ params });
      };
      return el(
        "button",
        { type: "button", class: "toggle", "aria-label": `Remove ${text}`, onclick: remove },
        text,
        " ×",
      );
    })
  );
}
