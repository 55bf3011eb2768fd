/** Rows of the list of steps: which, and in what order. */

import { STEP_STATES } from "../../study/states.ts";
import { failedItself } from "../failures.ts";
import { selectSteps } from "../select_steps.ts";
import type { StatusStep, StatusView } from "../status_view.ts";
import type { Choice, Rows } from "./types.ts";

/** A row, as the screen shows it. */
export type Row =
  | { readonly kind: "group"; readonly index: number; readonly name: string; readonly isOpen: boolean }
  | { readonly kind: "step"; readonly step: StatusStep; readonly isInGroup: boolean };

/** Whether steps are shown below the step of the spec that they belong to. */
const isGrouped = ({ filter, failedOnly, sort, reverse }: Choice) =>
  sort === "plan" && !reverse && !failedOnly && filter.trim() === "";

export function rowsOf(view: StatusView, choice: Choice): Rows {
  if (isGrouped(choice)) return groupedRows(view, choice);
  let { steps } = view;
  if (choice.failedOnly) steps = steps.filter(failedItself);
  const keeps = filterOf(view, choice.filter);
  if (keeps) steps = steps.filter(keeps);
  if (choice.sort !== "plan") {
    const sort = `${choice.reverse ? "-" : ""}${choice.sort}`;
    steps = selectSteps({ ...view, steps }, { sort });
  }
  const rows = Int32Array.from(steps, ({ node }) => node);
  return choice.sort === "plan" && choice.reverse ? rows.reverse() : rows;
}

function groupedRows({ totals: { ofStep } }: StatusView, { unfolded }: Choice): Rows {
  const rows: number[] = [];
  let first = 0;
  ofStep.forEach(({ name, total }, index) => {
    if (total > 1) rows.push(~index);
    if (total === 1 || unfolded.has(name)) { for (let i = 0; i < total; i++) rows.push(first + i); }
    first += total;
  });
  return Int32Array.from(rows);
}

/**
 * Which steps a filter leaves. A word is a state, NAME=VALUE of a parameter, or a part of the name; a step matches all
 * words. Undefined if the filter is empty.
 */
function filterOf(view: StatusView, text: string): ((step: StatusStep) => boolean) | undefined {
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length === 0) return undefined;
  const tests = words.map((word): (step: StatusStep) => boolean => {
    const state = STEP_STATES.find((state) => state === word.toUpperCase());
    if (state !== undefined) return (step) => step.state === state;
    const equals = word.indexOf("=");
    const name = word.slice(0, Math.max(0, equals));
    if (equals > 0 && view.steps.some(({ params }) => Object.hasOwn(params, name))) {
      const value = word.slice(equals + 1);
      return ({ params }) => Object.hasOwn(params, name) && params[name] === value;
    }
    const lower = word.toLowerCase();
    return ({ name }) => name.toLowerCase().includes(lower);
  });
  return (step) => tests.every((test) => test(step));
}

/** One row of the list. Undefined if there is none. */
export function rowAt(view: StatusView, choice: Choice, rows: Rows, at: number): Row | undefined {
  const row = rows[at];
  if (row === undefined) return undefined;
  if (row < 0) {
    const { name } = view.totals.ofStep[~row]!;
    return { kind: "group", index: ~row, name, isOpen: choice.unfolded.has(name) };
  }
  const step = view.steps[row];
  if (step === undefined) return undefined;
  return { kind: "step", step, isInGroup: isGrouped(choice) && step.name !== step.step };
}
