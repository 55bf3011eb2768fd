/** Collects the files of a crate from the study's folder. */

import { join } from "@std/path";
import type { Attempt } from "../study/attempt.ts";
import { attemptsOf } from "../study/state/attempts.ts";
import type { CrateFile } from "../view/crate_entities.ts";
import { METADATA } from "../view/crate.ts";
import { type NodeRun, workspacePath } from "../view/crate_runs.ts";
import type { CrateSink } from "../view/archive_writer.ts";
import { counted } from "../errors.ts";
import { journalReader } from "../study/journal/reader.ts";
import { workspaceOf } from "../plan/node_text.ts";
import { studyPaths } from "../paths.ts";
import { progressLine } from "../progress.ts";
import { readRunYaml } from "../study/provenance.ts";
import { packHidden, packHiddenLog } from "./hidden_files.ts";
import { publicEnvironment } from "../study/secrets.ts";
import { parseYaml, stringifyYaml } from "../spec/yaml.ts";
import type { Study } from "../study/folder.ts";
import type { Progress } from "../study/state/progress.ts";
import type { System } from "../system.ts";
import type { PlanNode } from "../plan/types.ts";
import type { StudyEvent } from "../study/events.ts";
import { valuesOf } from "./results.ts";
import { logPath, ownText, scriptOf } from "./step_files.ts";

export interface ExportFlags {
  readonly out?: string;
  readonly logs?: boolean;
  readonly "with-workspaces"?: boolean;
  readonly "with-environment"?: boolean;
  readonly license?: string;
}

/** The state of one export, which its parts share. */
export interface Export {
  readonly system: System;
  readonly study: Study;
  readonly progress: Progress;
  readonly events: readonly StudyEvent[];
  readonly flags: ExportFlags;
  readonly sink: CrateSink;
  /** Hides secrets in a text. */
  readonly hide: (text: string) => string;
}

const ENVIRONMENT = "environment.yaml";

/** Nothing of the environment unless it is asked for; then what is known to hold no secret. */
function publicText(text: string): string {
  const { value } = parseYaml(text);
  const env = typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  return stringifyYaml(publicEnvironment(env as Record<string, string>));
}

/** Names at the top of a crate that are in use. */
const TAKEN = [
  METADATA,
  "README.md",
  "batch.info",
  "journal.jsonl",
  "logs",
  "meta",
  "output",
  "scripts",
  "status.csv",
  "workspaces",
];

interface Records {
  readonly spec: CrateFile;
  readonly records: readonly CrateFile[];
  /** Who ran the study, and with which options. */
  readonly origin: { readonly user: string; readonly command?: string };
}

/** The spec, and what maestro wrote down of it. */
export function packRecords({ system, study: { root, file }, flags, sink, hide }: Export): Records {
  // Read and written anew, so that none is private in the crate because it is private in the study.
  const pack = (path: string, from: string): CrateFile | undefined => {
    const text = ownText(system, from);
    if (text === undefined) return undefined;
    return { path, bytes: sink.text(path, hide(path === `meta/${ENVIRONMENT}` ? publicText(text) : text)) };
  };
  const meta = namesIn(system, `${root}/meta`)
    .filter((name) => name !== ENVIRONMENT || flags["with-environment"] === true);
  const specPath = TAKEN.includes(file.spec) ? `spec/${file.spec}` : file.spec;
  const spec = {
    path: specPath,
    bytes: sink.text(specPath, hide(ownText(system, `${root}/${file.spec}`) ?? "")),
  };
  const found = [
    pack("batch.info", `${root}/batch.info`),
    pack("status.csv", studyPaths(root).statusCsv),
    { path: "journal.jsonl", bytes: sink.text("journal.jsonl", hide(journalReader(system, root)())) },
    ...meta.map((name) => pack(`meta/${name}`, `${root}/meta/${name}`)),
    ...flags.logs
      ? namesIn(system, `${root}/logs`).map((name) => pack(`logs/${name}`, `${root}/logs/${name}`))
      : [],
  ];
  return { spec, records: found.filter((record) => record !== undefined), origin: originOf(system, root) };
}

const namesIn = (system: System, folder: string) =>
  system.facts(folder)?.isDirectory ? system.listFiles(folder) : [];

/** The study's record of its start. Studies of earlier versions have less. */
function originOf(system: System, root: string): { user: string; command?: string } {
  const { user, command } = readRunYaml(system.readTextIfAny(`${root}/meta/run.yaml`) ?? "");
  return { user: user || system.user, ...(command === undefined ? {} : { command }) };
}

/** The scripts of all nodes that ran. The flags add their logs and workspaces. */
export function packRuns(job: Export): NodeRun[] {
  const { system, study: { plan }, progress, flags } = job;
  const nodes = plan.nodes.filter(({ index }) => attemptsOf(progress.columns, index).length > 0);
  const line = progressLine(system, "steps", nodes.length);
  let leftOut = 0;
  const runs = nodes.map((node): NodeRun => {
    const scripts = new Map<string, CrateFile>();
    const copied = flags["with-workspaces"] === true && system.facts(workspaceOf(plan, node)) !== undefined;
    if (copied) leftOut += packFolder(job, workspacePath(node), workspaceOf(plan, node));
    line.step();
    return {
      node,
      record: progress.records[node.index]!,
      attempts: attemptsOf(progress.columns, node.index).map((attempt) => ({
        ...attempt,
        script: packScript(job, node, attempt, scripts),
        logs: flags.logs ? packLogs(job, node, attempt) : [],
      })),
      results: node.step.results ? valuesOf(system, plan, progress, node) : [],
      copied,
    };
  });
  line.end();
  if (leftOut > 0) {
    system.stderr.write(`${counted(leftOut, "link")} and similar entries in workspaces are not exported.\n`);
  }
  return runs;
}

/** A script is packed once, even if it ran several times. */
function packScript(
  { system, study, sink, hide }: Export,
  node: PlanNode,
  attempt: Attempt,
  packed: Map<string, CrateFile>,
): CrateFile {
  const { file, text } = scriptOf(system, study, node, attempt);
  const path = join("scripts", node.workspace, file);
  const known = packed.get(path) ?? { path, bytes: sink.text(path, hide(text)) };
  packed.set(path, known);
  return known;
}

function packLogs({ system, study, sink, hide }: Export, node: PlanNode, attempt: Attempt): CrateFile[] {
  return (["out", "err"] as const).flatMap((stream) => {
    const from = logPath(system, study, node, attempt, stream);
    if (from === undefined) return [];
    const path = join("output", node.workspace, from.slice(from.lastIndexOf("/") + 1));
    return [{ path, bytes: packHiddenLog(system, sink, path, from, hide) }];
  });
}

/**
 * Returns the number of links, pipes and the like that are not in the crate. Their targets may be anywhere.
 */
function packFolder(job: Export, path: string, from: string): number {
  const { system, sink, hide } = job;
  sink.folder(path);
  const files = system.listFiles(from);
  const folders = system.listFolders(from);
  for (const name of files) packHidden(system, sink, `${path}${name}`, `${from}/${name}`, hide);
  const below = folders.map((name) => packFolder(job, `${path}${name}/`, `${from}/${name}`));
  return below.reduce((sum, count) => sum + count, system.list(from).length - files.length - folders.length);
}
