/** The table of results: which rows and columns are shown, in what order, and statistics of groups. */

import { didYouMean } from "../suggest.ts";
// @ts-types="../../templates/report/plot_model.d.ts"
import { numberOf } from "../../templates/report/plot_model.js";
import type { Plan } from "../plan/types.ts";
import { badCondition, badCount, noSuchColumn, noSuchParameter, notAPair } from "../view_errors.ts";
import type { ResultColumns, ResultRow } from "./results.ts";

export type Cell = string | undefined;

export interface TableRow {
  readonly cells: readonly Cell[];
  /** For each cell the node that it is a result of; undefined for parameters and statistics. */
  readonly nodes: readonly (number | undefined)[];
}

export interface ResultTable {
  readonly names: readonly string[];
  /** How many of the columns are parameters: the first ones. */
  readonly parameters: number;
  /** Columns of paths of images. */
  readonly images: ReadonlySet<number>;
  readonly rows: Iterable<TableRow>;
}

export function resultTable(
  { study }: Plan,
  { parameters, results }: ResultColumns,
  rows: Iterable<ResultRow>,
): ResultTable {
  const images = results.flatMap(({ step, rule }, i) =>
    step.results![rule]!.pick.kind === "image" ? [parameters.length + i] : []
  );
  return {
    names: [...parameters.map((i) => study.parameters[i]!.key), ...results.map(({ name }) => name)],
    parameters: parameters.length,
    images: new Set(images),
    rows: tableRows(rows),
  };
}

function* tableRows(rows: Iterable<ResultRow>): Generator<TableRow> {
  for (const { params, values, nodes } of rows) {
    yield { cells: [...params, ...values], nodes: [...params.map(() => undefined), ...nodes] };
  }
}

/** The rows and the order that the command line asks for. */
export interface RowChoice {
  /** `NAME=VALUE`: several values of a name widen, several names narrow. */
  readonly param?: readonly string[];
  /** `NAME<VALUE`: all must hold. */
  readonly where?: readonly string[];
  /** A column, `-` before it for the other way round. */
  readonly sort?: string;
  /** 0: no limit. */
  readonly limit?: number;
}

type Keeps = (cells: readonly Cell[]) => boolean;

/** The rows that fit; nothing is read before it is known that all names exist. */
export function chosenRows(table: ResultTable, { param = [], where = [] }: RowChoice): ResultTable {
  const conditions = [...byParams(table, param), ...where.map((text) => condition(table, text))];
  if (conditions.length === 0) return table;
  const rows = function* () {
    for (const row of table.rows) if (conditions.every((keeps) => keeps(row.cells))) yield row;
  };
  return { ...table, rows: rows() };
}

/** The rows in the order of a column, and the first ones of them. */
export function orderedRows(table: ResultTable, { sort, limit }: RowChoice): ResultTable {
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 0)) throw badCount("limit");
  let { rows } = table;
  if (sort !== undefined) {
    const names = table.names.includes(sort);
    const column = columnOf(table, names ? sort : sort.replace(/^-/, ""), "sort");
    rows = sortedRows(rows, column, !names && sort.startsWith("-") ? -1 : 1);
  }
  return { ...table, rows: limit ? firstOf(rows, limit) : rows };
}

function* firstOf(rows: Iterable<TableRow>, limit: number): Generator<TableRow> {
  let left = limit;
  for (const row of rows) {
    yield row;
    if (--left === 0) return;
  }
}

function sortedRows(rows: Iterable<TableRow>, column: number, sign: number): TableRow[] {
  const keyed = [...rows].map((row) => {
    const text = row.cells[column];
    return { row, text, value: numberOf(text) };
  });
  return keyed.sort((a, b) => {
    // A missing value comes last, in both orders.
    const gone = Number(isMissing(a.text)) - Number(isMissing(b.text));
    return gone !== 0 ? gone : sign * compared(a, b);
  }).map(({ row }) => row);
}

interface Comparable {
  readonly text: Cell;
  readonly value: number | undefined;
}

/** Numbers by their size, and before texts. */
function compared(a: Comparable, b: Comparable): number {
  if (a.value !== undefined && b.value !== undefined) return a.value - b.value;
  if (a.value !== undefined || b.value !== undefined) return a.value === undefined ? 1 : -1;
  return compareTexts(a.text ?? "", b.text ?? "");
}

let collator: Intl.Collator | undefined;

function compareTexts(a: string, b: string): number {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
}

const isMissing = (text: Cell) => text === undefined || text === "";

function byParams({ names, parameters }: ResultTable, pairs: readonly string[]): Keeps[] {
  const wanted = new Map<number, Set<string>>();
  const known = names.slice(0, parameters);
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    if (equals < 1) throw notAPair("param", pair);
    const name = pair.slice(0, equals);
    const column = known.indexOf(name);
    if (column < 0) throw noSuchParameter(name, didYouMean(name, known));
    wanted.set(column, (wanted.get(column) ?? new Set()).add(pair.slice(equals + 1)));
  }
  return [...wanted].map(([column, values]) => (cells) => values.has(cells[column]!));
}

const OPERATORS = ["<=", ">=", "!=", "==", "=", "<", ">"] as const;

