/** The summary of a study: how it stands at one look, what failed first and why, and what to do about it. */

import { cellWidth, fold, pad, visible } from "./cells.ts";
import { failedItself, failureLines, firstFailure, reasonOf, shownWord } from "./failures.ts";
import { stalledNote, SUMMARY_ORDER, summaryLine } from "./render.ts";
import { type Look, widest } from "./render_table.ts";
import { paint, stateStyle, STYLE } from "./terminal.ts";
import { formatLocalTime } from "./times.ts";
import type { StatusStep, StatusView, StepState } from "./types.ts";
import { formatDuration } from "./units.ts";

/** What a failed step said. */
export interface FailureLog {
  /** Its file of standard error; undefined where there is none. */
  readonly file?: string;
  /** The last lines of it. */
  readonly tail: readonly string[];
}

export interface SummaryOptions {
  readonly now: number;
  /** What the step that failed first said. */
  readonly failure?: FailureLog;
  /** Whether the numbers of each step are shown where they say more than the table does. */
  readonly steps: "all" | "several";
}

/** The whole text of the summary; ends with a newline. */
export function renderSummary(view: StatusView, options: SummaryOptions, look: Look): string {
  const lines = [
    headLine(view, look),
    barLine(view, look),
    ...timeLines(view, options.now),
    ...conductorLines(view),
    ...stepLines(view, options.steps, look),
    ...failureBlock(view, options, look),
  ];
  return lines.join("\n") + "\n";
}

/** How a study is marked at one look. */
const STUDY_STYLE: Readonly<Record<StatusView["state"], string>> = {
  initialized: STYLE.dim,
  running: stateStyle("RUNNING"),
  finished: stateStyle("FINISHED"),
  failed: stateStyle("FAILED"),
  cancelled: stateStyle("CANCELLED"),
  stalled: stateStyle("UNKNOWN"),
};

/** One line for one study, its state in colour. */
export function headLine(view: StatusView, look: Look): string {
  const [name, state, counts] = summaryLine(view).split(/ {2}(?=\w+ {2}(?:\d+ [A-Z]+(?:, |$)|no steps$))/)
    .flatMap((part, i) => i === 0 ? [part] : part.split("  "));
  if (!look.styled) return `${name}  ${state}  ${counts}`;
  return `${paint(name!, STYLE.bold)}  ${paint(state!, STUDY_STYLE[view.state])}  ${counts}`;
}

// ---------------------------------------------------------------- progress

const BAR_WIDTH = 40;

/** Parts of the bar: what has come to its end, well or not, what is under way; the rest waits. */
const PARTS: readonly {
  readonly states: readonly StepState[];
  readonly fill: string;
  readonly ascii: string;
}[] = [
  { states: ["FINISHED", "DRYRUN"], fill: "█", ascii: "#" },
  { states: ["FAILED", "TIMEDOUT", "HWFAILURE", "UNKNOWN"], fill: "▓", ascii: "x" },
  { states: ["CANCELLED"], fill: "▒", ascii: "-" },
  { states: ["RUNNING", "PENDING"], fill: "░", ascii: ">" },
];

/** Of `width` cells, how many each number gets: every number above 0 at least one, their sum never more. */
export function shares(numbers: readonly number[], total: number, width: number): number[] {
  const wanted = numbers.map((number) => number === 0 ? 0 : Math.max(1, Math.floor(number * width / total)));
  let excess = wanted.reduce((sum, cells) => sum + cells, 0) - width;
  for (; excess > 0; excess--) wanted[wanted.indexOf(Math.max(...wanted))]!--;
  return wanted;
}

function barLine(view: StatusView, look: Look): string {
  const total = view.steps.length;
  const numbers = PARTS.map(({ states }) =>
    states.reduce((sum, state) => sum + (view.counts[state] ?? 0), 0)
  );
  const ended = total - numbers[3]! - (view.counts.INITIALIZED ?? 0);
  const said = `${ended} of ${total} steps have ended`;
  const width = Math.max(5, Math.min(BAR_WIDTH, look.width - said.length - 2));
  const cells = shares(numbers, total, width);
  // A bar that is full says that nothing is left to do.
  const parts = PARTS.map(({ states, fill, ascii }, i) => {
    const bar = (look.unicode ? fill : ascii).repeat(cells[i]!);
    return look.styled ? paint(bar, stateStyle(states[0]!)) : bar;
  });
  const rest = width - cells.reduce((sum, part) => sum + part, 0);
  const blank = (look.unicode ? "·" : ".").repeat(total === 0 ? width : rest);
  return `${parts.join("")}${look.styled ? paint(blank, STYLE.dim) : blank}  ${said}`;
}

