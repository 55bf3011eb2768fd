/** `status --layout usage`: what each node used, in one table, and advice for its step. */

import { fold, visible } from "../cells.ts";
import { bytesText, cpuText } from "../study/usage.ts";
import { clockText } from "../units.ts";
import { type Look, type TableColumn, tableLines, tableWidth, widest } from "./render_table.ts";
import { stateStyle, STYLE } from "./terminal.ts";
import { adviceLines, cpuShare, secondsOf, usageAdvice } from "./usage_advice.ts";
import type { Plan } from "../plan/types.ts";
import type { StatusStep, StatusView } from "./status_view.ts";

const NONE = "--";
const orNone = <VALUE>(value: VALUE | undefined, text: (value: VALUE) => string) =>
  value === undefined ? NONE : text(value);

interface Column {
  readonly name: string;
  textOf(step: StatusStep): string;
}

/** Those of jobs only are left out where no job has them. */
const COLUMNS: readonly Column[] = [
  { name: "Step Name", textOf: ({ name }) => name },
  { name: "State", textOf: ({ state }) => state },
  { name: "Run Time", textOf: (step) => orNone(secondsOf(step), clockText) },
  { name: "Time Limit", textOf: ({ used }) => orNone(used?.limitSeconds, clockText) },
  { name: "CPU Time", textOf: ({ used }) => orNone(used?.cpuMs, cpuText) },
  { name: "CPUs", textOf: ({ used }) => orNone(used?.cpus, String) },
  { name: "CPU Use", textOf: (step) => orNone(cpuShare(step), (share) => `${Math.round(share * 100)}%`) },
  { name: "Memory", textOf: ({ used }) => orNone(used?.nodePeakBytes ?? used?.maxRssBytes, bytesText) },
  { name: "Memory Given", textOf: ({ used }) => orNone(used?.nodeMemoryBytes, bytesText) },
  { name: "Read", textOf: ({ used }) => orNone(used?.readBytes, bytesText) },
  { name: "Written", textOf: ({ used }) => orNone(used?.writtenBytes, bytesText) },
];
const OF_JOBS = ["Time Limit", "CPUs", "Memory Given"];
/** A name is not made narrower than this. */
const READABLE = 10;

/** The table of the steps that are shown. */
export function renderUsage(view: StatusView, look: Look): string {
  const texts = COLUMNS.map((column) => ({
    ...column,
    cells: view.steps.map((step) => visible(column.textOf(step))),
  })).filter(({ name, cells }) => !OF_JOBS.includes(name) || cells.some((cell) => cell !== NONE));
  const naturals = texts.map(({ name, cells }) => Math.max(name.length, widest(cells)));
  const excess = Math.max(0, tableWidth(naturals, 1) - look.width);
  const columns = texts.map(({ name, cells }, c): TableColumn => {
    const width = c === 0 ? Math.max(Math.min(READABLE, naturals[0]!), naturals[0]! - excess) : naturals[c]!;
    const style = name === "State"
      ? (row: number) => stateStyle(view.steps[row]!.state)
      : (row: number) => row % 2 === 0 ? STYLE.dim : STYLE.none;
    // Figures are compared by their last digit.
    const right = (text: string) => c < 2 ? text : text.padStart(width);
    return { width, header: fold(name, width), cells: cells.map((cell) => fold(right(cell), width)), style };
  });
  return tableLines(columns, view.steps.length, 1, look).join("\n") + "\n";
}

/** What would do, by all steps of the study. */
export function usageNotes(plan: Plan, view: StatusView): string {
  const lines = adviceLines(usageAdvice(plan, view)).map((line) => `  ${visible(line)}\n`);
  return lines.length === 0 ? "" : `Less would do:\n${lines.join("")}`;
}
