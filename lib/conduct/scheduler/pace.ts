/** How much is asked of a scheduler: how many submissions go to it now, and when jobs are next asked about. */

import type { System } from "../../system.ts";
import type { BulkSubmission, Submission } from "../../../adapters/adapter.ts";

/** Submissions under way at a time. */
const PARALLEL = 8;
/** Jobs of a round, before the scheduler has taken any: no more are intended than it may take, and so few withdrawn. */
const FIRST_ROUND = 2 * PARALLEL;
/** Jobs of any round: their scripts are written before anything else is seen to. */
const LARGEST_ROUND = 500;
/** Submissions begun in a second: more than any command line makes one after the other, less than hurts a scheduler. */
const MOST_A_SECOND = 200;
/** After a limit of the scheduler was hit. */
const LIMIT_PAUSE_MS = 30_000;

/** How many submissions may go to the scheduler now. */
export class Pace {
  underWay = 0;
  /** The limit of the scheduler that was hit, in its words; empty after it has taken a job again. */
  limit = "";
  /** Why the last submission did not reach the scheduler, if so. */
  trouble: string | undefined;
  private fullUntil = 0;
  /** Taken since a limit was last hit. */
  private accepted = 0;
  /** Begun since then. */
  private begun = 0;
  private since = 0;

  constructor(private readonly system: Pick<System, "now">) {}

  /** How many may go now, in one process. Those that go together go one bundle at a time: its start takes long. */
  room(bulk: BulkSubmission | undefined): number {
    const now = this.system.now();
    // One job tests whether there is room again.
    if (now < this.fullUntil || (this.limit !== "" && this.underWay > 0)) return 0;
    if (this.underWay >= (bulk ? 1 : PARALLEL)) return 0;
    if (now - this.since >= 1000) {
      this.since = now;
      this.begun = 0;
    }
    const most = this.limit !== "" ? 1 : bulk?.most ?? 1;
    return Math.min(most, Math.max(MOST_A_SECOND - this.begun, 0));
  }

  begin(submissions: number): void {
    this.underWay++;
    this.begun += submissions;
  }

  heed(answer: Submission): void {
    this.trouble = answer.kind === "refused" && answer.unreached ? answer.reason : undefined;
    if (answer.kind === "refused" && answer.again) {
      this.fullUntil = this.system.now() + LIMIT_PAUSE_MS;
      this.limit = answer.reason;
      this.accepted = 0;
    } else if (answer.kind === "accepted") {
      this.limit = "";
      this.accepted++;
    }
  }

  /** One of our jobs has ended: whether there is room again is found out at once. */
  freed(): void {
    this.fullUntil = 0;
  }

  /** Jobs of the next round, when none of the last one waits. */
  round(bulk: BulkSubmission | undefined): number {
    if (this.system.now() < this.fullUntil) return 0;
    if (this.limit !== "") return 1;
    return Math.min(Math.max(bulk?.most ?? FIRST_ROUND, 2 * this.accepted), LARGEST_ROUND);
  }

  /** Milliseconds until our own limit lets more of them go; 0 where it does not hold them. */
  heldMs(): number {
    const now = this.system.now();
    if (this.begun < MOST_A_SECOND || now < this.fullUntil) return 0;
    return Math.max(this.since + 1000 - now, 1);
  }
}

/** After a submission or a cancellation the scheduler is asked earlier than usual. */
const SOON_MS = 2000;
/** With so many more jobs in flight, that much later. */
const SOON_JOBS = 100;

/**
 * Until the next poll after news of so many jobs. Of many jobs some end all the time: polling after each would leave the
 * scheduler no rest.
 */
export function soonMs(jobs: number): number {
  return SOON_MS * (1 + jobs / SOON_JOBS);
}

/** Conductors that were started together do not ask together: pauses differ by so much. */
const JITTER = 0.1;
/** A scheduler that does not answer is asked ever more seldom, but this often at least. */
const LONGEST_PAUSE_MS = 300_000;

/** With `--sleeptime 0`, answers of other commands are still read between two polls. */
const SHORTEST_PAUSE_MS = 5;
/** The same while the scheduler does not answer. */
const SHORTEST_SILENT_MS = 500;

/** Until the next poll, after so many in a row that got no answer. */
export function pause(system: Pick<System, "token">, sleepMs: number, silences: number): number {
  const longest = Math.max(sleepMs, LONGEST_PAUSE_MS);
  const base = Math.max(sleepMs, silences === 0 ? SHORTEST_PAUSE_MS : SHORTEST_SILENT_MS);
  const plain = Math.min(base * 2 ** Math.min(silences, 20), longest);
  const chance = parseInt(system.token().slice(0, 4), 16) / 0xffff;
  return plain * (1 - JITTER + 2 * JITTER * chance);
}
