/** A study's status as data for other programs: the rows of status.csv, and JSON. */

import { ByteText } from "./byte_text.ts";
import { STEP_STATES } from "../conduct/step_records.ts";
import { csvLine } from "../csv.ts";
import { formatIso, formatLocalTime, isoPieces } from "../times.ts";
import type { StatusStep, StatusView, StepState, StudyState } from "../types.ts";
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

/** One step's text under each of `COLUMNS`, as it stands in the file (not escaped for a terminal). */
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

/**
 * A status of many steps is written piece by piece, each of some 64 KB: all of it may be hundreds of megabytes. Bytes
 * are good until the next piece is asked for.
 */
export type Pieces = Iterable<string | Uint8Array>;
const PIECE = 1 << 16;

function* inPieces<ITEM>(items: Iterable<ITEM>, textOf: (item: ITEM) => string): Iterable<string> {
  let piece = "";
  for (const item of items) {
    piece += textOf(item);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

/** Rows are asked for once each. */
const rowsOf = (view: StatusView): Iterable<StatusStep> => view.eachStep?.() ?? view.steps;

/** The text of `status.csv`: Maestro's columns, quoted where a name or value would break the line. */
export function* statusCsv(view: StatusView, rows = rowsOf(view)): Iterable<string> {
  yield csvLine([...COLUMNS, "Params"]);
  yield* inPieces(rows, (step) => {
    const row = statusRow(step);
    row.push(paramsText(step.params));
    return csvLine(row);
  });
}

/** One step of `StatusJson`. Every key is always there; what is not known is null. */
export interface StepJson {
  name: string;
  step: string;
  workspace: string;
  state: StepState;
  jobId: string | null;
  params: Record<string, string>;
  submittedAt: string | null;
  startedAt: string | null;
  endedAt: string | null;
  runTime: number | null;
  elapsedTime: number | null;
  restarts: number;
  exitCode: number | null;
  reason: string | null;
}

/** What `maestro status --json` prints. Times are ISO 8601 with their zone, durations seconds. */
export interface StatusJson {
  version: 1;
  study: string;
  directory: string;
  state: StudyState;
  conductor: { alive: boolean; host: string | null; pid: number | null; heartbeatAt: string | null };
  counts: Partial<Record<StepState, number>>;
  steps: StepJson[];
}

/** What `maestro status --json` prints: `StatusJson`, a line for each step. */
export function* statusJson(view: StatusView, rows = rowsOf(view)): Pieces {
  const frame = JSON.stringify(statusFrame(view), null, 2);
  const out = new ByteText().text(frame.slice(0, -END_OF_FRAME.length));
  let before = "[\n    ";
  for (const step of rows) {
    addStep(out.text(before), step);
    before = ",\n    ";
    if (out.isFull) yield out.take();
  }
  yield out.text(before.startsWith("[") ? END_OF_FRAME : "\n  ]\n}").text("\n").take();
}

function inOrder(counts: StatusView["counts"]): StatusView["counts"] {
  return Object.fromEntries(
    STEP_STATES.flatMap((state) => counts[state] === undefined ? [] : [[state, counts[state]]]),
  );
}

/** The end of a frame without steps. */
const END_OF_FRAME = "[]\n}";

/** All but the steps. */
function statusFrame(view: StatusView): StatusJson {
  const { alive, host, pid, heartbeatAt } = view.conductor;
  return {
    version: 1,
    study: view.study,
    directory: view.directory,
    state: view.state,
    conductor: { alive, host: host ?? null, pid: pid ?? null, heartbeatAt: iso(heartbeatAt) },
    counts: inOrder(view.counts),
    steps: [],
  };
}

/** A `StepJson` in one line. */
function addStep(out: ByteText, step: StatusStep): void {
  out.text('{"name": ').quoted(step.name).text(', "step": ').quoted(step.step);
  out.text(', "workspace": ').quoted(step.workspace).text(', "state": ').quoted(step.state);
  out.text(', "jobId": ').quoted(step.jobId).text(', "params": {');
  const { params } = step;
  let before = "";
  for (const key in params) {
    out.text(before).quoted(key).text(": ").quoted(params[key]);
    before = ", ";
  }
  addTime(out.text('}, "submittedAt": '), step.submittedAt);
  addTime(out.text(', "startedAt": '), step.startedAt);
  addTime(out.text(', "endedAt": '), step.endedAt);
  addSeconds(out.text(', "runTime": '), step.runTime);
  addSeconds(out.text(', "elapsedTime": '), step.elapsedTime);
  out.text(', "restarts": ').text(`${step.restarts}`);
  out.text(', "exitCode": ').text(`${step.exitCode ?? null}`);
  out.text(', "reason": ').quoted(step.reason).text("}");
}

/** What stands behind the whole seconds, by milliseconds: to make a text of a fraction takes long. */
const FRACTIONS = Array.from({ length: 1000 }, (_, ms) => String(ms / 1000).slice(1));

function addSeconds(out: ByteText, value: number | undefined): void {
  if (value === undefined) return void out.text("null");
  const ms = Math.round(value * 1000);
  const whole = Math.floor(ms / 1000);
  out.text(`${whole}`).text(FRACTIONS[ms - whole * 1000]!);
}

function addTime(out: ByteText, ms: number | undefined): void {
  if (ms === undefined) return void out.text("null");
  const [minute, second, millisecond, zone] = isoPieces(ms);
  out.text('"').text(minute).text(second).text(millisecond).text(zone).text('"');
}

/** One line of JSON a step, each complete in itself: version, study and directory stand in all of them. */
export function statusNdjson(view: StatusView, rows = rowsOf(view)): Pieces {
  const head = { version: 1, study: view.study, directory: view.directory };
  return inPieces(rows, (step) => JSON.stringify({ ...head, ...stepJson(step) }) + "\n");
}

function stepJson(step: StatusStep): StepJson {
  return {
    name: step.name,
    step: step.step,
    workspace: step.workspace,
    state: step.state,
    jobId: step.jobId ?? null,
    params: { ...step.params },
    submittedAt: iso(step.submittedAt),
    startedAt: iso(step.startedAt),
    endedAt: iso(step.endedAt),
    runTime: seconds(step.runTime),
    elapsedTime: seconds(step.elapsedTime),
    restarts: step.restarts,
    exitCode: step.exitCode ?? null,
    reason: step.reason ?? null,
  };
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

function iso(ms: number | undefined): string | null {
  return ms === undefined ? null : formatIso(ms);
}

function seconds(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 1000) / 1000;
}
