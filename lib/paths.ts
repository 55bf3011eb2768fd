/** Where a study's files are, from its root. */

import { safeName } from "./names.ts";

/** What every study has in its root. */
export const STUDY_NAMES = [
  ".maestro",
  ".cancel.lock",
  ".study.update.lock",
  "status.csv",
  "batch.info",
  "logs",
  "meta",
];

/** Files of a study, from its root. */
export const studyPaths = (root: string) => ({
  plan: `${root}/.maestro/plan.json`,
  journal: `${root}/.maestro/journal.jsonl`,
  /** A copy of the state, for readers. */
  stateCopy: `${root}/.maestro/state.copy`,
  statusCsv: `${root}/status.csv`,
  cancelRequest: `${root}/.cancel.lock`,
  updateLock: `${root}/.study.update.lock`,
  logs: `${root}/logs`,
});

/** A journal that was made shorter, as it was before; from 1. */
export const journalPiece = (root: string, part: number) => `${root}/.maestro/journal.${part}.jsonl`;

/** A journal that is being written, and is none yet. */
export const nextJournal = (root: string) => `${root}/.maestro/journal.next`;

/** Files in `meta`. */
export const META_FILES = [
  "run.yaml",
  "parameters.yaml",
  "metadata.yaml",
  "environment.yaml",
  "template.sh",
  ...["csv", "json", "yaml"].map((kind) => `pgen_output.${kind}`),
];

/** `logs/<name>.log`, the name as the spec has it but for what no file name can hold. */
// deno-lint-ignore no-control-regex
export const logFile = (name: string) => `${name.replace(/[/\x00-\x1f\x7f]/g, "_").slice(0, 200)}.log`;

/** What the conductor itself prints goes to a file of this name when it is detached. */
export const consoleName = (name: string) => `${safeName(name).slice(0, 200)}.txt`;

/**
 * The file in which a local job claims its attempt and leaves its exit code. A folder holds those of 1,000 nodes, so
 * that no folder grows without bound.
 */
export function jobFile(root: string, node: number, attempt: number): string {
  return `${jobFolder(root, node)}/${node}.${attempt}`;
}

export const jobFolder = (root: string, node: number) => `${root}/.maestro/jobs/${Math.floor(node / 1000)}`;

/** Which `templates/guard.sh` this is. Jobs may run an earlier one at any time: a study keeps each under its own name. */
export const GUARD_VERSION = 3;

/** The script that runs a scheduled step's script: claims the attempt, keeps the exit code. */
export const guardFile = (root: string) => `${root}/.maestro/guard-${GUARD_VERSION}.sh`;
