/**
 * `-fg`: conducts in this terminal, and shows the study on the screen. Without a screen, prints the lines of
 * the log.
 */

import { EXIT } from "../errors.ts";
import { firstFailure } from "../view/failures.ts";
import { type ConductorView, conductorView } from "../study/lease.ts";
import type { Listener } from "../log.ts";
import type { FailureLog } from "../view/render_summary.ts";
import { newOrders } from "../conduct/context.ts";
import { statusView } from "../view/status.ts";
import type { Study } from "../study/folder.ts";
import type { Progress } from "../study/state/progress.ts";
import { isTransient, type System } from "../system.ts";
import type { Context } from "../app/context.ts";
import { conductByName, exitOf, leave, onTermination, plainLines } from "../app/launch.ts";
import { failureLog } from "../app/look.ts";
import type { Looker, Looks, Screen } from "./screen.ts";

/**
 * Ctrl-C cancels the study; a second Ctrl-C ends at once. A closed terminal ends the conductor like SIGTERM.
 */
export async function conductForeground(context: Context, study: Study): Promise<number> {
  const { system } = context;
  const { stderr } = system;
  const shown = await onScreenOf(system, study);
  const say = shown?.say ?? ((line) => stderr.say(line));
  const orders = newOrders();
  let asked = 0;
  system.onSignal("SIGINT", () => {
    asked++;
    orders.cancel = true;
    orders.kill = asked > 1;
    say(
      asked > 1
        ? "Ending all steps at once.\n"
        : "Cancelling the study; press Ctrl-C again to end its steps at once.\n",
    );
    orders.wake();
  });
  onTermination(system, orders);
  system.onSignal("SIGHUP", () => leave(orders));
  try {
    const end = await conductByName(context, study, {
      orders,
      mode: "whole",
      listener: shown?.listener ?? plainLines(system),
      ...(shown ? { onTaken: shown.begin } : {}),
    });
    return asked > 0 && end === "cancelled" ? EXIT.interrupted : exitOf(end);
  } finally {
    await shown?.end();
  }
}

export interface ShownStudy {
  say(line: string): void;
  readonly listener: Listener;
  begin(progress: Progress): void;
  /** Restores the terminal and leaves the summary on it. */
  end(): Promise<void>;
}

/** Most warnings and errors of the log that stay visible. */
const MOST_WARNINGS = 3;

/** Draws the study that this process conducts; undefined if it has no terminal to draw on. */
export async function onScreenOf(system: System, study: Study): Promise<ShownStudy | undefined> {
  const { stdout, stderr, env } = system;
  if (!stdout.isTerminal || !stderr.isTerminal || env["TERM"] === "dumb") return undefined;
  const { onScreen, SHARE } = await import("./screen.ts");
  const warnings: string[] = [];
  const told: string[] = [];
  const screen: Screen = {
    said: () => [...warnings, ...told],
    // Its states are those in memory.
    ...{ share: SHARE.conductor, mostMs: Infinity },
    isOver: () => false,
    left: false,
    wake() {},
  };
  let shown: Progress;
  let drawing: Promise<unknown> | undefined;
  return {
    say(line) {
      told.push(line.trimEnd());
      screen.wake();
    },
    // The screen shows the states of steps. The log has all lines.
    listener(line, level) {
      if (level === "DEBUG" || level === "INFO") return;
      warnings.push(line.trimEnd());
      if (warnings.length > MOST_WARNINGS) warnings.shift();
    },
    begin(progress) {
      // Once more where the study was lost for a moment.
      shown = progress;
      if (drawing) return;
      drawing = onScreen(system, {}, looker(system, study, () => shown), screen);
      // `end` reports it: an error of the picture must not end the conductor.
      drawing.catch(() => {});
    },
    async end() {
      screen.left = true;
      screen.wake();
      await drawing;
    },
  };
}

/**
 * Looks at what the conductor knows of the study. Files have only the conductor's lease and heartbeat, and the log of the
 * first failure.
 */
function looker(system: System, study: Study, shown: () => Progress): Looker {
  let failed: string | undefined;
  let failure: FailureLog | undefined;
  let conductor: ConductorView = { alive: true, host: system.host, pid: system.pid };
  const fromMemory = (): Looks => {
    const view = statusView(shown(), conductor, system.now());
    return [failure ? { view, failure } : { view }];
  };
  return {
    fromMemory,
    async fromFiles() {
      try {
        conductor = conductorView(system, study.root);
        const [{ view }] = fromMemory() as [Looks[number]];
        const name = firstFailure(view)?.name;
        if (name !== failed) failure = await failureLog(system, study, view, shown());
        failed = name;
      } catch (error) {
        // A file server that does not answer delays the conductor, which continues.
        if (!isTransient(error)) throw error;
      }
      return fromMemory();
    },
  };
}
