/** The summary of a study: its state, the first failure with its reason, and what to do. */

import { cellWidth, fold, pad, visible } from "../cells.ts";
import { counted } from "../errors.ts";
import { failedItself, failureLines, firstFailure, shownWord, skippedText, whyText } from "./failures.ts";
import { factLines, stalledNote, summaryParts } from "./render.ts";
import { type Look, widest } from "./render_table.ts";
import { paint, stateStyle, STYLE, type Style } from "./terminal.ts";
import { formatLocalTime } from "../times.ts";
import type { QueueTotals, StatusView } from "./status_view.ts";
import { isEndState, SHOWN_STATES, type StepState, STUDY_STATE } from "../study/states.ts";
import { formatDuration } from "../units.ts";

/** The output of a failed step. */
export interface FailureLog {
  /** Its file; undefined if there is none. */
  readonly file?: string;
  /** The last lines of it. */
  readonly tail: readonly string[];
}

export interface SummaryOptions {
  readonly now: number;
  /** The output of the step that failed first. */
  readonly failure?: FailureLog;
  /** Whether to show the numbers of each step, if they add something to the table. */
  readonly steps: "all" | "several";
}

/** The whole text of the summary; ends with a newline. */
export function renderSummary(view: StatusView, options: SummaryOptions, look: Look): string {
  const lines = [
    headLine(view, look),
    barLine(view, look),
    ...timeLines(view, options.now),
    ...conductorLines(view),
    ...view.state === "running" ? factLines(view) : [],
    ...troubleLines(view),
    ...stuckLines(view),
    ...retryLines(view),
    ...queueLines(view, options.now),
    ...stepLines(view, options.steps, look),
    ...failureBlock(view, options, look),
  ];
  return lines.join("\n") + "\n";
}

/** One line for one study, its state in colour. */
export function headLine(view: StatusView, look: Look, name = summaryParts(view)[0], nameWidth = 0): string {
  const [, state, counts] = summaryParts(view);
  const padded = pad(name, nameWidth);
  if (!look.styled) return `${padded}  ${state}  ${counts}`;
  return `${paint(padded, STYLE.bold)}  ${paint(state, stateStyle(STUDY_STATE[view.state].like))}  ${counts}`;
}

// ---------------------------------------------------------------- progress

const BAR_WIDTH = 40;
/** Reasons listed of steps that are stuck. */
const MOST_REASONS = 5;

interface Part {
  number(view: StatusView): number;
  /** The state whose colour it has. */
  readonly like: StepState;
  readonly fill: string;
  readonly ascii: string;
}

/** Parts of the bar: what has come to its end, well or not, and then what has not. */
const ENDED: readonly Part[] = [
  { number: ({ tally }) => tally.finished + tally.dry, like: "FINISHED", fill: "█", ascii: "#" },
  { number: ({ tally }) => tally.failed + tally.unknown, like: "FAILED", fill: "▓", ascii: "x" },
  { number: ({ tally }) => tally.skipped, like: "FAILED", fill: "▚", ascii: "/" },
  { number: ({ tally }) => tally.cancelled, like: "CANCELLED", fill: "▒", ascii: "-" },
];
const GOING: readonly Part[] = [
  {
    number: ({ counts, tally }) => (counts.PENDING ?? 0) + tally.running + tally.retrying,
    like: "RUNNING",
    fill: "░",
    ascii: ">",
  },
  { number: ({ counts }) => counts.INITIALIZED ?? 0, like: "INITIALIZED", fill: "·", ascii: "." },
];

/** `width` cells shared out by numbers whose sum is not 0: every number above 0 gets one at least, where they suffice. */
export function shares(numbers: readonly number[], width: number): number[] {
  const total = numbers.reduce((sum, number) => sum + number, 0);
  const cells = numbers.map((number) => number === 0 ? 0 : Math.max(1, Math.floor(number * width / total)));
  const used = () => cells.reduce((sum, part) => sum + part, 0);
  // What is left over goes where most is missing; what is too much is taken where most is.
  const missing = (i: number) => numbers[i]! * width / total - cells[i]!;
  while (used() < width) {
    cells[cells.reduce((best, _, i) => missing(i) > missing(best) ? i : best, 0)]!++;
  }
  while (used() > width) cells[cells.indexOf(Math.max(...cells))]!--;
  return cells;
}

function barLine(view: StatusView, look: Look): string {
  const total = view.totals.steps;
  const all = [...ENDED, ...GOING];
  const numbers = all.map((part) => part.number(view));
  const ended = numbers.slice(0, ENDED.length).reduce((sum, number) => sum + number, 0);
  const said = `${ended} of ${counted(total, "step")} ended`;
  const width = Math.max(5, Math.min(BAR_WIDTH, look.width - said.length - 2));
  // An empty study is one that waits.
  const cells = shares(total === 0 ? all.map((_, i) => Number(i === all.length - 1)) : numbers, width);
  const parts = all.map((part, i) => {
    const bar = (look.unicode ? part.fill : part.ascii).repeat(cells[i]!);
    return look.styled ? paint(bar, stateStyle(part.like)) : bar;
  });
  return `${parts.join("")}  ${said}`;
}

