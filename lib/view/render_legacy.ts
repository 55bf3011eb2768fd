/** The legacy layout: plain columns between two rules, as the `tabulate` package prints them. It is never folded. */

import { cellWidth, pad, visible } from "../cells.ts";
import { COLUMNS, statusRow } from "./render_csv.ts";
import { widest } from "./render_table.ts";
import type { StatusView } from "./status_view.ts";

/** Tabulate makes a column at least this much wider than its header. */
const HEADER_ROOM = 2;

const GAP = "  ";

/** The whole text of the layout. */
export function renderLegacy(view: StatusView): string {
  const rows = view.steps.map((step) => statusRow(step).map(visible));
  const columns = COLUMNS.map((name, c) => {
    const cells = rows.map((row) => row[c]!);
    // Tabulate puts numbers to the right: restarts always, job ids as long as all of them are plain numbers.
    const numeric = cells.length > 0 && cells.every((cell) => /^\d+$/.test(cell));
    const align: "left" | "right" = numeric ? "right" : "left";
    return { width: Math.max(name.length + HEADER_ROOM, widest(cells)), align };
  });
  const line = (cells: readonly string[]) =>
    cells.map((cell, c) => pad(cell, columns[c]!.width, columns[c]!.align)).join(GAP).trimEnd();

  const table = [line(COLUMNS), columns.map(({ width }) => "-".repeat(width)).join(GAP), ...rows.map(line)];
  const bar = "=".repeat(cellWidth(table[1]!));
  return [bar, visible(view.directory), bar, ...table, bar, "", ""].join("\n");
}
