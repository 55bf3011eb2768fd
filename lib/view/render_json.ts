/** A study's status as JSON: one text, or a separate line for each step. */

import { STEP_STATES } from "../study/states.ts";
import type { Progress } from "../study/state/progress.ts";
import { formatIso } from "../times.ts";
import type { FactField } from "../study/study_facts.ts";
import type { StatusAttempt, StatusStep, StatusView, Tally } from "./status_view.ts";
import type { Usage } from "../study/usage.ts";
import type { Waiting } from "./waiting.ts";
import type { StepState, StudyState } from "../study/states.ts";

/** One step of `StatusJson`: the fields, in their order. What is not known is null. */
function stepJson(step: StatusStep) {
  return {
    name: step.name,
    step: step.step,
    workspace: step.workspace,
    state: step.state,
    jobId: step.jobId ?? null,
    params: step.params,
    submittedAt: time(step.submittedAt),
    startedAt: time(step.startedAt),
    endedAt: time(step.endedAt),
    runTime: seconds(step.runTime),
    elapsedTime: seconds(step.elapsedTime),
    restarts: step.restarts,
    exitCode: step.exitCode ?? null,
    reason: step.reason ?? null,
    totalRunTime: seconds(step.totalRunTime),
    attempts: step.attempts.map(attemptJson),
    waiting: step.waiting ? waitingJson(step.waiting) : null,
    ended: step.ended ?? null,
  };
}

function attemptJson(attempt: StatusAttempt) {
  const { used = NOTHING_KNOWN } = attempt;
  return {
    number: attempt.number,
    kind: attempt.kind,
    state: attempt.state ?? null,
    jobId: attempt.jobId ?? null,
    host: attempt.host ?? null,
    submittedAt: time(attempt.submittedAt),
    startedAt: time(attempt.startedAt),
    endedAt: time(attempt.endedAt),
    runTime: seconds(attempt.runTime),
    exitCode: attempt.exitCode ?? null,
    reason: attempt.reason ?? null,
    cpuSeconds: used.cpuMs === undefined ? null : used.cpuMs / 1000,
    maxRssBytes: used.maxRssBytes ?? null,
    readBytes: used.readBytes ?? null,
    writtenBytes: used.writtenBytes ?? null,
    given: givenJson(used),
  };
}

const NOTHING_KNOWN: Usage = {};

/** What the scheduler gave it. */
function givenJson({ cpus, nodes, nodeMemoryBytes, limitSeconds }: Usage) {
  if ((cpus ?? nodes ?? nodeMemoryBytes ?? limitSeconds) === undefined) return null;
  return {
    cpus: cpus ?? null,
    nodes: nodes ?? null,
    nodeMemoryBytes: nodeMemoryBytes ?? null,
    limitSeconds: limitSeconds ?? null,
  };
}

function waitingJson({ for: what, reason, until, expectedStartAt }: Waiting) {
  return {
    for: what,
    reason: reason ?? null,
    until: time(until),
    expectedStartAt: time(expectedStartAt),
  };
}
export type StepJson = ReturnType<typeof stepJson>;

const time = (ms: number | undefined) => ms === undefined ? null : formatIso(ms);
const seconds = (value: number | undefined) => value === undefined ? null : Math.round(value * 1000) / 1000;

/** What `maestro status --json` prints. Times are ISO 8601 with their zone, durations seconds. */
export interface StatusJson extends FactTimes {
  version: 1;
  study: string;
  directory: string;
  state: StudyState;
  conductor: {
    alive: boolean;
    host: string | null;
    pid: number | null;
    heartbeatAt: string | null;
    troubles: { since: string; what: string }[];
  };
  askedAt: string | null;
  counts: Partial<Record<StepState, number>>;
  tally: Tally;
  steps: StepJson[];
}

/** Of some 64 KB each: all of it may be hundreds of megabytes. */
type Pieces = Iterable<string>;
const PIECE = 1 << 16;

/** A study at one time (ms since 1970): the facts about its nodes, and about it as a whole. */
export interface LookedAt {
  readonly at: number;
  readonly progress: Progress;
  readonly view: StatusView;
}

/** What `maestro status --json` prints: `StatusJson`, a line for each step. `steps`: those that are shown; or all. */
export function* statusJson({ view }: LookedAt, steps: Steps = allOf(view)): Pieces {
  const frame = JSON.stringify(statusFrame(view), null, 2);
  let text = frame.slice(0, -END_OF_FRAME.length);
  let before = "[\n    ";
  let end = END_OF_FRAME;
  for (const step of steps) {
    text += before + JSON.stringify(stepJson(step));
    before = ",\n    ";
    end = "\n  ]\n}";
    if (text.length < PIECE) continue;
    yield text;
    text = "";
  }
  yield `${text}${end}\n`;
}

/** One line of JSON a step, each complete in itself: version, study and directory are in all of them. */
export function* statusNdjson({ view }: LookedAt, steps: Steps = allOf(view)): Pieces {
  const { study, directory } = view;
  let text = "";
  for (const step of steps) {
    text += JSON.stringify({ version: 1, study, directory, ...stepJson(step) }) + "\n";
    if (text.length < PIECE) continue;
    yield text;
    text = "";
  }
  yield text;
}

type Steps = Iterable<StatusStep>;
const allOf = (view: StatusView): Steps => view.eachStep?.() ?? view.steps;

/** The end of a frame without steps. */
const END_OF_FRAME = "[]\n}";

/** All but the steps. */
function statusFrame(view: StatusView): StatusJson {
  const { alive, host, pid, heartbeatAt, troubles = [] } = view.conductor;
  return {
    version: 1,
    study: view.study,
    directory: view.directory,
    state: view.state,
    conductor: {
      alive,
      host: host ?? null,
      pid: pid ?? null,
      heartbeatAt: heartbeatAt === undefined ? null : formatIso(heartbeatAt),
      troubles: troubles.map(({ since, what }) => ({ since: formatIso(since), what })),
    },
    ...factTimes(view),
    askedAt: time(view.askedAt),
    counts: inOrder(view.counts),
    tally: view.tally,
    steps: [],
  };
}

/** Facts of the study as a whole: the time of each, or null. */
type FactTimes = { [FIELD in FactField]: string | null };

function factTimes({ facts }: StatusView): FactTimes {
  return Object.fromEntries(
    facts.map(({ field, at }) => [field, at === undefined ? null : formatIso(at)]),
  ) as FactTimes;
}

function inOrder(counts: StatusView["counts"]): StatusView["counts"] {
  return Object.fromEntries(
    STEP_STATES.flatMap((state) => counts[state] === undefined ? [] : [[state, counts[state]]]),
  );
}
