/**
 * The loop that carries a study out: see what happened, note it, decide, note the intent, act, sleep until something
 * happens. It decides nothing itself (`decide.ts`) and survives its own death: what it knows is in the journal, and
 * what it started goes on without it.
 */

import { endAsked, takeRequests } from "./carry_out.ts";
import { overdue } from "./decide.ts";
import { outcome } from "../study/state/outcome.ts";
import { acquireLease, holdsLease, readLease, releaseLease } from "../study/lease.ts";
import { readHead } from "../study/journal/reader.ts";
import { openLedger, type ReadJournal } from "../study/journal/writer.ts";
import { localJobs } from "./local/jobs.ts";
import { localRunner } from "./local/runner.ts";
import { observe } from "./observe.ts";
import { studyPaths } from "../paths.ts";
import { waitingRequests } from "../study/requests.ts";
import { type ConductEnd, type ConductOptions, type Shift } from "./context.ts";
import { snapshotWriter } from "./snapshot.ts";
import { replay } from "../study/journal/replay.ts";
import type { Study } from "../study/folder.ts";
import type { StudyEnd } from "../study/states.ts";
import { submit } from "./start.ts";
import { beatNow, endTrouble, meetTrouble, troublesOf } from "./trouble.ts";
import { shortenJournal } from "../study/journal/swap.ts";
import { codeOf, type System } from "../system.ts";
import type { PlanNode } from "../plan/types.ts";

/** The longest sleep. */
const TICK_MS = 500;
/** After this time the next pass begins with a look at the lease. */
const HELD_MS = 250;
const HEARTBEAT_MS = 20_000;