/** A condition such as `time<10`. Numbers are compared as numbers. A missing value fits `NAME=` and no comparison of size. */
function condition(table: ResultTable, text: string): Keeps {
  // A name may contain an operator: the longest one that fits counts.
  const named = table.names.filter((name) => text.startsWith(name) && operatorAt(text, name.length))
    .sort((a, b) => b.length - a.length)[0];
  const [, word = text] = /^(.*?)\s*(?:[<>=]|!=)/s.exec(text) ?? [];
  const name = named ?? word;
  const operator = operatorAt(text, named === undefined ? /[<>=]|!=/.exec(text)?.index ?? -1 : name.length);
  if (!operator || name.trim() === "") throw badCondition(text);
  const column = columnOf(table, name.trim(), "where");
  const wanted = text.slice(operator.end).trim();
  const holds = comparison(operator.word, wanted);
  return (cells) => holds(cells[column]);
}

function operatorAt(text: string, from: number) {
  if (from < 0) return undefined;
  const start = from + /^\s*/.exec(text.slice(from))![0].length;
  const word = OPERATORS.find((operator) => text.startsWith(operator, start));
  return word === undefined ? undefined : { word, end: start + word.length };
}

function comparison(operator: (typeof OPERATORS)[number], wanted: string): (cell: Cell) => boolean {
  const right = { text: wanted, value: numberOf(wanted) };
  const equal = (cell: Cell) => {
    const value = numberOf(cell);
    if (value !== undefined && right.value !== undefined) return value === right.value;
    return (cell ?? "") === wanted;
  };
  if (operator === "=" || operator === "==") return equal;
  if (operator === "!=") return (cell) => !equal(cell);
  return (cell) => {
    const left = { text: cell, value: numberOf(cell) };
    // A number and a text have no order.
    if (isMissing(cell) || (left.value === undefined) !== (right.value === undefined)) return false;
    const order = compared(left, right);
    return operator.startsWith("<") ? order < 0 || (order === 0 && operator === "<=") : order > 0 ||
      (order === 0 && operator === ">=");
  };
}

/** The place of a column; a name that the table does not have is the user's mistake. */
export function columnOf({ names }: Pick<ResultTable, "names">, name: string, flag: string): number {
  const column = names.indexOf(name);
  if (column >= 0) return column;
  const ofSteps = names.filter((other) => other.endsWith(`.${name}`));
  throw noSuchColumn(flag, name, ofSteps.length > 0 ? ofSteps : names, didYouMean(name, names));
}

/** Columns of a table of statistics, after those of the groups. */
export const STATISTICS = ["result", "count", "missing", "mean", "min", "max"] as const;

/** Statistics of the results that have numbers, for each group of rows with equal values in the columns `by`. */
export function statistics(table: ResultTable, by: readonly number[]): ResultTable {
  const results = table.names.map((_, i) => i).filter((i) => !by.includes(i) && isResult(table, i));
  const rows = function* () {
    for (const { values, figures } of groupsOf(table, by, results)) {
      for (const [i, column] of results.entries()) {
        const cells = [...values, table.names[column]!, ...figures[i]!.cells()];
        yield { cells, nodes: cells.map(() => undefined) };
      }
    }
  };
  return {
    names: [...by.map((column) => table.names[column]!), ...STATISTICS],
    parameters: by.length,
    images: new Set(),
    rows: rows(),
  };
}

const isResult = ({ parameters, images }: ResultTable, column: number) =>
  column >= parameters && !images.has(column);

interface Group {
  readonly values: readonly Cell[];
  readonly figures: readonly Figures[];
}

function groupsOf(
  { rows }: ResultTable,
  by: readonly number[],
  results: readonly number[],
): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const { cells, nodes } of rows) {
    const values = by.map((column) => cells[column]);
    const key = JSON.stringify(values.map((value) => value ?? null));
    let group = groups.get(key);
    if (!group) groups.set(key, group = { values, figures: results.map(() => new Figures()) });
    results.forEach((column, i) => group.figures[i]!.add(cells[column], nodes[column]));
  }
  return groups.values();
}

/** Count, mean, least and greatest of numbers. Least and greatest keep their spelling. */
class Figures {
  private readonly seen = new Set<number>();
  private count = 0;
  private missing = 0;
  private mean = 0;
  private least: Comparable | undefined;
  private greatest: Comparable | undefined;

  /** A step that uses fewer parameters than the table has many rows with one value: it counts once. */
  add(text: Cell, node: number | undefined): void {
    if (node !== undefined && this.seen.has(node)) return;
    if (node !== undefined) this.seen.add(node);
    const value = numberOf(text);
    if (value === undefined) return void this.missing++;
    this.count++;
    // Never the sum, which may be too large for a number.
    this.mean += value / this.count - this.mean / this.count;
    if (this.least === undefined || value < this.least.value!) this.least = { text, value };
    if (this.greatest === undefined || value > this.greatest.value!) this.greatest = { text, value };
  }

  cells(): Cell[] {
    const mean = this.count === 0 ? undefined : String(this.mean);
    return [String(this.count), String(this.missing), mean, this.least?.text, this.greatest?.text];
  }
}
