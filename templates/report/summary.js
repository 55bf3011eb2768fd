/** The head of the report: the state of the study, in a bar, in figures, and step by step. */

import { clock, data, duration, kindOf, mostAtOnce, number, partsOf, rows, zone } from "./data.js";
import { byId, chip, el, mark } from "./dom.js";
import { setFilter } from "./filter.js";

const sumOf = (key) => data.states.map((_, i) => data.steps.reduce((sum, step) => sum + step[key][i], 0));
const totals = partsOf({ counts: sumOf("counts"), skipped: sumOf("skipped"), retrying: sumOf("retrying") });

export function drawSummary() {
  const { study, state, total } = data;
  byId("name").append(study.name, " ", chip(data.like, state));
  byId("description").textContent = study.description;
  byId("bar").append(...segments(totals, total));
  byId("bar").setAttribute("role", "img");
  byId("bar").setAttribute("aria-label", counted(totals));
  byId("legend").append(...totals.map(legendItem));
  for (const [name, value, more] of figures()) {
    byId("figures").append(
      el("div", {}, el("dt", {}, name), el("dd", {}, value, more && el("small", {}, more))),
    );
  }
  if (rows.length < total) {
    byId("note").hidden = false;
    byId("note").textContent =
      `This study has ${number(total)} steps: more than a page can list. Numbers of states are of all of ` +
      `them; timeline and tables show ${
        number(rows.length)
      }: what failed or is under way, then the first ones of the plan.`;
  }
  byId("overview").append(overview());
}

function segments(parts, total) {
  return parts.map(({ count, word, className }) =>
    el("span", {
      class: `seg ${className}`,
      title: `${number(count)} ${word}`,
      // So that one failure among ten thousand is seen.
      style: { "flex-grow": String(Math.max(count, total / 150)) },
    })
  );
}

const counted = (parts) => parts.map(({ count, word }) => `${number(count)} ${word}`).join(", ");

function legendItem({ state, word, count }) {
  const show = () => setFilter({ states: new Set([state]) });
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", class: "plain", title: "Show these", onclick: show },
      mark(state),
      el("b", {}, number(count)),
      ` ${word}`,
    ),
  );
}

function figures() {
  // What will run again has not ended.
  const ended = totals.filter(({ state, fate }) => ENDED.includes(kindOf(state)) && fate !== 2)
    .reduce((sum, { count }) => sum + count, 0);
  const times = rows.flatMap(({ attempts }) => attempts);
  if (times.length === 0) return [["Steps ended", `${number(ended)}`, ` of ${number(data.total)}`]];
  const until = data.ended ? times.reduce((most, { ended = 0 }) => Math.max(most, ended), 0) : data.now;
  const waits = times.flatMap(({ waited }) => waited === undefined ? [] : [waited]);
  const ran = times.reduce((sum, attempt) => sum + ranFor(attempt), 0);
  const again = times.length - rows.filter(({ attempts }) => attempts.length > 0).length;
  return [
    ["Elapsed", duration(until), ` since ${clock(0).slice(0, 16)}`],
    ["Steps ended", number(ended), ` of ${number(data.total)}`],
    ["Time run, in sum", duration(ran)],
    ["Wait in queue", waits.length > 0 ? duration(median(waits)) : "–", " median"],
    ["Most at once", number(mostAtOnce(times))],
    ...again > 0 ? [["Tried again", number(again), again === 1 ? " time" : " times"]] : [],
  ];
}

const ENDED = ["finished", "failed", "cancelled", "written"];

const ranFor = ({ started, ended }) => started === undefined ? 0 : (ended ?? data.now) - started;

function median(values) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)];
}

/** A row for each step of the spec. */
function overview() {
  const head = [
    "Step",
    "",
    "Steps",
    ...totals.map(({ word }) => word),
    "Wait, median",
    "Run, median",
    "Run, longest",
  ];
  return el(
    "table",
    { class: "overview" },
    el(
      "thead",
      {},
      el("tr", {}, head.map((text, i) => el("th", { scope: "col", class: i > 1 ? "num" : undefined }, text))),
    ),
    el("tbody", {}, data.steps.map(overviewRow)),
  );
}

function overviewRow(step, index) {
  const parts = partsOf(step);
  const attempts = rows.slice(step.first, step.end).flatMap(({ attempts }) => attempts);
  const waits = attempts.flatMap(({ waited }) => waited === undefined ? [] : [waited]);
  const runs = attempts.filter(({ started }) => started !== undefined).map(ranFor);
  const num = (text) => el("td", { class: "num" }, text);
  const show = () => setFilter({ step: index });
  return el(
    "tr",
    {},
    el(
      "th",
      { scope: "row", title: step.description },
      el("button", { type: "button", class: "plain", onclick: show }, step.name),
    ),
    el("td", {}, el("div", { class: "bar thin", "aria-hidden": "true" }, segments(parts, step.total))),
    num(number(step.total)),
    totals.map(({ word }) => {
      const part = parts.find((part) => part.word === word);
      return num(part === undefined ? "·" : number(part.count));
    }),
    num(waits.length > 0 ? duration(median(waits)) : ""),
    num(runs.length > 0 ? duration(median(runs)) : ""),
    num(runs.length > 0 ? duration(runs.reduce((most, ms) => Math.max(most, ms), 0)) : ""),
  );
}

export function drawProvenance() {
  const { provenance, maestro, now } = data;
  for (const [name, text] of provenance.facts) {
    byId("facts").append(el("div", {}, el("dt", {}, name), el("dd", {}, text)));
  }
  const [summary, pre] = byId("spec").children;
  summary.textContent = `Spec: ${provenance.specFile}`;
  pre.textContent = provenance.spec;
  byId("spec").hidden = provenance.spec === "";
  byId("footer").textContent = `As of ${
    clock(now)
  } (${zone}; all times here are). Made by maestro ${maestro}.`;
}
