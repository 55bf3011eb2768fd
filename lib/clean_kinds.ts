/** What `maestro clean` deletes, by kind: what each of them is. */

export const CLEAN_KINDS = {
  temporary: "files that a process left half written",
  journal: "earlier pieces of the journal, which `events` and `report` read",
  attempts: "logs of attempts that were not the last one of their step",
  scripts: "scripts of steps that have ended; a rerun writes them again",
} as const;
export type CleanKind = keyof typeof CLEAN_KINDS;
