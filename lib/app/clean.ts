/**
 * What a study keeps and can do without. Claims of attempts stay: they keep a late copy of a job from running. Results
 * are files of steps, which have no name that is looked for here.
 */

import type { CleanKind } from "../clean_kinds.ts";
import { journalPiece, nextJournal } from "../paths.ts";
import { attemptsOf } from "../study/state/attempts.ts";
import { replayWithEvents } from "../study/journal/replay.ts";
import { nodeScripts } from "../plan/node_script.ts";
import { workspaceOf } from "../plan/node_text.ts";
import { adapterOf, logPath } from "./step_files.ts";
import type { Study } from "../study/folder.ts";
import type { System } from "../system.ts";

/** Files of one kind, and their bytes. */
export interface Found {
  readonly kind: CleanKind;
  readonly files: readonly string[];
  readonly bytes: number;
}

/** All files of a study that can go, by kind. */
export function unneeded(system: System, study: Study): Found[] {
  const files: Readonly<Record<CleanKind, Iterable<string>>> = {
    temporary: temporaryFiles(system, study.root),
    journal: journalPieces(system, study.root),
    ...ofSteps(system, study),
  };
  return Object.entries(files).map(([kind, paths]) => {
    const sizes = [...new Set(paths)].flatMap((path) => {
      const facts = system.facts(path);
      return facts && !facts.isDirectory ? [[path, facts.size] as const] : [];
    });
    const bytes = sizes.reduce((sum, [, size]) => sum + size, 0);
    return { kind: kind as CleanKind, files: sizes.map(([path]) => path), bytes };
  });
}

/** The names of `System.replaceText`, of this version and of earlier ones; leases that were moved aside. */
const TEMPORARY = /\.(?:[0-9a-f]{16}|\d+)\.tmp$|^lease\.[0-9a-f]{16}$/;

function* temporaryFiles(system: System, root: string): Generator<string> {
  for (const folder of [root, `${root}/.maestro`, `${root}/.maestro/requests`]) {
    if (!system.facts(folder)?.isDirectory) continue;
    for (const name of system.listFiles(folder)) if (TEMPORARY.test(name)) yield `${folder}/${name}`;
  }
  yield nextJournal(root);
}

function* journalPieces(system: System, root: string): Generator<string> {
  for (let part = 1; system.facts(journalPiece(root, part)); part++) yield journalPiece(root, part);
}

function ofSteps(system: System, study: Study): { attempts: Set<string>; scripts: Set<string> } {
  const { progress } = replayWithEvents(system, study);
  const attempts = new Set<string>();
  const scripts = new Set<string>();
  const adapter = adapterOf(system, study);
  for (const node of study.plan.nodes) {
    const tried = attemptsOf(progress.columns, node.index);
    const last = (["out", "err"] as const).map((stream) =>
      tried.length > 0 ? logPath(system, study, node, tried.at(-1)!, stream) : undefined
    );
    for (const attempt of tried.slice(0, -1)) {
      for (const stream of ["out", "err"] as const) {
        const path = logPath(system, study, node, attempt, stream);
        if (path !== undefined && !last.includes(path)) attempts.add(path);
      }
    }
    if (!progress.records[node.index]!.over || tried.length === 0) continue;
    const { script, restart } = nodeScripts(study.plan, node, adapter);
    for (const { file } of restart ? [script, restart] : [script]) {
      scripts.add(`${workspaceOf(study.plan, node)}/${file}`);
    }
  }
  return { attempts, scripts };
}
