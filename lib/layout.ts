/** Makes a study's folder: provenance first, the plan last, so that a folder with a plan is complete. */

import { newProgress } from "./records.ts";
import { batchInfo, metadataYaml, parametersYaml, safeEnvironment } from "./provenance.ts";
import { nodeScripts } from "./node_script.ts";
import { workspaceOf } from "./node_text.ts";
import { writeStatusCsv } from "./snapshot.ts";
import { createStudy, type Study, type StudyFile } from "./study_folder.ts";
import type { System } from "./system.ts";
import type { Adapter, Plan, PlanNode, Settings, Spec } from "./types.ts";
import { stringifyYaml } from "./yaml.ts";

export interface NewStudy {
  readonly spec: Spec;
  readonly plan: Plan;
  /** The spec's text and the name of its copy. */
  readonly text: string;
  readonly baseName: string;
  readonly settings: Settings;
  readonly maestro: string;
}

/** Lays a study out in its folder, which exists. No workspace is made yet. */
export function layOut(system: System, { spec, plan, text, baseName, settings, maestro }: NewStudy): Study {
  const { root } = plan.study;
  for (const folder of ["logs", "meta"]) system.makeDirectory(`${root}/${folder}`);
  system.writeText(`${root}/${baseName}`, text);
  system.writeText(`${root}/batch.info`, batchInfo(spec));
  system.writeText(`${root}/meta/parameters.yaml`, parametersYaml(spec));
  system.writeText(`${root}/meta/metadata.yaml`, metadataYaml(plan));
  system.writeText(`${root}/meta/environment.yaml`, stringifyYaml(safeEnvironment(system.env)), 0o600);
  const file: Omit<StudyFile, "version"> = {
    maestro,
    id: `m${system.token().slice(0, 10)}`,
    createdAt: system.now(),
    spec: baseName,
    settings,
    study: plan.study,
  };
  createStudy(system, root, file);
  const study: Study = { root, file: { version: 1, ...file }, plan };
  writeStatusCsv(system, study, newProgress(plan, settings, () => false));
  return study;
}

/**
 * Writes a node's scripts into its workspace, or into `folder` where one is given; returns the path of the one to run.
 */
export function writeScripts(
  system: System,
  plan: Plan,
  node: PlanNode,
  adapter: Adapter,
  options: { restart: boolean; retries: number; folder?: string },
): string {
  const workspace = workspaceOf(plan, node);
  system.makeDirectory(workspace);
  const { script, restart } = nodeScripts(plan, node, adapter, options.retries);
  const folder = options.folder === undefined ? workspace : `${options.folder}/${node.index}`;
  if (folder !== workspace) system.makeDirectory(folder, 0o700);
  system.writeText(`${folder}/${script.file}`, script.text, 0o744);
  if (restart) system.writeText(`${folder}/${restart.file}`, restart.text, 0o744);
  return `${folder}/${(options.restart && restart ? restart : script).file}`;
}
