/**
 * Studies on the whole terminal, redrawn repeatedly, and the text that remains when the terminal is restored.
 */

import { isUnderWay } from "../study/states.ts";
import { pad, visible } from "../cells.ts";
import { type FailureLog, headLine, renderSummary } from "../view/render_summary.ts";
import { type Look, widest } from "../view/render_table.ts";
import { type Selection, selectSteps } from "../view/select_steps.ts";
import type { System } from "../system.ts";
import { frame, paint, SCREEN, stateStyle } from "../view/terminal.ts";
import type { StatusStep, StatusView } from "../view/status_view.ts";
import { formatDuration } from "../units.ts";
import { lookOf, statusText, type StatusTextFlags } from "./status_text.ts";

export interface ScreenFlags extends StatusTextFlags, Selection {}

/** Studies at one time. */
export type Looks = readonly { readonly view: StatusView; readonly failure?: FailureLog }[];

/** Where a screen takes its studies from: their files, or at once from memory, as of now. */
export interface Looker {
  fromFiles(): Promise<Looks>;
  fromMemory(): Looks;
}

/** A screen, for code that writes messages on it. */
export interface Screen {
  /** Lines below the studies. */
  said(): readonly string[];
  /** The share of the time that it may take. */
  readonly share: number;
  /** Files are read again after this time, however long that takes. */
  readonly mostMs: number;
  /** Whether nothing more will change. */
  isOver(looks: Looks): boolean;
  /** Set to leave the screen, after one more read. */
  left: boolean;
  /** The caller reports a change. */
  wake: () => void;
}

/** Between two pictures. */
const LOOK_MS = 1000;
/** What people see is never older. */
export const OLDEST_MS = 2000;
/** Reading may take at most this share of the time: of a viewer's, up to `OLDEST_MS`, and of a conductor's. */
export const SHARE = { own: 1 / 10, conductor: 1 / 30 } as const;

/** From one start to the next of something that took `ms`: longer if it took longer, and never more than `most`. */
export const pauseAfter = (ms: number, share: number, most: number): number =>
  Math.min(Math.max(LOOK_MS, ms / share), most);

/**
 * Draws every second or two, and when the size changes, until `screen` ends. Between two reads of the files, the clock
 * goes on from memory. The last state remains on the terminal.
 */
export async function onScreen(
  system: System,
  flags: ScreenFlags,
  looker: Looker,
  screen: Screen,
): Promise<Looks> {
  const { stdout } = system;
  system.onSignal("SIGWINCH", () => screen.wake());
  let looks: Looks = [];
  let nextRead = -Infinity;
  stdout.say(SCREEN.enter);
  try {
    for (;;) {
      const awake = new Promise<void>((resolve) => screen.wake = resolve);
      const since = system.monotonic();
      const { left } = screen;
      const reads = left || since >= nextRead;
      looks = reads ? await looker.fromFiles() : looker.fromMemory();
      const readMs = reads ? system.monotonic() - since : 0;
      if (reads) nextRead = since + pauseAfter(readMs, screen.share, screen.mostMs);
      stdout.say(frame(screenLines(system, looks, flags, screen.said())));
      if (left || screen.isOver(looks)) break;
      const drawMs = system.monotonic() - since - readMs;
      await system.sleep(pauseAfter(drawMs, screen.share, OLDEST_MS), awake);
    }
  } finally {
    stdout.say(SCREEN.leave);
  }
  const { text } = statusText(system, looks, { ...flags, layout: flags.layout ?? "summary" });
  stdout.say(screen.said().map((line) => `${line}\n`).join("") + text);
  return looks;
}

function screenLines(system: System, looks: Looks, flags: ScreenFlags, said: readonly string[]): string[] {
  const rows = system.stdout.rows();
  const below = said.length > 0 ? ["", ...said].slice(-rows) : [];
  return [...studyLines(system, looks, flags, rows - below.length), ...below];
}

function studyLines(system: System, looks: Looks, flags: ScreenFlags, rows: number): string[] {
  const look = lookOf(system, flags);
  if (looks.length !== 1) return looks.map(({ view }) => headLine(view, look)).slice(0, rows);
  const { view, failure } = looks[0]!;
  const options = { now: system.now(), steps: "several" as const, ...(failure ? { failure } : {}) };
  const lines = renderSummary(view, options, look).trimEnd().split("\n");
  const steps = selectSteps(view, flags).filter(({ state }) => isUnderWay(state));
  if (steps.length > 0) lines.push("", ...stepLines(steps, rows - lines.length - 1, look));
  return lines.slice(0, rows);
}

/** Running nodes: as many as fit. */
function stepLines(steps: readonly StatusStep[], room: number, look: Look): string[] {
  const running = [...steps].sort((a, b) => Number(a.state !== "RUNNING") - Number(b.state !== "RUNNING"));
  const shown = running.slice(0, steps.length > room ? Math.max(0, room - 1) : room);
  const width = widest(shown.map(({ name }) => visible(name)));
  const lines = shown.map(({ name, state, runTime, elapsedTime }) => {
    const word = pad(state, 7);
    const time = formatDuration((state === "RUNNING" ? runTime : elapsedTime) ?? 0);
    return `${pad(visible(name), width)}  ${look.styled ? paint(word, stateStyle(state)) : word}  ${time}`;
  });
  if (shown.length < steps.length) lines.push(`and ${steps.length - shown.length} more running`);
  return lines;
}
