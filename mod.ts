/**
 * The library behind the command line: loads a spec, plans it, carries the study out, and tells how it stands.
 *
 * ```ts
 * import { conduct, create, load, plan, status, thisMachine } from "@maestro/conductor";
 *
 * const spec = `
 * description: {name: hello, description: Greets everyone.}
 * study:
 *   - name: greet
 *     description: Greets one.
 *     run: {cmd: "echo Hello $(WHO) > hello.txt"}
 *   - name: gather
 *     description: Gathers what was said.
 *     run: {cmd: "cat $(greet.workspace)/*\/hello.txt", depends: [greet_*]}
 * global.parameters:
 *   WHO: {values: [Ada, Grace], label: WHO.%%}
 * `;
 *
 * const system = thisMachine();
 * const folder = system.makeTempDirectory("example_");
 *
 * // Nothing is written until `create`.
 * const { loaded, problems } = await load(system, spec, { root: `${folder}/hello` });
 * if (!loaded) throw new Error(problems.map(({ message }) => message).join("\n"));
 * const names = plan(loaded).map(({ name, parents }) => `${name} <- ${parents.join(" ")}`);
 * if (names.toArray()[2] !== "gather <- greet_WHO.Ada greet_WHO.Grace") throw new Error("not what was planned");
 *
 * const study = await create(system, loaded, { localJobs: 2 });
 * if (await conduct(system, study) !== "finished") throw new Error("it failed");
 *
 * const { counts } = await status(system, study.root);
 * if (counts.FINISHED !== 3) throw new Error("not all steps have finished");
 * system.removeTree(folder);
 * ```
 *
 * All that touches the world goes through a {@linkcode System}; pass one of your own to run a study in another world.
 *
 * @module
 */

import { type ConductEnd, newOrders, type Orders } from "./lib/conduct/context.ts";
import { conductHere } from "./lib/app/launch.ts";
import { type Loaded, type LoadedSpec, loadSpec } from "./lib/app/load_spec.ts";
import { nodeJson } from "./lib/commands/plan.ts";
import { makeStudy } from "./lib/commands/run.ts";
import { viewStudy } from "./lib/app/look.ts";
import { outputExists } from "./lib/errors.ts";
import { layOut } from "./lib/app/create_study.ts";
import { openStudy, type Study } from "./lib/study/folder.ts";
import { realSystem, type System } from "./lib/system.ts";
import type { Settings } from "./lib/study/events.ts";
import type { StatusView } from "./lib/view/status_view.ts";
import { VERSION } from "./lib/version.ts";

export { UserError } from "./lib/errors.ts";
export { newOrders } from "./lib/conduct/context.ts";

export type { ConductEnd, Loaded, LoadedSpec, Orders, Study, System };
export type { Batch, Parameter, PlacedProblem, Problem, Spec, SpecStep } from "./lib/spec/types.ts";
export type { BoundParameter, BoundStudy, Plan, PlanNode, PlanStep, Resources } from "./lib/plan/types.ts";
export type { ConductorView } from "./lib/study/lease.ts";
export type { Settings } from "./lib/study/events.ts";
export type { StatusStep, StatusView } from "./lib/view/status_view.ts";
export type { StepState, StudyState } from "./lib/study/states.ts";
export type { TextList } from "./lib/names.ts";

/** A node of a plan, with everything that is run for it, as in `maestro plan --json`. */
export type PlannedStep = ReturnType<typeof nodeJson>;

/** The world as it is. */
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
 * Reads, checks and expands the text of a spec. Never throws for what is wrong with it: `problems` has all of that,
 * each with its place, and `loaded` is missing if one of them is an error.
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

const DEFAULTS: Omit<Settings, "localJobs" | "hashWorkspaces"> = {
  attempts: 1,
  rlimit: 1,
  throttle: 0,
  sleep: 60,
  dry: false,
  useTmp: false,
};

/**
 * Makes a study's folder, with all that carrying it out needs: from then on every command of `maestro` knows it. Git
 * dependencies are cloned. The folder must not hold anything yet.
 */
export function create(
  system: System,
  loaded: LoadedSpec,
  settings: Partial<Omit<Settings, "hashWorkspaces">> = {},
): Promise<Study> {
  const { spec, plan, text, baseName, kept } = loaded;
  const { root } = plan.study;
  const hashWorkspaces = plan.study.hashWorkspaces !== false;
  if (system.facts(root) && system.list(root).length > 0) throw outputExists(root, false);
  const all: Settings = { ...DEFAULTS, localJobs: system.cpus, ...settings, hashWorkspaces };
  const { cwd: folder, host, user } = system;
  const origin = { maestro: VERSION, folder, host, user, define: {}, pargs: {} };
  const study = { spec, plan, text, baseName, settings: all, origin, kept };
  return makeStudy(system, root, loaded, () => layOut(system, study));
}

/** The study in a folder, to carry it further. Throws a {@linkcode UserError} where there is none. */
export function open(system: System, directory: string): Promise<Study> {
  return openStudy(system, directory);
}

/**
 * Carries a study out, to its end or until `orders` say otherwise. Throws a {@linkcode UserError} if another process
 * does so already. What was begun by a conductor that died is taken up, not run again.
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

/** How the study in a folder stands. Reads only. Throws a {@linkcode UserError} where there is none. */
export function status(system: System, directory: string): Promise<StatusView> {
  return viewStudy(system, directory);
}