/** Since when, and how long: to its end, or to now. */
function timeLines(
  { state, totals: { submittedAt: start, endedAt: end = 0 } }: StatusView,
  now: number,
): string[] {
  if (start === undefined) return [];
  const elapsed = formatDuration(((STUDY_STATE[state].ended ? Math.max(end, start) : now) - start) / 1000);
  return [`elapsed    ${elapsed}, since ${formatLocalTime(start)}`];
}

function conductorLines(view: StatusView): string[] {
  const { alive, host, pid, heartbeatAt } = view.conductor;
  if (alive) return [`conductor  pid ${pid} on ${visible(host ?? "")}`];
  if (view.state === "stalled") return [stalledNote(view)];
  if (view.originalAt !== undefined) return originalLines(view);
  if (view.state === "initialized") {
    return [`conductor  none; \`maestro conduct ${shownWord(view.directory)}\` launches the study`];
  }
  if (view.state !== "running") return [];
  const last = heartbeatAt === undefined ? "" : `; the last pass was at ${formatLocalTime(heartbeatAt)}`;
  return [`conductor  none at present${last}`];
}

/** How old what is shown may be: only LLNL's Maestro knows more. */
function originalLines({ state, originalAt }: StatusView): string[] {
  if (state === "initialized") {
    return ["conductor  none; `conductor DIR` of LLNL's Maestro launches the study"];
  }
  if (state !== "running") return [];
  return [`conductor  LLNL's Maestro; it wrote its status at ${formatLocalTime(originalAt!)}`];
}

/** What keeps the conductor from its work now. */
function troubleLines({ conductor: { troubles = [] } }: StatusView): string[] {
  return troubles.map(({ since, what }) => `trouble    since ${formatLocalTime(since)}: ${visible(what)}`);
}

/** Steps whose jobs wait for what will not come by itself: a line for each reason. */
function stuckLines({ totals: { stuck } }: StatusView): string[] {
  return stuck.slice(0, MOST_REASONS).map(({ reason, first, nodes }) =>
    `stuck      ${visible(first)}${nodes > 1 ? ` and ${nodes - 1} more` : ""}: ${visible(reason)}`
  );
}

/** Steps that failed and will run again: when, and why. */
function retryLines(view: StatusView): string[] {
  const { retrying } = view.tally;
  if (retrying === 0) return [];
  const lines: string[] = [];
  for (const { name, state, ended, reason } of view.eachStep?.() ?? view.steps) {
    if (ended !== undefined || !isEndState(state)) continue;
    lines.push(`retrying   ${visible(name)} ${state}${reason === undefined ? "" : `: ${visible(reason)}`}`);
    if (lines.length === MOST_REASONS) break;
  }
  return retrying > lines.length ? [...lines, `retrying   and ${retrying - lines.length} more`] : lines;
}

/** Why jobs wait, in their scheduler's words: one line, and one for those that are suspended. */
function queueLines({ state, totals: { queue } }: StatusView, now: number): string[] {
  if (queue === undefined || STUDY_STATE[state].ended) return [];
  const { at, waiting, paused, firstStartAt = 0 } = queue;
  const asked = ` (asked at ${clock(at, now)})`;
  const start = firstStartAt > now ? `; first start about ${clock(firstStartAt, now, "minutes")}` : "";
  return [
    ...waiting.length === 0 ? [] : [`queue      ${reasonsText(waiting, "wait")}${start}${asked}`],
    ...paused.length === 0 ? [] : [`suspended  ${reasonsText(paused, "suspended")}${asked}`],
  ];
}

function reasonsText(reasons: QueueTotals["waiting"], word: string): string {
  const all = reasons.reduce((sum, { nodes }) => sum + nodes, 0);
  const shown = reasons.slice(0, MOST_REASONS).map(({ reason, nodes }) => `${nodes} ${visible(reason)}`);
  const more = reasons.slice(MOST_REASONS).reduce((sum, { nodes }) => sum + nodes, 0);
  return `${all} ${word}: ${shown.join(", ")}${more > 0 ? `, ${more} for other reasons` : ""}`;
}

/** The time alone, on the same day. */
function clock(at: number, now: number, precision: "minutes" | "seconds" = "seconds"): string {
  const text = formatLocalTime(at).slice(0, precision === "minutes" ? 16 : undefined);
  return text.slice(0, 10) === formatLocalTime(now).slice(0, 10) ? text.slice(11) : text;
}

