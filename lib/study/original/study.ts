/**
 * Studies that LLNL's Maestro made. Its state is a pickle, which is code for one Python: read is what it leaves for
 * others, `status.csv` and `meta/metadata.yaml`. Each row becomes the events that explain it, so that every reader
 * of a study can show it.
 */

import { basename } from "@std/path";
import { applyEvent, newProgress } from "../state/fold.ts";
import type { Study, StudyFile } from "../study.ts";
import type { Progress } from "../state/progress.ts";
import { type OriginalRow, parseStatusCsv } from "./status_csv.ts";
import { studyPaths } from "../../paths.ts";
import { usualSettings } from "../../spec/settings.ts";
import { isEndState, type StateKind, STEP_STATE, type StudyEnd } from "../states.ts";
import { isFileError, type System } from "../../system.ts";
import type { BoundParameter, Plan, PlanStep } from "../../plan/types.ts";
import type { StudyEvent } from "../events.ts";
import type { YamlValue } from "../../spec/types.ts";
import { nodeOf } from "../../plan/plan_nodes.ts";

/** Maestro's file that holds a study before it is expanded. */
const PICKLE = ".study.pkl";

/** Whether the folder holds a study that LLNL's Maestro made. */
export function isOriginalStudy(system: System, directory: string): boolean {
  return pickleIn(system, directory) !== undefined;
}

/** When LLNL's Maestro laid a study out in a folder; undefined where there is none. */
export function originalCreatedAt(system: System, directory: string): number | undefined {
  const pickle = pickleIn(system, directory);
  return pickle === undefined ? undefined : system.facts(`${directory}/${pickle}`)?.changedAt;
}

function pickleIn(system: System, directory: string): string | undefined {
  if (system.facts(`${directory}/batch.info`) === undefined) return undefined;
  return namesIn(system, directory).find((name) => name.endsWith(PICKLE));
}

