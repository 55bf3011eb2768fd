/** Paths of a study's files, from its root. */

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

/** Jobs that wait, as their scheduler reported them last. */
export const queueFile = (root: string) => `${root}/.maestro/queue.json`;

/** An earlier, longer version of the journal, before compaction; numbered from 1. */
export const journalPiece = (root: string, part: number) => `${root}/.maestro/journal.${part}.jsonl`;

/** A new journal while it is written. It does not count yet. */
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

/** `logs/<name>.log`. The name is that of the spec, without characters that a file name cannot contain. */
// deno-lint-ignore no-control-regex
export const logFile = (name: string) => `${name.replace(/[/\x00-\x1f\x7f]/g, "_").slice(0, 200)}.log`;

/** A detached conductor's own output goes to a file with this name. */
export const consoleName = (name: string) => `${safeName(name).slice(0, 200)}.txt`;

/**
 * The file in which a local job claims its attempt and writes its exit code. One folder holds those of 1,000
 * nodes, so that no folder grows without bound.
 */
export function jobFile(root: string, node: number, attempt: number): string {
  return `${jobFolder(root, node)}/${node}.${attempt}`;
}

export const jobFolder = (root: string, node: number) => `${root}/.maestro/jobs/${Math.floor(node / 1000)}`;

/** Which `templates/guard.sh` this is. Jobs may run an earlier one at any time: a study keeps each under its own name. */
export const GUARD_VERSION = 3;

/** The script that runs a scheduled step's script. It claims the attempt and records the exit code. */
export const guardFile = (root: string) => `${root}/.maestro/guard-${GUARD_VERSION}.sh`;