/** Since when, and how long: to its end, or to now. */
function timeLines(view: StatusView, now: number): string[] {
  let start = Infinity;
  let end = 0;
  for (const { submittedAt, endedAt } of view.steps) {
    if (submittedAt === undefined) continue;
    start = Math.min(start, submittedAt);
    end = Math.max(end, endedAt ?? 0);
  }
  if (start === Infinity) return [];
  const over = view.state === "finished" || view.state === "failed" || view.state === "cancelled";
  const elapsed = formatDuration(((over ? Math.max(end, start) : now) - start) / 1000);
  return [`elapsed    ${elapsed}, since ${formatLocalTime(start)}`];
}

function conductorLines(view: StatusView): string[] {
  const { alive, host, pid, heartbeatAt } = view.conductor;
  if (alive) return [`conductor  pid ${pid} on ${visible(host ?? "")}`];
  if (view.state === "stalled") return [stalledNote(view)];
  if (view.state === "initialized") {
    return [`conductor  none; \`maestro conduct ${shownWord(view.directory)}\` launches the study`];
  }
  if (view.state !== "running") return [];
  return [`conductor  none right now; the last pass was at ${formatLocalTime(heartbeatAt ?? 0)}`];
}

// ---------------------------------------------------------------- numbers of each step

const GAP = "  ";
/** Steps of the spec that are listed. */
const MOST_STEPS = 40;

/** A row for each step of the spec: how many of its combinations are in each state. */
function stepLines(view: StatusView, which: SummaryOptions["steps"], look: Look): string[] {
  const rows = new Map<string, { total: number; counts: Partial<Record<StepState, number>> }>();
  for (const { step, state } of view.steps) {
    let row = rows.get(step);
    if (!row) rows.set(step, row = { total: 0, counts: {} });
    row.total++;
    row.counts[state] = (row.counts[state] ?? 0) + 1;
  }
  // Where each step has one combination only, the table says the same.
  if (rows.size === 0 || (which === "several" && rows.size === view.steps.length)) return [];
  const states = SUMMARY_ORDER.filter((state) => (view.counts[state] ?? 0) > 0);
  const widths = states.map((state) => Math.max(state.length, String(view.counts[state]).length));
  const totalWidth = Math.max(5, String(view.steps.length).length);
  const fixed = widths.reduce((sum, width) => sum + GAP.length + width, GAP.length + totalWidth);
  const shown = [...rows].slice(0, MOST_STEPS);
  const names = shown.map(([name]) => visible(name));
  const nameWidth = Math.max(4, Math.min(Math.max(widest(names), 4), look.width - fixed));
  const head = [pad("step", nameWidth), pad("total", totalWidth, "right")];
  const lines = [[...head, ...states.map((state, c) => pad(state, widths[c]!, "right"))].join(GAP)];
  shown.forEach(([, { total, counts }], i) => {
    const [first, ...more] = fold(names[i]!, nameWidth);
    const numbers = states.map((state, c) => {
      const text = pad(counts[state] === undefined ? "·" : String(counts[state]), widths[c]!, "right");
      return look.styled && counts[state] !== undefined ? paint(text, stateStyle(state)) : text;
    });
    lines.push(
      [pad(first!, nameWidth), pad(String(total), totalWidth, "right"), ...numbers].join(GAP),
      ...more,
    );
  });
  if (rows.size > MOST_STEPS) lines.push(`and ${rows.size - MOST_STEPS} more`);
  return ["", ...lines.map((line) => line.trimEnd())];
}

// ---------------------------------------------------------------- failures

function failureBlock(view: StatusView, { failure }: SummaryOptions, look: Look): string[] {
  const first = firstFailure(view.steps);
  if (!first) return [];
  const why = reasonOf(first);
  const at = first.endedAt === undefined ? "" : ` at ${formatLocalTime(first.endedAt)}`;
  const state = look.styled ? paint(first.state, stateStyle(first.state)) : first.state;
  const others = view.steps.filter((step) => step !== first && failedItself(step));
  const directory = shownWord(view.directory);
  const again = (what: string) => `  rerun it with: maestro rerun${what} ${directory}`;
  return [
    "",
    `first failure: ${visible(first.name)} ${state}${at}${why === undefined ? "" : `: ${visible(why)}`}`,
    ...tailLines(failure, look),
    again(` --step ${shownWord(first.name)}`),
    ...others.length === 0 ? [] : [
      "",
      "also failed:",
      ...failureLines(others).map((line) => `  ${line}`),
      again("").replace("it", "all"),
    ],
  ];
}

function tailLines(failure: FailureLog | undefined, look: Look): string[] {
  if (failure?.file === undefined || failure.tail.length === 0) return [];
  const bar = look.unicode ? "│" : "|";
  const room = Math.max(20, Math.min(look.width, 200) - 6);
  const lines = failure.tail.map((line) => {
    const text = visible(line.replaceAll("\t", "  "));
    return `    ${bar} ${cellWidth(text) > room ? `${text.slice(0, room - 1)}…` : text}`.trimEnd();
  });
  return [`  ${visible(failure.file)} ends:`, ...lines];
}

/** The first step to have failed, for who looks for its log. */
export function stepOfFailure(view: StatusView): StatusStep | undefined {
  return firstFailure(view.steps);
}
