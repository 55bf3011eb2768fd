/**
 * The loop that carries a study out: observe, record, decide, record the intent, act, sleep until something
 * happens. It decides nothing itself (`decide.ts`). It survives its own death: its knowledge is in the
 * journal, and its jobs continue without it.
 */

import { dropCancel, Endings, Requests } from "./carry_out.ts";
import { isTimeUp, mayLeave, overdue, triedAgain } from "./decide.ts";
import { outcome } from "../study/state/outcome.ts";
import { heldByAnother, isBeingMade, journalAhead } from "../errors.ts";
import {
  acquireLease,
  holdsLease,
  type Lease,
  markBrief,
  readLease,
  releaseLease,
  troublesIn,
} from "../study/lease.ts";
import { readHead } from "../study/journal/reader.ts";
import { openLedger, type ReadJournal } from "../study/journal/writer.ts";
import { localJobs } from "./local/jobs.ts";
import { localRunner } from "./local/runner.ts";
import { observe, report } from "./observe.ts";
import { ageOf } from "../study/file_age.ts";
import { studyPaths } from "../paths.ts";
import { waitingRequests } from "../study/requests.ts";
import type { ConductEnd, ConductOptions, ConductorContext } from "./context.ts";
import { type Snapshots, snapshotWriter } from "./snapshot.ts";
import { replay } from "../study/journal/replay.ts";
import { isReplaced, type Study } from "../study/folder.ts";
import type { StudyEvent } from "../study/events.ts";
import type { StudyEnd } from "../study/states.ts";
import { submit } from "./start.ts";
import { formatDuration } from "../units.ts";
import { Troubles } from "./trouble.ts";
import { notBefore } from "../steady_clock.ts";
import { shortenJournal } from "../study/journal/swap.ts";
import { codeOf, type System } from "../system.ts";
import type { PlanNode } from "../plan/types.ts";

/** The longest sleep. */
const TICK_MS = 500;
/** After this time the next pass begins with a look at the lease. */
const HELD_MS = 250;

/**
 * Carries the study out until nothing remains to do, or until an order stops it. Throws if another conductor
 * has it.
 */
export async function conduct(world: System, study: Study, options: ConductOptions): Promise<ConductEnd> {
  const lease = acquireLease(world, study.root, options.mode !== "whole");
  const jobs = localJobs(world, study.root);
  try {
    // `run -y` may have put another study in its place while this process waited for the lease.
    if (isReplaced(world, study)) throw isBeingMade(study.root);
    const { progress, unreadable, read, lastAt } = replay(world, study, options.isScheduled);
    const system = continuing(world, study, lastAt, options.log);
    if (progress.closed && waitingRequests(system, study.root).length === 0) {
      dropCancel(system, study.root);
      return progress.closed;
    }
    if (unreadable.length > (read.torn ? 1 : 0)) {
      options.log.warning(
        `Lines ${unreadable.join(", ")} of the journal could not be read and are ignored.`,
      );
    }
    const wake = () => options.orders.wake();
    const writeScript = (node: PlanNode) => options.writeScript(node, progress);
    const isOurs = () => holdsLease(system, study.root, lease);
    const swap = shortenJournal({
      ...{ system, study, progress, isOurs, presumed: lease.presumed },
      room: options.journalRoom,
    });
    if (typeof swap === "object") {
      options.log.warning(`The journal could not be shortened (${swap.trouble}).`);
    }
    const { journal } = studyPaths(study.root);
    const ledger = openLedger(system, journal, progress, swap === "swapped" ? whole(system, journal) : read);
    const context: ConductorContext = {
      system,
      study,
      options,
      progress,
      ledger,
      local: localRunner({ system, study, progress, jobs, log: options.log, writeScript, wake }),
      scheduled: options.schedulerRunner?.(progress, wake, system),
      troubles: new Troubles(system, study.root, options.log, troublesIn(system, study.root)),
      failedStarts: new Map(),
    };
    const snapshots = snapshotWriter(system, study, progress, ledger, options.copyEvery);
    options.onTaken?.(progress);
    return await new Conductor(context, lease, snapshots).conduct();
  } finally {
    jobs.close();
    await releaseLease(world, study.root, lease);
  }
}

