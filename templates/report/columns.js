/** The two tables: one row a step with its combination, and one row a combination with all its steps. */

import { clock, combinations, data, duration, paramOf, resultOf, rows } from "./data.js";
import { byId, chip, el, mark } from "./dom.js";
import { openDetail } from "./detail.js";
import { onFilter, setFilter } from "./filter.js";
import { LongTable } from "./table.js";

const plain = (title, value, more = {}) => ({
  title,
  value,
  text: (item) => value(item) === undefined ? "" : String(value(item)),
  ...more,
});
const time = (title, value, write) => ({ title, value, text: (item) => write(value(item)), numeric: true });

const isNumber = (text) => text === undefined || (text.trim() !== "" && Number.isFinite(Number(text)));

function stepColumns() {
  const results = [];
  data.steps.forEach(({ results: rules = [] }, step) => {
    rules.forEach(({ name, values }, rule) => {
      const value = (row) => row.step === step ? resultOf(row, rule) : undefined;
      const same = results.find(({ title }) => title === name);
      const numeric = values.every((text) => text === null || isNumber(text));
      if (!same) return results.push({ ...plain(name, value), numeric });
      // The same name in several steps: one column.
      const before = same.value;
      Object.assign(same, plain(name, (row) => before(row) ?? value(row)), {
        numeric: same.numeric && numeric,
      });
    });
  });
  const used = data.parameters.flatMap((parameter, i) =>
    data.steps.some(({ uses }) => uses.includes(i)) ? [[parameter, i]] : []
  );
  const tried = rows.some(({ attempts }) => attempts.length > 1);
  return [
    plain("Step", (row) => row.name),
    {
      ...plain("State", (row) => row.state),
      value: (row) => data.states.indexOf(row.state),
      cell: (row) => chip(row.state),
      least: 150,
    },
    ...used.map(([{ key, values }, i]) => ({
      ...plain(key, (row) => paramOf(row, i)),
      numeric: values.every(isNumber),
    })),
    ...results,
    time("Waited", (row) => row.waited, duration),
    time("Ran", (row) => row.ran, duration),
    ...tried ? [{ ...plain("Attempts", (row) => row.attempts.length || undefined), numeric: true }] : [],
    plain("Reason", (row) => row.reason ?? (row.exit ? `exit code ${row.exit}` : undefined)),
    time("Submitted", (row) => row.submitted, clock),
    time("Ended", (row) => row.ended, clock),
    plain("Job", (row) => row.job),
  ];
}

function combinationColumns({ steps, used }) {
  const value = (i) => (item) => data.parameters[i].values[data.parameters[i].of[item.combo]];
  const results = steps.flatMap(({ results: rules = [] }, s) =>
    rules.map(({ name, values }, rule) => ({
      ...plain(name, (item) => item.rows[s] && resultOf(item.rows[s], rule)),
      numeric: values.every((text) => text === null || isNumber(text)),
    }))
  );
  return [
    {
      title: "Combination",
      value: (item) => item.combo,
      text: (item) => used.map((i) => value(i)(item)).join(" · "),
    },
    ...used.map((i) => ({
      ...plain(data.parameters[i].key, value(i)),
      numeric: data.parameters[i].values.every(isNumber),
    })),
    ...results,
    ...steps.map(({ name }, s) => ({
      title: name,
      value: (item) => item.rows[s] && data.states.indexOf(item.rows[s].state),
      text: (item) => item.rows[s]?.state ?? "",
      cell: (item) =>
        item.rows[s]
          ? el("span", {}, mark(item.rows[s].state), el("span", { class: "hidden" }, item.rows[s].state))
          : "",
    })),
  ];
}

/** In the filter: all rows of a combination. */
function showCombination(item) {
  const { used } = combined;
  setFilter({
    text: "",
    step: -1,
    states: new Set(),
    params: new Map(used.map((i) => [i, new Set([data.parameters[i].of[item.combo]])])),
  });
  select(0);
}

let combined;
const tabs = [];

export function drawTables() {
  const table = new LongTable("Steps with their parameters and results", stepColumns(), rows, openDetail);
  tabs.push({ name: "Steps", table });
  onFilter((_, mask) => table.show(mask));
  combined = combinations();
  if (combined.items.length > 0) {
    const second = new LongTable(
      "Combinations of parameters",
      combinationColumns(combined),
      combined.items,
      showCombination,
    );
    tabs.push({ name: "Combinations", table: second });
    onFilter((_, mask) =>
      second.show(
        Uint8Array.from(combined.items, ({ rows }) => Number(rows.some((row) => row && mask[row.index]))),
      )
    );
  }
  tabs.forEach((tab, i) => {
    tab.button = el("button", {
      ...{ type: "button", role: "tab", id: `tab${i}`, "aria-controls": `panel${i}` },
      onclick: () => select(i),
      onkeydown: turn,
    }, tab.name);
    tab.panel = el(
      "div",
      { role: "tabpanel", id: `panel${i}`, "aria-labelledby": `tab${i}` },
      tab.table.element,
    );
    byId("tabs").append(tab.button);
    byId("tables").append(tab.panel);
  });
  byId("tabs").hidden = tabs.length < 2;
  select(0);
}

function turn(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (by === undefined) return;
  const next = (tabs.findIndex(({ button }) => button === event.target) + by + tabs.length) % tabs.length;
  select(next);
  tabs[next].button.focus();
}

function select(chosen) {
  tabs.forEach(({ button, panel, table }, i) => {
    button.ariaSelected = String(i === chosen);
    button.tabIndex = i === chosen ? 0 : -1;
    panel.hidden = i !== chosen;
    if (i === chosen) table.draw();
  });
}

export const printTables = (now) => tabs.forEach(({ table, panel }) => panel.hidden || table.print(now));
