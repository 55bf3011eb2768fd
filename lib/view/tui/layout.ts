/** What is above and below the list of a screen, and how many lines are left for the list. */

import { fold, visible } from "../../cells.ts";
import { STUDY_STATE } from "../../study/states.ts";
import { formatLocalTime } from "../../times.ts";
import { clockText } from "../../units.ts";
import { shownWord } from "../failures.ts";
import { factLines, stalledNote, summaryParts } from "../render.ts";
import type { StatusView } from "../status_view.ts";
import { stateStyle, STYLE, type Style } from "../terminal.ts";
import type { Line } from "./canvas.ts";
import { stepFacts } from "./step_facts.ts";
import { type Answer, type Model, type Prompt, screenName, shownStudies } from "./types.ts";

/** The chosen line. */
export const CHOSEN: Style = "7";
const ALARM: Style = "1;31";

/** Lines for the list, at least one. */
export function bodyHeight(model: Model): number {
  return Math.max(1, model.height - topLines(model).length - bottomLines(model).length);
}

/** Lines above the list. */
export function topLines(model: Model): Line[] {
  const lines = headLines(model);
  // The list is more important than the last of these lines.
  return lines.slice(0, Math.max(1, Math.floor(model.height / 2)));
}

function headLines(model: Model): Line[] {
  const { study, studies, place, text } = model;
  switch (screenName(model)) {
    case "help":
      return [[["Keys of maestro tui", STYLE.bold]]];
    case "studies":
      return [
        [["Studies", STYLE.bold], [` below ${studies?.folder ?? "..."}`]],
        ...model.studyFilter === "" ? [] : [filterLine(model.studyFilter, shownStudies(model).length)],
      ];
    case "steps":
      return study ? [...studyLines(model, study.view), ...choiceLines(model)] : [[[place.study!]]];
    case "attempts":
      return stepFacts(model);
    case "text":
      return [[[text?.title ?? "...", STYLE.bold]]];
  }
}

function filterLine(filter: string, count: number): Line {
  return [["filter ", STYLE.dim], [filter, STYLE.bold], [`  ${count} shown`]];
}

/** The study in a few lines: its state, how long, who conducts it, what is wrong. */
function studyLines({ now, width, study }: Model, view: StatusView): Line[] {
  const [name, state, counts] = summaryParts(view);
  const head: Line = [[name, STYLE.bold], ["  "], [state, stateStyle(STUDY_STATE[view.state].like)], [
    `  ${counts}`,
  ]];
  const { submittedAt: start, endedAt: end = 0 } = view.totals;
  const since = start === undefined ? [] : [
    `elapsed ${clockText(((STUDY_STATE[view.state].ended ? Math.max(end, start) : now) - start) / 1000)}`,
  ];
  const { alive, pid, host } = view.conductor;
  const conductor = alive ? [`conductor ${pid} on ${host ?? ""}`] : [];
  const second: Line = [[[...since, ...conductor].join("  ")]];
  const troubles = (view.conductor.troubles ?? []).map(({ since, what }): Line => [
    [`trouble since ${formatLocalTime(since)}: ${what}`, ALARM],
  ]);
  const { stuck } = view.totals;
  const stuckLine: Line[] = stuck.length === 0 ? [] : [[[
    `stuck: ${stuck[0]!.first}${stuck[0]!.nodes > 1 ? ` and ${stuck[0]!.nodes - 1} more` : ""}: ${
      stuck[0]!.reason
    }`,
    ALARM,
  ]]];
  const notes = view.state === "stalled" ? folded(stalledNote(view), width) : [];
  const facts = view.state === "running" ? factLines(view).map((line): Line => [[line]]) : [];
  const problem: Line[] = study?.problem === undefined ? [] : [[[study.problem, ALARM]]];
  return [
    head,
    ...second[0]![0] === "" ? [] : [second],
    ...problem,
    ...troubles,
    ...stuckLine,
    ...notes,
    ...facts,
  ];
}

const folded = (text: string, width: number): Line[] => fold(text, width).map((line): Line => [[line]]);

function choiceLines({ choice, rows }: Model): Line[] {
  const words = [
    ...choice.sort === "plan" ? [] : [`sorted by ${choice.sort}`],
    ...choice.reverse ? ["reversed"] : [],
    ...choice.failedOnly ? ["failed only"] : [],
  ];
  if (words.length === 0 && choice.filter === "") return [];
  const filter: Line = choice.filter === ""
    ? []
    : [["filter ", STYLE.dim], [`${choice.filter}  `, STYLE.bold]];
  return [[...filter, [[...words, `${rows.length} shown`].join(", ")]]];
}

// ---------------------------------------------------------------- below

/** Lines below the list: a message, and the keys, or a question. */
export function bottomLines(model: Model): Line[] {
  const { prompt, message, busy, width } = model;
  if (prompt) return promptLines(prompt, width, Math.max(2, model.height - 3));
  const said: Line = message !== undefined
    ? [[message.text, message.isError ? ALARM : STYLE.bold]]
    : busy !== undefined
    ? [[`running: maestro ${busy}`, STYLE.bold]]
    : [];
  return [said, [[inLines(footer(model), width)[0]!, STYLE.dim]]];
}

/** The question and its answers; its command where there is room. */
function promptLines(prompt: Prompt, width: number, most: number): Line[] {
  if (prompt.kind === "input") {
    const label = `${prompt.label}: `;
    return [[], [[label, STYLE.bold], [prompt.text], [" ", CHOSEN]]];
  }
  const command = prompt.command === undefined
    ? []
    : fold(`  maestro ${prompt.command.map(shownWord).join(" ")}`, width).map((
      line,
    ): Line => [[line, STYLE.dim]]);
  const text = fold(visible(prompt.text), width).map((line): Line => [[line, STYLE.bold]]);
  const answers = answerLines(prompt.answers, width);
  const lines = [...text, ...command, ...answers];
  return lines.length <= most ? lines : [...text, ...answers].slice(0, most);
}

function answerLines(answers: readonly Answer[], width: number): Line[] {
  return inLines(answers.map(({ key, label }) => `${key} ${label}`), width).map((line): Line => [[line]]);
}

/** Words with a gap between them, in as many lines as they need. */
function inLines(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + word.length <= width) {
      lines[lines.length - 1] = `${last}   ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** The most important keys come first: a narrow screen has no room for the others. */
const FOOTERS: Readonly<Record<keyof Model["cursors"], readonly string[]>> = {
  help: ["Esc back", "q quit"],
  studies: ["? help", "Enter open", "/ filter", "C cancel", "R rerun", "u update", "q quit"],
  steps: [
    "? help",
    "Enter open",
    "Esc back",
    "/ filter",
    "s sort",
    "f failed",
    "r rerun",
    "c cancel",
    "h hold",
  ],
  attempts: ["? help", "Esc back", "o output", "e errors", "t script", "r rerun", "c cancel", "h hold"],
  text: ["? help", "Esc back", "f follow", "o output", "e errors", "t script", "n next attempt"],
};

function footer(model: Model): readonly string[] {
  const name = screenName(model);
  return name === "text" ? [model.follow ? "following" : "stopped", ...FOOTERS.text] : FOOTERS[name];
}
