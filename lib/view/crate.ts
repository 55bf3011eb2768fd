/**
 * A study as an RO-Crate: metadata with the profile Provenance Run Crate 0.5, which includes Workflow Run
 * Crate and Process Run Crate.
 */

import {
  type ActionStatus,
  actionStatus,
  type CrateFile,
  crateTime,
  type Entity,
  fileEntity,
  idPart,
  pathId,
  type Property,
  refer,
  referAll,
} from "./crate_entities.ts";
import { foundIds, inputIds, outputIds, parameterValues, resultEntities } from "./crate_parameters.ts";
import {
  controlIds,
  type NodeRun,
  runEntities,
  type RunFacts,
  runIds,
  stepEntities,
  stepIds,
  toolIds,
  workspacePath,
} from "./crate_runs.ts";
import type { Plan } from "../plan/types.ts";

export const METADATA = "ro-crate-metadata.json";

const CONTEXTS = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"];

/** Profiles that the crate as a whole conforms to: permalink, name, version. */
const PROFILES = [
  ["https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate", "0.5"],
  ["https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate", "0.5"],
  ["https://w3id.org/ro/wfrun/provenance/0.5", "Provenance Run Crate", "0.5"],
  ["https://w3id.org/workflowhub/workflow-ro-crate/1.0", "Workflow RO-Crate", "1.0"],
] as const;

const LANGUAGE = "https://github.com/LLNL/maestrowf";

/** The content of a crate. */
export interface CrateContents {
  readonly plan: Plan;
  /** Of the study: the same in every crate of it. */
  readonly id: string;
  /** The version of maestro that the study was laid out with. */
  readonly maestro: string;
  readonly createdAt: number;
  readonly publishedAt: number;
  readonly begunAt: number;
  /** Undefined while it goes on. */
  readonly endedAt?: number;
  readonly status: ActionStatus;
  /** Why it failed, if it did. */
  readonly error?: string;
  readonly agent: string;
  /** How the study was asked for. */
  readonly command: string;
  /** A URL, an SPDX identifier or a sentence. */
  readonly license?: string;
  readonly spec: CrateFile;
  readonly readme: CrateFile;
  /** Of the engine, beside the spec: the journal, what is in `meta`, ... */
  readonly records: readonly CrateFile[];
  readonly runs: readonly NodeRun[];
}

/** The metadata as text, in pieces; an entity a line. */
export function* crateMetadata(contents: CrateContents): Generator<string> {
  yield `{"@context":${JSON.stringify(CONTEXTS)},"@graph":[\n`;
  let first = true;
  for (const entity of crateEntities(contents)) {
    yield (first ? "" : ",\n") + JSON.stringify(entity);
    first = false;
  }
  yield "\n]}\n";
}

function* crateEntities(contents: CrateContents): Generator<Entity> {
  const { plan, agent, spec, records, readme, runs } = contents;
  const values = parameterValues(plan);
  const facts: RunFacts = { plan, spec: spec.path, agent: `#agent/${idPart(agent)}`, values };
  yield* rootEntities(contents, facts);
  yield* workflowEntities(contents, facts);
  yield { "@id": facts.agent, "@type": "Person", name: agent };
  yield fileEntity(readme, { about: refer("./") });
  for (const record of records) yield fileEntity(record, { about: refer(studyRunId(contents)) });
  yield* stepEntities(facts);
  yield* values.entities;
  yield* resultEntities(plan, runs);
  yield* studyActions(contents, facts);
  yield* runEntities(facts, runs);
  yield* workspaceEntities(runs);
}

const studyRunId = ({ id }: CrateContents) => `#${idPart(id)}`;
const engineRunId = (contents: CrateContents) => `${studyRunId(contents)}/conductor`;

function* rootEntities(contents: CrateContents, facts: RunFacts): Generator<Entity> {
  const { plan: { study }, spec, license, publishedAt, runs } = contents;
  const licensed = licenseEntity(license);
  yield {
    "@id": METADATA,
    "@type": "CreativeWork",
    about: refer("./"),
    conformsTo: ["https://w3id.org/ro/crate/1.1", PROFILES.at(-1)![0]].map(refer),
  };
  yield {
    "@id": "./",
    "@type": "Dataset",
    name: study.name,
    description: study.description.trim() || `A run of the study ${study.name}`,
    datePublished: crateTime(publishedAt),
    license: refer(licensed["@id"]),
    author: refer(facts.agent),
    conformsTo: PROFILES.map(([id]) => refer(id)),
    mainEntity: refer(pathId(spec.path)),
    hasPart: referAll([...partIds(contents)]),
    mentions: [
      studyRunId(contents),
      ...runs.length === 0 ? [] : [engineRunId(contents)],
      ...runIds(runs),
    ].map(refer),
  };
  yield licensed;
  for (const [id, name, version] of PROFILES) yield { "@id": id, "@type": "CreativeWork", name, version };
}

