/**
 * Steps as lines of JSON, from the columns of a study's state: to make an object of each step takes as long again. What
 * the lines of a step have in common is text already.
 */

import { bytesOf, type ByteText } from "./byte_text.ts";
import { secondsFrom } from "./status.ts";
import { STEP_STATES } from "../conduct/step_records.ts";
import type { Progress } from "../conduct/study_state.ts";
import { stepOf } from "../plan/plan_nodes.ts";
import { minuteText } from "../times.ts";
import type { PlanStep, StepState, TextList } from "../types.ts";

/** What stands in a line before its first key, between its pairs, and within one. */
interface Marks {
  readonly open: string;
  readonly comma: string;
  readonly colon: string;
}

/** What the lines of one step have in common. */
interface StepPieces {
  readonly planned: PlanStep;
  /** Up to the label of the combination. */
  readonly name: Uint8Array;
  /** From there to the name of its folder. */
  readonly workspace: Uint8Array;
  readonly params: readonly { readonly key: Uint8Array; readonly values: TextList }[];
}

export class StepLines {
  private readonly keys: ReturnType<typeof keysOf>;
  private readonly states: Readonly<Record<StepState, Uint8Array>>;
  /** By step, those that were needed so far. */
  private readonly made: StepPieces[] = [];
  private of: StepPieces | undefined;

  /** `now` in ms since 1970. */
  constructor(
    private readonly out: ByteText,
    private readonly progress: Progress,
    private readonly now: number,
    private readonly marks: Marks,
  ) {
    const { comma, colon } = marks;
    this.keys = keysOf(marks);
    this.states = Object.fromEntries(
      STEP_STATES.map((state) => [state, bytesOf(`"${comma}"state"${colon}"${state}"`)]),
    ) as Record<StepState, Uint8Array>;
  }

  /** Adds a node as a `StepJson`. */
  add(node: number): void {
    const { out, keys } = this;
    const { columns } = this.progress;
    const pieces = this.piecesOf(node);
    this.addNames(pieces, node);
    out.put(this.states[columns.state.get(node)]).put(keys.jobId).quoted(columns.jobId.get(node));
    this.addParams(pieces, node);
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

  private addNames({ planned, name, workspace }: StepPieces, node: number): void {
    const { labels, leaves, renamed, first } = planned;
    const label = labels.at(node - first)!;
    const given = renamed?.get(node);
    if (given === undefined) this.out.put(name).inQuotes(label);
    else this.out.put(this.keys.name).inQuotes(given);
    this.out.put(workspace).inQuotes(leaves === labels ? label : leaves.at(node - first)!);
  }

  private addParams({ planned, params }: StepPieces, node: number): void {
    const combo = planned.firstCombo[node - planned.first]!;
    this.out.put(this.keys.params);
    for (let i = 0; i < params.length; i++) {
      const { key, values } = params[i]!;
      this.out.put(key).quoted(values.at(combo));
    }
  }

  private piecesOf(node: number): StepPieces {
    if (this.of === undefined || node < this.of.planned.first || node >= this.of.planned.end) {
      const planned = stepOf(this.progress.plan, node);
      this.of = this.made[planned.index] ??= this.make(planned);
    }
    return this.of;
  }

  private make(planned: PlanStep): StepPieces {
    const { study } = this.progress.plan;
    const { open, comma, colon } = this.marks;
    const isSingle = planned.uses.length === 0;
    const name = isSingle ? planned.name : `${planned.name}_`;
    const folder = `${study.root}/${planned.workspace}${isSingle ? "" : "/"}`;
    const step = `"${comma}"step"${colon}${JSON.stringify(planned.name)}`;
    return {
      planned,
      name: bytesOf(`${open}"name"${colon}${unclosed(name)}`),
      workspace: bytesOf(`${step}${comma}"workspace"${colon}${unclosed(folder)}`),
      params: planned.uses.map((use) => study.parameters[use]!).map(({ key, values }, i) => ({
        key: bytesOf(`${i === 0 ? "" : comma}${JSON.stringify(key)}${colon}`),
        values,
      })),
    };
  }
}

function unclosed(text: string): string {
  return JSON.stringify(text).slice(0, -1);
}

function keysOf({ open, comma, colon }: Marks) {
  const key = (name: string, before = comma) => bytesOf(`${before}"${name}"${colon}`);
  return {
    name: bytesOf(`${open}"name"${colon}"`),
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
