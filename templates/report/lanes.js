/** How a step's attempts lie in time, added up: how many run at once, how they end, and how many wait. */

import { data, kindOf } from "./data.js";
import { svg } from "./dom.js";

/** What the sum keeps apart; the word names the colour. */
const KINDS = ["FINISHED", "FAILED", "CANCELLED", "RUNNING"];
const PLACES = { finished: 0, failed: 1, cancelled: 2, unknown: 2 };
const RUNNING = 3;
const WAITING = KINDS.length;

const BUCKETS = 800;

/** How many attempts of many rows are in each state, on average over each of many spans of `[0, to]`. */
export function laneShape(rows, to) {
  const sums = [...KINDS, "waiting"].map(() => ({
    whole: new Float64Array(BUCKETS + 1),
    part: new Float64Array(BUCKETS),
  }));
  const scale = BUCKETS / to;
  const add = (kind, begin, end) => addSpan(sums[kind], begin * scale, Math.min(BUCKETS, end * scale));
  for (const row of rows) {
    for (const { submitted, started, ended, state } of row.attempts) {
      const until = ended ?? data.now;
      const kind = state === undefined ? RUNNING : PLACES[kindOf(state)];
      // Nobody saw it start: while it goes on it waits, otherwise it ran at some time in between.
      if (started === undefined) add(ended === undefined ? WAITING : kind, submitted, until);
      else {
        add(WAITING, submitted, started);
        add(kind, started, until);
      }
    }
  }
  const means = sums.map(({ whole, part }) => {
    for (let i = 1; i < BUCKETS; i++) whole[i] += whole[i - 1];
    return part.map((value, i) => value + whole[i]);
  });
  const tops = means[WAITING].map((waiting, i) => waiting + ranIn(means, i));
  const ran = means[WAITING].map((_, i) => ranIn(means, i)).reduce((most, value) => Math.max(most, value), 0);
  // Thousands that wait must not press what runs flat.
  const most = tops.reduce((top, value) => Math.max(top, value), 0);
  return { means, top: ran > 0 ? Math.min(most, ran * 2.5) : most };
}

const ranIn = (means, i) => means[0][i] + means[1][i] + means[2][i] + means[3][i];

/** Buckets that are covered count 1, those at the ends as much as is covered. */
function addSpan({ whole, part }, from, to) {
  if (to <= from) return;
  const [first, last] = [Math.min(BUCKETS - 1, Math.floor(from)), Math.min(BUCKETS - 1, Math.floor(to))];
  if (first === last) {
    part[first] += to - from;
    return;
  }
  part[first] += first + 1 - from;
  part[last] += to - last;
  whole[first + 1]++;
  whole[last]--;
}

const HEIGHT = 100;

export function laneSvg({ means, top }) {
  const base = new Float64Array(BUCKETS);
  const areas = means.flatMap((mean, kind) => {
    const next = base.map((value, i) => Math.min(top, value + mean[i]));
    if (!next.some((value, i) => value > base[i])) return [];
    const d = area(base, next, top);
    base.set(next);
    return [svg("path", { class: kind === WAITING ? "wait" : `run s-${KINDS[kind]}`, d })];
  });
  return svg("svg", {
    viewBox: `0 0 ${BUCKETS} ${HEIGHT}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  }, areas);
}

/** Steps along the upper edge, and back along the lower; only where something changes. */
function area(low, high, top) {
  const y = (value) => Math.round((1 - value / top) * HEIGHT * 10) / 10;
  let d = "";
  for (let start = 0; start < BUCKETS;) {
    if (high[start] <= low[start]) {
      start++;
      continue;
    }
    let end = start;
    while (end < BUCKETS && high[end] > low[end]) end++;
    d += `M${start} ${y(low[start])}`;
    for (let i = start; i < end; i++) {
      if (i === start || high[i] !== high[i - 1]) d += `V${y(high[i])}H${next(high, i, end)}`;
    }
    d += `V${y(low[end - 1])}`;
    for (let i = end - 1; i >= start; i--) {
      if (i === start || low[i] !== low[i - 1]) d += `H${i}V${y(low[Math.max(start, i - 1)])}`;
    }
    d += "Z";
    start = end;
  }
  return d;
}

function next(values, from, end) {
  let i = from + 1;
  while (i < end && values[i] === values[from]) i++;
  return i;
}