/** Carries the study out until nothing is left to do, or until told to stop. Throws if another conductor has it. */
export async function conduct(system: System, study: Study, options: ConductOptions): Promise<ConductEnd> {
  const lease = acquireLease(system, study.root);
  const jobs = localJobs(system, study.root);
  try {
    const { progress, unreadable, read } = replay(system, study, options.isScheduled);
    if (progress.closed && waitingRequests(system, study.root).length === 0) return progress.closed;
    if (unreadable.length > (read.torn ? 1 : 0)) {
      options.log.warning(
        `Lines ${unreadable.join(", ")} of the journal could not be read and are passed over.`,
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
      options.log.warning(`The journal stays as long as it is (${swap.trouble}).`);
    }
    const { journal } = studyPaths(study.root);
    const ledger = openLedger(system, journal, progress, swap === "swapped" ? whole(system, journal) : read);
    const shift: Shift = {
      system,
      study,
      options,
      progress,
      ledger,
      local: localRunner({ system, study, progress, jobs, log: options.log, writeScript, wake }),
      scheduled: options.schedulerRunner?.(progress, wake),
      snapshots: snapshotWriter(system, study, progress, ledger, options.copyEvery),
      lease,
      refusals: new Map(),
      troubles: troublesOf(system),
      asked: new Map(),
      reported: new Set(),
      lookAt: 0,
      beatAt: system.now(),
      heldAt: 0,
      missedLease: false,
    };
    options.onTaken?.(progress);
    return await take(shift);
  } finally {
    jobs.close();
    releaseLease(system, study.root, lease);
  }
}

/** A shorter journal as it was written: what its head says. */
function whole(system: System, journal: string): ReadJournal {
  const { length, kept } = readHead(system, journal);
  return { size: length + kept, torn: false };
}

async function take(shift: Shift): Promise<ConductEnd> {
  const { system, options, ledger, snapshots } = shift;
  if (options.mode !== "requests") {
    const once = options.mode === "once" ? { once: true as const } : {};
    const { taken } = shift.progress;
    // Passes that follow each other are told apart by the heartbeat: weeks of cron do not make the journal longer.
    if (!(once.once && taken?.once && taken.host === system.host)) {
      ledger.note([{ event: "taken", at: system.now(), host: system.host, pid: system.pid, ...once }]);
    }
  }
  if (Object.keys(options.settings ?? {}).length > 0) {
    ledger.note([{ event: "updated", at: system.now(), settings: options.settings! }]);
  }
  ledger.note(overdue(shift.progress, system.now()));
  const end = await work(shift);
  ledger.flush();
  snapshots.write();
  ledger.close();
  return end;
}

async function work(shift: Shift): Promise<ConductEnd> {
  const { system, options: { orders, log, mode }, ledger, snapshots } = shift;
  let recovered = false;
  for (;;) {
    // Made before looking, so that what happens while we look is not slept through.
    const awake = new Promise<void>((resolve) => orders.wake = resolve);
    try {
      if (!recovered) recover(shift);
      recovered = true;
      const end = await pass(shift);
      if (end !== undefined && (ledger.flush() || orders.stop)) return end;
      // What the disk does not take yet is found out again by the next pass.
      if (end !== undefined && mode !== "whole") return "unfinished";
      endTrouble(shift, "files");
      snapshots.writeIfDue();
    } catch (error) {
      if (mode !== "whole" || codeOf(error) === undefined) throw error;
      const { message } = error as Error;
      if (meetTrouble(shift, "files", `the study's files cannot be used: ${message}`)) {
        log.error(`The study's files cannot be used (${message}): trying on.`);
      }
    }
    await system.sleep(TICK_MS, awake);
  }
}

function recover({ local, scheduled }: Shift): void {
  local.recover();
  scheduled?.recover();
}

/** Looks and acts; tells how the study ended, or why it is left; undefined while there is something to do. */
async function pass(shift: Shift): Promise<ConductEnd | undefined> {
  const { options: { orders, mode }, progress, local, scheduled } = shift;
  let told = lookAndAct(shift);
  // A single pass makes jobs as long as the scheduler takes them; a round is begun when the last one is on its way.
  while (mode === "once" && told === "submitted" && await scheduled!.makesRoom() && !orders.stop) {
    told = lookAndAct(shift);
  }
  if (told !== undefined && told !== "submitted") return told;
  if (mode === "whole" || mustWait(shift)) return undefined;
  await local.idle();
  await scheduled?.idle();
  observe(shift);
  if (outcome(progress)) return undefined;
  return scheduled?.unreachable ? "unreachable" : "unfinished";
}

/** Does so once; "submitted" where jobs were made. */
function lookAndAct(shift: Shift): ConductEnd | "submitted" | undefined {
  const { system, study, options: { orders, log, mode }, progress, ledger } = shift;
  // Ends of our own steps wake us much more often than anyone can take the study away.
  if (system.now() - shift.heldAt >= HELD_MS) {
    const holder = readLease(system, study.root);
    if (holder?.nonce !== shift.lease.nonce) {
      // Who took it for a dead one's gives it back (`breakLease`): it is looked for again before it is given up.
      const isMoved = holder === undefined && !shift.missedLease;
      shift.missedLease = true;
      if (isMoved) return undefined;
      log.error("Another conductor has taken the study: leaving it.");
      return "unfinished";
    }
    shift.missedLease = false;
    shift.heldAt = system.now();
  }
  if (system.now() - shift.beatAt > HEARTBEAT_MS) beatNow(shift);
  observe(shift);
  takeRequests(shift);
  endAsked(shift);
  const done = outcome(progress);
  if (done) {
    if (progress.closed !== done) {
      const closed = { event: "closed", at: system.now(), state: done } as const;
      ledger.note([closed]);
      shift.options.hooks?.tell(closed);
      log.info(lastWords(done, progress.plan.study.name));
    }
    return done;
  }
  if (orders.stop) return "unfinished";
  return mode !== "requests" && submit(shift) ? "submitted" : undefined;
}

/** In Maestro's words. */
function lastWords(end: StudyEnd, name: string): string {
  if (end === "cancelled") return `Study '${name}' has been cancelled.`;
  return end === "failed"
    ? `'${name}' is complete with failures. Returning.`
    : `'${name}' is complete. Returning.`;
}

/**
 * A single pass stays until what was asked to end has ended: nobody else will press for it. Jobs of a scheduler are
 * waited for only by the command that cancels them, and not while the scheduler is silent.
 */
function mustWait({ asked, progress: { inFlight }, scheduled, options: { mode } }: Shift): boolean {
  const stays = mode === "requests" && !scheduled?.unreachable;
  return [...asked.keys()].some((node) =>
    inFlight.local.has(node) || (stays && inFlight.scheduled.has(node))
  );
}
