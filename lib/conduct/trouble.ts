/** The machine's trouble: what keeps a conductor from its work now. It tries again, after pauses that grow. */

import { beat, type Trouble } from "../study/lease.ts";
import type { System } from "../system.ts";
import type { Log } from "../log.ts";

/** What cannot be done: a step started, the journal written, the study's files used, a scheduler asked. */
export type TroubleKind = "start" | "journal" | "files" | "scheduler";

const SHORTEST_MS = 500;
const LONGEST_MS = 60_000;

/** The pause after so many failures in a row. */
export const pauseMs = (times: number): number => Math.min(SHORTEST_MS * 2 ** (times - 1), LONGEST_MS);

/** Whether a pause that began at a time still lasts. A clock that was set back ends it. */
const isWithin = (now: number, at: number, times: number): boolean => now >= at && now - at < pauseMs(times);

/** Readers on other hosts see by the heartbeat that the conductor lives. */
const HEARTBEAT_MS = 20_000;

interface Met extends Trouble {
  readonly times: number;
  /** When the current pause began. */
  readonly at: number;
  /** All that was met since the trouble began. */
  readonly all: Set<string>;
}

/** The trouble that a conductor has now, and the heartbeat in which readers find it. */
export class Troubles {
  private readonly met = new Map<TroubleKind, Met>();
  private beatAt: number;

  constructor(
    private readonly system: System,
    private readonly root: string,
    private readonly log: Pick<Log, "info" | "warning">,
    /** What the last conductor had: its trouble may go on. */
    private earlier: readonly Trouble[] = [],
  ) {
    this.beatAt = system.now();
  }

  /** Notes trouble; true where it is new. */
  meet(kind: TroubleKind, what: string): boolean {
    const now = this.system.now();
    const before = this.met.get(kind);
    const since = before?.since ?? this.earlier.find((trouble) => trouble.what === what)?.since ?? now;
    const { times, at, all } = before ?? { times: 0, at: now, all: new Set<string>() };
    // What fails together is one failure: the pause grows once.
    const isPaused = before !== undefined && isWithin(now, at, times);
    const next = isPaused ? { times, at } : { times: times + 1, at: now };
    this.met.set(kind, { since, what, all, ...next });
    const isNew = !all.has(what);
    all.add(what);
    if (isNew) this.beat();
    return isNew;
  }

  /** It is over, if there was any. */
  end(kind: TroubleKind): void {
    const before = this.met.get(kind);
    if (before === undefined) return;
    this.met.delete(kind);
    this.log.info(`No longer: ${before.what}.`);
    this.beat();
  }

  /** Whether it is too early to start anything. A scheduler that does not answer keeps no other step waiting. */
  isPaused(): boolean {
    const now = this.system.now();
    return this.met.entries().some(([kind, { times, at }]) =>
      kind !== "scheduler" && isWithin(now, at, times)
    );
  }

  get current(): readonly Trouble[] {
    return [...this.met.values()].map(({ since, what }) => ({ since, what }));
  }

  /** Readers no longer find what the last conductor had. */
  forgetEarlier(): void {
    if (this.earlier.length === 0) return;
    this.earlier = [];
    this.beat();
  }

  beatIfDue(): void {
    if (this.system.now() - this.beatAt > HEARTBEAT_MS) this.beat();
  }

  private beat(): void {
    this.beatAt = this.system.now();
    try {
      beat(this.system, this.root, this.current);
    } catch (error) {
      this.log.warning(`The heartbeat cannot be written: ${(error as Error).message}`);
    }
  }
}
