/**
 * `-fg`: conducts in this terminal, and shows the study on the screen. Without a screen, prints the lines of
 * the log.
 */

import { EXIT } from "../errors.ts";
import { firstFailure } from "../view/failures.ts";
import { conductorView } from "../study/lease.ts";
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
import type { Looks, Screen } from "./screen.ts";

/**
 * Ctrl-C cancels the study; a second Ctrl-C ends at once. A closed terminal ends the conductor like SIGTERM.
 */
export async function conductForeground(context: Context, study: Study): Promise<number> {
  const { system } = context;
  const { stdout, stderr, env } = system;
  const live = stdout.isTerminal && stderr.isTerminal && env["TERM"] !== "dumb";
  const shown = live ? await onScreenOf(system, study) : undefined;
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

interface ShownStudy {
  say(line: string): void;
  readonly listener: Listener;
  begin(progress: Progress): void;
  /** Restores the terminal and leaves the summary on it. */
  end(): Promise<void>;
}

/** Most warnings and errors of the log that stay visible. */
const MOST_WARNINGS = 3;

/** Draws the study that this process conducts. */
async function onScreenOf(system: System, study: Study): Promise<ShownStudy> {
  const { onScreen, SHARE } = await import("./screen.ts");
  const warnings: string[] = [];
  const told: string[] = [];
  const screen: Screen = {
    said: () => [...warnings, ...told],
    share: SHARE.conductor,
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

/** Looks at what the conductor knows of the study: only the log of what failed first is read. */
function looker(system: System, study: Study, shown: () => Progress): () => Promise<Looks> {
  let failed: string | undefined;
  let failure: FailureLog | undefined;
  let looks: Looks = [];
  return async () => {
    const progress = shown();
    try {
      const view = statusView(progress, conductorView(system, study.root), system.now());
      const name = firstFailure(view)?.name;
      if (name !== failed) failure = await failureLog(system, study, view, progress);
      failed = name;
      looks = [failure ? { view, failure } : { view }];
    } catch (error) {
      // A file server that does not answer delays the conductor, which continues.
      if (!isTransient(error)) throw error;
    }
    return looks;
  };
}
