/** The content of a report of a study, as plain data from which its page is drawn. */

import { shownWord } from "./failures.ts";
import type { PlacedGraph } from "./graph_layout.ts";
import { curve } from "./graph_svg.ts";
import { nodeIndex } from "../plan/plan_nodes.ts";
import {
  chosenNodes,
  type ReportParameter,
  reportParameters,
  type ReportRows,
  reportRows,
} from "./report_rows.ts";
import type { PictureFacts } from "./picture_file.ts";
import { formatIso } from "../times.ts";
import { adviceLines, usageAdvice } from "./usage_advice.ts";
import type { Plan, PlanStep } from "../plan/types.ts";
import type { StatusView } from "./status_view.ts";
import { fateOf } from "./tally.ts";
import {
  BY_WEIGHT,
  SHOWN_STATES,
  type StateKind,
  STEP_STATE,
  type StepState,
  STUDY_STATE,
  type StudyState,
} from "../study/states.ts";

/** Rows beyond this make a page that browsers labour over. */
export const MOST_ROWS = 100_000;

/** The output of a failed step. */
export interface ReportFailure {
  readonly row: number;
  readonly logs: readonly { readonly file: string; readonly tail: readonly string[] }[];
  /** What runs it again. */
  readonly rerun: string;
}

/** A picture that a step declares as a result. */
export interface ReportPicture extends PictureFacts {
  readonly row: number;
  readonly name: string;
  /** In base64. */
  readonly data: string;
}

export interface ReportPictures {
  readonly shown: readonly ReportPicture[];
  readonly left: readonly { readonly row: number; readonly name: string; readonly why: string }[];
}

/** Where a study came from, in names and texts. */
export interface Provenance {
  readonly specFile: string;
  readonly spec: string;
  readonly facts: readonly (readonly [name: string, text: string])[];
}

export interface ReportInput {
  readonly plan: Plan;
  readonly view: StatusView;
  readonly now: number;
  readonly maestro: string;
  /** Nodes that have a row. */
  readonly chosen: readonly number[];
  /** Values of a node's results, in the order of its step's rules. */
  readonly resultsOf: (node: number) => readonly (string | undefined)[];
  readonly failures: readonly ReportFailure[];
  readonly provenance: Provenance;
  /** Undefined where it is too large to be drawn. */
  readonly graph?: { readonly placed: PlacedGraph; readonly folded: boolean };
}

interface ReportStep {
  readonly name: string;
  readonly description: string;
  readonly total: number;
  /** By the order of `states`. */
  readonly counts: readonly number[];
  /** How many of these did not run because of another step, and how many will run again. */
  readonly skipped: readonly number[];
  readonly retrying: readonly number[];
  /** Indices of parameters. */
  readonly uses: readonly number[];
  /** Its rows: `first` up to, not including, `end`. */
  readonly first: number;
  readonly end: number;
  /** For each combination the first one with the same node; left out where each has its own. */
  readonly combos?: readonly number[];
  readonly results?: readonly {
    readonly name: string;
    readonly values: readonly (string | null)[];
    /** The values are paths of pictures. */
    readonly image?: true;
  }[];
}

/** What the page has to know of states. */
interface StateFacts {
  readonly state: StudyState;
  /** The state of a step whose colour and sign the study's has. */
  readonly like: StepState;
  readonly ended: boolean;
  /** In the order in which they are shown; a row holds its state as an index into these. */
  readonly states: readonly StepState[];
  /** Of each of `states`. */
  readonly kinds: readonly StateKind[];
  readonly glyphs: readonly string[];
  /** The first of these that occurs is the state of a step with several combinations. */
  readonly byWeight: readonly StepState[];
}

export function stateFacts(state: StudyState): StateFacts {
  const { like, ended } = STUDY_STATE[state];
  return {
    ...{ state, like, ended, states: SHOWN_STATES, byWeight: BY_WEIGHT },
    kinds: SHOWN_STATES.map((state) => STEP_STATE[state].kind),
    glyphs: SHOWN_STATES.map((state) => STEP_STATE[state].glyph),
  };
}

