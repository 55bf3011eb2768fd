/** The screen of a model: lines of styled text. */

import { cellWidth, visible } from "../../cells.ts";
import { SHOWN_STATES, STUDY_STATE } from "../../study/states.ts";
import { usageText } from "../../study/usage.ts";
import { formatLocalTime } from "../../times.ts";
import { clockText } from "../../units.ts";
import { reasonOf } from "../failures.ts";
import type { StatusAttempt, StatusStep, StatusView } from "../status_view.ts";
import { stateStyle, STYLE } from "../terminal.ts";
import { cell, clip, clipLine, type Line, type Span } from "./canvas.ts";
import { HELP } from "./help.ts";
import { bodyHeight, bottomLines, CHOSEN, topLines } from "./layout.ts";
import { type Row, rowAt } from "./rows.ts";
import { waitingText } from "./step_facts.ts";
import { type Cursor, type Model, openStep, screenName, shownStudies, type StudyEntry } from "./types.ts";

/** All lines of the screen. */
export function linesOf(model: Model): Line[] {
  const height = bodyHeight(model);
  const body = bodyLines(model, height).slice(0, height);
  while (body.length < height) body.push([]);
  const below = bottomLines(model);
  const lines = [...topLines(model), ...body, ...below];
  // On the smallest screens, a question covers what is above it.
  const shown = model.prompt ? lines.slice(-Math.max(model.height, below.length)) : lines;
  return shown.slice(0, model.height).map((line) => clipLine(line, model.width));
}

function bodyLines(model: Model, height: number): Line[] {
  switch (screenName(model)) {
    case "help":
      return HELP.slice(model.cursors.help.top, model.cursors.help.top + height).map((
        line,
      ): Line => [[line]]);
    case "studies":
      return studyList(model, height);
    case "steps":
      return stepList(model, height);
    case "attempts":
      return attemptList(model, height);
    case "text":
      return textBody(model, height);
  }
}

/** Lines of a list with a head: those from `top` on, the chosen one marked. */
function list(
  head: string,
  cursor: Cursor,
  height: number,
  width: number,
  count: number,
  lineAt: (at: number) => Line,
): Line[] {
  const lines: Line[] = [[[clip(head, width), STYLE.dim]]];
  for (let at = cursor.top; at < Math.min(count, cursor.top + height - 1); at++) {
    const line = lineAt(at);
    if (at !== cursor.at) {
      lines.push([["  "], ...line]);
      continue;
    }
    const used = line.reduce((sum, [text]) => sum + cellWidth(visible(text)), 2);
    const rest = " ".repeat(Math.max(0, width - used));
    lines.push([["> ", CHOSEN], ...line.map(([text]): Span => [text, CHOSEN]), [rest, CHOSEN]]);
  }
  return lines;
}

// ---------------------------------------------------------------- studies

const TIME = 19;
const STATE = 11;

function studyList(model: Model, height: number): Line[] {
  const { studies, width, cursors } = model;
  if (!studies) return [[["Searching for studies..."]]];
  const shown = shownStudies(model);
  if (shown.length === 0) {
    return [[[
      studies.entries.length === 0 ? "No study below this folder." : "No study matches the filter.",
    ]]];
  }
  const hasTime = width >= 70;
  const name = Math.max(10, Math.floor((width - 2 - STATE - (hasTime ? TIME + 2 : 0) - 4) * 0.5));
  const head = `  ${cell("study", name)}  ${cell("state", STATE)}  ${
    hasTime ? `${cell("created", TIME)}  ` : ""
  }steps`;
  const lineAt = (at: number): Line => {
    const { name: text, summary, createdAt, problem } = shown[at]!;
    const state = summary?.state;
    return [
      [cell(text, name)],
      ["  "],
      [cell(state ?? "", STATE), state === undefined ? "" : stateStyle(STUDY_STATE[state].like)],
      [`  ${hasTime ? `${formatLocalTime(createdAt)}  ` : ""}`],
      problem === undefined ? [summaryText(summary)] : [problem, "31"],
    ];
  };
  const lines = list(head, cursors.studies, height, width, shown.length, lineAt);
  if (studies.cut && lines.length < height) lines.push([["  Too many folders: not all were searched."]]);
  return lines;
}

function summaryText(summary: StudyEntry["summary"]): string {
  return summary === undefined ? "..." : `${summary.steps}: ${countsText(summary.counts)}`;
}

/** `12 FINISHED, 3 FAILED` */
function countsText(counts: StatusView["counts"]): string {
  return SHOWN_STATES.flatMap((state) => counts[state] ? [`${counts[state]} ${state}`] : []).join(", ");
}

