/** `status.csv`, for people and for tools that know Maestro's: a copy of the state, replaced as a whole. */

import { conductorView } from "./lease.ts";
import type { Progress } from "./study_state.ts";
import { statusCsv } from "../view/render.ts";
import { statusView } from "../view/status.ts";
import { studyPaths } from "../paths.ts";
import { type Study } from "./study_folder.ts";
import type { System } from "../system.ts";

export interface Snapshots {
  /** Writes if the state has changed and the last time is long enough ago for the size of the study. */
  writeIfDue(): void;
  write(): void;
}

/** Writing may take this part of the conductor's time, at most. */
const SHARE = 1 / 50;
const SHORTEST_MS = 1000;

/** `changes` counts what was noted, so that an idle study is not written again. */
export function snapshotWriter(
  system: System,
  study: Study,
  progress: Progress,
  changes: () => number,
): Snapshots {
  let nextAt = 0;
  let written = -1;
  const write = () => {
    const before = system.now();
    try {
      writeStatusCsv(system, study, progress);
    } catch {
      // A copy for readers; the journal has the truth, and the next write may succeed.
    }
    const after = system.now();
    written = changes();
    nextAt = after + Math.max(SHORTEST_MS, (after - before) / SHARE);
  };
  return {
    write,
    writeIfDue() {
      if (system.now() >= nextAt && changes() !== written) write();
    },
  };
}

export function writeStatusCsv(system: System, study: Study, progress: Progress): void {
  const view = statusView(progress, conductorView(system, study.root), system.now());
  system.replaceText(studyPaths(study.root).statusCsv, statusCsv(view));
}
