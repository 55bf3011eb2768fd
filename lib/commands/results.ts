/** `maestro results`: parameters and results as a table, as statistics, or as a plot. */

import { resolve } from "@std/path";
import { guarded } from "../app/context.ts";
import { valuesOf } from "../app/results.ts";
import { visible } from "../cells.ts";
import { toCsv } from "../csv.ts";
import { EXIT, missingArgument, noResults, systemWord, unexpectedArgument } from "../errors.ts";
import { openStudyToRead } from "../study/folder.ts";
import { readState } from "../study/journal/replay.ts";
import { codeOf, type System } from "../system.ts";
import { type TableColumn, tableLines, widest } from "../view/render_table.ts";
import { resultColumns, resultRows } from "../view/results.ts";
import { resultsJson, statisticsJson } from "../view/results_json.ts";
import {
  type Cell,
  chosenRows,
  columnOf,
  orderedRows,
  type ResultTable,
  resultTable,
  type RowChoice,
  statistics,
} from "../view/results_table.ts";
import { headWord, STYLE, wantsColor, wantsUnicode } from "../view/terminal.ts";
import { cannotWritePlot, notAlone, notTogether } from "../view_errors.ts";

export interface ResultsFlags extends RowChoice {
  readonly csv?: boolean;
  readonly json?: boolean;
  readonly stats?: boolean;
  readonly plot?: readonly string[];
  readonly by?: readonly string[];
  readonly log?: "x" | "y" | "xy";
  readonly svg?: string;
}

export default guarded<ResultsFlags, string[]>(async ({ system }, flags, ...words) => {
  checkTogether(flags);
  const { axes, directory } = argumentsOf(flags, words);
  const study = await openStudyToRead(system, directory);
  const { plan } = study;
  const columns = resultColumns(plan);
  if (!columns) throw noResults(directory);
  const progress = readState(system, study);
  const rows = resultRows(plan, columns, (node) => valuesOf(system, plan, progress, node));
  const chosen = chosenRows(resultTable(plan, columns, rows), flags);
  const about = { study: plan.study.name, directory: plan.study.root };
  if (axes) await plot(system, orderedRows(chosen, flags), axes, flags, about);
  else if (flags.stats) {
    const by = (flags.by ?? []).map((name) => columnOf(chosen, name, "by"));
    write(system, orderedRows(statistics(chosen, by), flags), flags, about, statisticsJson);
  } else write(system, orderedRows(chosen, flags), flags, about, resultsJson);
  return EXIT.ok;
});

function checkTogether({ csv, json, stats, plot, by, log, svg }: ResultsFlags): void {
  if (json && csv) throw notTogether("json", "csv");
  if (plot && stats) throw notTogether("plot", "stats");
  if (svg !== undefined && (json || csv)) throw notTogether("svg", json ? "json" : "csv");
  if (log !== undefined && !plot) throw notAlone("log", "plot");
  if (svg !== undefined && !plot) throw notAlone("svg", "plot");
  if (by && !plot && !stats) throw notAlone("by", "plot or --stats");
}

/** After `--plot x=A`, the words `y=B` and `by=C` belong to the plot. The folder is the other word. */
function argumentsOf({ plot }: ResultsFlags, words: readonly string[]) {
  const isAxis = (word: string) => plot !== undefined && /^(x|y|by)=/.test(word);
  const [directory, more] = words.filter((word) => !isAxis(word));
  if (directory === undefined) throw missingArgument("DIR");
  if (more !== undefined) throw unexpectedArgument(more);
  return { directory, axes: plot && [...plot, ...words.filter(isAxis)] };
}

interface About {
  readonly study: string;
  readonly directory: string;
}

type ToJson = (table: ResultTable, about: About) => Iterable<string>;

function write(system: System, table: ResultTable, flags: ResultsFlags, about: About, toJson: ToJson): void {
  if (flags.json) { for (const piece of toJson(table, about)) system.stdout.write(piece); }
  else if (flags.csv) writeCsv(system, table);
  else system.stdout.write(tableText(system, table));
}

async function plot(
  system: System,
  table: ResultTable,
  words: readonly string[],
  flags: ResultsFlags,
  about: About,
): Promise<void> {
  const { axesOf, drawnResults } = await import("../view/results_plot.ts");
  const { model, names, points, note } = drawnResults(table, axesOf(table, words, flags.by ?? []), flags.log);
  if (flags.svg !== undefined) {
    const { plotSvg } = await import("../view/plot_svg.ts");
    writePlot(system, flags.svg, plotSvg(model, names));
  } else if (flags.csv || flags.json) write(system, points, flags, about, resultsJson);
  else {
    const { plotText } = await import("../view/plot_text.ts");
    system.stdout.write(plotText(model, { ...lookOf(system), names }));
  }
  const styled = wantsColor(system.stderr.isTerminal, system.env);
  if (note !== undefined) system.stderr.say(`${headWord("note", styled)} ${note}\n`);
}

function writePlot(system: System, name: string, svg: string): void {
  if (name === "-") return system.stdout.write(svg);
  const file = resolve(system.cwd, name);
  try {
    system.writeText(file, svg);
  } catch (error) {
    if (codeOf(error) !== undefined) throw cannotWritePlot(file, systemWord(error));
    throw error;
  }
  system.stdout.write(`${file}\n`);
}

/** A plot in a pipe has the size of a page. */
const PLAIN = { width: 80, height: 24 };
const HIGHEST = 36;

function lookOf({ stdout, env }: System) {
  const { isTerminal } = stdout;
  const limited = isTerminal || env["COLUMNS"];
  return {
    width: limited ? stdout.columns() : PLAIN.width,
    // The command and the prompt stay visible.
    height: isTerminal ? Math.min(HIGHEST, stdout.rows() - 2) : PLAIN.height,
    styled: wantsColor(isTerminal, env),
    unicode: wantsUnicode(isTerminal, env),
  };
}

/** Rows are written as they are found. */
const CHUNK = 500;

function writeCsv(system: System, { names, rows }: ResultTable): void {
  let waiting: string[][] = [[...names]];
  for (const { cells } of rows) {
    waiting.push(cells.map((cell) => cell ?? ""));
    if (waiting.length < CHUNK) continue;
    system.stdout.write(toCsv(waiting));
    waiting = [];
  }
  system.stdout.write(toCsv(waiting));
}

function tableText(system: System, table: ResultTable): string {
  const mean = table.names.indexOf("mean");
  const isMean = (column: number) => column === mean && table.names[table.parameters] === "result";
  const text = (cell: Cell, column: number) =>
    isMean(column) && cell !== undefined ? String(Number(Number(cell).toPrecision(6))) : visible(cell ?? "");
  const cells = [...table.rows].map((row) => row.cells.map(text));
  const columns = table.names.map((name, i): TableColumn => {
    const texts = cells.map((row) => row[i]!);
    return {
      width: Math.max(widest(texts), widest([name])),
      header: [name],
      cells: texts.map((text) => [text]),
      style: () => STYLE.none,
    };
  });
  const { isTerminal } = system.stdout;
  const look = {
    width: Infinity,
    styled: wantsColor(isTerminal, system.env),
    unicode: !isTerminal || wantsUnicode(isTerminal, system.env),
  };
  return tableLines(columns, cells.length, 1, look).join("\n") + "\n";
}
