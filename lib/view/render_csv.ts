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

/** One step's text under each of `COLUMNS`, as in the file (not escaped for a terminal). */
export function statusRow(step: StatusStep): string[] {
  return [
    step.name,
    step.jobId ?? "--",
    step.shortWorkspace,
    step.state,
    duration(step.runTime),
    duration(step.elapsedTime),
    time(step.startedAt),
    time(step.submittedAt),
    time(step.endedAt),
    String(step.restarts),
  ];
}

/** Some 64 KB: all of it may be hundreds of megabytes. */
const PIECE = 1 << 16;

/** The text of `status.csv`, piece by piece: Maestro's columns, quoted where a name or value would break the line. */
export function* statusCsv(
  view: StatusView,
  rows: Iterable<StatusStep> = view.eachStep?.() ?? view.steps,
): Iterable<string> {
  let piece = csvLine([...COLUMNS, "Params"]);
  for (const step of rows) {
    const row = statusRow(step);
    row.push(paramsText(step.params));
    piece += csvLine(row);
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

function duration(value: number | undefined): string {
  return value === undefined ? "--:--:--" : formatDuration(value);
}

function time(ms: number | undefined): string {
  return ms === undefined ? "--" : formatLocalTime(ms);
}