/** A smaller difference between the clocks of two machines is usual. */
const CLOCK_NOTE_MS = 60_000;
/** A journal that is further ahead has a damaged line. */
const MOST_AHEAD_MS = 366 * 24 * 3_600_000;

/**
 * The clock of the previous conductor may have been ahead of ours. Then the time of the study continues from the last
 * event of the journal, and from the age of the journal.
 */
function continuing(world: System, { root }: Study, lastAt: number, log: ConductOptions["log"]): System {
  const ahead = lastAt - world.now();
  if (ahead <= 0 || ahead > MOST_AHEAD_MS) return world;
  if (ahead > CLOCK_NOTE_MS) log.warning(journalAhead(formatDuration(ahead / 1000)));
  const age = Math.max(0, ageOf(world, studyPaths(root).journal) ?? 0);
  return notBefore(world, lastAt + Math.min(age, MOST_AHEAD_MS));
}

/** A shorter journal: what its head contains. */
function whole(system: System, journal: string): ReadJournal {
  const { length, kept } = readHead(system, journal);
  return { size: length + kept, torn: false };
}

/** Whether a lease is still ours: others may take that of a conductor that was frozen. */
class LeaseWatch {
  /** When it was last seen to be ours. */
  private heldAt = 0;
  /** It was not there the last time. */
  private missed = false;

  constructor(
    private readonly system: System,
    private readonly root: string,
    private readonly lease: Lease,
  ) {}

  /** `moved`: it is not there for the moment. */
  look(): "ours" | "moved" | "taken" {
    // Ends of steps wake us much more often than other conductors could take the study.
    if (this.system.now() - this.heldAt < HELD_MS) return "ours";
    const holder = readLease(this.system, this.root);
    if (holder?.nonce !== this.lease.nonce) {
      // Who took it for a dead one's gives it back (`breakLease`): it is looked for again before it is given up.
      const isMoved = holder === undefined && !this.missed;
      this.missed = true;
      return isMoved ? "moved" : "taken";
    }
    this.missed = false;
    this.heldAt = this.system.now();
    return "ours";
  }

  /** It is given back soon. */
  markBrief(): void {
    markBrief(this.system, this.root, this.lease);
  }
}

class Conductor {
  private readonly lease: LeaseWatch;
  private readonly requests: Requests;
  private readonly endings: Endings;
  /** When it began, by the monotonic clock. */
  private readonly beganAt: number;

  constructor(
    private readonly context: ConductorContext,
    lease: Lease,
    private readonly snapshots: Snapshots,
  ) {
    this.lease = new LeaseWatch(context.system, context.study.root, lease);
    this.endings = new Endings(context);
    this.requests = new Requests(context, this.endings);
    this.beganAt = context.system.monotonic();
  }

  async conduct(): Promise<ConductEnd> {
    const { system, options, ledger, progress } = this.context;
    if (options.mode !== "requests") {
      const once = options.mode === "once" ? { once: true as const } : {};
      const { taken } = progress;
      // The heartbeat distinguishes consecutive passes, so weeks of cron do not lengthen the journal.
      if (!(once.once && taken?.once && taken.host === system.host)) {
        ledger.note([{ event: "taken", at: system.now(), host: system.host, pid: system.pid, ...once }]);
      }
    }
    if (Object.keys(options.settings ?? {}).length > 0) {
      ledger.note([{ event: "updated", at: system.now(), settings: options.settings! }]);
    }
    ledger.note(overdue(progress, system.now()));
    if (options.mode === "whole") ledger.note(triedAgain(progress, system.now()));
    const end = await this.work();
    this.context.troubles.forgetEarlier();
    ledger.flush();
    this.snapshots.write();
    ledger.close();
    return end;
  }

