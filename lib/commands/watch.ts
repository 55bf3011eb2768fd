/** `maestro status --watch`: a screen while the studies run. In a pipe, a line for every change. */

import { EXIT } from "../errors.ts";
import { type ConductorView, conductorView } from "../study/lease.ts";
import { studyPaths } from "../paths.ts";
import { summaryLine } from "../view/render.ts";
import type { FailureLog } from "../view/render_summary.ts";
import { statusView } from "../view/status.ts";
import type { Progress } from "../study/state/progress.ts";
import { readState } from "../study/journal/replay.ts";
import { openStudyToRead, type Study } from "../study/folder.ts";
import type { System } from "../system.ts";
import { formatLocalTime } from "../times.ts";
import { STUDY_STATE } from "../study/states.ts";
import type { Context } from "../app/context.ts";
import { exitCodeOf, failureLog } from "../app/look.ts";
import {
  type Looker,
  type Looks,
  OLDEST_MS,
  onScreen,
  pauseAfter,
  type Screen,
  type ScreenFlags,
  SHARE,
} from "./screen.ts";
import { readLook } from "../study/queue_look.ts";

export interface WatchFlags extends ScreenFlags {
  readonly "exit-code"?: boolean;
}

/** A study that is read repeatedly. It is read again only if its journal has grown. */
interface Watched {
  fromFiles(): Promise<Looks[number]>;
  fromMemory(): Looks[number];
}

export async function watch(
  { system }: Context,
  flags: WatchFlags,
  directories: readonly string[],
): Promise<number> {
  const watched: Watched[] = [];
  for (const directory of directories) {
    watched.push(watchOf(system, await openStudyToRead(system, directory)));
  }
  const looker: Looker = {
    async fromFiles() {
      const looks: Looks[number][] = [];
      for (const each of watched) looks.push(await each.fromFiles());
      return looks;
    },
    fromMemory: () => watched.map((each) => each.fromMemory()),
  };
  const live = system.stdout.isTerminal && system.env["TERM"] !== "dumb";
  const times = { share: SHARE.own, mostMs: OLDEST_MS };
  const screen: Screen = { said: () => [], ...times, isOver: haveEnded, left: false, wake() {} };
  if (live) onSignalsLeave(system, screen);
  const looks = await (live ? onScreen(system, flags, looker, screen) : inLines(system, looker));
  if (screen.left) return EXIT.interrupted;
  return flags["exit-code"] ? exitCodeOf(looks.map(({ view }) => view)) : EXIT.ok;
}

function onSignalsLeave(system: System, screen: Screen): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    system.onSignal(signal, () => {
      screen.left = true;
      screen.wake();
    });
  }
}

function watchOf(system: System, study: Study): Watched {
  const { journal, statusCsv } = studyPaths(study.root);
  let size = -1;
  let progress: Progress;
  let conductor: ConductorView;
  let failure: FailureLog | undefined;
  const look = () => {
    const view = statusView(progress, conductor, system.now());
    return failure ? { view, failure } : { view };
  };
  return {
    fromMemory: look,
    async fromFiles() {
      conductor = conductorView(system, study.root);
      const facts = system.facts(study.original ? statusCsv : journal);
      const now = study.original ? facts?.changedAt ?? 0 : facts?.size ?? 0;
      const changed = now !== size;
      if (changed) progress = readState(system, study);
      else if (!study.original) progress.look = readLook(system, study.root);
      size = now;
      if (changed) failure = await failureLog(system, study, look().view, progress);
      return look();
    },
  };
}

const haveEnded = (looks: Looks) => looks.every(({ view }) => STUDY_STATE[view.state].ended);

/** Prints a line at each change. */
async function inLines(system: System, looker: Looker): Promise<Looks> {
  const told: string[] = [];
  for (;;) {
    const since = system.monotonic();
    const looks = await looker.fromFiles();
    looks.forEach(({ view }, i) => {
      const line = summaryLine(view);
      if (line !== told[i]) system.stdout.write(`${formatLocalTime(system.now())}  ${line}\n`);
      told[i] = line;
    });
    if (haveEnded(looks)) return looks;
    await system.sleep(pauseAfter(system.monotonic() - since, SHARE.own, OLDEST_MS));
  }
}
