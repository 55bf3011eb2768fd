/** The colours of states in pictures. Each is told by its words as well: nobody has to tell red from green. */

import type { StepState } from "../study/states.ts";

export interface Tint {
  /** Of the area. */
  readonly fill: string;
  /** Of lines, and of what is small. */
  readonly line: string;
}

const FAILED: Tint = { fill: "#fbdcda", line: "#c0392b" };
const WAITING: Tint = { fill: "#f4f6f8", line: "#8a96a3" };

export const TINTS: Readonly<Record<StepState, Tint>> = {
  INITIALIZED: WAITING,
  PENDING: { fill: "#e6edf5", line: "#5d7690" },
  RUNNING: { fill: "#d5e8fb", line: "#1f6fb2" },
  FINISHED: { fill: "#d8f1de", line: "#2b8a4b" },
  FAILED,
  TIMEDOUT: FAILED,
  HWFAILURE: FAILED,
  CANCELLED: { fill: "#fcecc8", line: "#a8720c" },
  DRYRUN: WAITING,
  UNKNOWN: { fill: "#fcecc8", line: "#a8720c" },
};

/** Of what has no state: a spec that nobody has run. */
export const PLAIN_TINT: Tint = { fill: "#eef2f7", line: "#566573" };