// ---------------------------------------------------------------- numbers of each step

const GAP = "  ";
/** Steps of the spec that are listed. */
const MOST_STEPS = 40;

/** Parts of the failures, behind the states. */
const FATES = [{ key: "skipped", head: "did not run" }, { key: "retrying", head: "will run again" }] as const;

interface StepColumn {
  readonly head: string;
  /** Its number for the whole study. */
  readonly all: number;
  readonly style: Style;
  numberOf(step: StatusView["totals"]["ofStep"][number]): number;
}

/** A row for each step of the spec: how many of its combinations are in each state. */
function stepLines(view: StatusView, which: SummaryOptions["steps"], look: Look): string[] {
  const { totals: { steps, ofStep }, tally } = view;
  // If each step has only one combination, the table shows the same.
  if (steps === 0 || (which === "several" && ofStep.length === steps)) return [];
  const states = SHOWN_STATES.filter((state) => (view.counts[state] ?? 0) > 0);
  const fates = FATES.filter(({ key }) => tally[key] > 0);
  const columns: StepColumn[] = [
    ...states.map((state): StepColumn => ({
      ...{ head: state, all: view.counts[state]!, style: stateStyle(state) },
      numberOf: ({ counts }) => counts[state] ?? 0,
    })),
    ...fates.map(({ key, head }): StepColumn => ({
      ...{ head, all: tally[key], style: STYLE.none },
      numberOf: ({ tally }) => tally[key],
    })),
  ];
  const widths = columns.map(({ head, all }) => Math.max(head.length, String(all).length));
  const totalWidth = Math.max(5, String(steps).length);
  const fixed = widths.reduce((sum, width) => sum + GAP.length + width, GAP.length + totalWidth);
  const shown = ofStep.slice(0, MOST_STEPS);
  const names = shown.map(({ name }) => visible(name));
  const nameWidth = Math.max(4, Math.min(Math.max(widest(names), 4), look.width - fixed));
  const head = [pad("step", nameWidth), pad("total", totalWidth, "right")];
  const lines = [[...head, ...columns.map(({ head }, c) => pad(head, widths[c]!, "right"))].join(GAP)];
  shown.forEach((step, i) => {
    const [first, ...more] = fold(names[i]!, nameWidth);
    const numbers = columns.map(({ numberOf, style }, c) => {
      const number = numberOf(step);
      const text = pad(number === 0 ? "·" : String(number), widths[c]!, "right");
      return look.styled && number > 0 ? paint(text, style) : text;
    });
    lines.push(
      [pad(first!, nameWidth), pad(String(step.total), totalWidth, "right"), ...numbers].join(GAP),
      ...more,
    );
  });
  if (ofStep.length > MOST_STEPS) lines.push(`and ${ofStep.length - MOST_STEPS} more`);
  return ["", ...lines.map((line) => line.trimEnd())];
}

// ---------------------------------------------------------------- failures

function failureBlock(view: StatusView, { failure }: SummaryOptions, look: Look): string[] {
  const first = firstFailure(view);
  if (!first) return [];
  const at = first.endedAt === undefined ? "" : ` at ${formatLocalTime(first.endedAt)}`;
  const state = look.styled ? paint(first.state, stateStyle(first.state)) : first.state;
  const others = view.steps.filter((step) => step !== first && failedItself(step));
  const skipped = skippedText(view);
  const directory = shownWord(view.directory);
  const again = (which: string, what: string) =>
    view.originalAt === undefined ? [`  rerun ${which} with: maestro rerun${what} ${directory}`] : [];
  return [
    "",
    `first failure: ${visible(first.name)} ${state}${at}${whyText(first)}`,
    ...tailLines(failure, look),
    ...again("it", ` --step ${shownWord(first.name)}`),
    ...skipped !== undefined && others.length === 0 ? [`  ${skipped}`] : [],
    ...others.length === 0 ? [] : [
      "",
      "also failed:",
      ...failureLines(others).map((line) => `  ${line}`),
      ...again("all", ""),
      ...skipped === undefined ? [] : [`  ${skipped}`],
    ],
  ];
}

function tailLines(failure: FailureLog | undefined, look: Look): string[] {
  if (failure?.file === undefined) return [];
  if (failure.tail.length === 0) return [`  ${visible(failure.file)} is empty`];
  const bar = look.unicode ? "│" : "|";
  const room = Math.max(20, Math.min(look.width, 200) - 6);
  const lines = failure.tail.map((line) => {
    const text = visible(line.replaceAll("\t", "  "));
    return `    ${bar} ${cellWidth(text) > room ? `${text.slice(0, room - 1)}…` : text}`.trimEnd();
  });
  return [`  ${visible(failure.file)} ends:`, ...lines];
}
