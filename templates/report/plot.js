/** Results against parameters: a point for each combination, with choosers for the axes. */

import { combinations, data, number, resultOf } from "./data.js";
import { byId, el, svg } from "./dom.js";
import { openDetail } from "./detail.js";
import { onFilter } from "./filter.js";
import { numberOf, plotModel } from "./plot_model.js";
import { plotPicture, SERIES_COLORS, signPath } from "./plot_picture.js";

/** Colours times signs. */
const MOST_SERIES = 32;
/** A parameter with more values does not separate points at first. */
const FEW_VALUES = 8;

/** What can be on an axis: `of(item)` is its text for a combination, `at` the step that it is a result of. */
function axisChoices({ steps, used }) {
  const parameters = used.map((i) => {
    const { key, values, of } = data.parameters[i];
    return {
      index: i,
      title: key,
      of: ({ combo }) => values[of[combo]],
      numbers: values.every(isNumeral),
      count: values.length,
    };
  });
  const results = steps.flatMap(({ name: step, results: rules = [] }, at) =>
    rules.flatMap(({ name, values, image }, rule) =>
      image || !values.some(isNumeral)
        ? []
        : [{ title: name, step, at, of: ofRow(at, (row) => resultOf(row, rule)) }]
    )
  );
  const twice = (title) => [...parameters, ...results].filter((other) => other.title === title).length > 1;
  const times = steps.flatMap(({ name }, at) => [{
    title: `run time of ${name} (s)`,
    at,
    of: ofRow(at, ({ ran }) => ran === undefined ? undefined : String(ran / 1000)),
  }]);
  return {
    parameters,
    measures: [
      ...results.map((result) =>
        twice(result.title) ? { ...result, title: `${result.step}.${result.title}` } : result
      ),
      ...times,
    ],
  };
}

const isNumeral = (text) => text !== null && numberOf(text) !== undefined;

const ofRow = (at, read) => (item) => item.rows[at] && read(item.rows[at]);

export function drawPlot() {
  const combined = combinations();
  const { steps } = combined;
  const { parameters, measures } = axisChoices(combined);
  if (combined.items.length < 2 || measures.length === 0) return;
  byId("plot-section").hidden = false;
  const axes = [...parameters, ...measures];
  // A result that depends on most parameters shows most at first.
  const usesOf = ({ at }) => steps[at].uses;
  const y = measures.reduce((best, other) =>
    other.step && usesOf(other).length > usesOf(best).length ? other : best
  );
  const varied = parameters.filter(({ count, index }) => count > 1 && usesOf(y).includes(index));
  const x = varied.find(({ numbers }) => numbers) ?? varied[0] ?? parameters[0];
  const by = varied.find((other) => other !== x && other.count <= FEW_VALUES);
  const redraw = () => draw();
  const choosers = {
    x: chooser("x", axes, x, redraw),
    y: chooser("y", [...measures, ...parameters], y, redraw),
    by: chooser("by", [{ title: "(none)" }, ...parameters], by, redraw),
  };
  const logs = { x: logSwitch("x", redraw), y: logSwitch("y", redraw) };
  byId("plot-form").addEventListener("submit", (event) => event.preventDefault());
  byId("plot-form").append(
    ...Object.values(choosers).map(({ element }) => element),
    ...Object.values(logs).map(({ element }) => element),
  );
  let mask;
  const draw = () => {
    const chosen = Object.fromEntries(Object.entries(choosers).map(([name, { value }]) => [name, value()]));
    drawChoice(combined, chosen, mask, { logX: logs.x.value(), logY: logs.y.value() });
  };
  onFilter((_, marks) => {
    mask = marks;
    draw();
  });
  let width = 0;
  new ResizeObserver(() => {
    const now = byId("plot").clientWidth;
    if (mask && now !== width) draw(width = now);
  }).observe(byId("plot"));
}

function chooser(name, choices, first, onchange) {
  const select = el(
    "select",
    { id: `plot-${name}`, onchange },
    choices.map((choice, i) => el("option", { value: String(i), selected: choice === first }, choice.title)),
  );
  return {
    element: el("span", {}, el("label", { for: `plot-${name}` }, name), select),
    value: () => choices[Number(select.value)],
  };
}

