/** Steps as lines of JSON, from the columns of a study's state: to make an object of each step takes as long again. */

import { bytesOf, type ByteText } from "./byte_text.ts";
import { secondsFrom } from "./status.ts";
import { STEP_STATES } from "../study/states.ts";
import type { Progress } from "../study/state/progress.ts";
import { stepOf } from "../plan/plan_nodes.ts";
import { minuteText } from "../times.ts";
import type { PlanStep } from "../plan/types.ts";
import type { StepState } from "../study/states.ts";
import type { TextList } from "../names.ts";

/** What stands in a line before its first key, between its pairs, and within one. */
interface Marks {
  readonly open: string;
  readonly comma: string;
  readonly colon: string;
}

/** Adds steps to a text, each as one object. */
export class StepLines {
  private readonly keys: ReturnType<typeof keysOf>;
  private readonly states: Readonly<Record<StepState, Uint8Array>>;
  /** By parameter. */
  private readonly params: readonly { readonly key: Uint8Array; readonly values: TextList }[];
  private readonly root: Uint8Array;
  /** The step of the node before. */
  private planned: PlanStep | undefined;

  /** `now` in ms since 1970. */
  constructor(
    private readonly out: ByteText,
    private readonly progress: Progress,
    private readonly now: number,
    marks: Marks,
  ) {
    const { comma, colon } = marks;
    const { root, parameters } = progress.plan.study;
    this.keys = keysOf(marks);
    this.states = Object.fromEntries(
      STEP_STATES.map((state) => [state, bytesOf(`"${comma}"state"${colon}"${state}"`)]),
    ) as Record<StepState, Uint8Array>;
    this.params = parameters.map(({ key, values }) => ({
      key: bytesOf(`${JSON.stringify(key)}${colon}`),
      values,
    }));
    this.root = bytesOf(JSON.stringify(`${root}/`).slice(1, -1));
  }

  /** Adds a node as a `StepJson`. */
  add(node: number): void {
    const { out, keys } = this;
    const { columns } = this.progress;
    const planned = this.stepOf(node);
    this.addNames(planned, node);
    out.put(this.states[columns.state.get(node)]).put(keys.jobId).quoted(columns.jobId.get(node));
    this.addParams(planned, node);
    const submittedAt = columns.submittedAt.get(node);
    const startedAt = columns.startedAt.get(node);
    const endedAt = columns.endedAt.get(node);
    const until = endedAt ?? (columns.over.get(node) ? undefined : this.now);
    addTime(out.put(keys.submittedAt), submittedAt);
    addTime(out.put(keys.startedAt), startedAt);
    addTime(out.put(keys.endedAt), endedAt);
    addSeconds(out.put(keys.runTime), secondsFrom(startedAt, until));
    addSeconds(out.put(keys.elapsedTime), secondsFrom(submittedAt, until));
    out.put(keys.restarts).number(columns.restarts.get(node));
    out.put(keys.exitCode).number(columns.exitCode.get(node));
    const reason = columns.reason.get(node) ?? columns.stuck.get(node);
    out.put(keys.reason).quoted(reason).put(keys.close);
  }

  private addNames({ name, workspace, uses, labels, leaves, renamed, first }: PlanStep, node: number): void {
    const { out, keys } = this;
    const label = uses.length === 0 ? undefined : labels.at(node - first)!;
    const given = renamed?.get(node);
    out.put(keys.name).inQuotes(given ?? name);
    if (given === undefined && label !== undefined) out.put(UNDERSCORE).inQuotes(label);
    out.put(keys.step).inQuotes(name).put(keys.workspace).put(this.root).inQuotes(workspace);
    if (label === undefined) return;
    if (workspace !== "") out.put(SLASH);
    out.inQuotes(leaves === labels ? label : leaves.at(node - first)!);
  }

  private addParams({ uses, firstCombo, first }: PlanStep, node: number): void {
    const { out, keys } = this;
    const combo = firstCombo[node - first]!;
    out.put(keys.params);
    for (let i = 0; i < uses.length; i++) {
      const { key, values } = this.params[uses[i]!]!;
      if (i > 0) out.put(keys.comma);
      out.put(key).quoted(values.at(combo));
    }
  }

  private stepOf(node: number): PlanStep {
    const { planned } = this;
    if (planned && node >= planned.first && node < planned.end) return planned;
    return this.planned = stepOf(this.progress.plan, node);
  }
}

const UNDERSCORE = bytesOf("_");
const SLASH = bytesOf("/");

function keysOf({ open, comma, colon }: Marks) {
  const key = (name: string, before = comma) => bytesOf(`${before}"${name}"${colon}`);
  return {
    comma: bytesOf(comma),
    name: bytesOf(`${open}"name"${colon}"`),
    step: bytesOf(`"${comma}"step"${colon}"`),
    workspace: bytesOf(`"${comma}"workspace"${colon}"`),
    jobId: key("jobId"),
    params: bytesOf(`${comma}"params"${colon}{`),
    submittedAt: key("submittedAt", `}${comma}`),
    startedAt: key("startedAt"),
    endedAt: key("endedAt"),
    runTime: key("runTime"),
    elapsedTime: key("elapsedTime"),
    restarts: key("restarts"),
    exitCode: key("exitCode"),
    reason: key("reason"),
    close: bytesOf("}"),
  };
}

/** To a thousandth, without zeros at the end. */
function addSeconds(out: ByteText, value: number | undefined): void {
  if (value === undefined) return void out.number(undefined);
  const ms = Math.round(value * 1000);
  const whole = Math.floor(ms / 1000);
  const left = ms - whole * 1000;
  out.number(whole);
  if (left === 0) return;
  out.put(POINT);
  if (left % 10 !== 0) out.digits(left, 3);
  else if (left % 100 !== 0) out.digits(left / 10, 2);
  else out.digits(left / 100, 1);
}

const POINT = bytesOf(".");

/** What stands before and behind the seconds of a time in a minute. */
const known = new Map<number, readonly [before: Uint8Array, behind: Uint8Array]>();
const MOST_KNOWN = 1000;

function addTime(out: ByteText, ms: number | undefined): void {
  if (ms === undefined) return void out.quoted(undefined);
  const whole = Math.trunc(ms);
  const minute = Math.floor(whole / 60_000);
  const [before, behind] = known.get(minute) ?? learn(minute);
  const left = whole - minute * 60_000;
  const second = (left / 1000) | 0;
  out.put(before).digits(second, 2).put(POINT).digits(left - second * 1000, 3).put(behind);
}

function learn(minute: number): readonly [Uint8Array, Uint8Array] {
  if (known.size === MOST_KNOWN) known.clear();
  const { iso, offset } = minuteText(minute);
  const pieces = [bytesOf(`"${iso}`), bytesOf(`${offset}"`)] as const;
  known.set(minute, pieces);
  return pieces;
}
