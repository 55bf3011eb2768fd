/** Creates a study's folder: provenance first, the plan last, so that a folder with a plan is complete. */

import { acquireGit } from "../conduct/git.ts";
import type { LoadedSpec } from "./load_spec.ts";
import { newProgress } from "../study/state/fold.ts";
import { batchInfo, metadataYaml, type Origin, parametersYaml, runYaml } from "../study/provenance.ts";
import { resolveEnvironment } from "../plan/environment.ts";
import { secretsOf } from "./hidden_files.ts";
import { safeEnvironment } from "../study/secrets.ts";
import { type NodeScripts, nodeScripts, type Run } from "../plan/node_script.ts";
import { workspaceOf } from "../plan/node_text.ts";
import { markMaker } from "../study/lease.ts";
import { cannotMake } from "../errors.ts";
import { claimFolder } from "./take_folder.ts";
import { writeStatusCsv } from "../conduct/snapshot.ts";
import guard from "../../templates/guard.sh" with { type: "text" };
import { guardFile } from "../paths.ts";
import { createStudy, type Study } from "../study/folder.ts";
import { recordSubmitEnvironment } from "../study/launch_environment.ts";
import type { System } from "../system.ts";
import type { KeptFile } from "./parameters.ts";
import type { Adapter } from "../../adapters/adapter.ts";
import type { Plan, PlanNode } from "../plan/types.ts";
import type { Settings } from "../spec/settings.ts";
import type { Spec } from "../spec/types.ts";
import { stringifyYaml } from "../spec/yaml.ts";

export interface NewStudy {
  readonly spec: Spec;
  readonly adapter: Adapter;
  readonly plan: Plan;
  /** The spec's text and the name of its copy. */
  readonly text: string;
  readonly baseName: string;
  readonly settings: Settings;
  readonly origin: Origin;
  /** Other provenance files: names below its folder, and their texts or the files to copy. */
  readonly kept?: readonly KeptFile[];
}

/**
 * Creates the files of a study in its folder, which exists. Does not create workspaces.
 *
 * Files and folders of a study have the modes that the umask allows, so that a group can share it. These may
 * contain secrets and are private: `.maestro/submit.json`, `meta/environment.yaml` and `meta/run.yaml`.
 */
export function layOut(system: System, study: NewStudy): Study {
  const { spec, adapter, plan, text, baseName, settings, origin, kept = [] } = study;
  const { root } = plan.study;
  for (const folder of ["logs", "meta"]) {
    if (!system.createDirectory(`${root}/${folder}`)) {
      throw cannotMake(root, `it has a file ${folder} by now`);
    }
  }
  system.writeText(`${root}/${baseName}`, text);
  for (const { file, content, mode } of kept) {
    if ("text" in content) system.writeText(`${root}/${file}`, content.text, mode);
    else system.copyFile(content.copyOf, `${root}/${file}`);
  }
  system.writeText(`${root}/batch.info`, batchInfo(spec));
  system.writeText(`${root}/meta/run.yaml`, runYaml(origin), 0o600);
  system.writeText(`${root}/meta/parameters.yaml`, parametersYaml(spec));
  system.writeText(`${root}/meta/metadata.yaml`, metadataYaml(plan));
  system.writeText(`${root}/meta/environment.yaml`, stringifyYaml(safeEnvironment(system.env)), 0o600);
  const secrets = secretsOf(resolveEnvironment(spec.variables).texts, origin.pargs);
  const made = createStudy(system, plan, {
    maestro: origin.maestro,
    id: `m${system.token().slice(0, 10)}`,
    createdAt: system.now(),
    spec: baseName,
    settings,
    ...(secrets.length > 0 ? { secrets } : {}),
    ...(spec.conductor?.on ? { on: spec.conductor.on } : {}),
  });
  writeGuard(system, root);
  recordSubmitEnvironment(system, root, adapter.scheduler);
  writeStatusCsv(system, made, newProgress(plan, settings, () => false));
  return made;
}

/**
 * Makes the folder and all in it. After a failure nothing of that is left. Otherwise no other command may replace the study
 * before `unmarkMaker`.
 */
export async function makeStudy(
  system: System,
  root: string,
  loaded: LoadedSpec,
  make: () => Study,
): Promise<Study> {
  const claim = claimFolder(system, root);
  try {
    markMaker(system, root);
    const { spec, clones, urls } = loaded;
    const say = (message: string) => system.stderr.write(`${message}\n`);
    await acquireGit(system, spec.gitDependencies, clones, ({ name }) => urls.get(name)!, say);
    return make();
  } catch (error) {
    // The first error is the one to report.
    await claim.giveBack().catch(() => {});
    throw error;
  }
}

/** Gives a study the guard of its jobs, if it has not got this one. */
export function writeGuard(system: System, root: string): void {
  if (system.facts(guardFile(root)) === undefined) system.replaceText(guardFile(root), guard);
}

/** Every reader of a script may run it, within the umask. No umask makes it writable for all. */
export const SCRIPT_MODE = 0o775;

/** Scripts on disk. */
export interface WrittenScripts extends NodeScripts {
  /** Absolute path of the script to run. */
  readonly path: string;
}

/**
 * Writes a node's scripts into its workspace, or into `folder` if given. `restart` chooses the one to run.
 */
export function writeScripts(
  system: System,
  plan: Plan,
  node: PlanNode,
  adapter: Adapter,
  options: Run & { restart: boolean; folder?: string },
): WrittenScripts {
  const workspace = workspaceOf(plan, node);
  // The name "." is the parent folder. Creating a folder with that name fails.
  system.makeDirectory(workspace.replace(/\/\.$/, ""));
  const scripts = nodeScripts(plan, node, adapter, options);
  const { script, restart } = scripts;
  // A compute node may not see a temporary folder of this machine.
  const folder = options.folder === undefined || scripts.scheduled
    ? workspace
    : `${options.folder}/${node.index}`;
  if (folder !== workspace) system.makeDirectory(folder, 0o700);
  system.writeText(`${folder}/${script.file}`, script.text, SCRIPT_MODE);
  if (restart) system.writeText(`${folder}/${restart.file}`, restart.text, SCRIPT_MODE);
  return { ...scripts, path: `${folder}/${(options.restart && restart ? restart : script).file}` };
}
