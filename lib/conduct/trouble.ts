/** The machine's trouble: what keeps a conductor from its work now. It tries again, after pauses that grow. */

import { beat, type Trouble } from "../study/lease.ts";
import type { System } from "../system.ts";
import type { Log } from "../log.ts";

/** What cannot be done: a step started, the journal written, the study's files used. */
export type TroubleKind = "start" | "journal" | "files";

export interface Troubles {
  /** Notes trouble; true where it is new. */
  meet(kind: TroubleKind, what: string): boolean;
  /** It is over; what it was, where it was. */
  end(kind: TroubleKind): Trouble | undefined;
  /** Whether it is too early to try again. */
  isPaused(): boolean;
  readonly current: readonly Trouble[];
}

const SHORTEST_MS = 500;
const LONGEST_MS = 60_000;

/** The pause after so many failures in a row. */
export const pauseMs = (times: number): number => Math.min(SHORTEST_MS * 2 ** (times - 1), LONGEST_MS);

export function troublesOf(system: Pick<System, "now">): Troubles {
  const troubles = new Map<TroubleKind, Trouble & { readonly times: number; readonly at: number }>();
  return {
    meet(kind, what) {
      const before = troubles.get(kind);
      const at = system.now();
      troubles.set(kind, { since: before?.since ?? at, what, times: (before?.times ?? 0) + 1, at });
      return before?.what !== what;
    },
    end(kind) {
      const before = troubles.get(kind);
      troubles.delete(kind);
      return before;
    },
    isPaused() {
      const now = system.now();
      // A clock that was set back ends a pause.
      return troubles.values().some(({ times, at }) => now >= at && now - at < pauseMs(times));
    },
    get current() {
      return [...troubles.values()].map(({ since, what }) => ({ since, what }));
    },
  };
}

/** What of a conductor takes part in its trouble. */
interface Troubled {
  readonly system: System;
  readonly study: { readonly root: string };
  readonly options: { readonly log: Log };
  readonly troubles: Troubles;
  /** When readers were last shown that it lives. */
  beatAt: number;
}

/** Notes trouble, for readers too; true where it is new. */
export function meetTrouble(conductor: Troubled, kind: TroubleKind, what: string): boolean {
  const isNew = conductor.troubles.meet(kind, what);
  if (isNew) beatNow(conductor);
  return isNew;
}

export function endTrouble(conductor: Troubled, kind: TroubleKind): void {
  const { troubles, options: { log } } = conductor;
  const before = troubles.end(kind);
  if (before === undefined) return;
  log.info(`No longer: ${before.what}.`);
  beatNow(conductor);
}

/** Shows readers that this conductor lives, and what its trouble is. */
export function beatNow(conductor: Troubled): void {
  const { system, study, troubles, options: { log } } = conductor;
  conductor.beatAt = system.now();
  try {
    beat(system, study.root, troubles.current);
  } catch (error) {
    log.warning(`The heartbeat cannot be written: ${(error as Error).message}`);
  }
}
