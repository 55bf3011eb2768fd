/**
 * The flat layout: one row for each node in one table. On a narrow terminal, Maestro breaks every cell at the
 * same number of characters. This layout omits columns first, and breaks names only if necessary.
 */

import { centre, fold, visible } from "../cells.ts";
import { standingOf } from "./failures.ts";
import { COLUMNS, durationText, statusRow } from "./render_csv.ts";
import { type Look, type TableColumn, tableLines, tableWidth, widest } from "./render_table.ts";
import { paint, stateStyle, STYLE } from "./terminal.ts";
import type { StatusView } from "./status_view.ts";

type ColumnName = typeof COLUMNS[number] | "Total Time" | "Reason";

/**
 * Omitted in this order until the rest fits: facts that are also in `--layout narrow`, status.csv or JSON.
 */
const DROPPED_FIRST: readonly ColumnName[] = ["End Time", "Submit Time", "Start Time", "Number Restarts"];

/** Left out in this order where even folded names would get too narrow to be read. */
const DROPPED_LAST: readonly ColumnName[] = [
  ...["Total Time", "Elapsed Time", "Reason", "Run Time", "Workspace", "Job ID"] as const,
];

/**
 * Columns that may be folded, and the width to which they are, as long as there is something left to drop. The others
 * hold words of a fixed form.
 */
const FOLDED: { readonly [NAME in ColumnName]?: number } = {
  "Step Name": 10,
  "Job ID": 10,
  "Workspace": 10,
  "Reason": 20,
};

interface TextColumn {
  readonly name: ColumnName;
  readonly cells: readonly string[];
  /** Cells of its widest text. */
  readonly natural: number;
}

/** The whole text of the layout. */
export function renderFlat(view: StatusView, look: Look): string {
  const rows = view.steps.map((step) => statusRow(step).map(visible));
  const column = (name: ColumnName, cells: readonly string[]): TextColumn => ({
    ...{ name, cells, natural: Math.max(name.length, widest(cells)) },
  });
  const all = COLUMNS.map((name, c) => column(name, rows.map((row) => row[c]!)));
  if (look.more) all.push(...moreColumns(view).map(([name, cells]) => column(name, cells)));
  const { shown, padding } = choose(all, look.width);
  const columns = foldColumns(view, shown, padding, look.width);
  const lines = tableLines(columns, rows.length, padding, look);
  const title = titleLines(view, tableWidth(columns.map((column) => column.width), padding), look);
  return [...title, ...lines].join("\n") + "\n";
}

/** Columns that Maestro does not have, if they add anything. */
function moreColumns({ steps }: StatusView): [name: ColumnName, cells: string[]][] {
  const more: [name: ColumnName, cells: string[]][] = [];
  if (steps.some(({ totalRunTime, runTime }) => totalRunTime !== runTime)) {
    more.push(["Total Time", steps.map(({ totalRunTime }) => durationText(totalRunTime))]);
  }
  const reasons = steps.map((step) => visible(standingOf(step)));
  if (reasons.some((reason) => reason !== "")) more.push(["Reason", reasons]);
  return more;
}

/** Which columns are shown, and whether there is room for blanks beside them. */
function choose(
  all: readonly TextColumn[],
  width: number,
): { shown: readonly TextColumn[]; padding: number } {
  const naturals = (columns: readonly TextColumn[]) => columns.map((column) => column.natural);
  let shown = all;
  for (const name of DROPPED_FIRST) {
    if (tableWidth(naturals(shown), 1) <= width) break;
    shown = shown.filter((column) => column.name !== name);
  }
  if (tableWidth(naturals(shown), 1) <= width) return { shown, padding: 1 };
  // Two blanks a column are worth a dozen letters of a name.
  for (const name of DROPPED_LAST) {
    if (tableWidth(shown.map(least), 0) <= width) break;
    shown = shown.filter((column) => column.name !== name);
  }
  return { shown, padding: tableWidth(naturals(shown), 1) <= width ? 1 : 0 };
}

function least(column: TextColumn): number {
  return Math.min(column.natural, FOLDED[column.name] ?? Infinity);
}

function canFold(column: TextColumn): boolean {
  return FOLDED[column.name] !== undefined;
}

/** Columns in their final widths. What a narrow column does not need goes to the wider ones. */
function foldColumns(
  view: StatusView,
  shown: readonly TextColumn[],
  padding: number,
  width: number,
): TableColumn[] {
  const folding = shown.filter(canFold).sort((a, b) => a.natural - b.natural);
  const fixed = shown.map((column) => canFold(column) ? 0 : column.natural);
  let room = width - tableWidth(fixed, padding);
  const folded = new Map<TextColumn, TableColumn>();
  folding.forEach((column, i) => {
    const share = Math.max(1, Math.min(column.natural, Math.floor(room / (folding.length - i))));
    const made = foldColumn(view, column, share);
    folded.set(column, made);
    room -= made.width;
  });
  return shown.map((column) => folded.get(column) ?? foldColumn(view, column, column.natural));
}

function foldColumn(view: StatusView, column: TextColumn, width: number): TableColumn {
  const wrap = (text: string) => fold(text, width);
  const header = wrap(column.name);
  const cells = column.cells.map(wrap);
  const used = column.natural <= width ? column.natural : widest([...header, ...cells.flat()]);
  // The state is what people look for: it keeps its colour in dim rows, too.
  const style = column.name === "State"
    ? (row: number) => stateStyle(view.steps[row]!.state)
    : (row: number) => row % 2 === 0 ? STYLE.dim : STYLE.none;
  return { width: used, header, cells, style };
}

/** In the middle of the table, or wider than it where the terminal is: a path in one piece can be copied. */
function titleLines(view: StatusView, width: number, look: Look): string[] {
  const lines = fold(visible(`Study: ${view.directory}`), Math.max(width, look.width));
  return lines.map((line) => paint(centre(line, width), look.styled ? STYLE.italic : STYLE.none));
}
