/** The place of everything in the picture of a plot, in pixels: for the report's page and for SVG files. */

/** Colours and signs of series; a sign has its colour's number and its own. */
export const SERIES_COLORS = 8;
const SIGNS = 4;

/** With more points, those on one pixel are one. */
const MOST_POINTS = 1000;

/** `names`: of x, y and by. */
export function plotPicture(model, { width, height, names }) {
  const yTicks = model.y.ticks(Math.max(2, Math.floor(height / 60)));
  const widest = yTicks.reduce((most, { text }) => Math.max(most, text.length), 0);
  const left = Math.min(width / 3, 18 + widest * 7.5);
  const legend = legendOf(model, names.by, width - left - 12);
  const top = 30 + legend.height;
  const frame = { left, top, right: width - 16, bottom: height - 44 };
  const toX = (value) => frame.left + model.x.at(value) * (frame.right - frame.left);
  const toY = (value) => frame.bottom - model.y.at(value) * (frame.bottom - frame.top);
  const place = ({ x, y }) => [tenth(toX(x)), tenth(toY(y))];
  const xTicks = spaced(model.x.ticks(Math.max(2, Math.floor((frame.right - frame.left) / 70))), toX);
  return {
    width,
    height,
    frame,
    title: `${names.y} against ${names.x}${
      names.by === "" ? "" : `, by ${names.by}`
    }: ${model.points.length} points`,
    texts: [
      { x: 12, y: 18, text: cutTo(names.y, width / 7 - 4), anchor: "start", kind: "axis" },
      { x: frame.right, y: height - 8, text: cutTo(names.x, width / 7 - 4), anchor: "end", kind: "axis" },
      ...yTicks.map(({ value, text }) => ({
        ...{ x: tenth(left - 8), y: tenth(toY(value) + 4), anchor: "end", kind: "tick" },
        text: cutTo(text, 16),
      })),
      ...xTicks.map(({ value, text }) => ({
        ...{ x: tenth(toX(value)), y: frame.bottom + 18, anchor: "middle", kind: "tick" },
        text,
      })),
      ...legend.texts.map((text) => ({ ...text, x: tenth(text.x + left) })),
    ],
    grid: [
      ...yTicks.map(({ value }) => `M${tenth(left)} ${tenth(toY(value))}H${frame.right}`),
      ...xTicks.map(({ value }) => `M${tenth(toX(value))} ${frame.bottom}v5`),
    ].join(""),
    keys: legend.keys.map((key) => ({ ...key, x: tenth(key.x + left) })),
    lines: model.lines.flatMap((line, series) =>
      line.length === 0 ? [] : [{ series, d: `M${line.map((point) => place(point).join(" ")).join("L")}` }]
    ),
    ...marksOf(model, place),
  };
}

const tenth = (value) => Math.round(value * 10) / 10;

const cutTo = (text, most) => text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text;

/** Ticks whose texts do not overlap. */
function spaced(ticks, toX) {
  let free = -Infinity;
  const room = ticks.length > 1 ? Math.abs(toX(ticks[1].value) - toX(ticks[0].value)) : Infinity;
  return ticks.flatMap(({ value, text }) => {
    const short = cutTo(text, Math.max(8, Math.floor(room / 7)));
    const [x, half] = [toX(value), short.length * 3.6 + 4];
    if (x - half < free) return [];
    free = x + half;
    return [{ value, text: short }];
  });
}

/** Few points each, so that a page can show what each is; many as one path for each series. */
function marksOf({ points, series }, place) {
  if (points.length <= MOST_POINTS) {
    return {
      marks: points.map((point) => ({ at: place(point), series: point.series, row: point.row })),
      clouds: [],
    };
  }
  const seen = series.map(() => new Set());
  for (const point of points) seen[point.series].add(place(point).map(Math.round).join(" "));
  return {
    marks: [],
    clouds: seen.map((places, index) => ({
      series: index,
      d: [...places].map((at) => `M${at}h0`).join(""),
    })),
  };
}

/** The path of a sign around a point: a dot, a square, a triangle, a diamond. */
export function signPath(series, [x, y], size = 4.2) {
  const [s, t] = [tenth(size * 0.9), tenth(size * 1.2)];
  switch (Math.floor(series / SERIES_COLORS) % SIGNS) {
    case 1:
      return `M${tenth(x - s)} ${tenth(y - s)}h${2 * s}v${2 * s}h${-2 * s}z`;
    case 2:
      return `M${x} ${tenth(y - t)}l${t} ${2 * s}h${-2 * t}z`;
    case 3:
      return `M${x} ${tenth(y - t)}l${t} ${t}l${-t} ${t}l${-t} ${-t}z`;
    default:
      return `M${tenth(x - size)} ${y}a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${
        -2 * size
      } 0z`;
  }
}

/** Names of the series in lines above the plot; empty if there is only one without a name. */
function legendOf({ series }, by, width) {
  if (by === "") return { height: 0, texts: [], keys: [] };
  const words = [`${by}:`, ...series];
  const [texts, keys] = [[], []];
  let [x, y] = [0, 36];
  words.forEach((word, i) => {
    const text = cutTo(word === "" ? "(none)" : word, 28);
    const cells = text.length * 7 + (i === 0 ? 10 : 30);
    if (x > 0 && x + cells > width) [x, y] = [0, y + 18];
    if (i > 0) keys.push({ x: x + 6, y: y - 4, series: i - 1 });
    texts.push({ x: i > 0 ? x + 16 : x, y, text, anchor: "start", kind: "key" });
    x += cells;
  });
  return { height: y - 18, texts, keys };
}
