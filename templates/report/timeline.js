/** The timeline: a lane for each step, which opens into one line a combination. Only what is in sight is drawn. */

import { clock, data, duration, mostAtOnce, number, rows } from "./data.js";
import { byId, el } from "./dom.js";
import { openDetail } from "./detail.js";
import { onFilter } from "./filter.js";
import { laneShape, laneSvg } from "./lanes.js";

const LANE = 52;
const LINE = 22;
/** With no more rows than this, all lanes are open at first. */
const FEW = 60;

const to = Math.max(
  1,
  rows.reduce((most, { attempts }) => {
    const last = attempts.at(-1);
    return last ? Math.max(most, last.ended ?? data.now) : most;
  }, 0),
);

/** Steps whose lanes are open. */
const open = new Set(rows.length <= FEW ? data.steps.keys() : []);
let groups = [];
let items = [];
let zoom = 1;
let list;
let axis;

export function drawTimeline() {
  const box = byId("timeline");
  if (!rows.some(({ attempts }) => attempts.length > 0)) {
    box.replaceWith(el("p", { class: "quiet" }, "Nothing has been submitted yet."));
    return;
  }
  axis = el("div", { class: "axis", "aria-hidden": "true" });
  list = el("div", { class: "lines", role: "list" });
  box.append(el("div", { class: "sheet" }, axis, list));
  box.addEventListener("scroll", () => requestAnimationFrame(showWindow), { passive: true });
  new ResizeObserver(() => {
    drawAxis();
    showWindow();
  }).observe(box);
  byId("timeline-legend").append(
    el("li", {}, el("span", { class: "swatch wait" }), "waiting"),
    ...["FINISHED", "FAILED", "CANCELLED", "RUNNING"].filter((state) =>
      rows.some((row) => row.state === state)
    ).map(
      (state) =>
        el(
          "li",
          {},
          el("span", { class: `swatch s-${state}` }),
          state === "RUNNING" ? "running" : `ran, ${state}`,
        ),
    ),
  );
  const tool = (text, label, onclick) =>
    el("button", { type: "button", class: "plain", "aria-label": label, onclick }, text);
  byId("timeline-tools").append(
    tool("Open all", "Open all lanes", () => openLanes(groups.map(({ step }) => step))),
    tool("Close all", "Close all lanes", () => openLanes([])),
    tool("−", "Zoom out", () => zoomTo(zoom / 2)),
    tool("+", "Zoom in", () => zoomTo(zoom * 2)),
  );
  onFilter((shown) => {
    groups = grouped(shown);
    layOut();
  });
}

function grouped(shown) {
  const found = [];
  for (const row of shown) {
    if (found.at(-1)?.step !== row.step) found.push({ step: row.step, rows: [] });
    found.at(-1).rows.push(row);
  }
  return found;
}

function openLanes(steps) {
  open.clear();
  for (const step of steps) open.add(step);
  layOut();
}

function zoomTo(wanted) {
  const box = byId("timeline");
  const middle = (box.scrollLeft + box.clientWidth / 2) / box.scrollWidth;
  zoom = Math.min(64, Math.max(1, wanted));
  box.style.setProperty("--zoom", String(zoom));
  drawAxis();
  box.scrollLeft = middle * box.scrollWidth - box.clientWidth / 2;
}

/** Places lanes and lines below one another. */
function layOut() {
  items = [];
  let top = 0;
  const place = (item, height) => {
    items.push({ ...item, top });
    top += height;
  };
  for (const group of groups) {
    place({ group }, LANE);
    if (open.has(group.step) && group.rows.length > 1) { for (const row of group.rows) place({ row }, LINE); }
  }
  list.style.height = `${top}px`;
  showWindow();
}

/** Draws what is in sight, and a little more. */
function showWindow() {
  const box = byId("timeline");
  const [from, until] = printing
    ? [0, 30_000]
    : [box.scrollTop - 300, box.scrollTop + box.clientHeight + 300];
  const first = firstBelow(from);
  const shown = [];
  for (let i = first; i < items.length && items[i].top < until; i++) shown.push(items[i]);
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  list.replaceChildren(...shown.map(itemElement));
  if (focused) list.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
}

