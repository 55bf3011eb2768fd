/** `maestro export`: a study as an RO-Crate, after it has run. */

import { shellWord } from "../shell_words.ts";
import { basename, dirname, resolve } from "@std/path";
import { type CrateContents, crateMetadata, METADATA } from "../view/crate.ts";
import { openSink } from "../view/archive_writer.ts";
import { EXIT } from "../errors.ts";
import { firstFailure, reasonOf } from "../view/failures.ts";
import { replayWithEvents } from "../study/journal/replay.ts";
import { studyEnd } from "../study/state/outcome.ts";
import { openStudy, type Study } from "../study/folder.ts";
import { hiddenPieces } from "../study/secrets.ts";
import { statusView } from "../view/status.ts";
import type { System } from "../system.ts";
import { exportExists, exportInStudy, neverRun } from "../view_errors.ts";
import { guarded } from "../app/context.ts";
import { type Export, type ExportFlags, packRecords, packRuns } from "../app/export_files.ts";
import { hiderOf } from "../app/hidden_files.ts";

export default guarded<ExportFlags, [string]>(async ({ system }, flags, directory) => {
  const study = await openStudy(system, directory);
  const { progress, events } = replayWithEvents(system, study);
  if (!progress.taken) throw neverRun(study.root, study.file.settings.dry);
  const target = chooseTarget(system, study, flags.out);
  const sink = await openSink(system, target);
  try {
    const hide = hiderOf(system, study);
    const contents = gather({ system, study, progress, events, flags, sink, hide });
    sink.text(METADATA, hiddenPieces(crateMetadata(contents), hide));
    sink.finish();
  } catch (error) {
    sink.abandon();
    throw error;
  }
  if (studyEnd(progress) === undefined) {
    system.stderr.write("The study has not ended. The crate has its current state.\n");
  }
  system.stdout.write(`${target}\n`);
  return EXIT.ok;
});

/** A path outside the study where nothing exists yet. */
function chooseTarget(system: System, { root }: Study, out: string | undefined): string {
  const target = resolve(system.cwd, out ?? `${basename(root)}.crate`);
  if (system.facts(target)) throw exportExists(target);
  let above = dirname(target);
  while (!system.facts(above)) above = dirname(above);
  if (`${system.realPath(above)}/`.startsWith(`${root}/`)) throw exportInStudy(target, root);
  return target;
}

/** Packs all files, and returns what the metadata must describe. */
function gather(job: Export): CrateContents {
  const { system, study: { plan, file }, progress, events, flags, sink } = job;
  const { spec, records, origin } = packRecords(job);
  const readme = { path: "README.md", bytes: sink.text("README.md", readmeOf(job, spec.path)) };
  const begunAt = events.find(({ event }) => event === "taken")!.at;
  const endedAt = studyEnd(progress) &&
    events.findLast(({ event }) => ["closed", "ended"].includes(event))?.at;
  return {
    plan,
    id: file.id,
    maestro: file.maestro,
    createdAt: file.createdAt,
    publishedAt: system.now(),
    begunAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...outcomeOf(job),
    agent: origin.user,
    command: origin.command ?? `maestro run ${shellWord(spec.path)}`,
    ...(flags.license === undefined ? {} : { license: flags.license }),
    spec,
    readme,
    records,
    runs: packRuns(job),
  };
}

function outcomeOf({ system, progress }: Export): Pick<CrateContents, "status" | "error"> {
  const end = studyEnd(progress);
  if (end === undefined) return { status: "Active" };
  if (end === "finished") return { status: "Completed" };
  const failed = firstFailure(statusView(progress, { alive: false }, system.now()));
  const why = failed ? `: first ${failed.name}: ${reasonOf(failed) ?? failed.state}` : "";
  return { status: "Failed", error: `${end}${why}` };
}

function readmeOf({ study: { plan: { study }, file } }: Export, spec: string): string {
  return [
    `# ${study.name}`,
    study.description.trim(),
    `A run of a study, created with maestro ${file.maestro}. \`${METADATA}\` describes what ran and when, with ` +
    "its parameters and results. It is an RO-Crate with the profile Provenance Run Crate 0.5.",
    `The study is \`${spec}\`. Maestro runs it again with \`maestro run ${shellWord(spec)}\`.`,
    "",
  ].filter((part, i, all) => part !== "" || i === all.length - 1).join("\n\n").trimEnd() + "\n";
}
