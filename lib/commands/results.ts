/** `maestro results`: parameters and results as one table. */

import { valuesOf } from "../app/results.ts";
import { visible } from "../cells.ts";
import { toCsv } from "../csv.ts";
import { badSetting, EXIT, noResults } from "../errors.ts";
import { type TableColumn, tableLines, widest } from "../view/render_table.ts";
import { type ResultColumns, resultColumns, type ResultRow, resultRows } from "../view/results.ts";
import { readState } from "../study/journal/replay.ts";
import { openStudyToRead } from "../study/folder.ts";
import type { System } from "../system.ts";
import { STYLE, wantsColor } from "../view/terminal.ts";
import type { Plan } from "../plan/types.ts";
import { guarded } from "../app/context.ts";

export interface ResultsFlags {
  readonly csv?: boolean;
  readonly json?: boolean;
}

export default guarded<ResultsFlags, [string]>(async ({ system }, flags, directory) => {
  if (flags.json && flags.csv) throw badSetting("--json and --csv cannot be given together");
  const study = await openStudyToRead(system, directory);
  const { plan } = study;
  const columns = resultColumns(plan);
  if (!columns) throw noResults(directory);
  const progress = readState(system, study);
  const rows = resultRows(plan, columns, (node) => valuesOf(system, plan, progress, node));
  const names = [
    ...columns.parameters.map((i) => plan.study.parameters[i]!.key),
    ...columns.results.map((r) => r.name),
  ];
  if (flags.json) writeJson(system, plan, columns, rows);
  else if (flags.csv) writeCsv(system, names, rows);
  else system.stdout.write(tableText(system, names, rows));
  return EXIT.ok;
});

/** Rows are written as they are found. */
const CHUNK = 500;

function writeCsv(system: System, names: readonly string[], rows: Iterable<ResultRow>): void {
  let waiting: string[][] = [[...names]];
  for (const { params, values } of rows) {
    waiting.push([...params, ...values.map((value) => value ?? "")]);
    if (waiting.length < CHUNK) continue;
    system.stdout.write(toCsv(waiting));
    waiting = [];
  }
  system.stdout.write(toCsv(waiting));
}

function writeJson(
  system: System,
  plan: Plan,
  { parameters, results }: ResultColumns,
  rows: Iterable<ResultRow>,
) {
  const { name, root } = plan.study;
  const keys = parameters.map((i) => plan.study.parameters[i]!.key);
  const head = {
    version: 1,
    study: name,
    directory: root,
    parameters: keys,
    results: results.map((r) => r.name),
  };
  system.stdout.write(JSON.stringify(head).slice(0, -1) + ',"rows":[');
  let first = true;
  for (const { params, values } of rows) {
    const texts = params.map((value, i) => `${JSON.stringify(keys[i])}:${JSON.stringify(value)}`);
    const found = values.map((value, i) => `${JSON.stringify(results[i]!.name)}:${jsonValue(value)}`);
    system.stdout.write(
      `${first ? "\n" : ",\n"}{"params":{${texts.join(",")}},"results":{${found.join(",")}}}`,
    );
    first = false;
  }
  system.stdout.write("\n]}\n");
}

/** A number keeps its digits. */
function jsonValue(value: string | undefined): string {
  if (value === undefined) return "null";
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(value) ? value : JSON.stringify(value);
}

function tableText(system: System, names: readonly string[], rows: Iterable<ResultRow>): string {
  const cells = [...rows].map(({ params, values }) =>
    [...params, ...values.map((value) => value ?? "")].map(visible)
  );
  const columns = names.map((name, i): TableColumn => {
    const texts = cells.map((row) => row[i]!);
    return {
      width: Math.max(widest(texts), widest([name])),
      header: [name],
      cells: texts.map((text) => [text]),
      style: () => STYLE.none,
    };
  });
  const styled = wantsColor(system.stdout.isTerminal, system.env);
  return tableLines(columns, cells.length, 1, { width: Infinity, styled, unicode: true }).join("\n") + "\n";
}
