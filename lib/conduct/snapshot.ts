/**
 * Copies of the state, replaced as a whole: `status.csv`, for people and for tools that know Maestro's, and one for this
 * program's own readers.
 */

import { basename, dirname } from "@std/path";
import { readHead } from "../study/journal/reader.ts";
import { conductorView } from "../study/lease.ts";
import type { Ledger } from "../study/journal/writer.ts";
import { placeOfCopy, writeStateCopy } from "../study/state/copy.ts";
import type { Progress } from "../study/state/progress.ts";
import { statusCsv } from "../view/render_csv.ts";
import { statusView } from "../view/status.ts";
import { queueFile, studyPaths } from "../paths.ts";
import { lookText } from "../study/queue_look.ts";
import { type Study } from "../study/folder.ts";
import type { System } from "../system.ts";

export interface Snapshots {
  /** Writes what is due: the state has changed, and the last time is long enough ago for the size of the study. */
  writeIfDue(): void;
  /** Writes what the conductor leaves behind. */
  write(): void;
}

/** Writing `status.csv` may take this part of the conductor's time, at most. */
const SHARE = 1 / 50;
const SHORTEST_MS = 1000;

/** A journal that is shorter is read faster than a copy. */
export const LEAST_BYTES = 1 << 18;
/**
 * A copy is written when the journal has grown by this part of the last copy. All copies together are a few
 * times the journal.
 */
export const GROWTH = 1 / 4;

/** `copyEvery`: the least that a journal grows from one copy for readers to the next, in bytes. */
export function snapshotWriter(
  system: System,
  study: Study,
  progress: Progress,
  ledger: Ledger,
  copyEvery = LEAST_BYTES,
): Snapshots {
  removeLeftovers(system, study.root);
  const writeCsv = csvWriter(system, study, progress);
  const writeCopy = copyWriter(system, study, progress, ledger, copyEvery);
  const writeLook = lookWriter(system, study, progress);
  let seen = -1;
  let written = -1;
  return {
    write() {
      writeLook(true);
      writeCsv(true);
      writeCopy(progress.closed === undefined ? "due" : "last");
    },
    writeIfDue() {
      const { changes } = ledger;
      writeLook(false);
      if (changes !== written && writeCsv(false)) written = changes;
      if (changes !== seen) writeCopy("due");
      seen = changes;
    },
  };
}

/** What a conductor that was killed had half written: of large studies, many megabytes each time. */
function removeLeftovers(system: System, root: string): void {
  const { stateCopy, statusCsv } = studyPaths(root);
  try {
    for (const path of [stateCopy, statusCsv, queueFile(root)]) {
      const folder = dirname(path);
      const leftovers = system.list(folder).filter((name) =>
        name.startsWith(`${basename(path)}.`) && name.endsWith(".tmp")
      );
      for (const name of leftovers) system.removeFile(`${folder}/${name}`);
    }
  } catch {
    // Other code that needs the folder reports the obstacle.
  }
}

/** Returns whether it wrote, or tried to. A failed copy is written another time. */
function csvWriter(system: System, study: Study, progress: Progress): (now: boolean) => boolean {
  let nextAt = 0;
  return (now) => {
    const before = system.now();
    if (!now && before < nextAt) return false;
    try {
      writeStatusCsv(system, study, progress);
    } catch {
      // The journal has the truth, and the next write may succeed.
    }
    const after = system.now();
    nextAt = after + Math.max(SHORTEST_MS, (after - before) / SHARE);
    return true;
  };
}

/** Writes what the scheduler reported last of jobs that wait: after each poll, but for a large study less often. */
function lookWriter(system: System, { root }: Study, progress: Progress): (now: boolean) => void {
  let nextAt = 0;
  let written: number | undefined;
  return (now) => {
    const { at } = progress.look;
    const before = system.now();
    if (at === undefined || at === written || (!now && before < nextAt)) return;
    try {
      system.replaceText(queueFile(root), lookText(progress.look));
    } catch {
      // Readers do without it, and the next write may succeed.
    }
    written = at;
    const after = system.now();
    nextAt = after + Math.max(SHORTEST_MS, (after - before) / SHARE);
  };
}

function copyWriter(
  system: System,
  study: Study,
  progress: Progress,
  ledger: Ledger,
  least: number,
): (which: "due" | "last") => void {
  const { part } = readHead(system, studyPaths(study.root).journal);
  const found = placeOfCopy(system, study);
  // A journal that lost its end with the machine is shorter than the position of the copy.
  const stands = found?.part === part && found.offset <= (ledger.size ?? 0);
  let copied = stands ? found : { offset: 0, size: 0 };
  return (which) => {
    const { size: offset = 0 } = ledger;
    const all = which === "last" && offset >= least;
    const grown = offset - copied.offset;
    if (grown < (all ? 1 : Math.max(least, copied.size * GROWTH))) return;
    // The part of the journal before a copy must not be lost with the machine and rewritten differently.
    if (!ledger.flush() || !ledger.isWhole()) return;
    let { size } = copied;
    try {
      size = writeStateCopy(system, study, progress, { part, offset });
    } catch {
      // As above.
    }
    copied = { offset, size };
  };
}

export function writeStatusCsv(system: System, study: Study, progress: Progress): void {
  const view = statusView(progress, conductorView(system, study.root), system.now());
  system.replaceText(studyPaths(study.root).statusCsv, statusCsv(view));
}