// ---------------------------------------------------------------- steps

const RUN = 8;

function stepList(model: Model, height: number): Line[] {
  const { study, rows, choice, width, cursors } = model;
  if (!study) return [[["Reading the study..."]]];
  if (rows.length === 0) return [[[isNarrowed(choice) ? "No step matches. Esc shows all." : "No steps."]]];
  // A narrow screen has room for names and states.
  const room = width - 2 - STATE - 2;
  const isNarrow = room < 50;
  const name = isNarrow ? Math.max(8, room) : Math.min(70, Math.floor((room - RUN - 2) * 0.55));
  const more = isNarrow ? "" : `  ${cell("run time", RUN, "right")}  why`;
  const head = `  ${cell("step", name)}  ${cell("state", STATE)}${more}`;
  return list(head, cursors.steps, height, width, rows.length, (at) => {
    const row = rowAt(study.view, choice, rows, at);
    return row ? rowLine(row, study.view, name, isNarrow) : [];
  });
}

const isNarrowed = ({ filter, failedOnly }: Model["choice"]) => filter.trim() !== "" || failedOnly;

function rowLine(row: Row, view: StatusView, width: number, isNarrow: boolean): Line {
  if (row.kind === "group") {
    const { total, counts } = view.totals.ofStep[row.index]!;
    const heaviest = SHOWN_STATES.filter((state) => counts[state])[0];
    const style = heaviest === undefined ? "" : stateStyle(heaviest);
    return [
      [cell(`${row.isOpen ? "▾" : "▸"} ${row.name}`, width), STYLE.bold],
      [`  ${total}: `],
      [countsText(counts), Object.keys(counts).length === 1 ? style : ""],
    ];
  }
  const { step } = row;
  const time = step.runTime === undefined ? "" : clockText(step.runTime);
  return [
    [cell(`${row.isInGroup ? "    " : "  "}${step.name}`, width)],
    ["  "],
    [cell(step.state, STATE), stateStyle(step.state)],
    [isNarrow ? "" : `  ${cell(time, RUN, "right")}  ${whyOf(step)}`],
  ];
}

/** Why it waits, or why it ended as it did. */
const whyOf = (step: StatusStep) =>
  step.state === "FINISHED" ? "" : waitingText(step.waiting) ?? reasonOf(step) ?? "";

// ---------------------------------------------------------------- attempts

function attemptList(model: Model, height: number): Line[] {
  const { width, cursors } = model;
  const step = openStep(model);
  if (!step) return [];
  if (step.attempts.length === 0) return [[["No attempt yet. t shows the script."]]];
  const head = `  attempt  ${cell("state", STATE)}  ${cell("run time", RUN, "right")}  ${
    cell("began", TIME)
  }  why`;
  return list(head, cursors.attempts, height, width, step.attempts.length, (at) => {
    return attemptLine(step.attempts[at]!);
  });
}

function attemptLine(attempt: StatusAttempt): Line {
  const { number, kind, state, startedAt, submittedAt, runTime, jobId, exitCode, reason, used } = attempt;
  const run = runTime === undefined ? "" : clockText(runTime);
  const why = [
    ...kind === "first" ? [] : [kind],
    ...reason === undefined ? [] : [reason],
    ...exitCode === undefined ? [] : [`exit code ${exitCode}`],
    ...jobId === undefined ? [] : [`job ${jobId}`],
    ...used === undefined ? [] : [usageText(used)],
  ].filter((text) => text !== "").join(", ");
  return [
    [cell(String(number), 7, "right")],
    ["  "],
    [cell(state ?? "", STATE), state === undefined ? "" : stateStyle(state)],
    [`  ${cell(run, RUN, "right")}  ${cell(formatLocalTime(startedAt ?? submittedAt), TIME)}  ${why}`],
  ];
}

// ---------------------------------------------------------------- logs and scripts

function textBody({ text, cursors, left, width }: Model, height: number): Line[] {
  if (!text) return [[["..."]]];
  if (text.problem !== undefined) return [[[text.problem]]];
  if (text.lines.length === 0) return [[["(empty)", STYLE.dim]]];
  const { top } = cursors.text;
  return text.lines.slice(top, top + height).map((line): Line => [[clip(from(line, left), width)]]);
}

/** A text without its first cells. */
function from(text: string, cells: number): string {
  if (cells === 0) return text;
  const shown = visible(text);
  let passed = 0;
  let at = 0;
  for (const char of shown) {
    if (passed >= cells) break;
    passed += cellWidth(char);
    at += char.length;
  }
  return shown.slice(at);
}
