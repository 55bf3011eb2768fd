/** A study's status as a table for other programs: the rows of status.csv. */

import { csvLine } from "../csv.ts";
import { formatLocalTime } from "../times.ts";
import type { StatusStep, StatusView } from "./status_view.ts";
import { formatDuration } from "../units.ts";

/** The columns that every table may show, in Maestro's order. */
export const COLUMNS = [
  "Step Name",
  "Job ID",
  "Workspace",
  "State",
  "Run Time",
  "Elapsed Time",
  "Start Time",
  "Submit Time",
  "End Time",
  "Number Restarts",
] as const;

/** Columns of `status --csv` behind those of status.csv. New ones come last. */
const MORE: readonly (readonly [name: string, textOf: (step: StatusStep, view: StatusView) => string])[] = [
  ["Exit Code", ({ exitCode }) => exitCode === undefined ? "--" : String(exitCode)],
  ["Reason", (step) => step.reason ?? "--"],
  ["Ended", ({ ended }) => ended ?? "--"],
  ["Waits For", ({ waiting }) => waiting?.for ?? "--"],
  ["Waits Because", ({ waiting }) => waiting?.reason ?? "--"],
  ["Not Before", ({ waiting }) => time(waiting?.until)],
  ["Expected Start", ({ waiting }) => time(waiting?.expectedStartAt)],
  ["Attempts", ({ attempts }) => String(attempts.length)],
  ["Total Run Time", ({ totalRunTime }) => durationText(totalRunTime)],
  ["Study", (_, { directory }) => directory],
  ["CPU Seconds", ({ used }) => figure(used?.cpuMs && used.cpuMs / 1000)],
  ["Max RSS Bytes", ({ used }) => figure(used?.maxRssBytes)],
  ["Read Bytes", ({ used }) => figure(used?.readBytes)],
  ["Written Bytes", ({ used }) => figure(used?.writtenBytes)],
  ["CPUs", ({ used }) => figure(used?.cpus)],
  ["Node Memory Bytes", ({ used }) => figure(used?.nodeMemoryBytes)],
  ["Limit Seconds", ({ used }) => figure(used?.limitSeconds)],
];

const figure = (value: number | undefined) => value === undefined ? "--" : String(value);

/** One step's text under each of `COLUMNS`, as in the file (not escaped for a terminal). */
export function statusRow(step: StatusStep): string[] {
  return [
    step.name,
    step.jobId ?? "--",
    step.shortWorkspace,
    step.state,
    durationText(step.runTime),
    durationText(step.elapsedTime),
    time(step.startedAt),
    time(step.submittedAt),
    time(step.endedAt),
    String(step.restarts),
  ];
}

const HEAD: readonly string[] = [...COLUMNS, "Params"];

/** The text of `status.csv`, piece by piece: Maestro's columns, quoted where a name or value would break the line. */
export function* statusCsv(view: StatusView): Iterable<string> {
  yield* inPieces(HEAD, allOf(view), (step) => [...statusRow(step), paramsText(step.params)]);
}

/** What `status --csv` prints: one table for all studies. `steps`: those that are shown; or all. */
export function* statusTable(
  studies: readonly { readonly view: StatusView; readonly steps?: Iterable<StatusStep> }[],
): Iterable<string> {
  let head: readonly string[] | undefined = [...HEAD, ...MORE.map(([name]) => name)];
  for (const { view, steps } of studies) {
    yield* inPieces(head, steps ?? allOf(view), (step) => [
      ...statusRow(step),
      paramsText(step.params),
      ...MORE.map(([, textOf]) => textOf(step, view)),
    ]);
    head = undefined;
  }
}

const allOf = (view: StatusView) => view.eachStep?.() ?? view.steps;

/** Some 64 KB: all of it may be hundreds of megabytes. */
const PIECE = 1 << 16;

function* inPieces(
  head: readonly string[] | undefined,
  steps: Iterable<StatusStep>,
  rowOf: (step: StatusStep) => string[],
): Iterable<string> {
  let piece = head === undefined ? "" : csvLine(head);
  for (const step of steps) {
    piece += csvLine(rowOf(step));
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

/** Sorted, because the order must not change from one writing of the file to the next (Maestro's did). */
function paramsText(params: Readonly<Record<string, string>>): string {
  return Object.keys(params).sort().map((name) => `${name}:${params[name]}`).join(";");
}

export function durationText(value: number | undefined): string {
  return value === undefined ? "--:--:--" : formatDuration(value);
}

function time(ms: number | undefined): string {
  return ms === undefined ? "--" : formatLocalTime(ms);
}