function namesIn(system: System, folder: string): string[] {
  try {
    return system.list(folder);
  } catch (error) {
    if (isFileError(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}

/** Reads such a study; undefined where the folder holds none. */
export async function openOriginalStudy(system: System, directory: string): Promise<Study | undefined> {
  const pickle = pickleIn(system, directory);
  if (pickle === undefined) return undefined;
  const root = system.realPath(directory);
  const names = namesIn(system, root);
  // Maestro writes the file in place: a moment later it is whole.
  for (let left = WRITE_MS; left > 0 && isTorn(readCsv(system, root)); left -= LOOK_MS) {
    await system.sleep(LOOK_MS);
  }
  const rows = readRows(system, root);
  const file: StudyFile = {
    version: 0,
    maestro: "maestrowf",
    id: basename(root),
    createdAt: system.facts(`${root}/${pickle}`)?.changedAt ?? 0,
    spec: names.find((name) => /\.ya?ml$/.test(name)) ?? "",
    settings: {
      ...usualSettings(1),
      dry: rows.some(({ state }) => state === "DRYRUN"),
    },
  };
  const plan = planOf(await stepsByNode(system, root), root, studyName(names, pickle), rows);
  return { root, file, plan, original: true };
}

/**
 * The whole name is in the name of another pickle, which is written later. The first one has a safe form of
 * it.
 */
function studyName(names: readonly string[], pickle: string): string {
  const whole = names.find((name) => name.endsWith(".pkl") && !name.endsWith(PICKLE));
  return whole?.slice(0, -".pkl".length) ?? pickle.slice(0, -PICKLE.length);
}

/** So long a write of `status.csv` may take, and so often is looked whether it is done. */
const WRITE_MS = 2000;
const LOOK_MS = 50;

const readCsv = (system: System, root: string) => system.readTextIfAny(studyPaths(root).statusCsv);

function readRows(system: System, root: string): OriginalRow[] {
  return parseStatusCsv(readCsv(system, root) ?? "").rows;
}

/** Whether the file is there and a row of it is cut short, or all of them are missing. */
function isTorn(text: string | undefined): boolean {
  if (text === undefined) return false;
  const { rows, rest } = parseStatusCsv(text);
  return rows.length === 0 || rest.trim() !== "";
}

/** A plan with a node for each row, and nothing to run. */
function planOf(
  stepOfNode: ReadonlyMap<string, string>,
  root: string,
  name: string,
  rows: readonly OriginalRow[],
): Plan {
  const byStep = Map.groupBy(rows, (row) => stepOfNode.get(row.name) ?? stepOfWorkspace(row));
  const ordered = [...byStep.values()].flat();
  const parameters = parametersOf(ordered);
  const steps: PlanStep[] = [];
  let first = 0;
  for (const [step, nodes] of byStep) {
    const made = planStep(step, steps.length, first, nodes, parameters);
    steps.push(made);
    first = made.end;
  }
  const renamed = new Map(ordered.map((row, node) => [row.name, node]));
  return {
    study: {
      ...{ name, description: "", root, batch: { type: "local" }, hashWorkspaces: false, parameters },
      steps,
    },
    steps,
    size: ordered.length,
    nodes: steps.flatMap((step) =>
      Array.from({ length: step.end - step.first }, (_, i) => nodeOf(step, step.first + i))
    ),
    stepNamed: new Map(steps.map((step) => [step.name, step])),
    renamed,
  };
}

function planStep(
  name: string,
  index: number,
  first: number,
  rows: readonly OriginalRow[],
  parameters: readonly BoundParameter[],
): PlanStep {
  const keys = new Set(rows.flatMap(({ params }) => Object.keys(params)));
  const uses = parameters.flatMap(({ key }, i) => keys.has(key) ? [i] : []);
  const [folder = name, ...below] = rows[0]!.workspace.split("/");
  const inFolder = below.length > 0;
  return {
    ...{ name, index, first, end: first + rows.length, position: index },
    ...{ description: "", cmd: "", restart: "", resources: {}, depends: [], funnels: [] },
    text: { description: [], cmd: [], restart: [], resources: [] },
    workspace: folder,
    uses: inFolder ? uses : [],
    labels: rows.map((row) => row.name),
    positionOf: () => undefined,
    // The values of each parameter are those of the nodes, one by one.
    firstCombo: Int32Array.from(rows, (_, i) => first + i),
    nodeOfCombo: new Int32Array(0),
    leaves: inFolder ? rows.map(({ workspace }) => workspace.slice(folder.length + 1)) : [""],
    hashed: false,
    // Nothing of it is named here.
    names: { folder: Infinity, file: Infinity, above: false },
    singles: { depends: [], after: [] },
    matchedNodes: [],
    renamed: new Map(rows.map((row, i) => [first + i, row.name])),
  };
}

function parametersOf(rows: readonly OriginalRow[]): BoundParameter[] {
  const keys = [...new Set(rows.flatMap(({ params }) => Object.keys(params)))].sort();
  return keys.map((key) => {
    const values = rows.map(({ params }) => params[key] ?? "");
    return { key, name: key, values, labels: values };
  });
}

/** The step of each node, from `meta/metadata.yaml`. The parser is loaded here: other studies do without. */
async function stepsByNode(system: System, root: string): Promise<Map<string, string>> {
  const { parseYaml } = await import("../../spec/yaml.ts");
  const text = system.readTextIfAny(`${root}/meta/metadata.yaml`) ?? "";
  // A set of Python's is a mapping to nothing.
  const { value } = parseYaml(text.replace(/(: )!!set( \{\})?$/gm, "$1$2"));
  const combinations = mapping(mapping(value)["step_combinations"] ?? null);
  const found = new Map<string, string>();
  for (const [step, nodes] of Object.entries(combinations)) {
    if (step === "_source") continue;
    for (const node of Object.keys(mapping(nodes))) found.set(node, step);
  }
  return found;
}

function mapping(value: YamlValue): { [key: string]: YamlValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

const stepOfWorkspace = ({ workspace }: OriginalRow) => workspace.split("/")[0]!;

/** What must have happened for `status.csv` to have this content. */
export function originalEvents(system: System, study: Study): StudyEvent[] {
  const rows = readRows(system, study.root);
  const events = rows.flatMap(eventsOf);
  const written = system.facts(studyPaths(study.root).statusCsv)?.changedAt;
  if (written === undefined) return [];
  // Whether its conductor is alive cannot be known: it counts as one that comes by, and came when it last wrote.
  events.unshift({ event: "taken", at: written, host: "", pid: 0, once: true });
  const closed = closedState(rows);
  if (closed) events.push({ event: "closed", at: written, state: closed });
  return events;
}

function eventsOf(row: OriginalRow): StudyEvent[] {
  const { name: step, state, jobId, submittedAt, startedAt, endedAt, restarts } = row;
  const events: StudyEvent[] = [];
  const at = submittedAt ?? startedAt ?? endedAt ?? 0;
  if (submittedAt !== undefined || startedAt !== undefined) {
    events.push({ event: "submitting", at, step, attempt: 1 });
    if (startedAt !== undefined) events.push({ event: "started", at: startedAt, step });
    for (let attempt = 2; attempt <= restarts + 1; attempt++) {
      events.push({ event: "submitting", at, step, attempt, again: "restart" });
    }
    if (jobId !== undefined) events.push({ event: "submitted", at, step, jobId });
    // A restarted step is TIMEDOUT until it is seen to run.
    if (state === "RUNNING") events.push({ event: "started", at: startedAt ?? at, step });
  }
  if (!isEndState(state) || (state === "TIMEDOUT" && endedAt === undefined)) return events;
  const skipped = submittedAt === undefined && startedAt === undefined && state !== "FINISHED";
  events.push({ event: "ended", at: endedAt ?? at, step, state, ...(skipped ? { skipped: true } : {}) });
  return events;
}

/** How the study ended; undefined while it has not. After a cancellation, steps may stay as they were laid out. */
function closedState(rows: readonly OriginalRow[]): StudyEnd | undefined {
  const has = (...kinds: StateKind[]) => rows.some(({ state }) => kinds.includes(STEP_STATE[state].kind));
  const cancelled = has("cancelled");
  if (rows.length === 0 || has("under way") || (has("waiting") && !cancelled)) return undefined;
  if (rows.some(({ state, endedAt }) => state === "TIMEDOUT" && endedAt === undefined)) return undefined;
  if (cancelled) return "cancelled";
  return has("failed", "unknown") ? "failed" : "finished";
}

/** The state of such a study. */
export function originalState(system: System, study: Study): Progress {
  const progress: Progress = { ...newProgress(study.plan, study.file.settings, () => false), original: true };
  const events = originalEvents(system, study);
  // All of them, and nothing else: the state of a dry run is one event.
  if (study.file.settings.dry) applyEvent(progress, { event: "written", at: study.file.createdAt });
  for (const event of events) applyEvent(progress, event);
  return progress;
}
