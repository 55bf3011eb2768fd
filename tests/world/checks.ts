/** What must hold at the end of every history. */

import { UNREADABLE } from "../../lib/conduct/local/ends.ts";
import { decodeJournal } from "../../lib/study/journal/format.ts";
import type { Circumstances } from "./chronicle.ts";
import { attemptsOf } from "../../lib/study/state/attempts.ts";
import { expectedEnds, isStrict, waitedFor } from "./expected.ts";
import { essence, journalText, type Life, replayed, type Stage } from "./history.ts";
import { isScheduledStep } from "./studies.ts";
import type { StudyEvent } from "../../lib/study/events.ts";
import type { Execution } from "./truth.ts";

export class Violation extends Error {}

function must(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new Violation(message());
}

export function checkHistory(stage: Stage, circumstances: Circumstances, last: Life): void {
  checkJournal(stage);
  checkReplay(stage, circumstances, last);
  checkExecutions(stage, circumstances);
  if (!circumstances.reran) checkOrder(stage);
  checkLimits(stage, circumstances);
  checkTimes(stage, circumstances);
  checkEnds(stage, circumstances);
}

/** Every line is whole but for those in which a writer died. */
function checkJournal(stage: Stage): void {
  const { version, unreadable } = decodeJournal(journalText(stage));
  must(version === 1, () => `the journal's version is ${version}`);
  const deaths = stage.lives.length;
  must(unreadable.length <= deaths + 12, () => `${unreadable.length} lines of the journal cannot be read`);
}

/** The journal alone gives the state that the last conductor had in memory. */
function checkReplay(stage: Stage, { overtaken }: Circumstances, last: Life): void {
  if (overtaken || last.progress === undefined) return;
  const live = essence(last.progress);
  const again = essence(replayed(stage));
  for (const key of Object.keys(live)) {
    const [a, b] = [sorted(live[key]), sorted(again[key])];
    must(a === b, () => `replay gives other ${key}\nlive:   ${a}\nreplay: ${b}`);
  }
}

function sorted(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part) =>
      part && typeof part === "object" && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1))
        : part,
  );
}

/** Exactly once for each attempt, never two copies of a step at a time, never before all it waits for is done. */
function checkExecutions({ study: { plan }, world }: Stage, { powerLost, reran }: Circumstances): void {
  const { executions } = world.truth;
  const byNode: Execution[][] = plan.nodes.map(() => []);
  for (const execution of executions) byNode[execution.node]!.push(execution);
  plan.nodes.forEach((node, i) => {
    const begun = new Set<number>();
    let before: Execution | undefined;
    for (const execution of byNode[i]!) {
      const { attempt, from, again, host } = execution;
      // Of what ran on a machine that lost its power, intent and claim may both be gone.
      const forgotten = powerLost && host !== "compute";
      must(again || forgotten || !begun.has(attempt), () => `'${node.name}' ran twice as attempt ${attempt}`);
      must(
        before === undefined || (before.to !== undefined && before.to <= from),
        () => `two live copies of '${node.name}': attempts ${before!.attempt} and ${attempt} at ${from}`,
      );
      must(
        before?.fate?.kind !== "ok" || reran || (powerLost && before.host !== "compute"),
        () => `'${node.name}' ran again after it had finished`,
      );
      for (const parent of waitedFor(plan, node, false)) {
        must(
          plan.nodes[parent]!.step.allowFailure ||
            byNode[parent]!.some(({ fate, to }) => fate?.kind === "ok" && to! <= from),
          () => `'${node.name}' ran before '${plan.nodes[parent]!.name}' had finished`,
        );
      }
      for (const parent of [false, true].flatMap((late) => waitedFor(plan, node, late))) {
        must(
          byNode[parent]!.every((other) => (other.to !== undefined && other.to <= from) || other.from > from),
          () => `'${node.name}' ran beside '${plan.nodes[parent]!.name}'`,
        );
      }
      const after = !reran && before && !again && before.fate?.kind === "timeout" && node.step.restart !== "";
      must(!after || execution.restart, () => `'${node.name}' was not restarted after its timeout`);
      begun.add(attempt);
      before = execution;
    }
  });
}

/** Nothing is begun before all it waits for has ended, for good, and in a way that it may go on after. */
function checkOrder(stage: Stage): void {
  const { plan } = stage.study;
  const ended = new Map<string, StudyEvent & { event: "ended" }>();
  for (const event of decodeJournal(journalText(stage)).events) {
    if (event.event === "ended" && !ended.has(event.step)) ended.set(event.step, event);
    if (event.event !== "submitting") continue;
    const node = plan.nodes.find(({ name }) => name === event.step)!;
    for (const late of [false, true]) {
      for (const parent of waitedFor(plan, node, late)) {
        const { name, step } = plan.nodes[parent]!;
        const end = ended.get(name);
        must(end !== undefined, () => `'${node.name}' was begun before '${name}' had ended`);
        const forgiven = step.allowFailure && end.state !== "CANCELLED" && !end.skipped;
        must(
          late || end.state === "FINISHED" || forgiven === true,
          () => `'${node.name}' was begun after '${name}' was ${end.state}`,
        );
        must(
          !late || end.state !== "CANCELLED" || !isStrict(plan, node, parent),
          () => `'${node.name}' was begun after '${name}' was cancelled`,
        );
      }
    }
  }
}

