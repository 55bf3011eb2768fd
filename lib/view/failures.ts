/** Which steps failed by themselves, in words. */

import { shellWord } from "../shell_words.ts";
import { cellWidth, visible } from "../cells.ts";
import { counted } from "../errors.ts";
import { formatLocalTime } from "../times.ts";
import { FAILURES } from "../study/states.ts";
import type { StatusStep, StatusView } from "./status_view.ts";

/** Whether a step failed by itself, and not because of a step before it. One that will run again has not failed. */
export function failedItself({ state, ended }: Pick<StatusStep, "state" | "ended">): boolean {
  return ended === "itself" && FAILURES.includes(state);
}

/** How many did not run because of those that failed, in words: `2 steps did not run because of it`. */
export function skippedText({ tally: { skipped, failed } }: StatusView): string | undefined {
  if (skipped === 0) return undefined;
  const which = failed === 1 ? "it" : "these";
  return `${counted(skipped, "step")} did not run because of ${failed === 0 ? "steps before them" : which}`;
}

/** The step that failed before all others, one that may fail only where no other did; undefined where none did. */
export function firstFailure(view: StatusView): StatusStep | undefined {
  // Most studies have none, and many steps.
  if (view.tally.failed === 0) return undefined;
  let first: StatusStep | undefined;
  for (const step of view.steps) {
    if (failedItself(step) && (first === undefined || isWorse(step, first))) first = step;
  }
  return first;
}

const isWorse = (step: StatusStep, other: StatusStep) =>
  step.allowed === other.allowed ? when(step) < when(other) : other.allowed === true;

const when = (step: StatusStep) => step.endedAt ?? Infinity;

/** Failures listed before "and N more". */
const MOST_FAILURES = 10;

/** Why a step failed, to be put behind its name. */
export function whyText(step: StatusStep): string {
  const why = reasonOf(step);
  return (why === undefined ? "" : `: ${visible(why)}`) + (step.allowed ? " (it may fail)" : "");
}

/** A line for each step that failed by itself, up to ten. Those that may fail come last. */
export function failureLines(steps: readonly StatusStep[]): string[] {
  const blamed = steps.filter(({ allowed }) => !allowed);
  const shown = [...blamed, ...steps.filter(({ allowed }) => allowed)].slice(0, MOST_FAILURES);
  const width = Math.max(0, ...shown.map((step) => cellWidth(step.state)));
  const lines = shown.map((step) => {
    return `${step.state.padEnd(width)}  ${visible(step.name)}${whyText(step)}`;
  });
  if (steps.length > shown.length) lines.push(`and ${steps.length - shown.length} more`);
  return lines;
}

/** Why a step ended as it did, as far as anyone knows. */
export function reasonOf(step: StatusStep): string | undefined {
  return step.reason ?? (step.exitCode === undefined ? undefined : `exit code ${step.exitCode}`);
}

/** Why a step is in its state, or why it waits, for a table; empty if there is nothing to explain. */
export function standingOf(step: StatusStep): string {
  const { waiting, state } = step;
  const why = (state === "FINISHED" ? step.reason : reasonOf(step)) ?? waiting?.reason ?? "";
  const start = waiting?.expectedStartAt;
  return start === undefined ? why : `${why} (expected at ${formatLocalTime(start)})`.trimStart();
}

/** The text as one word of a shell, to be copied from the screen; what cannot be shown, as bash spells it. */
export function shownWord(text: string): string {
  return visible(text) === text ? shellWord(text) : `$'${visible(text.replace(/[\\']/g, "\\$&"))}'`;
}
