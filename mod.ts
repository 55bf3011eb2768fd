/**
 * The library behind the command line: loads a spec, plans it, carries the study out, and shows its progress.
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
 *     description: Gathers the greetings.
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
 * All effects go through a {@linkcode System}. Pass another one to run a study in another world.
 *
 * @module
 */

export {
  conduct,
  create,
  load,
  newOrders,
  open,
  plan,
  status,
  thisMachine,
  UserError,
} from "./lib/app/library.ts";

export type { LoadTextOptions, PlannedStep } from "./lib/app/library.ts";
export type { Loaded, LoadedSpec } from "./lib/app/load_spec.ts";
export type { ConductEnd, Orders } from "./lib/conduct/context.ts";
export type { System } from "./lib/system.ts";
export type { Batch, Parameter, PlacedProblem, Problem, Spec, SpecStep } from "./lib/spec/types.ts";
export type { BoundParameter, BoundStudy, Plan, PlanNode, PlanStep, Resources } from "./lib/plan/types.ts";
export type { Study } from "./lib/study/folder.ts";
export type { ConductorView } from "./lib/study/lease.ts";
export type { Settings } from "./lib/spec/settings.ts";
export type { StatusStep, StatusView } from "./lib/view/status_view.ts";
export type { StepState, StudyState } from "./lib/study/states.ts";
export type { TextList } from "./lib/names.ts";
