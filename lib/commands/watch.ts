/** `maestro status --watch`: the screen as long as the studies run; in a pipe, a line for every change. */

import { pad, visible } from "../cells.ts";
import { EXIT } from "../errors.ts";
import { conductorView } from "../lease.ts";
import { studyPaths } from "../paths.ts";
import { summaryLine } from "../render.ts";
import { type FailureLog, headLine, renderSummary } from "../render_summary.ts";
import { type Look, widest } from "../render_table.ts";
import { type Selection, selectSteps } from "../select_steps.ts";
import { statusView } from "../status.ts";
import { openStudy, replay, type Study } from "../study_folder.ts";
import type { System } from "../system.ts";
import { frame, paint, SCREEN, stateStyle } from "../terminal.ts";
import { formatLocalTime } from "../times.ts";
import type { StatusStep, StatusView } from "../types.ts";
import { formatDuration } from "../units.ts";
import type { Context } from "./context.ts";
import { exitCodeOf, failureLog } from "./look.ts";
import { lookOf, statusText, type StatusTextFlags } from "./status_text.ts";

export interface WatchFlags extends StatusTextFlags, Selection {
  readonly "exit-code"?: boolean;
}

const LOOK_MS = 1000;
/** Looking may take this part of the time, at most. */
const SHARE = 1 / 10;

/** A study that is looked at again and again; it is read again only when its journal has grown. */
interface Watched {
  readonly study: Study;
  look(): Promise<{ view: StatusView; failure?: FailureLog }>;
}

type Looks = Awaited<ReturnType<Watched["look"]>>[];

export async function watch(
  { system }: Context,
  flags: WatchFlags,
  directories: readonly string[],
): Promise<number> {
  const watched: Watched[] = [];
  for (const directory of directories) watched.push(watchOf(system, await openStudy(system, directory)));
  const lookAll = async () => {
    const looks: Looks = [];
    for (const each of watched) looks.push(await each.look());
    return looks;
  };
  const live = system.stdout.isTerminal && system.env["TERM"] !== "dumb";
  const looks = await (live ? onScreen(system, flags, lookAll) : inLines(system, lookAll));
  if (!looks) return EXIT.interrupted;
  return flags["exit-code"] ? exitCodeOf(looks.map(({ view }) => view)) : EXIT.ok;
}

function watchOf(system: System, study: Study): Watched {
  const { journal } = studyPaths(study.root);
  let size = -1;
  let progress: ReturnType<typeof replay>["progress"];
  let failure: FailureLog | undefined;
  return {
    study,
    async look() {
      const conductor = conductorView(system, study.root);
      const now = system.facts(journal)?.size ?? 0;
      const replayed = now === size ? undefined : replay(system, study);
      if (replayed) ({ progress } = replayed);
      size = now;
      const view = statusView(progress, conductor, system.now());
      if (replayed) failure = await failureLog(system, study, view);
      return failure ? { view, failure } : { view };
    },
  };
}

const hasEnded = ({ state }: StatusView) =>
  state === "finished" || state === "failed" || state === "cancelled";

/** Sleeps between looks: longer where a look takes long. */
async function pause(system: System, since: number, awake?: Promise<void>): Promise<void> {
  await system.sleep(Math.max(LOOK_MS, (system.now() - since) / SHARE), awake);
}

/** A line each time that something has changed. */
async function inLines(system: System, lookAll: () => Promise<Looks>): Promise<Looks> {
  const told: string[] = [];
  for (;;) {
    const since = system.now();
    const looks = await lookAll();
    looks.forEach(({ view }, i) => {
      const line = summaryLine(view);
      if (line !== told[i]) system.stdout.write(`${formatLocalTime(system.now())}  ${line}\n`);
      told[i] = line;
    });
    if (looks.every(({ view }) => hasEnded(view))) return looks;
    await pause(system, since);
  }
}

/** The screen, drawn anew every second and when its size changes; undefined: it was left with Ctrl-C. */
async function onScreen(
  system: System,
  flags: WatchFlags,
  lookAll: () => Promise<Looks>,
): Promise<Looks | undefined> {
  let left = false;
  let wake = () => {};
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    system.onSignal(signal, () => {
      left = true;
      wake();
    });
  }
  system.onSignal("SIGWINCH", () => wake());
  let looks: Looks = [];
  system.stdout.write(SCREEN.enter);
  try {
    while (!left) {
      const awake = new Promise<void>((resolve) => wake = resolve);
      const since = system.now();
      looks = await lookAll();
      system.stdout.write(frame(screenLines(system, looks, flags)));
      if (looks.every(({ view }) => hasEnded(view))) break;
      await pause(system, since, awake);
    }
  } finally {
    system.stdout.write(SCREEN.leave);
  }
  // What was last seen stays behind.
  const shown = looks.map(({ view, ...rest }) => ({ view, steps: view.steps, ...rest }));
  system.stdout.write(
    statusText(system, shown, { ...flags, layout: flags.layout ?? "summary" }, looks.length > 1),
  );
  return left ? undefined : looks;
}

function screenLines(system: System, looks: Looks, flags: WatchFlags): string[] {
  const look = lookOf(system, flags);
  const rows = system.stdout.rows();
  if (looks.length > 1) return looks.map(({ view }) => headLine(view, look)).slice(0, rows);
  const { view, failure } = looks[0]!;
  const options = { now: system.now(), steps: "several" as const, ...(failure ? { failure } : {}) };
  const lines = renderSummary(view, options, look).trimEnd().split("\n");
  const steps = selectSteps(view, flags).filter(({ state }) => state === "RUNNING" || state === "PENDING");
  if (steps.length > 0) lines.push("", ...stepLines(steps, rows - lines.length - 1, look));
  return lines.slice(0, rows);
}

/** What is under way: as many as there is room for. */
function stepLines(steps: readonly StatusStep[], room: number, look: Look): string[] {
  const running = [...steps].sort((a, b) => Number(a.state !== "RUNNING") - Number(b.state !== "RUNNING"));
  const shown = running.slice(0, steps.length > room ? Math.max(0, room - 1) : room);
  const width = widest(shown.map(({ name }) => visible(name)));
  const lines = shown.map(({ name, state, runTime, elapsedTime }) => {
    const word = pad(state, 7);
    const time = formatDuration((state === "RUNNING" ? runTime : elapsedTime) ?? 0);
    return `${pad(visible(name), width)}  ${look.styled ? paint(word, stateStyle(state)) : word}  ${time}`;
  });
  if (shown.length < steps.length) lines.push(`and ${steps.length - shown.length} more under way`);
  return lines;
}
