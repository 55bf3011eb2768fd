/** What steps used, beside what they were given: for each step the distribution over its combinations. */

import { data, duration, number, rows } from "./data.js";
import { byId, el, svg } from "./dom.js";
import { onFilter } from "./filter.js";

/** `1.2 GiB`. */
function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  for (; bytes >= 1000 && unit < units.length - 1; unit++) bytes /= 1024;
  return `${bytes < 9.95 && unit > 0 ? bytes.toFixed(1) : Math.round(bytes)} ${units[unit]}`;
}

const usedOf = ({ index }, place) => {
  const used = data.rows.used[index];
  return used === 0 || used[place] < 0 ? undefined : used[place];
};
const [CPU, MEMORY, READ, WRITTEN, MEMORY_GIVEN, TIME_LIMIT, CPUS] = [0, 1, 2, 3, 4, 5, 6];
const share = (value) => `${Math.round(value * 100)} %`;

/** The part of its CPUs that a row kept busy; a step on this machine counts one CPU. */
function busy(row) {
  const cpu = usedOf(row, CPU);
  return cpu === undefined || !row.ran ? undefined : cpu / (row.ran * (usedOf(row, CPUS) ?? 1));
}

const FIGURES = [
  { name: "Memory", of: (row) => usedOf(row, MEMORY), given: (row) => usedOf(row, MEMORY_GIVEN), text: size },
  {
    name: "Run time",
    of: (row) => data.rows.used[row.index] === 0 ? undefined : row.ran,
    given: (row) => usedOf(row, TIME_LIMIT),
    text: duration,
  },
  { name: "CPU time", of: (row) => usedOf(row, CPU), given: () => undefined, text: duration },
  { name: "CPU use", of: busy, given: () => undefined, text: share },
  { name: "Read", of: (row) => usedOf(row, READ), given: () => undefined, text: size },
  { name: "Written", of: (row) => usedOf(row, WRITTEN), given: () => undefined, text: size },
];

export function drawResources() {
  if (data.rows.used.every((used) => used === 0)) return;
  byId("resources-section").hidden = false;
  byId("resources-advice").append(...data.advice.map((line) => el("li", {}, line)));
  let figure = FIGURES[0];
  let shown = rows;
  const buttons = FIGURES.map((each) =>
    el(
      "button",
      {
        ...{ type: "button", role: "tab", id: `resource-${each.name.replace(" ", "-")}` },
        ...{ "aria-controls": "resources", onclick: () => choose(each) },
      },
      each.name,
    )
  );
  byId("resources-tabs").append(...buttons);
  byId("resources-tabs").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = (FIGURES.indexOf(figure) + step + FIGURES.length) % FIGURES.length;
    choose(FIGURES[next]);
    buttons[next].focus();
  });
  function choose(chosen) {
    figure = chosen;
    for (const [i, button] of buttons.entries()) {
      const isChosen = FIGURES[i] === chosen;
      button.setAttribute("aria-selected", String(isChosen));
      button.tabIndex = isChosen ? 0 : -1;
      if (isChosen) byId("resources").setAttribute("aria-labelledby", button.id);
    }
    byId("resources").replaceChildren(distributions(figure, shown));
  }
  onFilter((some) => {
    shown = some;
    choose(figure);
  });
}

/** A line for each step: least, quarters and most as a box; what was given as a mark. */
function distributions({ name, of, given, text }, shown) {
  const bySteps = data.steps.map((step, index) => {
    const own = shown.filter((row) => row.step === index);
    return {
      name: step.name,
      values: own.map(of).filter((value) => value !== undefined).sort((a, b) => a - b),
      given: Math.max(...own.map((row) => given(row) ?? -1)),
    };
  }).filter(({ values }) => values.length > 0);
  if (bySteps.length === 0) return el("p", { class: "quiet" }, "Nothing was measured of these steps.");
  const most = Math.max(...bySteps.map(({ values }) => values.at(-1)));
  // A far larger request would leave no room for what was used.
  const end = Math.max(most, ...bySteps.map(({ given }) => Math.min(given, most * 3))) || 1;
  const line = ({ name: step, values, given }) => {
    const [least, low, middle, high, last] = [0, 0.25, 0.5, 0.75, 1].map((part) => quantile(values, part));
    const summary = values.length === 1
      ? text(last)
      : `median ${text(middle)}, ${text(least)} to ${text(last)}, ${number(values.length)} runs`;
    const limit = given < 0 ? "" : `; given ${text(given)}`;
    return el(
      "div",
      { class: "resource", role: "group", "aria-label": `${step}: ${name} ${summary}${limit}` },
      el("span", { class: "text", title: step }, step),
      boxPicture({ least, low, middle, high, last, given, end }),
      el("span", { class: "small" }, summary, el("span", { class: "quiet" }, limit)),
    );
  };
  return el("div", { class: "resources" }, bySteps.map(line));
}

function quantile(sorted, part) {
  const at = (sorted.length - 1) * part;
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

/** In percent of the width: it grows with the page. */
function boxPicture({ least, low, middle, high, last, given, end }) {
  const x = (value) => `${(Math.min(value / end, 1) * 98 + 1).toFixed(2)}%`;
  const width = (from, to) => `${Math.max((Math.min(to, end) - from) / end * 98, 0.4).toFixed(2)}%`;
  const line = (kind, from, to, top, bottom) =>
    svg("line", { class: kind, x1: x(from), x2: x(to), y1: top, y2: bottom });
  return svg(
    "svg",
    { class: "box", "aria-hidden": "true" },
    svg("rect", { class: "ground", x: "1%", y: 11, width: "98%", height: 2 }),
    line("whisker", least, last, 12, 12),
    svg("rect", { class: "quarters", x: x(low), y: 6, width: width(low, high), height: 12 }),
    line("median", middle, middle, 4, 20),
    given >= 0 && line(given > end ? "given beyond" : "given", given, given, 1, 23),
  );
}
