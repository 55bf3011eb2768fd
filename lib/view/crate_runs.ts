/** What was run, in a crate: tools and steps as they were planned, actions as they were carried out. */

import type { Attempt } from "../study/attempt.ts";
import {
  type ActionStatus,
  actionStatus,
  type CrateFile,
  crateTime,
  type Entity,
  fileEntity,
  idPart,
  pathId,
  refer,
  referAll,
} from "./crate_entities.ts";
import { foundIds, inputIds, outputIds, type ParameterValues } from "./crate_parameters.ts";
import type { Plan, PlanNode, PlanStep } from "../plan/types.ts";
import { isEndState } from "../study/states.ts";
import type { StepRecord } from "../study/state/step_record.ts";

/** A node that was run, once or more often. */
export interface NodeRun {
  readonly node: PlanNode;
  readonly record: StepRecord;
  readonly attempts: readonly AttemptRun[];
  /** What the step's `results` picked, in their order. */
  readonly results: readonly (string | undefined)[];
  /** Whether the crate has its workspace. */
  readonly copied: boolean;
}

export interface AttemptRun extends Attempt {
  readonly script: CrateFile;
  readonly logs: readonly CrateFile[];
}

/** Where the crate has the workspace of a node, or the folder of a step. */
export const workspacePath = ({ workspace }: { workspace: string }) => `workspaces/${workspace}/`;

/** What the actions of a crate share. */
export interface RunFacts {
  readonly plan: Plan;
  /** The spec's file. */
  readonly spec: string;
  readonly agent: string;
  readonly values: ParameterValues;
}

const stepId = ({ spec }: RunFacts, { name }: PlanStep) => `${pathId(spec)}#study/${idPart(name)}`;
const toolId = (facts: RunFacts, step: PlanStep) => `${stepId(facts, step)}/run`;
const controlId = ({ workspace }: PlanNode) => `#control/${workspace}`;
const runId = ({ workspace }: PlanNode, attempt: number) => `#run/${workspace}/${attempt}`;

export const stepIds = (facts: RunFacts) => facts.plan.steps.map((step) => stepId(facts, step));
export const toolIds = (facts: RunFacts) => facts.plan.steps.map((step) => toolId(facts, step));
export const controlIds = (runs: readonly NodeRun[]) => runs.map(({ node }) => controlId(node));
export const runIds = (runs: readonly NodeRun[]) =>
  runs.flatMap(({ node, attempts }) => attempts.map(({ number }) => runId(node, number)));

/** Steps of the spec, in an order in which they can run, and their commands. */
export function* stepEntities(facts: RunFacts): Generator<Entity> {
  for (const step of facts.plan.steps) {
    const { name, description } = step;
    yield {
      "@id": stepId(facts, step),
      "@type": "HowToStep",
      name,
      description,
      position: String(step.index + 1),
      workExample: refer(toolId(facts, step)),
    };
    yield {
      "@id": toolId(facts, step),
      "@type": "SoftwareApplication",
      name: `Commands of step "${name}"`,
      description,
      input: referAll(inputIds(facts.plan, step.uses)),
      output: referAll(outputIds(step)),
    };
  }
}

/** For each node what the engine did (ControlAction) and every time that its script was run (CreateAction). */
export function* runEntities(facts: RunFacts, runs: readonly NodeRun[]): Generator<Entity> {
  const scripts = new Set<string>();
  const facets = new Map<string, Entity>();
  for (const run of runs) {
    const { node, record, attempts } = run;
    yield {
      "@id": controlId(node),
      "@type": "ControlAction",
      name: `Orchestration of ${node.name}`,
      instrument: refer(stepId(facts, node.step)),
      object: attempts.map(({ number }) => refer(runId(node, number))),
      ...actionStatus(statusOf(record.state, record.over), problemOf(record)),
    };
    for (const attempt of attempts) {
      const last = attempt === attempts.at(-1);
      yield attemptEntity(facts, run, attempt, last, facets);
      for (const log of attempt.logs) yield fileEntity(log, { about: refer(runId(node, attempt.number)) });
      if (scripts.has(attempt.script.path)) continue;
      scripts.add(attempt.script.path);
      yield fileEntity(attempt.script, { "@type": ["File", "SoftwareSourceCode"] });
    }
  }
  yield* facets.values();
}

function attemptEntity(
  facts: RunFacts,
  run: NodeRun,
  attempt: AttemptRun,
  last: boolean,
  facets: Map<string, Entity>,
): Entity {
  const { node, copied } = run;
  const { number, script, logs, startedAt, endedAt, state, exitCode } = attempt;
  const over = state !== undefined && isEndState(state);
  // Values and files are what is there now: the latest run left them.
  const made = last ? [...copied ? [pathId(workspacePath(node))] : [], ...foundIds(run)] : [];
  return {
    "@id": runId(node, number),
    "@type": "CreateAction",
    name: number === 1 ? `Run of ${node.name}` : `Run of ${node.name}, attempt ${number}`,
    description: describe(attempt),
    instrument: refer(toolId(facts, node.step)),
    agent: refer(facts.agent),
    object: [pathId(script.path), ...facts.values.of(node)].map(refer),
    result: referAll([...made, ...logs.map(({ path }) => pathId(path))]),
    startTime: startedAt === undefined ? undefined : crateTime(startedAt),
    endTime: endedAt === undefined ? undefined : crateTime(endedAt),
    ...actionStatus(statusOf(state ?? "RUNNING", over), problemOf(attempt)),
    additionalProperty: referAll([
      ...over ? [facet(facets, "state", state)] : [],
      ...exitCode === undefined ? [] : [facet(facets, "exitCode", String(exitCode))],
    ]),
  };
}

/** What many actions have alike is one entity. */
function facet(facets: Map<string, Entity>, name: string, value: string): string {
  const id = `#${name}/${idPart(value)}`;
  if (!facets.has(id)) facets.set(id, { "@id": id, "@type": "PropertyValue", name, value });
  return id;
}

function describe({ script, kind: what, jobId, host }: AttemptRun): string {
  const kind = what === "first" ? "" : `, a ${what}`;
  const where = jobId === undefined
    ? ""
    : host === undefined
    ? `, job ${jobId}`
    : `, process ${jobId} on ${host}`;
  return `sh ${script.path}${kind}${where}`;
}

function statusOf(state: StepRecord["state"], over: boolean): ActionStatus {
  if (!over) return "Active";
  return state === "FINISHED" ? "Completed" : "Failed";
}

function problemOf({ state, reason, exitCode }: Pick<Attempt, "state" | "reason" | "exitCode">) {
  const why = reason ?? (exitCode === undefined ? undefined : `exit code ${exitCode}`);
  return why === undefined ? state : `${state}: ${why}`;
}