/** Not more at a time than the user allows. */
function checkLimits(
  { study: { plan }, world, scenario: { settings } }: Stage,
  { overtaken }: Circumstances,
): void {
  if (overtaken) return;
  const limits = [
    { scheduled: false, most: settings.localJobs, name: "local steps" },
    { scheduled: true, most: settings.throttle || Infinity, name: "jobs" },
  ];
  for (const { scheduled, most, name } of limits) {
    const changes = world.truth.executions
      .filter(({ node }) => isScheduledStep(plan.nodes[node]!.step) === scheduled)
      .flatMap(({ from, to }) => [{ at: from, by: 1 }, { at: to ?? Infinity, by: -1 }])
      .sort((a, b) => a.at - b.at || a.by - b.by);
    let now = 0;
    for (const { by, at } of changes) {
      now += by;
      must(now <= most, () => `${now} ${name} at ${at}, ${most} allowed`);
    }
  }
}

/** A job that the scheduler calls running may take so long to get to its script. */
const PROLOGUE_MS = 3000;

/** Every attempt began after its submission and ended after that; jobs took as long as they did, by a clock of seconds. */
function checkTimes(stage: Stage, { overtaken, diskTrouble, exactTimes }: Circumstances): void {
  if (overtaken) return;
  const { study: { plan }, world: { truth } } = stage;
  const { columns } = replayed(stage);
  for (const { name, index, step } of plan.nodes) {
    for (const { number, submittedAt, startedAt, endedAt, state } of attemptsOf(columns, index)) {
      const times = [submittedAt, startedAt, endedAt].filter((time) => time !== undefined);
      must(
        times.every((time, i) => i === 0 || time >= times[i - 1]!),
        () => `times of '${name}', attempt ${number}, are ${times}`,
      );
      if (state !== "FINISHED" || !exactTimes || diskTrouble || !isScheduledStep(step)) continue;
      const runs = truth.executions.filter(({ node, attempt }) => node === index && attempt === number);
      const { from, to } = runs[0]!;
      const late = endedAt! - startedAt! - (to! - from);
      must(
        runs.length > 1 || (late > -1000 && late < 1000 + PROLOGUE_MS),
        () => `'${name}', attempt ${number}, ran ${to! - from} ms, and is said to have run ${late} more`,
      );
    }
  }
}

/** Every step has the end that its runs deserve, and the study the end that its steps do. */
function checkEnds(stage: Stage, { asked, powerLost, diskTrouble, misleading }: Circumstances): void {
  const { study: { plan }, world, scenario } = stage;
  const { records, closed, counts, unended } = replayed(stage);
  const { executions, cutShort, vanished } = world.truth;
  must(unended === 0 && closed !== undefined, () => "the study was closed with steps left behind");
  const blamed = plan.nodes.some(({ index, step }) => {
    const { state, skipped } = records[index]!;
    return state !== "FINISHED" && (!step.allowFailure || skipped);
  });
  const due = counts.CANCELLED ? "cancelled" : blamed ? "failed" : "finished";
  must(closed === due, () => `the study is ${closed}, and should be ${due}`);
  const lastRun = new Map<number, Execution>();
  for (const execution of executions) lastRun.set(execution.node, execution);
  for (const node of plan.nodes) {
    const { state } = records[node.index]!;
    const ran = lastRun.get(node.index);
    must(state !== "FINISHED" || ran?.fate?.kind === "ok", () => `'${node.name}' is FINISHED, and is not`);
    must(ran === undefined || ran.to !== undefined, () => `'${node.name}' is ${state}, and runs`);
  }
  if (asked || powerLost) return;
  // A job that could not make its claim, because the disk was full, is a failure of the machine, however often.
  if (diskTrouble && journalText(stage).includes("its node could not write")) return;
  // The same holds for a claim that the disk cut short. Nobody knows whether its step ran, so the step does
  // not run again by itself.
  if (diskTrouble && journalText(stage).includes(UNREADABLE.reason)) return;
  must(cutShort.size === 0, () => `'${plan.nodes[[...cutShort][0]!]!.name}' was cut short, and nobody asked`);
  const expected = expectedEnds(plan, scenario.settings, scenario.fates, vanished, misleading);
  expected.forEach(({ states, runs }, i) => {
    const { state, reason } = records[i]!;
    const times = executions.filter(({ node, again }) => node === i && !again).length;
    const { name } = plan.nodes[i]!;
    must(
      states.has(state as never),
      () => `'${name}' is ${state} (${reason}), and should be ${[...states].join(" or ")}`,
    );
    must(
      runs.has(times),
      () => `'${name}' ran ${times} times, and should have ${[...runs].join(" or ")} times`,
    );
  });
}
