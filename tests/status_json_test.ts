/** A study's status as JSON: beside what JSON.stringify makes of its rows. */

import { newProgress } from "../lib/study/state/fold.ts";
import type { Progress } from "../lib/study/state/progress.ts";
import { shortHash } from "../lib/names.ts";
import { formatIso } from "../lib/times.ts";
import type { ConductorView } from "../lib/study/lease.ts";
import type { Plan } from "../lib/plan/types.ts";
import type { StatusAttempt, StatusStep } from "../lib/view/status_view.ts";
import type { StepRecord } from "../lib/study/state/step_record.ts";
import { type LookedAt, type StatusJson, statusJson, statusNdjson } from "../lib/view/render_json.ts";
import { statusView } from "../lib/view/status.ts";
import { assert, assertEquals } from "./assert.ts";
import { makePlan, SETTINGS } from "./make.ts";

const NOW = new Date(2022, 0, 26, 12, 0, 0).getTime() + 250;

function lookedAt(progress: Progress, conductor: ConductorView = { alive: false }): LookedAt {
  return { at: NOW, progress, view: statusView(progress, conductor, NOW) };
}

/** A study of which this is known, by node. */
function known(plan: Plan, records: readonly Partial<StepRecord>[]): Progress {
  const progress = newProgress(plan, SETTINGS, () => true);
  records.forEach((record, node) => Object.assign(progress.records[node]!, record));
  return progress;
}

const textOf = (pieces: Iterable<string>) => [...pieces].join("");
const jsonOf = (look: LookedAt): StatusJson => JSON.parse(textOf(statusJson(look)));

const time = (ms: number | undefined) => ms === undefined ? null : formatIso(ms);
const seconds = (value: number | undefined) => value === undefined ? null : Math.round(value * 1000) / 1000;

/** A row as JSON.stringify is to write it. */
function plainStep(row: StatusStep) {
  return {
    ...{ name: row.name, step: row.step, workspace: row.workspace, state: row.state },
    ...{ jobId: row.jobId ?? null, params: row.params },
    ...{ submittedAt: time(row.submittedAt), startedAt: time(row.startedAt), endedAt: time(row.endedAt) },
    ...{ runTime: seconds(row.runTime), elapsedTime: seconds(row.elapsedTime), restarts: row.restarts },
    ...{ exitCode: row.exitCode ?? null, reason: row.reason ?? null },
    ...{ totalRunTime: seconds(row.totalRunTime), attempts: row.attempts.map(plainAttempt) },
    waiting: row.waiting === undefined ? null : {
      ...{ for: row.waiting.for, reason: row.waiting.reason ?? null },
      ...{ until: time(row.waiting.until), expectedStartAt: time(row.waiting.expectedStartAt) },
    },
    ended: row.ended ?? null,
  };
}

function plainAttempt(attempt: StatusAttempt) {
  const { number, kind, state = null, jobId = null, host = null, exitCode = null, reason = null } = attempt;
  const { cpuMs, maxRssBytes = null, readBytes = null, writtenBytes = null } = attempt.used ?? {};
  return {
    ...{ number, kind, state, jobId, host, submittedAt: time(attempt.submittedAt) },
    ...{ startedAt: time(attempt.startedAt), endedAt: time(attempt.endedAt) },
    ...{ runTime: seconds(attempt.runTime), exitCode, reason },
    ...{ cpuSeconds: cpuMs === undefined ? null : cpuMs / 1000, maxRssBytes, readBytes, writtenBytes },
    given: plainGiven(attempt),
  };
}

function plainGiven(attempt: StatusAttempt) {
  const fields = ["cpus", "nodes", "nodeMemoryBytes", "limitSeconds"] as const;
  if (fields.every((field) => attempt.used?.[field] === undefined)) return null;
  return Object.fromEntries(fields.map((field) => [field, attempt.used?.[field] ?? null]));
}

/** Checks that both texts are the output of JSON.stringify for the rows, in the order of `nodes`. */
function assertWritten(look: LookedAt, nodes?: readonly number[]): void {
  const rows = nodes ? nodes.map((node) => look.view.steps[node]!) : look.view.steps;
  const plain = rows.map(plainStep);
  const lines = textOf(statusJson(look, rows)).split("\n");
  assertEquals(lines.slice(-3), ["  ]", "}", ""]);
  const told = lines.slice(lines.indexOf('  "steps": [') + 1, -3);
  assertEquals(told, plain.map((row, i) => `    ${JSON.stringify(row)}${i < plain.length - 1 ? "," : ""}`));
  const { study, directory } = look.view;
  const alone = plain.map((row) => `${JSON.stringify({ version: 1, study, directory, ...row })}\n`);
  assertEquals(textOf(statusNdjson(look, rows)), alone.join(""));
}

const ODD = [
  "",
  '"\\',
  "é🎉",
  "\ud800",
  "\u2028\n\x7f",
  "__proto__",
  "10",
  "x".repeat(200_000),
  "é".repeat(70_000),
];

