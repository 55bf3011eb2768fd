/** Which points a plot has, and its axes. The report's page and `maestro results --plot` use it. */

const NUMERAL = /^[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?$/;
const NOT_FINITE = /^[+-]?(nan|inf|infinity)$/i;

/** The number that a text is, as programs print it (Fortran's 1.5D-03, too); undefined for any other text. */
export function numberOf(text) {
  const trimmed = text?.trim() ?? "";
  if (!NUMERAL.test(trimmed)) return undefined;
  const value = Number(trimmed.replace(/d/i, "e"));
  return Number.isFinite(value) ? value : undefined;
}

/** Why a value is no number: it is missing, not finite, or another text. */
function kindOfValue(text) {
  const trimmed = text?.trim() ?? "";
  if (trimmed === "") return "missing";
  if (numberOf(trimmed) !== undefined) return "number";
  return NUMERAL.test(trimmed) || NOT_FINITE.test(trimmed) ? "infinite" : "text";
}

/**
 * `rows`: `{ x, y, by, once }`. Of rows with the same x, by and `once`, only the first counts: their y is one value.
 * x is numeric if all its values are. Otherwise it has a place for each text, in the order of the rows.
 */
export function plotModel(rows, { logX = false, logY = false } = {}) {
  const kinds = new Set(rows.map(({ x }) => kindOfValue(x)));
  const numeric = !kinds.has("text") && kinds.has("number");
  const places = numeric ? undefined : new Map();
  const left = { missing: 0, text: 0, infinite: 0, belowLog: 0, repeated: 0 };
  const series = new Map();
  const seen = new Set();
  const points = [];
  rows.forEach(({ x: xText, y: yText, by = "", once }, row) => {
    const kind = kindOfValue(yText);
    const xKind = kindOfValue(xText);
    if (xKind === "missing" || kind === "missing") return left.missing++;
    if (kind === "text") return left.text++;
    if (kind === "infinite" || (numeric && xKind === "infinite")) return left.infinite++;
    const key = once === undefined ? undefined : JSON.stringify([xText, by, once]);
    if (key !== undefined && seen.has(key)) return left.repeated++;
    seen.add(key);
    const [x, y] = [numeric ? numberOf(xText) : placeOf(places, xText), numberOf(yText)];
    if ((logX && numeric && x <= 0) || (logY && y <= 0)) return left.belowLog++;
    if (!series.has(by)) series.set(by, series.size);
    points.push({ x, y, series: series.get(by), row });
  });
  const names = places && [...places.keys()];
  return {
    points,
    series: [...series.keys()],
    left,
    places: names,
    x: names ? placeScale(names) : numberScale(points.map(({ x }) => x), logX),
    y: numberScale(points.map(({ y }) => y), logY),
    lines: numeric ? linesOf(points, series.size) : [],
  };
}

function placeOf(places, text) {
  if (!places.has(text)) places.set(text, places.size);
  return places.get(text);
}

/** With more values of x, a line would be a band. */
const MOST_IN_LINE = 2000;

/** For each series, the mean of y at each x, in the order of x. */
function linesOf(points, count) {
  const sums = Array.from({ length: count }, () => new Map());
  for (const { x, y, series } of points) {
    const sum = sums[series].get(x) ?? { count: 0, mean: 0 };
    sum.count++;
    sum.mean += y / sum.count - sum.mean / sum.count;
    sums[series].set(x, sum);
  }
  return sums.map((byX) =>
    byX.size < 2 || byX.size > MOST_IN_LINE
      ? []
      : [...byX].sort(([a], [b]) => a - b).map(([x, { mean }]) => ({ x, y: mean }))
  );
}

/** A scale: `at(value)` is 0 at its lower end and 1 at its upper end; `ticks(most)` are marks with their texts. */
function numberScale(values, log) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) [low, high] = log ? [1, 10] : [0, 1];
  return log ? logScale(low, high) : linearScale(low, high);
}

