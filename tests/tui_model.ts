/** A small study on the screen of `maestro tui`, for tests: keys in, screens out. */

import { usualSettings } from "../lib/spec/settings.ts";
import type { StatusStep, StatusView } from "../lib/view/status_view.ts";
import { screenOf, textOf } from "../lib/view/tui/canvas.ts";
import { linesOf } from "../lib/view/tui/draw.ts";
import type { Key } from "../lib/view/tui/keys.ts";
import { logLine } from "../lib/view/tui/log_tail.ts";
import { withStudies, withStudy, withText } from "../lib/view/tui/news.ts";
import {
  type Effect,
  type Model,
  newModel,
  type StudyData,
  type StudyEntry,
  type TextData,
} from "../lib/view/tui/types.ts";
import { press } from "../lib/view/tui/update.ts";
import { statusStep, viewOf } from "./status_rows.ts";

/** A clock reading, so that tests hold in every time zone. */
export const at = (second: number) => new Date(2026, 0, 31, 12, 0, second).getTime();

const ran = (from: number, until: number, more: Partial<StatusStep> = {}): Partial<StatusStep> => ({
  ...{ submittedAt: at(from), startedAt: at(from), endedAt: at(until), runTime: until - from, exitCode: 0 },
  jobId: String(4000 + from),
  attempts: [{
    ...{ number: 1, kind: "first", state: "FINISHED", jobId: String(4000 + from), exitCode: 0 },
    ...{ submittedAt: at(from), startedAt: at(from), endedAt: at(until), runTime: until - from },
  }],
  ...more,
});

const sizes = [10, 20, 30, 40];

/** A sweep with a failure, retried once; names with wide characters; control characters in a value and a reason. */
export function sweep(): StatusStep[] {
  const failed = ran(2, 9, {
    exitCode: 7,
    reason: "exit code 7: no such mesh",
    restarts: 0,
    attempts: [
      {
        ...{ number: 1, kind: "first", state: "FAILED", jobId: "4002", exitCode: 9, reason: "lost" },
        ...{ submittedAt: at(2), startedAt: at(2), endedAt: at(4), runTime: 2 },
      },
      {
        ...{
          number: 2,
          kind: "retry",
          state: "FAILED",
          jobId: "4005",
          exitCode: 7,
          used: { cpuMs: 61_000, maxRssBytes: 3 << 20 },
        },
        ...{ submittedAt: at(5), startedAt: at(5), endedAt: at(9), runTime: 4 },
      },
    ],
  });
  const rows = [
    statusStep("prepare", "FINISHED", ran(0, 1)),
    ...sizes.map((size) =>
      statusStep(`simulate_SIZE.${size}`, size === 20 ? "FAILED" : size === 40 ? "RUNNING" : "FINISHED", {
        params: { SIZE: String(size) },
        ...(size === 20
          ? failed
          : size === 40
          ? ran(2, 3, { endedAt: undefined, exitCode: undefined, runTime: 8 })
          : ran(2, 5)),
      })
    ),
    statusStep("解析_データ", "PENDING", { step: "解析", params: { NOTE: "\x1b[31mred\x07" } }),
    statusStep("plot", "INITIALIZED", {
      waiting: { for: "step", reason: "waits for simulate_SIZE.40 and 1 more" },
    }),
    statusStep("odd", "FAILED", {
      reason: "killed\x1b]0;title\x07 by\nsomething\u202e",
      ...{ ended: "itself" },
    }),
  ];
  return rows.map((row, node) => ({ ...row, node }));
}

/** Many rows of one step. */
export function many(count: number): StatusStep[] {
  return Array.from(
    { length: count },
    (_, node) =>
      statusStep(`simulate_SIZE.${node}`, node % 7 === 3 ? "FAILED" : "FINISHED", {
        node,
        ...{ params: { SIZE: String(node) }, ...ran(2, 3 + node % 50) },
      }),
  );
}

export function studyData(steps: StatusStep[], more: Partial<StatusView> = {}): StudyData {
  const view = viewOf(steps, {
    directory: "/p/studies/sweep",
    conductor: { alive: true, pid: 4711, host: "login1" },
    ...more,
  });
  return { directory: "/p/studies/sweep", view, settings: usualSettings(4) };
}

const entry = (name: string, more: Partial<StudyEntry>): StudyEntry => ({
  ...{ directory: `/p/studies/${name}`, name, createdAt: at(0) },
  ...more,
});

const ENTRIES = [
  entry("sweep", { summary: { state: "running", counts: { FINISHED: 3, FAILED: 1 }, steps: 8 } }),
  entry("old/一つ\x1b[2Jtwo", { summary: { state: "finished", counts: { FINISHED: 12 }, steps: 12 } }),
  entry("theirs", { problem: "Permission denied (os error 13): /p/studies/theirs" }),
  entry("unread", {}),
];

const LOG: TextData = {
  title: "/p/studies/sweep/simulate/SIZE.20/simulate_SIZE.20.4005.err",
  lines: [
    ...Array.from({ length: 30 }, (_, i) => `line ${i + 1}`),
    ..."\x1b[31mred\x1b[0m and \x07bell\tand tab\nstep 1\rstep 2\r\n幅の広い文字\x9b2J\x1b]0;title\x07 end"
      .split("\n").map(logLine),
  ],
  cut: false,
};

/** Everything is read: the list, or the study if `isOpen`. */
export function modelOf(width: number, height: number, isOpen: boolean, steps = sweep()): Model {
  const model = newModel(width, height, at(12), isOpen ? { study: "/p/studies/sweep" } : {});
  return isOpen
    ? withStudy(model, studyData(steps), true)
    : withStudies(model, { folder: "/p/studies", entries: ENTRIES, cut: false });
}

/** What the driver would read for a model. */
export function readFor(model: Model): Model {
  const { place } = model;
  if (place.study !== undefined && model.study === undefined) {
    return withStudy(model, studyData(sweep()), true);
  }
  return place.text !== undefined && model.text === undefined ? withText(model, LOG) : model;
}

/** A model after keys, and what they made the driver do. */
export function pressAll(model: Model, keys: readonly Key[]): { model: Model; effects: Effect[] } {
  const effects: Effect[] = [];
  for (const key of keys) {
    const step = press(model, key);
    model = readFor(step.model);
    effects.push(...step.effects);
  }
  return { model, effects };
}

/** The text of the screen. */
export function screenText(model: Model, unicode = true): string[] {
  return textOf(screenOf(linesOf(model), model.width, model.height, { unicode, colors: true }));
}
