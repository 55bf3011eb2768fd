/** A study on disk, as types. */

import type { HookCommands } from "../spec/types.ts";
import type { Plan, PlanFacts } from "../plan/types.ts";
import type { Settings } from "../spec/settings.ts";

/** What `.maestro/plan.json` holds beside the study itself. */
export interface StudyFile {
  readonly version: number;
  readonly maestro: string;
  /** Distinguishes the study from all others, wherever it is. */
  readonly id: string;
  readonly createdAt: number;
  /** Name of the spec's copy in the folder. */
  readonly spec: string;
  readonly settings: Settings;
  /** Studies that were made before these were noted have none. */
  readonly facts?: PlanFacts;
  /** Values that the spec or the command line names as secrets. The plan has them in its texts, too. */
  readonly secrets?: readonly string[];
  /** Commands to run after an event. */
  readonly on?: HookCommands;
}

/** A study on disk. */
export interface Study {
  readonly root: string;
  readonly file: StudyFile;
  readonly plan: Plan;
  /** LLNL's Maestro made it: there is no journal, and only what it left for readers is known (`original_study.ts`). */
  readonly original?: true;
}