export interface ReportData extends StateFacts {
  readonly version: 1;
  readonly study: { readonly name: string; readonly description: string; readonly directory: string };
  readonly conductor: string;
  readonly maestro: string;
  /** ms since 1970; all other times are ms since `since`. */
  readonly since: number;
  readonly now: number;
  /** East of UTC, where the report was made. */
  readonly zoneMinutes: number;
  readonly total: number;
  readonly steps: readonly ReportStep[];
  readonly parameters: readonly ReportParameter[];
  readonly rows: ReportRows;
  readonly failures: readonly ReportFailure[];
  readonly rerunAll: string;
  /** What steps could ask for instead. */
  readonly advice: readonly string[];
  readonly provenance: Provenance;
  readonly graph: object | null;
}

/** Nodes that get a row, at most `MOST_ROWS`. */
export const reportedNodes = (view: StatusView) => chosenNodes(view, MOST_ROWS);

export function reportData(input: ReportInput): ReportData {
  const { plan, view, now, chosen } = input;
  let since = Infinity;
  for (const { attempts: [first] } of view.steps) since = Math.min(since, first?.submittedAt ?? Infinity);
  if (since === Infinity) since = now;
  const { name, description } = plan.study;
  return {
    version: 1,
    study: { name, description, directory: view.directory },
    conductor: conductorText(view),
    maestro: input.maestro,
    since,
    now: now - since,
    zoneMinutes: zoneMinutes(since),
    total: plan.nodes.length,
    ...stateFacts(view.state),
    steps: reportSteps(input),
    parameters: reportParameters(plan),
    rows: reportRows(plan, view, chosen, since),
    failures: input.failures,
    rerunAll: `maestro rerun ${shownWord(view.directory)}`,
    advice: adviceLines(usageAdvice(plan, view)),
    provenance: input.provenance,
    graph: input.graph ? graphData(input.graph.placed, input.graph.folded) : null,
  };
}

function conductorText({ conductor: { alive, host, pid } }: StatusView): string {
  return alive ? `pid ${pid} on ${host}` : "";
}

/** The offset at a time of the zone of this process: what a reader elsewhere must know to read its times. */
function zoneMinutes(at: number): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(formatIso(at))!;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function reportSteps({ plan, view, chosen, resultsOf }: ReportInput): ReportStep[] {
  let at = 0;
  return plan.steps.map((step) => {
    const first = at;
    while (at < chosen.length && chosen[at]! < step.end) at++;
    const counts = SHOWN_STATES.map(() => 0);
    const fates = { skipped: counts.slice(), retrying: counts.slice() };
    for (const row of view.steps.slice(step.first, step.end)) {
      const state = SHOWN_STATES.indexOf(row.state);
      counts[state]!++;
      const fate = fateOf(row);
      if (fate !== undefined) fates[fate][state]!++;
    }
    const combos = sharedCombos(plan, step);
    return {
      name: step.name,
      description: step.description,
      total: step.end - step.first,
      counts,
      ...fates,
      uses: step.uses,
      ...{ first, end: at },
      ...(combos ? { combos } : {}),
      ...(step.results?.length ? { results: stepResults(step, chosen.slice(first, at), resultsOf) } : {}),
    };
  });
}

function sharedCombos({ study, nodes }: Plan, step: PlanStep): number[] | undefined {
  const count = study.parameters[0]?.values.length ?? 0;
  if (step.uses.length === 0 || step.end - step.first === count) return undefined;
  return Array.from({ length: count }, (_, combo) => nodes[nodeIndex(step, combo)]!.combo);
}

function stepResults(
  { results = [] }: PlanStep,
  nodes: readonly number[],
  valuesOf: ReportInput["resultsOf"],
) {
  const values = nodes.map(valuesOf);
  return results.map(({ name, pick }, rule) => ({
    name,
    ...pick.kind === "image" ? { image: true as const } : {},
    values: values.map((found) => found[rule] ?? null),
  }));
}

function graphData({ width, height, nodes, edges }: PlacedGraph, folded: boolean): object {
  const round = (value: number) => Math.round(value * 10) / 10;
  return {
    folded,
    width: Math.ceil(width),
    height: Math.ceil(height),
    nodes: nodes.map(({ node, x, y, width, height }) => [round(x), round(y), width, height, node.lines]),
    edges: edges.map(({ points, after }) => [curve(points), after ? 1 : 0]),
  };
}
