/** What is known of the open step, in lines above its attempts. */

import { cellWidth } from "../../cells.ts";
import { usageText } from "../../study/usage.ts";
import { formatLocalTime } from "../../times.ts";
import { clockText } from "../../units.ts";
import { reasonOf } from "../failures.ts";
import type { StatusStep } from "../status_view.ts";
import { stateStyle, STYLE } from "../terminal.ts";
import type { Waiting } from "../waiting.ts";
import type { Line } from "./canvas.ts";
import { type Model, openStep } from "./types.ts";

/** Lines about the open step, the most important ones first. */
export function stepFacts(model: Model): Line[] {
  const step = openStep(model);
  if (!step) return [[["Reading the study..."]]];
  const head: Line = [[step.name, STYLE.bold], ["  "], [step.state, stateStyle(step.state)]];
  const facts = factsOf(step).flatMap(([label, text]) => text ? [[label, text] as const] : []);
  const width = Math.max(...facts.map(([label]) => cellWidth(label)));
  return [head, ...facts.map(([label, text]): Line => [[`${label.padEnd(width)}  `, STYLE.dim], [text]])];
}

function factsOf(step: StatusStep): (readonly [string, string | undefined])[] {
  const params = Object.entries(step.params).map(([name, value]) => `${name}=${value}`).join(" ");
  const time = (at: number | undefined) => at === undefined ? undefined : formatLocalTime(at);
  const last = step.attempts.at(-1);
  return [
    ["why", waitingText(step.waiting)],
    ["result", step.waiting === undefined ? reasonOf(step) : undefined],
    ["params", params],
    ["run time", runTimes(step)],
    ["used", usageText(last?.used ?? {})],
    ["job", step.jobId],
    ["restarts", step.restarts > 0 ? String(step.restarts) : undefined],
    ["submitted", time(step.submittedAt)],
    ["started", time(step.startedAt)],
    ["ended", time(step.endedAt)],
    ["folder", step.workspace],
  ];
}

/** Of the latest attempt, and of all of them together. */
function runTimes({ runTime, totalRunTime, attempts }: StatusStep): string | undefined {
  if (runTime === undefined) return undefined;
  const all = attempts.length > 1 && totalRunTime !== undefined
    ? `, ${clockText(totalRunTime)} in ${attempts.length} attempts`
    : "";
  return `${clockText(runTime)}${all}`;
}

/** Why a step does not run yet, and until when. */
export function waitingText(waiting: Waiting | undefined): string | undefined {
  if (waiting === undefined) return undefined;
  const { for: what, reason = what, until, expectedStartAt } = waiting;
  return [
    reason,
    ...until === undefined ? [] : [`not before ${formatLocalTime(until)}`],
    ...expectedStartAt === undefined ? [] : [`expected to start at ${formatLocalTime(expectedStartAt)}`],
  ].join("; ");
}
