/** A study's status as JSON: one text, or a line of its own for each step. */

import { bytesOf, ByteText } from "./byte_text.ts";
import { STEP_STATES } from "../study/states.ts";
import type { Progress } from "../study/state/progress.ts";
import { StepLines } from "./json_lines.ts";
import { formatIso } from "../times.ts";
import type { FactField } from "../study/study_facts.ts";
import type { StatusView } from "./status_view.ts";
import type { StepState, StudyState } from "../study/states.ts";

/** One step of `StatusJson`. Every key is always there; what is not known is null. */
export interface StepJson {
  name: string;
  step: string;
  workspace: string;
  state: StepState;
  jobId: string | null;
  params: Record<string, string>;
  submittedAt: string | null;
  startedAt: string | null;
  endedAt: string | null;
  runTime: number | null;
  elapsedTime: number | null;
  restarts: number;
  exitCode: number | null;
  reason: string | null;
}

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
  counts: Partial<Record<StepState, number>>;
  steps: StepJson[];
}

/** Each of some 64 KB: all of it may be hundreds of megabytes. Bytes are good until the next piece is asked for. */
type Pieces = Iterable<Uint8Array>;

/** A study at a moment (ms since 1970): what is known of its nodes, and what is said of it as a whole. */
export interface LookedAt {
  readonly at: number;
  readonly progress: Progress;
  readonly view: StatusView;
}

/** What `maestro status --json` prints: `StatusJson`, a line for each step. `nodes`: those that are told; or all. */
export function* statusJson({ at, progress, view }: LookedAt, nodes?: Iterable<number>): Pieces {
  const frame = JSON.stringify(statusFrame(view), null, 2);
  const out = new ByteText().text(frame.slice(0, -END_OF_FRAME.length));
  const lines = new StepLines(out, progress, at, { open: "{", comma: ", ", colon: ": " });
  let before = bytesOf("[\n    ");
  const between = bytesOf(",\n    ");
  let end = END_OF_FRAME;
  for (const node of nodes ?? allOf(progress)) {
    out.put(before);
    lines.add(node);
    before = between;
    end = "\n  ]\n}";
    if (out.isFull) yield out.take();
  }
  yield out.text(`${end}\n`).take();
}

/** One line of JSON a step, each complete in itself: version, study and directory stand in all of them. */
export function* statusNdjson({ at, progress, view }: LookedAt, nodes?: Iterable<number>): Pieces {
  const head = JSON.stringify({ version: 1, study: view.study, directory: view.directory });
  const out = new ByteText();
  const open = `${head.slice(0, -1)},`;
  const lines = new StepLines(out, progress, at, { open, comma: ",", colon: ":" });
  const newline = bytesOf("\n");
  for (const node of nodes ?? allOf(progress)) {
    lines.add(node);
    out.put(newline);
    if (out.isFull) yield out.take();
  }
  yield out.take();
}

function* allOf({ plan }: Progress): Iterable<number> {
  for (let node = 0; node < plan.size; node++) yield node;
}

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
    counts: inOrder(view.counts),
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
