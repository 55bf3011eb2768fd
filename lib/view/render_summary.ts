/** The summary of a study: its state, the first failure with its reason, and what to do. */

import { cellWidth, fold, pad, visible } from "../cells.ts";
import { counted } from "../errors.ts";
import { failedItself, failureLines, firstFailure, shownWord, whyText } from "./failures.ts";
import { factLines, stalledNote, summaryParts } from "./render.ts";
import { type Look, widest } from "./render_table.ts";
import { paint, stateStyle, STYLE } from "./terminal.ts";
import { formatLocalTime } from "../times.ts";
import type { StatusView } from "./status_view.ts";
import {
  BY_WEIGHT,
  SHOWN_STATES,
  type StateKind,
  statesOf,
  STEP_STATE,
  STUDY_STATE,
} from "../study/states.ts";
import { formatDuration } from "../units.ts";

/** The output of a failed step. */
export interface FailureLog {
  /** Its file of standard error; undefined where there is none. */
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
  readonly kinds: readonly StateKind[];
  readonly fill: string;
  readonly ascii: string;
}

/** Parts of the bar: what has come to its end, well or not, and what is under way. */
const PARTS: readonly Part[] = [
  { kinds: ["finished", "written"], fill: "█", ascii: "#" },
  { kinds: ["failed", "unknown"], fill: "▓", ascii: "x" },
  { kinds: ["cancelled"], fill: "▒", ascii: "-" },
  { kinds: ["under way"], fill: "░", ascii: ">" },
];
const UNDER_WAY = 3;
const WAITING: Part = { kinds: ["waiting"], fill: "·", ascii: "." };

/** The state whose colour a part has: the heaviest of the first kind. */
const markOf = ({ kinds }: Part) => BY_WEIGHT.find((state) => STEP_STATE[state].kind === kinds[0])!;

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
  const numbers = PARTS.map(({ kinds }) =>
    statesOf(...kinds).reduce((sum, state) => sum + (view.counts[state] ?? 0), 0)
  );
  const waiting = total - numbers.reduce((sum, number) => sum + number, 0);
  const said = `${total - waiting - numbers[UNDER_WAY]!} of ${counted(total, "step")} ended`;
  const width = Math.max(5, Math.min(BAR_WIDTH, look.width - said.length - 2));
  const cells = total === 0 ? [0, 0, 0, 0, width] : shares([...numbers, waiting], width);
  const parts = [...PARTS, WAITING].map((part, i) => {
    const bar = (look.unicode ? part.fill : part.ascii).repeat(cells[i]!);
    return look.styled ? paint(bar, stateStyle(markOf(part))) : bar;
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

// ---------------------------------------------------------------- numbers of each step

const GAP = "  ";
/** Steps of the spec that are listed. */
const MOST_STEPS = 40;

/** A row for each step of the spec: how many of its combinations are in each state. */
function stepLines(view: StatusView, which: SummaryOptions["steps"], look: Look): string[] {
  const { steps, ofStep } = view.totals;
  // If each step has only one combination, the table shows the same.
  if (steps === 0 || (which === "several" && ofStep.length === steps)) return [];
  const states = SHOWN_STATES.filter((state) => (view.counts[state] ?? 0) > 0);
  const widths = states.map((state) => Math.max(state.length, String(view.counts[state]).length));
  const totalWidth = Math.max(5, String(steps).length);
  const fixed = widths.reduce((sum, width) => sum + GAP.length + width, GAP.length + totalWidth);
  const shown = ofStep.slice(0, MOST_STEPS);
  const names = shown.map(({ name }) => visible(name));
  const nameWidth = Math.max(4, Math.min(Math.max(widest(names), 4), look.width - fixed));
  const head = [pad("step", nameWidth), pad("total", totalWidth, "right")];
  const lines = [[...head, ...states.map((state, c) => pad(state, widths[c]!, "right"))].join(GAP)];
  shown.forEach(({ total, counts }, i) => {
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
  const directory = shownWord(view.directory);
  const again = (which: string, what: string) =>
    view.originalAt === undefined ? [`  rerun ${which} with: maestro rerun${what} ${directory}`] : [];
  return [
    "",
    `first failure: ${visible(first.name)} ${state}${at}${whyText(first)}`,
    ...tailLines(failure, look),
    ...again("it", ` --step ${shownWord(first.name)}`),
    ...others.length === 0 ? [] : [
      "",
      "also failed:",
      ...failureLines(others).map((line) => `  ${line}`),
      ...again("all", ""),
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
