/** Results and their statistics as JSON, one row a line. */

import type { Cell, ResultTable } from "./results_table.ts";

interface About {
  readonly study: string;
  readonly directory: string;
}

export function* resultsJson(table: ResultTable, about: About): Generator<string> {
  const { names, parameters } = table;
  const [keys, results] = [names.slice(0, parameters), names.slice(parameters)];
  yield* listJson({ version: 1, ...about, parameters: keys, results }, "rows", table, (cells) => {
    const params = objectJson(keys, cells.slice(0, parameters), textJson);
    return `{"params":${params},"results":${objectJson(results, cells.slice(parameters), numberJson)}}`;
  });
}

export function* statisticsJson(table: ResultTable, about: About): Generator<string> {
  const { names, parameters } = table;
  const by = names.slice(0, parameters);
  const figures = names.slice(parameters + 1);
  yield* listJson({ version: 1, ...about, by }, "statistics", table, (cells) => {
    const group = objectJson(by, cells.slice(0, parameters), textJson);
    const values = objectJson(figures, cells.slice(parameters + 1), numberJson);
    return `{"group":${group},"result":${textJson(cells[parameters])},${values.slice(1)}`;
  });
}

function* listJson(
  head: object,
  name: string,
  { rows }: ResultTable,
  rowJson: (cells: readonly Cell[]) => string,
): Generator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"${name}":[`;
  let first = true;
  for (const { cells } of rows) {
    yield `${first ? "\n" : ",\n"}${rowJson(cells)}`;
    first = false;
  }
  yield "\n]}\n";
}

function objectJson(names: readonly string[], cells: readonly Cell[], write: (cell: Cell) => string): string {
  return `{${names.map((name, i) => `${JSON.stringify(name)}:${write(cells[i])}`).join(",")}}`;
}

const textJson = (cell: Cell) => cell === undefined ? "null" : JSON.stringify(cell);

/** A number keeps its digits. */
function numberJson(cell: Cell): string {
  if (cell === undefined) return "null";
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(cell) ? cell : JSON.stringify(cell);
}
