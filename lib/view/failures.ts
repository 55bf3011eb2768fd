/** Which steps failed by themselves, in words. */

import { shellWord } from "../shell_words.ts";
import { cellWidth, visible } from "../cells.ts";
import { counted } from "../errors.ts";
import { formatLocalTime } from "../times.ts";
// @ts-types="../../templates/report/failure_kind.d.ts"
import { failureKind } from "../../templates/report/failure_kind.js";
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
export function whyText(step: StatusStep, why: string | undefined = reasonOf(step)): string {
  return (why === undefined ? "" : `: ${visible(why)}`) + (step.allowed ? " (it may fail)" : "");
}

/**
 * A line for each kind of failure, up to ten, of the steps that failed by themselves. Failures of one kind have reasons
 * that differ only in numbers and values of parameters. Steps that may fail come last.
 */
export function failureLines(steps: readonly StatusStep[]): string[] {
  const blamed = steps.filter(({ allowed }) => !allowed);
  const kinds = kindsOf([...blamed, ...steps.filter(({ allowed }) => allowed)]);
  const shown = kinds.slice(0, MOST_FAILURES);
  const width = Math.max(0, ...shown.map(({ first }) => cellWidth(first.state)));
  const lines = shown.map(({ first, count, reason }) => {
    const more = count > 1 ? ` and ${count - 1} more` : "";
    return `${first.state.padEnd(width)}  ${visible(first.name)}${more}${whyText(first, reason)}`;
  });
  const left = kinds.slice(MOST_FAILURES).reduce((sum, { count }) => sum + count, 0);
  if (left > 0) lines.push(`and ${left} more`);
  return lines;
}

interface FailuresOfAKind {
  readonly first: StatusStep;
  count: number;
  /** Unchanged if all have the same one; otherwise without the part that differs. */
  reason: string | undefined;
}

function kindsOf(steps: readonly StatusStep[]): FailuresOfAKind[] {
  const kinds = new Map<string, FailuresOfAKind>();
  for (const step of steps) {
    const reason = reasonOf(step);
    const kind = reason === undefined ? undefined : failureKind(reason, Object.values(step.params));
    const key = JSON.stringify([step.state, step.allowed ?? false, kind ?? null]);
    const known = kinds.get(key);
    if (!known) kinds.set(key, { first: step, count: 1, reason });
    else {
      known.count++;
      if (known.reason !== reason) known.reason = kind;
    }
  }
  return [...kinds.values()];
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