function firstBelow(y) {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].top < y) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

function itemElement(item) {
  // Elements stay as long as what they show does.
  return item.element ??= item.group ? lane(item.group, item.top) : line(item.row, item.top);
}

function lane({ step, rows: own }, top) {
  const { name } = data.steps[step];
  const single = own.length === 1;
  const isOpen = open.has(step);
  const shape = single ? undefined : laneShape(own, to);
  const peak = number(mostAtOnce(own.flatMap(({ attempts }) => attempts)));
  const toggle = () =>
    single ? openDetail(own[0]) : openLanes(isOpen ? [...open].filter((s) => s !== step) : [...open, step]);
  return item("lane", top, {
    label: {
      title: name,
      "data-key": `s${step}`,
      "aria-expanded": single ? undefined : String(isOpen),
      onclick: toggle,
    },
    text: [
      el("span", { class: "fold", "aria-hidden": "true" }, single ? "" : isOpen ? "▾" : "▸"),
      el("span", { class: "text" }, name),
      single ? undefined : el("small", {}, ` ${number(own.length)}`),
    ],
    track: { title: single ? undefined : `${peak} at once at most` },
    shapes: single ? bars(own[0]) : [laneSvg(shape), el("span", { class: "peak" }, peak)],
  });
}

function line(row, top) {
  return item("line", top, {
    label: { title: row.name, "data-key": `r${row.index}`, onclick: () => openDetail(row) },
    text: el("span", { class: "text" }, row.label),
    track: {},
    shapes: bars(row),
  });
}

/** A button with a name, and what lies in time behind it. */
function item(kind, top, { label, text, track, shapes }) {
  return el(
    "div",
    { class: kind, role: "listitem", style: { top: `${top}px` } },
    el("button", { type: "button", class: "label", ...label }, text),
    el("div", { class: "track", ...track }, shapes),
  );
}

const percent = (ms) => `${(ms / to * 100).toFixed(4)}%`;

function bars(row) {
  return row.attempts.flatMap(({ submitted, started, ended, state, number }) => {
    const until = ended ?? data.now;
    const told = `${row.name}, attempt ${number}: submitted ${clock(submitted)}`;
    const bar = (kind, begin, end, text) =>
      el("span", {
        class: kind,
        title: `${told}, ${text}`,
        style: { left: percent(begin), width: percent(end - begin) },
      });
    const word = state ?? "RUNNING";
    if (started === undefined) {
      return [
        ended === undefined
          ? bar("bit wait", submitted, until, `waits since ${duration(until - submitted)}`)
          : bar(`bit wait s-${word}`, submitted, until, `${word} after ${duration(until - submitted)}`),
      ];
    }
    return [
      bar("bit wait", submitted, started, `waited ${duration(started - submitted)}`),
      bar(`bit run s-${word}`, started, until, `ran ${duration(until - started)}, ${word}`),
    ];
  });
}

/** Distances between marks, in seconds. */
const NICE = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200],
  ...[86_400, 172_800, 604_800, 2_419_200, 9_676_800],
];

function drawAxis() {
  const width = list.clientWidth - 4;
  const most = Math.max(2, width / 110);
  const gap = (NICE.find((seconds) => to / 1000 / seconds <= most) ?? NICE.at(-1)) * 1000;
  const ticks = [];
  for (let at = 0; at <= to && ticks.length < 2000; at += gap) {
    ticks.push(
      el(
        "span",
        { class: "tick", style: { left: percent(at) }, title: clock(at) },
        el("span", {}, at === 0 ? "0" : tickText(at)),
      ),
    );
  }
  axis.replaceChildren(el("span", { class: "corner" }, "after"), el("div", { class: "track" }, ticks));
}

function tickText(ms) {
  if (ms < 60_000) return `${ms / 1000} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round(ms / 1000) % 60;
  if (minutes < 60) {
    return seconds === 0 ? `${minutes} min` : `${minutes}:${String(seconds).padStart(2, "0")} min`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours >= 72 && hours % 24 === 0) return `${hours / 24} d`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours}:${String(minutes % 60).padStart(2, "0")} h`;
}

let printing = false;
export function printTimeline(now) {
  printing = now;
  if (list) showWindow();
}
