/** What the library offers (`mod.ts`): the same as the commands, without a terminal. */

import { type ConductEnd, newOrders, type Orders } from "../conduct/context.ts";
import { unmarkMaker } from "../study/lease.ts";
import { layOut, makeStudy } from "./create_study.ts";
import { outputExists } from "../errors.ts";
import { conductHere } from "./launch.ts";
import { type Loaded, type LoadedSpec, loadSpec } from "./load_spec.ts";
import { viewStudy } from "./look.ts";
import { nodeJson, type PlannedStep } from "./plan_json.ts";
import { openStudy, type Study } from "../study/folder.ts";
import { realSystem, type System } from "../system.ts";
import { type Settings, usualSettings } from "../spec/settings.ts";
import type { StatusView } from "../view/status_view.ts";
import { VERSION } from "../version.ts";

export { UserError } from "../errors.ts";
export { newOrders } from "../conduct/context.ts";
export type { PlannedStep } from "./plan_json.ts";

/** The real world. */
export function thisMachine(): System {
  return realSystem([]);
}

/** Where a spec is loaded for. */
export interface LoadTextOptions {
  /** Absolute path of the folder that the study will have: `$(OUTPUT_PATH)`. */
  readonly root: string;
  /** The spec's folder: `$(SPECROOT)`, and where relative dependencies start. Default: the current directory. */
  readonly specRoot?: string;
  /** Numbers workspaces instead of naming them by their parameters, as `--hashws`. */
  readonly hashWorkspaces?: boolean;
}

/**
 * Reads, checks and expands the text of a spec. Never throws because of the spec: `problems` lists all its problems
 * with their places. If one of them is an error, `loaded` is missing.
 *
 * ```ts
 * import { load, thisMachine } from "@maestro/conductor";
 *
 * const { loaded, problems } = await load(thisMachine(), "study: []\nstudios: []", { root: "/tmp/none" });
 * if (loaded || problems.length === 0) throw new Error("that was no spec");
 * const { message, line, column } = problems[0]!;
 * if (`${line}:${column}` !== "1:1" || !message.startsWith("Missing key")) throw new Error(message);
 * ```
 */
export function load(system: System, text: string, options: LoadTextOptions): Promise<Loaded> {
  const { root, specRoot = system.cwd, hashWorkspaces = false } = options;
  const reader: System = Object.create(system, {
    cwd: { value: specRoot },
    readInput: { value: () => Promise.resolve(text) },
  });
  return loadSpec(reader, "-", { hashWorkspaces, chooseRoot: () => root });
}

/** The nodes of a plan, parents before children, one after the other: a large plan need not be in memory as text. */
export function* plan({ plan, adapter }: LoadedSpec): Generator<PlannedStep, void> {
  for (const node of plan.nodes) yield nodeJson(plan, node, adapter);
}

/**
 * Makes a study's folder, with all that carrying it out needs: after that every command of `maestro` knows it. Git
 * dependencies are cloned. The folder must not hold anything yet.
 */
export async function create(
  system: System,
  loaded: LoadedSpec,
  settings: Partial<Omit<Settings, "hashWorkspaces">> = {},
): Promise<Study> {
  const { spec, plan, adapter, text, baseName, kept } = loaded;
  const { root } = plan.study;
  const hashWorkspaces = plan.study.hashWorkspaces !== false;
  if (system.facts(root) && system.list(root).length > 0) throw outputExists(root, false);
  const all: Settings = { ...usualSettings(system.cpus), ...settings, hashWorkspaces };
  const { cwd: folder, host, user } = system;
  const origin = { maestro: VERSION, folder, host, user, define: {}, pargs: {} };
  const study = { spec, plan, adapter, text, baseName, settings: all, origin, kept };
  const made = await makeStudy(system, root, loaded, () => layOut(system, study));
  unmarkMaker(system, root);
  return made;
}

/** The study in a folder, to carry it further. Throws a {@linkcode UserError} where there is none. */
export function open(system: System, directory: string): Promise<Study> {
  return openStudy(system, directory);
}

/**
 * Carries a study out, to its end or until `orders` stop it. Throws a {@linkcode UserError} if another process does so
 * already. Steps that a dead conductor began are not run again.
 *
 * ```ts
 * import { conduct, create, load, newOrders, thisMachine } from "@maestro/conductor";
 *
 * const system = thisMachine();
 * const folder = system.makeTempDirectory("example_");
 * const spec = "description: {name: long, description: d}\n" +
 *   "study: [{name: wait, description: d, run: {cmd: sleep 60}}]";
 * const { loaded } = await load(system, spec, { root: `${folder}/long` });
 * const study = await create(system, loaded!);
 *
 * const orders = newOrders();
 * const end = conduct(system, study, { orders });
 * orders.cancel = true;
 * orders.wake();
 * if (await end !== "cancelled") throw new Error("it went on");
 * system.removeTree(folder);
 * ```
 */
export function conduct(
  system: System,
  study: Study,
  options: { readonly orders?: Orders } = {},
): Promise<ConductEnd> {
  const context = {
    system,
    version: VERSION,
    words: [],
    exitCode: 0,
    globals: { debugLevel: 2, logToTerminal: false },
    process: { stdout: system.stdout, stderr: system.stderr },
  };
  const { orders = newOrders() } = options;
  return conductHere(context, study, { orders, mode: "whole" });
}

/** The progress of the study in a folder. Reads only. Throws a {@linkcode UserError} where there is none. */
export function status(system: System, directory: string): Promise<StatusView> {
  return viewStudy(system, directory);
}
