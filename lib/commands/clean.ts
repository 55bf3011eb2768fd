/** `maestro clean`: deletes what a study keeps and no longer needs. */

import { unneeded } from "../app/clean.ts";
import { guarded, isYes } from "../app/context.ts";
import { CLEAN_KINDS, type CleanKind } from "../clean_kinds.ts";
import { badSetting, cleanWhileConducted, counted, EXIT, needsAnswer } from "../errors.ts";
import { openStudy } from "../study/folder.ts";
import { acquireLease, conductorView, releaseLease } from "../study/lease.ts";
import { formatBytes } from "../units.ts";

export interface CleanFlags {
  readonly kind?: readonly string[];
  readonly "dry-run"?: boolean;
  readonly autoyes?: boolean;
  readonly json?: boolean;
}

const isKind = (word: string): word is CleanKind => Object.hasOwn(CLEAN_KINDS, word);

export default guarded<CleanFlags, [string]>(async ({ system }, flags, directory) => {
  const kinds = flags.kind ?? [];
  for (const kind of kinds) {
    if (!isKind(kind)) {
      throw badSetting(`--kind is one of ${Object.keys(CLEAN_KINDS).join(", ")}, not "${kind}"`);
    }
  }
  const study = await openStudy(system, directory);
  if (conductorView(system, study.root).alive) throw cleanWhileConducted(study.root);
  const found = unneeded(system, study).filter(({ kind, files }) =>
    files.length > 0 && (kinds.length === 0 || kinds.includes(kind))
  );
  const total = found.reduce((sum, { bytes }) => sum + bytes, 0);
  const remove = async (): Promise<boolean> => {
    if (flags["dry-run"] || found.length === 0) return false;
    if (!flags.autoyes) {
      if (!await system.isAnswered()) throw needsAnswer("Delete these files?", "Answer beforehand with -y.");
      if (!isYes(await system.ask(`Delete these files (${formatBytes(total)})? [y|[n]]: `))) return false;
    }
    // No conductor takes the study meanwhile.
    const lease = acquireLease(system, study.root, true);
    try {
      for (const { files } of found) for (const file of files) system.removeFile(file);
    } finally {
      await releaseLease(system, study.root, lease);
    }
    return true;
  };
  if (!flags.json) {
    for (const { kind, files, bytes } of found) {
      const size = `${counted(files.length, "file")}, ${formatBytes(bytes)}`;
      system.stdout.write(`${kind.padEnd(10)} ${size.padEnd(22)} ${CLEAN_KINDS[kind]}\n`);
    }
    if (found.length === 0) system.stdout.write("Nothing to delete.\n");
  }
  const deleted = await remove();
  if (flags.json) {
    const json = { version: 1, directory: study.root, deleted, bytes: total, kinds: found };
    system.stdout.write(JSON.stringify(json, null, 2) + "\n");
  } else if (deleted) system.stderr.write(`${formatBytes(total)} deleted.\n`);
  return EXIT.ok;
});
