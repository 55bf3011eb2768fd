/**
 * `maestro conduct` (and the program under the name `conductor`): carries out a study that has been created.
 */

import { badSetting, EXIT, leftUnfinished, UserError } from "../errors.ts";
import { type ConductSettings, isSetting, OF_CONDUCT, SETTINGS, type Settings } from "../spec/settings.ts";
import { type ConductEnd, newOrders } from "../conduct/context.ts";
import { patientStart } from "../patience.ts";
import { openStudy } from "../study/folder.ts";
import { guarded } from "../app/context.ts";
import { onScreenOf } from "./foreground.ts";
import { conductByName, exitOf, leave, onTermination, plainLines } from "../app/launch.ts";

export interface ConductFlags extends ConductSettings {
  readonly once?: boolean;
  /** Maestro's option, which has no effect there either. */
  readonly status?: boolean;
}

export default guarded<ConductFlags, [string]>(async (context, flags, directory) => {
  const { system, globals } = context;
  const study = await patientStart(system, () => openStudy(system, directory));
  const orders = newOrders();
  onTermination(system, orders);
  // A terminal that closes must not end the study.
  system.onSignal("SIGHUP", () => {});
  let interrupted = false;
  system.onSignal("SIGINT", () => {
    interrupted = true;
    leave(orders);
  });
  // Maestro's -c shows the log instead.
  const shown = flags.once || globals.logToTerminal ? undefined : await onScreenOf(system, study);
  const end = await conductByName(context, study, {
    orders,
    isConductor: true,
    mode: flags.once ? "once" : "whole",
    listener: shown?.listener ?? (globals.logToTerminal ? plainLines(system) : undefined),
    settings: settingsIn(flags),
    ...(shown ? { onTaken: shown.begin } : {}),
  }).catch((error) => {
    // A tick that finds another conductor at work has nothing to do, and cron has nothing to mail.
    if (flags.once && error instanceof UserError && error.exitCode === EXIT.tryAgain) {
      return "unfinished" as const;
    }
    throw error;
  }).finally(() => shown?.end());
  if (!flags.once && !globals.logToTerminal) {
    system.stderr.say(`${study.root}: ${endText(end, study.root)}\n`);
  }
  return interrupted && end === "unfinished" ? EXIT.interrupted : exitOf(end);
});

/** How it ended; a study that has not ended goes on later. */
function endText(end: ConductEnd, root: string): string {
  return end === "unfinished" || end === "unreachable" ? leftUnfinished(root) : end;
}

/** What is otherwise than when the study was laid out. */
function settingsIn(flags: ConductFlags): Partial<Settings> {
  return Object.fromEntries(OF_CONDUCT.flatMap((name) => {
    const value = flags[SETTINGS[name].conduct as keyof ConductSettings];
    if (value === undefined) return [];
    if (!isSetting(name, value)) throw badSetting(SETTINGS[name].wrong(value));
    return [[name, value]];
  }));
}
