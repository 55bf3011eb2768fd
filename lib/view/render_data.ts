/** A study's status as data for other programs: the rows of status.csv, and JSON. */

import { csvLine } from "../csv.ts";
import { formatIso, formatLocalTime } from "../times.ts";
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

/** A status of many steps is written piece by piece, each of some 64 KB: all of it may be hundreds of megabytes. */
export type Pieces = Iterable<string>;
const PIECE = 1 << 16;

function* inPieces<ITEM>(items: readonly ITEM[], textOf: (item: ITEM, index: number) => string): Pieces {
  let piece = "";
  for (let i = 0; i < items.length; i++) {
    piece += textOf(items[i]!, i);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

/** The text of `status.csv`: Maestro's columns, quoted where a name or value would break the line. */
export function* statusCsv(view: StatusView): Pieces {
  yield csvLine([...COLUMNS, "Params"]);
  yield* inPieces(view.steps, (step) => {
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

/** What `maestro status --json` prints: `StatusJson`, indented by 2. */
export function* statusJson(view: StatusView): Pieces {
  const frame = JSON.stringify(statusFrame(view), null, 2);
  if (view.steps.length === 0) return yield `${frame}\n`;
  yield frame.slice(0, -END_OF_FRAME.length);
  yield* inPieces(view.steps, (step, i) => `${i === 0 ? "[" : ","}\n    ${indented(step)}`);
  yield "\n  ]\n}\n";
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
    counts: { ...view.counts },
    steps: [],
  };
}

/**
 * A `StepJson` as `JSON.stringify` indents it at its place. Written by hand, since a third of a look at 300,000 steps
 * would be spent on making objects, their text, and the text again with more blanks.
 */
function indented(step: StatusStep): string {
  return `{
      "name": ${quoted(step.name)},
      "step": ${quoted(step.step)},
      "workspace": ${quoted(step.workspace)},
      "state": "${step.state}",
      "jobId": ${quoted(step.jobId)},
      "params": ${indentedParams(step.params)},
      "submittedAt": ${quotedTime(step.submittedAt)},
      "startedAt": ${quotedTime(step.startedAt)},
      "endedAt": ${quotedTime(step.endedAt)},
      "runTime": ${seconds(step.runTime)},
      "elapsedTime": ${seconds(step.elapsedTime)},
      "restarts": ${step.restarts},
      "exitCode": ${step.exitCode ?? null},
      "reason": ${quoted(step.reason)}
    }`;
}

function indentedParams(params: Readonly<Record<string, string>>): string {
  let text = "";
  for (const key in params) {
    text += `${text === "" ? "" : ","}\n        ${quoted(key)}: ${quoted(params[key])}`;
  }
  return text === "" ? "{}" : `{${text}\n      }`;
}

/** Texts that JSON writes as they are: nearly all. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string | undefined): string {
  return text === undefined ? "null" : PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

const quotedTime = (ms: number | undefined) => ms === undefined ? "null" : `"${formatIso(ms)}"`;

/** One line of JSON a step, each complete in itself: version, study and directory stand in all of them. */
export function statusNdjson(view: StatusView): Pieces {
  const head = { version: 1, study: view.study, directory: view.directory };
  return inPieces(view.steps, (step) => JSON.stringify({ ...head, ...stepJson(step) }) + "\n");
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
