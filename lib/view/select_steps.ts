/** Which steps of a status are shown, and in what order. */

import { didYouMean, nearest } from "../suggest.ts";
import { noSuchStep } from "../errors.ts";
import { STEP_STATES } from "../study/states.ts";
import type { StatusStep, StatusView } from "./status_view.ts";
import { badCount, noSuchParameter, noSuchSortKey, noSuchState, notAPair } from "../view_errors.ts";

/** What the command line asks for; everything may be absent. */
export interface Selection {
  /** Names of steps, or of one of their combinations. */
  readonly step?: readonly string[];
  /** States, in any case of letters. */
  readonly state?: readonly string[];
  /** `NAME=VALUE`: several values of a name widen, several names narrow. */
  readonly param?: readonly string[];
  /** A key of `SORTED_BY` or a parameter, `-` before it for the other way round. */
  readonly sort?: string;
  /** 0: no limit. */
  readonly limit?: number;
}

type Sortable = string | number | undefined;

/** What rows can be sorted by, beside parameters. */
const SORTED_BY: Readonly<Record<string, (step: StatusStep) => Sortable>> = {
  name: (step) => step.name,
  state: (step) => STEP_STATES.indexOf(step.state),
  run: (step) => step.runTime,
  total: (step) => step.totalRunTime,
  elapsed: (step) => step.elapsedTime,
  submit: (step) => step.submittedAt,
  start: (step) => step.startedAt,
  end: (step) => step.endedAt,
  restarts: (step) => step.restarts,
  cpu: (step) => step.used?.cpuMs,
  memory: (step) => step.used?.nodePeakBytes ?? step.used?.maxRssBytes,
  read: (step) => step.used?.readBytes,
  written: (step) => step.used?.writtenBytes,
};

/** The steps asked for, in the order asked for. Names that the study does not have are the user's mistake. */
export function selectSteps(view: StatusView, selection: Selection): readonly StatusStep[] {
  const { limit } = selection;
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 0)) throw badCount("limit");
  let { steps } = view;
  for (const keeps of [byName(steps, selection), byState(selection), byParams(steps, selection)]) {
    if (keeps) steps = steps.filter(keeps);
  }
  if (selection.sort !== undefined) steps = sorted(view.steps, steps, selection.sort);
  return limit ? steps.slice(0, limit) : steps;
}

/** Whether anything is asked for. */
export function selects(selection: Selection): boolean {
  return narrows(selection) || selection.sort !== undefined || selection.limit !== undefined;
}

/** Whether anything narrows the steps down. */
export function narrows({ step = [], state = [], param = [] }: Selection): boolean {
  return step.length + state.length + param.length > 0;
}

type Keeps = (step: StatusStep) => boolean;

function byName(steps: readonly StatusStep[], { step: names = [] }: Selection): Keeps | undefined {
  if (names.length === 0) return undefined;
  const known = new Set(steps.flatMap(({ name, step }) => [step, name]));
  for (const name of names) if (!known.has(name)) throw noSuchStep(name, nearest(name, known));
  return ({ name, step }) => names.includes(name) || names.includes(step);
}

function byState({ state: words = [] }: Selection): Keeps | undefined {
  if (words.length === 0) return undefined;
  const wanted = words.flatMap((word) => word.split(",")).map((word) => {
    const state = STEP_STATES.find((state) => state === word.toUpperCase());
    if (!state) throw noSuchState(word, STEP_STATES);
    return state;
  });
  return ({ state }) => wanted.includes(state);
}

function byParams(steps: readonly StatusStep[], { param: pairs = [] }: Selection): Keeps | undefined {
  if (pairs.length === 0) return undefined;
  const wanted = new Map<string, string[]>();
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    if (equals < 1) throw notAPair("param", pair);
    const name = pair.slice(0, equals);
    wanted.set(name, [...wanted.get(name) ?? [], pair.slice(equals + 1)]);
  }
  const known = parameterNames(steps);
  for (const name of wanted.keys()) {
    if (!known.has(name)) throw noSuchParameter(name, didYouMean(name, known));
  }
  return ({ params }) =>
    [...wanted].every(([name, values]) => Object.hasOwn(params, name) && values.includes(params[name]!));
}

function parameterNames(steps: readonly StatusStep[]): Set<string> {
  return new Set(steps.flatMap(({ params }) => Object.keys(params)));
}

function sorted(all: readonly StatusStep[], steps: readonly StatusStep[], word: string): StatusStep[] {
  const key = word.replace(/^-/, "");
  const sign = key === word ? 1 : -1;
  if (!Object.hasOwn(SORTED_BY, key) && !parameterNames(all).has(key)) {
    throw noSuchSortKey(key, Object.keys(SORTED_BY));
  }
  const of = Object.hasOwn(SORTED_BY, key) ? SORTED_BY[key]! : (step: StatusStep) => step.params[key];
  return steps.map((step) => ({ step, by: of(step) })).sort((a, b) => order(a.by, b.by, sign))
    .map(({ step }) => step);
}

let collator: Intl.Collator | undefined;

/** Digits in names count as numbers. Made when it is needed: it takes longer than all else of this module. */
function compare(a: string, b: string): number {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
}

/** Unknown values come after known ones, in both orders. */
function order(a: Sortable, b: Sortable, sign: number): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return sign * (typeof a === "number" && typeof b === "number" ? a - b : compare(String(a), String(b)));
}