/** Ids of all files and folders, each once. */
function partIds({ spec, readme, records, runs }: CrateContents): Set<string> {
  const files = [spec, readme, ...records];
  for (const { attempts } of runs) for (const { script, logs } of attempts) files.push(script, ...logs);
  return new Set([...files.map(({ path }) => pathId(path)), ...workspacesOf(runs).keys()]);
}

function licenseEntity(license: string | undefined): Entity {
  const type = { "@type": "CreativeWork" };
  if (license === undefined) {
    const description = "The author of this study has not stated the terms of use. Ask before you use it.";
    return { "@id": "#license", ...type, name: "No license stated", description };
  }
  if (/^https?:\/\/\S+$/.test(license)) {
    return { "@id": encodeURI(license), ...type, name: license, description: `The terms at ${license}` };
  }
  if (/^[A-Za-z0-9][\w.+-]*$/.test(license)) {
    const id = `https://spdx.org/licenses/${license}`;
    return { "@id": id, ...type, name: license, identifier: license, description: `The license ${license}` };
  }
  return { "@id": "#license", ...type, name: license, description: license };
}

function* workflowEntities(contents: CrateContents, facts: RunFacts): Generator<Entity> {
  const { plan, spec, createdAt, maestro } = contents;
  yield fileEntity(spec, {
    "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
    name: plan.study.name,
    description: plan.study.description.trim() || undefined,
    dateCreated: crateTime(createdAt),
    creator: refer(facts.agent),
    programmingLanguage: refer(LANGUAGE),
    input: referAll(inputIds(plan, plan.study.parameters.map((_, i) => i))),
    output: referAll(plan.steps.flatMap(outputIds)),
    step: referAll(stepIds(facts)),
    hasPart: referAll(toolIds(facts)),
  });
  yield {
    "@id": LANGUAGE,
    "@type": "ComputerLanguage",
    name: "Maestro study specification",
    alternateName: "Maestro",
    url: LANGUAGE,
  };
  yield { "@id": "#maestro", "@type": "SoftwareApplication", name: "maestro", softwareVersion: maestro };
}

/** The study as a whole: what came of it, and the engine that carried it out. */
function* studyActions(contents: CrateContents, facts: RunFacts): Generator<Entity> {
  const { plan, begunAt, endedAt, status, error, runs } = contents;
  const shared: Readonly<Record<string, Property>> = {
    agent: refer(facts.agent),
    startTime: crateTime(begunAt),
    endTime: endedAt === undefined ? undefined : crateTime(endedAt),
    ...actionStatus(status, error),
  };
  yield {
    "@id": studyRunId(contents),
    "@type": "CreateAction",
    name: `Run of ${plan.study.name}`,
    description: contents.command,
    instrument: refer(pathId(contents.spec.path)),
    object: referAll(facts.values.ids),
    result: referAll([...runs.flatMap(foundIds), ...workspacesOf(runs).keys()]),
    ...shared,
  };
  if (runs.length === 0) return;
  yield {
    "@id": engineRunId(contents),
    "@type": "OrganizeAction",
    name: `Run of maestro ${contents.maestro}`,
    instrument: refer("#maestro"),
    object: controlIds(runs).map(refer),
    result: refer(studyRunId(contents)),
    ...shared,
  };
}

/** Ids of the folders of steps, with those of their combinations below; a step without parameters has the one only. */
function workspacesOf(runs: readonly NodeRun[]): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  for (const { node, copied } of runs) {
    if (!copied) continue;
    const above = pathId(workspacePath(node.step));
    const id = pathId(workspacePath(node));
    if (!folders.has(above)) folders.set(above, []);
    if (id !== above) folders.get(above)!.push(id);
  }
  return folders;
}

function* workspaceEntities(runs: readonly NodeRun[]): Generator<Entity> {
  const folder = (id: string): Entity => ({ "@id": id, "@type": "Dataset", name: decodeURIComponent(id) });
  for (const [above, below] of workspacesOf(runs)) {
    yield { ...folder(above), hasPart: referAll(below) };
    for (const id of below) yield folder(id);
  }
}