Deno.test("json, ndjson: they are what JSON.stringify would write, a line for each step", () => {
  const values = ODD.map((text, i) => `${i}${text}`);
  const plan = makePlan({
    // The last step would have the name of a node of the second.
    steps: [
      ["one", "x"],
      ["a", "$(P)"],
      ['b"é', "$(P) $(__proto__)"],
      [`a_P.${values[6]}`, "x"],
    ],
    parameters: { P: values, ["__proto__"]: values },
  });
  assertEquals(plan.renamed.size, 1);
  const many = (numbers: readonly number[], record: (n: number) => Partial<StepRecord>) =>
    numbers.map(record);
  const records = [
    ...ODD.map((text) => ({ jobId: text, reason: text })),
    ...many([0, 1, 9, 10, 99, 100, 256, 2 ** 31], (n) => ({ exitCode: n, restarts: n % 2 ** 31 })),
    ...many([-1, 1.5, 1e21], (exitCode) => ({ exitCode, stuck: "it waits" })),
  ];
  assertWritten(lookedAt(known(plan, records)));
  assertWritten(lookedAt(known(plan, records)), [19, 3, 4, 0, 12, 11]);
});

Deno.test("json: workspaces are where they are", () => {
  const parameters = { P: ["a", "b/c", "out.log"], Q: ["1", "2", "3"] };
  for (const hashWorkspaces of [false, true]) {
    for (const cmd of ["x", "$(P)", "$(P) $(Q)"]) {
      const names = ["logs", "meta", "é", "a b"];
      const plan = makePlan(
        { steps: names.map((name) => [name, cmd]), parameters },
        { hashWorkspaces },
        shortHash,
      );
      assertWritten(lookedAt(known(plan, [])));
    }
  }
});

Deno.test("json: times of all kinds, and what is counted from them", () => {
  const times = [0, 59_999, 60_000, 3_599_999.7, NOW - 10, NOW - 100, NOW - 61_000, NOW, NOW + 5, 4e12];
  const plan = makePlan({ steps: [["a", "$(P)"]], parameters: { P: times.map(String) } });
  const records = times.map((ms, i): Partial<StepRecord> => ({
    kind: "first",
    submittedAt: ms,
    intendedAt: ms,
    startedAt: ms + 1,
    ...(i % 3 === 0 ? { endedAt: ms + 1234.5, over: true } : i % 3 === 1 ? { over: true } : {}),
  }));
  assertWritten(lookedAt(known(plan, records)));
});

Deno.test("json: every key is there, absent values are null", () => {
  const json = jsonOf(lookedAt(known(makePlan({ steps: [["late", "x"]] }), [])));
  assertEquals(json, {
    version: 1,
    study: "study",
    directory: "/out",
    state: "initialized",
    conductor: { alive: false, host: null, pid: null, heartbeatAt: null, troubles: [] },
    stopsAt: null,
    askedAt: null,
    counts: { INITIALIZED: 1 },
    tally: {
      ...{ finished: 0, failed: 0, skipped: 0, retrying: 0, waiting: 1 },
      ...{ running: 0, cancelled: 0, unknown: 0, dry: 0 },
    },
    steps: [{
      name: "late",
      step: "late",
      workspace: "/out/late",
      state: "INITIALIZED",
      jobId: null,
      params: {},
      submittedAt: null,
      startedAt: null,
      endedAt: null,
      runTime: null,
      elapsedTime: null,
      restarts: 0,
      exitCode: null,
      reason: null,
      totalRunTime: null,
      attempts: [],
      waiting: {
        for: "trouble",
        reason: "the study was never launched: `maestro conduct` launches it",
        until: null,
        expectedStartAt: null,
      },
      ended: null,
    }],
  });
});

Deno.test("json: no step is shown", () => {
  const look = lookedAt(known(makePlan({ steps: [["a", "x"]] }), []));
  const text = textOf(statusJson(look, []));
  assertEquals(text, JSON.stringify({ ...jsonOf(look), steps: [] }, null, 2) + "\n");
  assertEquals(textOf(statusNdjson(look, [])), "");
});

Deno.test("json: many steps come in pieces, which make one text", () => {
  const values = Array.from({ length: 2000 }, (_, i) => `x\n${i}`);
  const look = lookedAt(known(makePlan({ steps: [["a", "$(P)"]], parameters: { P: values } }), []));
  const json = jsonOf(look);
  assertEquals(json.steps.map(({ params }) => params["P"]), values);
  const pieces = [...statusJson(look), ...statusNdjson(look)];
  assert(pieces.length > 10 && pieces.every((piece) => piece.length < 100_000));
});

Deno.test("json: as many steps as nodes", () => {
  const names = Array.from({ length: 3000 }, (_, i) => `s${i}`);
  const look = lookedAt(known(makePlan({ steps: names.map((name) => [name, "x"]) }), []));
  assertEquals(jsonOf(look).steps.map(({ name }) => name), names);
});

Deno.test("json: times carry their zone, and survive JSON", () => {
  const heartbeatAt = NOW - 123;
  const troubles = [{ since: NOW - 5, what: "the journal cannot be written: No space left on device" }];
  const conductor = { alive: true, host: "quartz1", pid: 4711, heartbeatAt, troubles };
  const startedAt = NOW - 60_001;
  const running: Partial<StepRecord> = { state: "RUNNING", kind: "first", intendedAt: startedAt, startedAt };
  const json = jsonOf(lookedAt(known(makePlan({ steps: [["a", "x"]] }), [running]), conductor));
  assertEquals(json.conductor, {
    ...conductor,
    heartbeatAt: formatIso(heartbeatAt),
    troubles: [{ ...troubles[0]!, since: formatIso(NOW - 5) }],
  });
  assertEquals([Date.parse(json.steps[0]!.startedAt!), json.steps[0]!.runTime], [startedAt, 60.001]);
});
