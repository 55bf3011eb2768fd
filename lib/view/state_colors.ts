/** The colours of states in pictures. Words show each state as well: nobody has to distinguish red from green. */

import type { Fate } from "./tally.ts";
import { type StateColor, STEP_STATE, type StepState } from "../study/states.ts";

export interface Tint {
  /** Of the area. */
  readonly fill: string;
  /** Of lines, and of what is small. */
  readonly line: string;
}

const GREY: Tint = { fill: "#f4f6f8", line: "#8a96a3" };

const OF_COLOR: Readonly<Record<StateColor, Tint>> = {
  grey: GREY,
  white: GREY,
  slate: { fill: "#e6edf5", line: "#5d7690" },
  blue: { fill: "#d5e8fb", line: "#1f6fb2" },
  green: { fill: "#d8f1de", line: "#2b8a4b" },
  red: { fill: "#fbdcda", line: "#c0392b" },
  amber: { fill: "#fcecc8", line: "#a8720c" },
};

export const tintOf = (state: StepState): Tint => OF_COLOR[STEP_STATE[state].color];

/** Of a state with a fate. A step that did not run has a grey area; one that will run again, that of a waiting job. */
export function tintOfPart(
  { state, fate }: { readonly state: StepState; readonly fate?: Fate | undefined },
): Tint {
  const { line } = tintOf(state);
  if (fate === undefined) return tintOf(state);
  return { fill: fate === "skipped" ? GREY.fill : OF_COLOR.slate.fill, line };
}

/** Of what has no state: a spec that nobody has run. */
export const PLAIN_TINT: Tint = { fill: "#eef2f7", line: "#566573" };
