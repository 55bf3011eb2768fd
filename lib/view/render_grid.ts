/** The small tables of the narrow layout: a title, and rows between light rules, without lines between columns. */

import { centre, fold, pad } from "../cells.ts";
import { type Look, widest } from "./render_table.ts";
import { paint, STYLE, type Style } from "./terminal.ts";

/** Text of one cell, already fit to be shown. */
export interface Cell {
  readonly text: string;
  readonly style: Style;
  readonly align?: "right";
}

/** A table with the widths of its columns. */
export interface Grid {
  readonly title: string;
  readonly rows: readonly (readonly Cell[])[];
  readonly widths: readonly number[];
  /** Cells of the whole table's line. */
  readonly width: number;
}

/** Blanks between the columns of a table, and between tables side by side. */
export const GAP = "   ";

/** Blanks at each side of a table. */
const SIDE = " ";

/** A column is not made narrower than this; on a still narrower terminal lines run over. */
const LEAST = 6;

/** A table in its natural width. */
export function makeGrid(title: string, rows: readonly (readonly Cell[])[]): Grid {
  const widths = rows[0]!.map((_, c) => widest(rows.map((row) => row[c]!.text)));
  return { title, rows, widths, width: widthOf(title, widths) };
}

/** The table made to fit `room`: values (every second column) are folded first, then names. */
export function fitGrid(grid: Grid, room: number): Grid {
  const widths = [...grid.widths];
  for (const start of [1, 0]) {
    for (let c = start; c < widths.length; c += 2) {
      const excess = widthOf(grid.title, widths) - room;
      if (excess > 0) widths[c] = Math.min(widths[c]!, Math.max(LEAST, widths[c]! - excess));
    }
  }
  return { ...grid, widths, width: widthOf(grid.title, widths) };
}

/** The lines of the table, each as wide as the table. */
export function gridLines(grid: Grid, look: Look): string[] {
  const style = (text: string, of: Style) => look.styled ? paint(text, of) : text;
  const rule = (look.unicode ? "─" : "-").repeat(grid.width);
  const lines = [style(pad(centre(grid.title, grid.width), grid.width), STYLE.italic), rule];
  // A title may be wider than the columns below it.
  const end = SIDE + " ".repeat(grid.width - columnsWidth(grid.widths));
  for (const row of grid.rows) {
    const cells = row.map((cell, c) => fold(cell.text, grid.widths[c]!));
    const height = Math.max(...cells.map((cell) => cell.length));
    for (let i = 0; i < height; i++) {
      const texts = row.map((cell, c) =>
        style(pad(cells[c]![i] ?? "", grid.widths[c]!, cell.align), cell.style)
      );
      lines.push(SIDE + texts.join(GAP) + end);
    }
    lines.push(rule);
  }
  return lines;
}

function widthOf(title: string, widths: readonly number[]): number {
  return Math.max(columnsWidth(widths), title.length);
}

function columnsWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 2 * SIDE.length + GAP.length * (widths.length - 1));
}