function logSwitch(name, onchange) {
  const box = el("input", { type: "checkbox", id: `plot-log-${name}`, onchange });
  return { element: el("label", {}, box, el("span", {}, `logarithmic ${name}`)), value: () => box.checked };
}

function drawChoice({ items }, { x, y, by }, mask, log) {
  const first = y.at ?? x.at;
  const shown = items.filter(({ rows }) =>
    first === undefined
      ? rows.some((row) => row && mask[row.index])
      : rows[first] !== undefined && mask[rows[first].index] === 1
  );
  const once = (item) =>
    y.at === undefined
      ? undefined
      : `${item.rows[y.at].index} ${x.at === undefined ? "" : item.rows[x.at]?.index}`;
  const model = plotModel(
    shown.map((item) => ({ x: x.of(item), y: y.of(item), by: by.of?.(item) ?? "", once: once(item) })),
    log,
  );
  const note = [leftWords(model.left), log.logX && model.places ? `${x.title} has no logarithm` : ""];
  const box = byId("plot");
  if (model.points.length === 0 || model.series.length > MOST_SERIES) {
    box.replaceChildren(el("p", { class: "quiet" }, emptyWords(model, by)));
  } else box.replaceChildren(plotElement(model, { x, y, by }, (row) => shown[row], first));
  byId("plot-note").textContent = note.filter((text) => text !== "").join(". ");
}

const emptyWords = ({ points, series }, by) =>
  points.length === 0
    ? "No combination has numbers for these axes."
    : `${by.title} has ${
      number(series.length)
    } values here, but there are signs for ${MOST_SERIES}. Filter some, or choose another one.`;

function leftWords({ missing, text, infinite, belowLog }) {
  const words = [
    missing > 0 && `${number(missing)} without a value`,
    text > 0 && `${number(text)} with a text instead of a number`,
    infinite > 0 && `${number(infinite)} with a number that is not finite`,
    belowLog > 0 && `${number(belowLog)} with 0 or less on a logarithmic axis`,
  ].filter(Boolean);
  return words.length === 0 ? "" : `Combinations that are not drawn: ${words.join(", ")}`;
}

/** `itemOf`: the combination of a point. `at`: the step whose details a click shows. */
function plotElement(model, { x, y, by }, itemOf, at) {
  const width = Math.max(280, byId("plot").clientWidth);
  const names = { x: x.title, y: y.title, by: by.of ? by.title : "" };
  const picture = plotPicture(model, { width, height: width < 600 ? 300 : 400, names });
  const { frame } = picture;
  const color = (series) => `c${series % SERIES_COLORS}`;
  const sign = (series, at, attributes = {}, ...children) =>
    svg("path", { class: `point ${color(series)}`, d: signPath(series, at), ...attributes }, ...children);
  const pointMark = ({ at: place, series, row }) => {
    const item = itemOf(row);
    const own = item.rows[at] ?? item.rows.find((other) => other !== undefined);
    const words = [x, y].map((axis) => `${axis.title} = ${axis.of(item)}`).join(", ");
    return sign(series, place, { onclick: () => openDetail(own) }, svg("title", {}, `${own.name}: ${words}`));
  };
  return svg(
    "svg",
    {
      ...{ class: "plot", viewBox: `0 0 ${width} ${picture.height}`, width, height: picture.height },
      ...{ role: "img", "aria-label": picture.title },
    },
    svg("path", { class: "plot-grid", d: picture.grid }),
    svg("path", { class: "plot-grid", d: `M${frame.left} ${frame.top}V${frame.bottom}H${frame.right}` }),
    picture.lines.map(({ series, d }) => svg("path", { class: `plot-line ${color(series)}`, d })),
    picture.clouds.map(({ series, d }) => svg("path", { class: `plot-cloud ${color(series)}`, d })),
    picture.marks.map(pointMark),
    picture.keys.map(({ x, y, series }) => sign(series, [x, y])),
    picture.texts.map(({ x, y, text, anchor, kind }) =>
      svg("text", { class: `plot-${kind}`, x, y, "text-anchor": anchor }, text)
    ),
  );
}
