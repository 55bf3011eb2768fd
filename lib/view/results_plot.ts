/** The plot of a table of results: its axes, its rows, and why some are not drawn. */

import { counted } from "../errors.ts";
// @ts-types="../../templates/report/plot_model.d.ts"
import { plotModel } from "../../templates/report/plot_model.js";
import type { LeftOut, PlotModel } from "../../templates/report/plot_model.d.ts";
import { badAxis, noLogAxis, nothingToDraw, tooManySeries } from "../view_errors.ts";
import { MOST_SERIES } from "./plot_text.ts";
import type { PlotNames } from "./plot_svg.ts";
import { columnOf, type ResultTable, type TableRow } from "./results_table.ts";

/** Columns of the table. */
export interface Axes {
  readonly x: number;
  readonly y: number;
  readonly by: readonly number[];
}

/** `words`: `x=NAME`, `y=NAME`, `by=NAME`. What is not named is the first parameter, and the first result that is no picture. */
export function axesOf(table: ResultTable, words: readonly string[], by: readonly string[]): Axes {
  const named = new Map<string, string>();
  const series = [...by];
  for (const word of words) {
    const [, axis = "", name = ""] = /^(x|y|by)=(.+)$/s.exec(word) ?? [];
    if (name === "" || named.has(axis)) throw badAxis(word);
    if (axis === "by") series.push(name);
    else named.set(axis, name);
  }
  const first = table.names.findIndex((_, i) => i >= table.parameters && !table.images.has(i));
  const column = (axis: string, otherwise: number) => {
    const name = named.get(axis);
    return name === undefined ? otherwise : columnOf(table, name, "plot");
  };
  return {
    x: column("x", 0),
    y: column("y", Math.max(0, first)),
    by: series.map((name) => columnOf(table, name, "by")),
  };
}

export interface DrawnResults {
  readonly model: PlotModel;
  readonly names: PlotNames;
  /** The rows of the points, with the columns of the plot alone. */
  readonly points: ResultTable;
  /** Why rows are not drawn; undefined if all are. */
  readonly note: string | undefined;
}

export function drawnResults(
  table: ResultTable,
  { x, y, by }: Axes,
  log: "x" | "y" | "xy" | undefined,
): DrawnResults {
  const rows = [...table.rows];
  const model = plotModel(rows.map((row) => plotRow(row, { x, y, by })), {
    logX: log?.includes("x") ?? false,
    logY: log?.includes("y") ?? false,
  });
  const nameOf = (column: number) => table.names[column]!;
  const names = { x: nameOf(x), y: nameOf(y), by: by.map(nameOf).join(", ") };
  if (log?.includes("x") && model.places) throw noLogAxis("x", names.x);
  if (model.points.length === 0) throw nothingToDraw(names.x, names.y, whyNot(model.left));
  if (model.series.length > MOST_SERIES) throw tooManySeries(names.by, model.series.length, MOST_SERIES);
  const shown = model.points.map(({ row }) => rows[row]!);
  return { model, names, points: narrowed(table, [...by, x, y], shown), note: noteOf(model, rows.length) };
}

function plotRow({ cells, nodes }: TableRow, { x, y, by }: Axes) {
  const once = nodes[y] === undefined ? undefined : `${nodes[y]} ${nodes[x] ?? ""}`;
  return { x: cells[x], y: cells[y], by: by.map((column) => cells[column] ?? "").join(", "), once };
}

function narrowed(table: ResultTable, columns: readonly number[], rows: readonly TableRow[]): ResultTable {
  // Parameters first, as in every table.
  const own = [...new Set(columns)].sort((a, b) =>
    Number(a >= table.parameters) - Number(b >= table.parameters)
  );
  return {
    names: own.map((column) => table.names[column]!),
    parameters: own.filter((column) => column < table.parameters).length,
    images: new Set(),
    rows: rows.map(({ cells, nodes }) => ({
      cells: own.map((column) => cells[column]),
      nodes: own.map((column) => nodes[column]),
    })),
  };
}

function reasons({ missing, text, infinite, belowLog }: LeftOut): string {
  return [
    missing > 0 ? `${missing} without a value` : "",
    text > 0 ? `${text} with a text instead of a number` : "",
    infinite > 0 ? `${infinite} with a number that is not finite` : "",
    belowLog > 0 ? `${belowLog} with 0 or less on a logarithmic axis` : "",
  ].filter((part) => part !== "").join(", ");
}

function whyNot(left: LeftOut): string {
  const why = reasons(left);
  return why === "" ? "No row fits the conditions." : `Rows: ${why}.`;
}

function noteOf({ left }: PlotModel, rows: number): string | undefined {
  const { missing, text, infinite, belowLog } = left;
  const count = missing + text + infinite + belowLog;
  if (count === 0) return undefined;
  return `${count} of ${counted(rows, "row")} ${count === 1 ? "is" : "are"} not drawn: ${reasons(left)}`;
}