  private async work(): Promise<ConductEnd> {
    const { system, ledger, local, scheduled, troubles, options: { orders, log, mode } } = this.context;
    let recovered = false;
    for (;;) {
      // Made before looking, so that what happens while we look is not slept through.
      const awake = new Promise<void>((resolve) => orders.wake = resolve);
      try {
        if (!recovered) {
          local.recover();
          scheduled?.recover();
        }
        recovered = true;
        const end = await this.pass();
        if (end !== undefined && (ledger.flush() || orders.stop)) {
          this.requests.dropCancel();
          await this.linger();
          return end;
        }
        // What the disk does not take yet is found out again by the next pass.
        if (end !== undefined && mode !== "whole") return "unfinished";
        troubles.end("files");
        this.snapshots.writeIfDue();
      } catch (error) {
        if (mode !== "whole" || codeOf(error) === undefined) throw error;
        const { message } = error as Error;
        if (troubles.meet("files", `the study's files cannot be used: ${message}`)) {
          log.error(`The study's files cannot be used (${message}). Trying again.`);
        }
      }
      await system.sleep(TICK_MS, awake);
    }
  }

  /** Notes what jobs used that ended last, while nobody wants anything else. */
  private async linger(): Promise<void> {
    const { system, study, progress, scheduled, options: { orders, mode } } = this.context;
    if (progress.closed === undefined || mode === "requests" || !scheduled?.linger) return;
    const isWanted = () =>
      !orders.stop && this.lease.look() === "ours" && waitingRequests(system, study.root).length === 0;
    this.lease.markBrief();
    await scheduled.linger(isWanted);
    if (this.lease.look() === "ours") observe(this.context);
  }

  /** Looks and acts. Gives how the study ended, or why it is left; undefined while there is something to do. */
  private async pass(): Promise<ConductEnd | undefined> {
    const { progress, local, scheduled, options: { orders, mode } } = this.context;
    let result = this.lookAndAct();
    // A single pass makes jobs as long as the scheduler takes them; a round is begun when the last one is on its way.
    while (mode === "once" && result === "submitted" && await scheduled!.makesRoom() && !orders.stop) {
      result = this.lookAndAct();
    }
    if (result !== undefined && result !== "submitted") return result;
    if (mode === "whole" || this.endings.mustWait()) return undefined;
    await local.idle();
    await scheduled?.idle();
    observe(this.context);
    if (outcome(progress)) return undefined;
    return scheduled?.unreachable ? "unreachable" : "unfinished";
  }

  /** Does so once; "submitted" where jobs were made. */
  private lookAndAct(): ConductEnd | "submitted" | undefined {
    const { system, study, progress, troubles, options: { orders, log, mode } } = this.context;
    const held = this.lease.look();
    if (held === "moved") return undefined;
    if (held === "taken") {
      log.error("Another conductor has taken the study. This conductor ends.");
      throw heldByAnother(study.root, readLease(system, study.root));
    }
    troubles.beatIfDue();
    observe(this.context);
    this.requests.take();
    this.endings.press();
    const done = outcome(progress);
    if (done) {
      this.close(done);
      return done;
    }
    if (orders.stop || (mode === "whole" && this.timeIsOver())) return "unfinished";
    return mode !== "requests" && submit(this.context) ? "submitted" : undefined;
  }

  /** Notes when its time is up; true when it can leave because of that. */
  private timeIsOver(): boolean {
    const { system, progress } = this.context;
    if (isTimeUp(progress, system.monotonic() - this.beganAt)) {
      this.note({ event: "stopped", at: system.now() });
    }
    return mayLeave(progress);
  }

  private close(state: StudyEnd): void {
    const { system, progress } = this.context;
    if (progress.closed !== state) this.note({ event: "closed", at: system.now(), state });
  }

  private note(event: StudyEvent): void {
    this.context.ledger.note([event]);
    report(this.context, [event]);
  }
}
