/**
 * What jobs used, by the accounting of their scheduler. A record comes some seconds after the end of its job, or never.
 * No step waits for it. One call asks about all jobs that are due.
 */

import type { Commands } from "./commands.ts";
import type { Progress } from "../../study/state/progress.ts";
import type { Sighting } from "../runner.ts";
import type { System } from "../../system.ts";
import { isMeasured, type Usage } from "../../study/usage.ts";
import type { UsageQuery } from "../../../adapters/adapter.ts";

/** After the end of a job, and then after each call that found no record. The last one is before the last try. */
const PAUSES_MS = [3000, 10_000, 30_000, 120_000, 600_000] as const;
/** A conductor that starts asks about jobs that ended so long ago at most. */
const MOST_AGE_MS = 3_600_000;
/** The conductor of a study that has ended stays so long at most, for the jobs that ended last. */
const LINGER_MS = 6000;
/** Then it asks this often. */
const LINGER_PAUSE_MS = 1000;

interface Awaited {
  readonly node: number;
  readonly attempt: number;
  readonly cluster: string | undefined;
  dueAt: number;
  tries: number;
}

export interface AccountingOptions {
  readonly system: System;
  readonly progress: Progress;
  readonly usage: UsageQuery | undefined;
  readonly commands: Pick<Commands, "use">;
  readonly see: (sighting: Sighting) => void;
}

export class Accounting {
  /** By job id. */
  private readonly awaited = new Map<string, Awaited>();
  private nextCall = 0;
  private busy = false;
  /** The scheduler keeps no records. */
  private off = false;

  constructor(private readonly options: AccountingOptions) {}

  /** A job has ended. Members of a pack share one: what each of them used is not known. */
  ended(node: number, pauseMs: number = PAUSES_MS[0]): void {
    const { progress: { records, plan }, system, usage } = this.options;
    const { jobId, attempt, cluster } = records[node]!;
    if (!usage || this.off || jobId === undefined || plan.nodes[node]!.step.pack) return;
    this.awaited.set(jobId, { node, attempt, cluster, dueAt: system.now() + pauseMs, tries: 0 });
  }

  /** Jobs of which an earlier conductor has noted the end, and no record. */
  recover(): void {
    const { progress: { records, isScheduled, columns }, system, usage } = this.options;
    if (!usage) return;
    const now = system.now();
    for (let node = 0; node < records.length; node++) {
      const endedAt = columns.endedAt.get(node);
      if (endedAt === undefined || now - endedAt > MOST_AGE_MS || !isScheduled(node)) continue;
      if (columns.kind.get(node) === undefined) continue;
      if (columns.wallSeconds.get(node) === undefined) this.ended(node, 0);
    }
  }

  /** Asks if it is time to. `last`: the study has ended, and its conductor is about to leave. */
  askIfDue(last = false): Promise<void> | undefined {
    const { system, progress } = this.options;
    const now = system.now();
    if (this.busy || this.awaited.size === 0 || (now < this.nextCall && !last)) return undefined;
    const due = [...this.awaited].filter(([, { dueAt }]) => last || dueAt <= now);
    if (due.length === 0) return undefined;
    this.busy = true;
    this.nextCall = now + progress.settings.sleep * 1000;
    return this.ask(due).finally(() => this.busy = false);
  }

  /** Waits for the records of jobs that ended last. Not for long, and not when there is something else to do. */
  async linger(isWanted: () => boolean): Promise<void> {
    const { system } = this.options;
    const until = system.monotonic() + LINGER_MS;
    while (this.awaited.size > 0 && isWanted()) {
      await this.askIfDue(true);
      if (this.awaited.size === 0 || system.monotonic() + LINGER_PAUSE_MS > until) return;
      await system.sleep(LINGER_PAUSE_MS);
    }
  }

  private async ask(due: readonly [string, Awaited][]): Promise<void> {
    const { commands, usage } = this.options;
    for (const cluster of new Set(due.map(([, job]) => job.cluster))) {
      const jobs = due.filter(([, job]) => job.cluster === cluster);
      const records = await commands.use(usage!, jobs.map(([id]) => id), cluster);
      if (records === "off") {
        this.off = true;
        this.awaited.clear();
        return;
      }
      for (const [id, job] of jobs) this.note(id, job, records.get(id));
    }
  }

  private note(id: string, job: Awaited, used: Usage | undefined): void {
    const at = this.options.system.now();
    if (used !== undefined) {
      // A job that never began has a record without figures.
      if (isMeasured(used)) this.options.see({ see: "used", node: job.node, at, attempt: job.attempt, used });
      this.awaited.delete(id);
    } else if (++job.tries < PAUSES_MS.length) job.dueAt = at + PAUSES_MS[job.tries]!;
    else this.awaited.delete(id);
  }
}
