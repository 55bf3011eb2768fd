/** The content of the report, from the JSON in its page, and the format of times. */

export const data = JSON.parse(document.getElementById("data").textContent);

/** A sign for each state, beside its colour and its word. */
export const glyph = (state) => data.glyphs[data.states.indexOf(state)];

/** What a state means: "finished", "failed", "under way" and so on. */
export const kindOf = (state) => data.kinds[data.states.indexOf(state)];

function readAttempt([submitted, waited, ran, state], i) {
  return {
    number: i + 1,
    submitted,
    waited: waited < 0 ? undefined : waited,
    started: waited < 0 ? undefined : submitted + waited,
    // What still goes on is drawn up to the moment of the report.
    ended: ran < 0 ? undefined : submitted + Math.max(0, waited) + ran,
    state: state < 0 ? undefined : data.states[state],
  };
}

function readRow(step, i) {
  const { rows } = data;
  const label = rows.label[i];
  const attempts = rows.attempts[i].map(readAttempt);
  const last = attempts.at(-1);
  const until = last && (last.ended ?? data.now);
  return {
    index: i,
    step,
    name: label === "" ? data.steps[step].name : `${data.steps[step].name}_${label}`,
    label,
    combo: rows.combo[i],
    state: data.states[rows.state[i]],
    exit: rows.exit[i] ?? undefined,
    reason: rows.reason[i] < 0 ? undefined : rows.reasons[rows.reason[i]],
    job: rows.job[i] === 0 ? undefined : rows.job[i],
    workspace: rows.workspace[i] === 0
      ? data.steps[step].name + (label === "" ? "" : `/${label}`)
      : rows.workspace[i],
    attempts,
    submitted: last?.submitted,
    waited: last && (last.waited ?? (last.ended === undefined ? until - last.submitted : undefined)),
    ran: last?.started === undefined ? undefined : until - last.started,
    ended: last?.ended,
  };
}

/** A row for each step with its combination, in the order of the plan. */
export const rows = data.steps.flatMap(({ first, end }, step) =>
  Array.from({ length: end - first }, (_, i) => readRow(step, first + i))
);

/** The value of a parameter in a row; undefined where its step does not use it. */
export function paramOf(row, parameter) {
  if (row.combo < 0 || !data.steps[row.step].uses.includes(parameter)) return undefined;
  const { values, of } = data.parameters[parameter];
  return values[of[row.combo]];
}

/** Whether a row ended without a run, because of a step before it. */
export const isBehind = ({ index }) => data.rows.fate[index] === 1;

/** Whether a row failed, and will run again. */
export const runsAgain = ({ index }) => data.rows.fate[index] === 2;

/** By the fate of a row: what follows its state, and the class of its area. */
const FATES = [["", ""], [" (did not run)", " skipped"], [" (will run again)", " retrying"]];

function partOf(state, fate, count) {
  const [words, className] = FATES[fate];
  return { state, fate, count, word: state + words, className: `s-${state}${className}` };
}

/** A row as a part of its step. */
export const partOfRow = ({ index, state }) => partOf(state, data.rows.fate[index], 1);

/** How many are in each state, with the same fate. */
export function partsOf({ counts, skipped, retrying }) {
  return data.states.flatMap((state, i) =>
    [counts[i] - skipped[i] - retrying[i], skipped[i], retrying[i]]
      .flatMap((count, fate) => count === 0 ? [] : [partOf(state, fate, count)])
  );
}

/** The part that asks for attention first. */
export function markOf(parts) {
  const weight = ({ state, fate }) => -data.byWeight.indexOf(state) - (fate === 0 ? 0 : 3.5);
  return parts.reduce(
    (most, part) => most === undefined || weight(part) > weight(most) ? part : most,
    undefined,
  );
}

/** What a step's rule picked from a row's output. */
export function resultOf(row, rule) {
  const step = data.steps[row.step];
  return step.results[rule].values[row.index - step.first] ?? undefined;
}

/** For each combination the rows of the steps that use parameters; undefined where one has none. */
export function combinations() {
  const steps = data.steps.map((step, i) => ({ ...step, index: i })).filter(({ uses }) => uses.length > 0);
  const byCombo = steps.map(({ first, end }) =>
    new Map(rows.slice(first, end).map((row) => [row.combo, row]))
  );
  const used = new Set(steps.flatMap(({ uses }) => uses));
  const count = data.parameters[0]?.of.length ?? 0;
  const items = [];
  for (let combo = 0; combo < count && steps.length > 0; combo++) {
    const own = steps.map(({ combos }, i) => byCombo[i].get(combos ? combos[combo] : combo));
    if (own.some((row) => row !== undefined)) items.push({ index: items.length, combo, rows: own });
  }
  return { steps, items, used: [...used].sort((a, b) => a - b) };
}

/** `1 h 02 m`, `3 m 20 s`, `4.2 s`, `120 ms`: two units at most. */
export function duration(ms) {
  if (ms === undefined) return "";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value) => String(value).padStart(2, "0");
  if (h >= 48) return `${Math.floor(h / 24)} d ${two(h % 24)} h`;
  return h > 0 ? `${h} h ${two(m)} m` : `${m} m ${two(s)} s`;
}

/** Date and time where the study was, whatever the zone of the reader. */
export function clock(ms) {
  if (ms === undefined) return "";
  return new Date(data.since + ms + data.zoneMinutes * 60_000).toISOString().slice(0, 19).replace("T", " ");
}

export const zone = (() => {
  const east = Math.abs(data.zoneMinutes);
  const two = (value) => String(value).padStart(2, "0");
  return `UTC${data.zoneMinutes < 0 ? "−" : "+"}${two(Math.floor(east / 60))}:${two(east % 60)}`;
})();

export const number = (value) => value.toLocaleString("en-US");

/** Of attempts. */
export function mostAtOnce(attempts) {
  const starts = [];
  const ends = [];
  for (const { started, ended } of attempts) {
    if (started === undefined) continue;
    starts.push(started);
    ends.push(ended ?? data.now);
  }
  const [up, down] = [Float64Array.from(starts).sort(), Float64Array.from(ends).sort()];
  let most = 0;
  for (let i = 0, over = 0; i < up.length; i++) {
    while (down[over] <= up[i]) over++;
    most = Math.max(most, i + 1 - over);
  }
  return most;
}