function linearScale(least, greatest) {
  const [low, high] = roundEnds(least, greatest);
  // Halves, because the difference of the largest numbers is infinite.
  const half = high / 2 - low / 2;
  return {
    low,
    high,
    at: (value) => half === 0 ? 0.5 : (value / 2 - low / 2) / half,
    ticks: (most) => linearTicks(low, high, most),
  };
}

/** An axis begins and ends at a round number. That of one value has it in the middle. */
function roundEnds(low, high) {
  if (low === high) {
    const margin = low === 0 ? 1 : Math.abs(low) / 2;
    return [Math.max(low - margin, -Number.MAX_VALUE), Math.min(low + margin, Number.MAX_VALUE)];
  }
  const step = niceStep(low, high, 5);
  const ends = [Math.floor(low / step) * step, Math.ceil(high / step) * step];
  return step > 0 && ends.every(Number.isFinite) && ends[0] <= low && ends[1] >= high ? ends : [low, high];
}

/** 1, 2 or 5 times a power of ten, for about `most` steps; 0 if the numbers are too close to each other. */
function niceStep(low, high, most) {
  const rough = (high / 2 - low / 2) / Math.max(1, most) * 2;
  const power = 10 ** Math.floor(Math.log10(rough));
  if (!(power > 0) || !Number.isFinite(power)) return 0;
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= rough * 0.999999);
}

function linearTicks(low, high, most) {
  const step = niceStep(low, high, most);
  if (step === 0) return distinctTicks([low, high].map((value) => ({ value, text: brief(value) })));
  const first = Math.ceil(low / step - 1e-9);
  const ticks = [];
  for (let i = 0; (first + i) * step <= high + step * 1e-9 && i <= 2 * most + 2; i++) {
    const value = Number(((first + i) * step).toPrecision(15));
    ticks.push({ value, text: withStep(value, step, Math.max(Math.abs(low), Math.abs(high))) });
  }
  return distinctTicks(ticks);
}

/** With the digits that distinguish it from its neighbours. */
function withStep(value, step, largest) {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (largest < 1e7 && digits <= 6) return value.toFixed(Math.min(digits, 20));
  if (value === 0) return "0";
  const more = Math.floor(Math.log10(Math.abs(value))) - Math.floor(Math.log10(step) + 1e-9);
  return exponent(value.toExponential(Math.min(15, Math.max(0, more))));
}

const exponent = (text) => text.replace("e+", "e");

function brief(value) {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-4 && size < 1e7)) return String(Number(value.toPrecision(6)));
  return exponent(Number(value.toPrecision(6)).toExponential());
}

function distinctTicks(ticks) {
  const texts = new Set();
  return ticks.filter(({ text }) => !texts.has(text) && texts.add(text));
}

function logScale(low, high) {
  if (low === high) {
    [low, high] = [Math.max(low / 3, Number.MIN_VALUE), Math.min(high * 3, Number.MAX_VALUE)];
  }
  const [from, to] = [Math.log10(low), Math.log10(high)];
  return {
    low,
    high,
    at: (value) => to === from ? 0.5 : (Math.log10(value) - from) / (to - from),
    ticks: (most) => logTicks(from, to, most),
  };
}

function logTicks(from, to, most) {
  const decades = to - from;
  const factors = decades * 3 <= most ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / Math.max(1, most)));
  const ticks = [];
  for (let power = Math.floor(from / every) * every; power <= to + 1e-9; power += every) {
    for (const factor of factors) {
      const value = Number(`${factor}e${power}`);
      const place = Math.log10(value);
      if (place >= from - 1e-9 && place <= to + 1e-9) ticks.push({ value, text: brief(value) });
    }
  }
  return ticks.length >= 2 ? ticks : linearTicks(10 ** from, 10 ** to, most);
}

/** Places of texts, with half a place at both ends. */
function placeScale(names) {
  const count = Math.max(1, names.length);
  return {
    low: -0.5,
    high: count - 0.5,
    at: (value) => (value + 0.5) / count,
    ticks(most) {
      const every = Math.max(1, Math.ceil(names.length / Math.max(1, most)));
      return names.flatMap((text, value) => value % every === 0 ? [{ value, text }] : []);
    },
  };
}
