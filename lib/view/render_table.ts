/** A table in a box, as rich draws it (HEAVY_HEAD): heavy lines around the header, light ones below it. */

import { cellWidth, pad } from "../cells.ts";
import { paint, STYLE, type Style } from "./terminal.ts";

/** What a layout is drawn for. */
export interface Look {
  /** Cells of a line; Infinity where nothing limits it. */
  readonly width: number;
  /** Whether ANSI styles are written. */
  readonly styled: boolean;
  /** Whether lines are drawn with box characters, or else with ASCII. */
  readonly unicode: boolean;
  /** Whether tables have what Maestro's do not. */
  readonly more?: boolean;
}

/** One column, folded: every cell is one or more lines that fit `width`. */
export interface TableColumn {
  readonly width: number;
  readonly header: readonly string[];
  readonly cells: readonly (readonly string[])[];
  style(row: number): Style;
}

/** The characters of one horizontal line: left end, filling, between columns, right end. */
type Rule = readonly [left: string, fill: string, between: string, right: string];

interface Box {
  readonly top: Rule;
  readonly underHeader: Rule;
  readonly bottom: Rule;
  readonly headerSide: string;
  readonly side: string;
}

const HEAVY_HEAD: Box = {
  top: ["┏", "━", "┳", "┓"],
  underHeader: ["┡", "━", "╇", "┩"],
  bottom: ["└", "─", "┴", "┘"],
  headerSide: "┃",
  side: "│",
};

const ASCII: Box = {
  top: ["+", "-", "+", "+"],
  underHeader: ["+", "=", "+", "+"],
  bottom: ["+", "-", "+", "+"],
  headerSide: "|",
  side: "|",
};

/** Cells of a table's line: its columns, the blanks beside each, and the lines between and around them. */
export function tableWidth(widths: readonly number[], padding: number): number {
  return widths.reduce((sum, width) => sum + width + 2 * padding + 1, 1);
}

/** The lines of a table with `padding` blanks on both sides of each cell. */
export function tableLines(
  columns: readonly TableColumn[],
  rows: number,
  padding: number,
  look: Look,
): string[] {
  const box = look.unicode ? HEAVY_HEAD : ASCII;
  const blanks = " ".repeat(padding);
  const widths = columns.map((column) => column.width);
  const lines: string[] = [rule(box.top, widths, padding)];

  const add = (cells: readonly (readonly string[])[], styles: readonly Style[], side: string) => {
    const height = Math.max(...cells.map((cell) => cell.length));
    for (let i = 0; i < height; i++) {
      const texts = cells.map((cell, c) => blanks + styled(cell[i] ?? "", widths[c]!, styles[c]!) + blanks);
      lines.push(side + texts.join(side) + side);
    }
  };
  const style = (of: Style) => look.styled ? of : STYLE.none;

  add(columns.map((column) => column.header), columns.map(() => style(STYLE.bold)), box.headerSide);
  lines.push(rule(box.underHeader, widths, padding));
  for (let row = 0; row < rows; row++) {
    add(
      columns.map((column) => column.cells[row]!),
      columns.map((column) => style(column.style(row))),
      box.side,
    );
  }
  lines.push(rule(box.bottom, widths, padding));
  return lines;
}

/** The widest of some texts. */
export function widest(texts: Iterable<string>): number {
  let width = 0;
  for (const text of texts) width = Math.max(width, cellWidth(text));
  return width;
}

function styled(text: string, width: number, style: Style): string {
  return paint(pad(text, width), style);
}

function rule([left, fill, between, right]: Rule, widths: readonly number[], padding: number): string {
  return left + widths.map((width) => fill.repeat(width + 2 * padding)).join(between) + right;
}
