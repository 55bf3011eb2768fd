/** A plot as text, for a terminal. */

import { cellWidth, cutTo, pad, visible } from "../cells.ts";
import type { PlotModel, Scale } from "../../templates/report/plot_model.d.ts";
import type { Look } from "./render_table.ts";
import { paint, type Style } from "./terminal.ts";

/** Signs of series. A series beyond them has a letter. */
const SIGNS = { unicode: "●○▲△■□◆◇", ascii: "ox+#@%&=" } as const;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** The sign of points of several series in one cell. */
const SEVERAL = "*";
/** As many as there are signs for. */
export const MOST_SERIES = SIGNS.ascii.length + LETTERS.length;

const STYLES: readonly Style[] = ["36", "33", "32", "35", "31", "34", "96", "93"];

const LINES = {
  unicode: { side: "│", mark: "┤", corner: "└", foot: "─", tick: "┬" },
  ascii: { side: "|", mark: "+", corner: "+", foot: "-", tick: "+" },
} as const;

const NARROWEST = 24;
const LOWEST = 6;

export interface PlotTextOptions extends Look {
  /** Lines of the whole picture. */
  readonly height: number;
  readonly names: { readonly x: string; readonly y: string; readonly by: string };
}

export function plotText(model: PlotModel, options: PlotTextOptions): string {
  const { names, unicode } = options;
  const lines = unicode ? LINES.unicode : LINES.ascii;
  const legend = names.by === "" ? [] : legendLines(model.series, options);
  const height = Math.max(LOWEST, options.height - 4 - legend.length);
  const yTicks = rowsOf(model.y, height, Math.max(2, Math.floor(height / 4)));
  const left = Math.min(18, Math.max(...yTicks.values().map(cellWidth), 1));
  const width = Math.max(NARROWEST, options.width) - left - 3;
  const cells = plotCells(model, width, height);
  const rows = cells.map((row, at) => {
    const text = yTicks.get(at);
    const label = pad(cutTo(text ?? "", left), left, "right");
    return `${label} ${text === undefined ? lines.side : lines.mark}${rowText(row, options)}`;
  });
  const [foot, words] = xAxis(model.x, width, lines);
  return [
    ...legend,
    cutTo(visible(names.y), Math.max(NARROWEST, options.width)),
    ...rows,
    `${" ".repeat(left + 1)}${lines.corner}${foot}`,
    `${" ".repeat(left + 2)}${words}`.trimEnd(),
    pad(cutTo(visible(names.x), width), left + 2 + width, "right"),
  ].map((line) => `${line}\n`).join("");
}

/** For each cell of each line, from the top: nothing, a series, or -1 for several. */
function plotCells({ points, x, y }: PlotModel, width: number, height: number): (number | undefined)[][] {
  const rows = Array.from({ length: height }, () => new Array<number | undefined>(width).fill(undefined));
  for (const point of points) {
    const row = rows[height - 1 - cellOf(y, point.y, height)]!;
    const column = cellOf(x, point.x, width);
    const before = row[column];
    row[column] = before === undefined || before === point.series ? point.series : -1;
  }
  return rows;
}

const cellOf = (scale: Scale, value: number, count: number) =>
  Math.min(count - 1, Math.max(0, Math.round(scale.at(value) * (count - 1))));

function rowText(row: readonly (number | undefined)[], { styled, unicode }: PlotTextOptions): string {
  const text = row.map((series) => {
    if (series === undefined) return " ";
    const sign = signOf(series, unicode);
    return styled && series >= 0 ? paint(sign, styleOf(series)) : sign;
  }).join("");
  return text.trimEnd();
}

function signOf(series: number, unicode: boolean): string {
  if (series < 0) return SEVERAL;
  const signs = unicode ? SIGNS.unicode : SIGNS.ascii;
  return signs[series] ?? LETTERS[series - signs.length] ?? "?";
}

const styleOf = (series: number) => STYLES[series % STYLES.length]!;

function legendLines(
  series: readonly string[],
  { width, names, unicode, styled }: PlotTextOptions,
): string[] {
  const lines: string[] = [];
  let [line, used] = ["", 0];
  const add = (text: string, cells: number) => {
    if (used > 0 && used + 2 + cells > width) {
      lines.push(line);
      [line, used] = ["", 0];
    }
    line += used > 0 ? `  ${text}` : text;
    used += (used > 0 ? 2 : 0) + cells;
  };
  const most = Math.max(8, Math.floor(width / 3));
  const title = cutTo(`${visible(names.by)}:`, most);
  add(title, cellWidth(title));
  series.forEach((name, i) => {
    const sign = signOf(i, unicode);
    const text = cutTo(visible(name === "" ? "(none)" : name), most);
    add(`${styled ? paint(sign, styleOf(i)) : sign} ${text}`, cellWidth(text) + 2);
  });
  if (series.length > 1) add(`${SEVERAL} several`, 9);
  return [...lines, line];
}

/** Texts of ticks by the line that they are on, counted from the top. */
function rowsOf(scale: Scale, height: number, most: number): Map<number, string> {
  return new Map(
    scale.ticks(most).map(({ value, text }) => [height - 1 - cellOf(scale, value, height), visible(text)]),
  );
}

type AxisLines = (typeof LINES)["unicode" | "ascii"];

/** The line below the plot, and the texts below that. */
function xAxis(scale: Scale, width: number, lines: AxisLines): [line: string, texts: string] {
  const marks = new Array<string>(width).fill(lines.foot);
  let texts = "";
  const ticks = scale.ticks(Math.max(2, Math.floor(width / 12)));
  const room = ticks.length > 1
    ? Math.max(3, Math.abs(cellOf(scale, ticks[1]!.value, width) - cellOf(scale, ticks[0]!.value, width)) - 1)
    : width;
  for (const { value, text } of ticks) {
    const at = cellOf(scale, value, width);
    const word = cutTo(visible(text), room);
    const start = Math.max(0, Math.min(width - cellWidth(word), at - Math.floor(cellWidth(word) / 2)));
    const used = cellWidth(texts);
    if (texts !== "" && start <= used) continue;
    marks[at] = lines.tick;
    texts += " ".repeat(start - used) + word;
  }
  return [marks.join(""), texts];
}
