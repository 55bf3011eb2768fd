/**
 * The loop that carries a study out: see what ended, note it, decide, note the intent, act, sleep until something
 * happens. It decides nothing itself (`decide.ts`) and survives its own death: what it knows is in the journal, and
 * what it started goes on without it (`local_jobs.ts`).
 */

import { consequences, neverStarted, outcome, takeReady } from "./decide.ts";
import { acquireLease, beat, holdsLease, type Lease, releaseLease } from "./lease.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { endEvent, type LocalRunner, localRunner } from "./local_runner.ts";
import type { Log } from "./log.ts";
import type { Progress } from "./records.ts";
import { type Snapshots, snapshotWriter } from "./snapshot.ts";
import { replay, type Study, studyPaths } from "./study_folder.ts";
import { isFileError, type System } from "./system.ts";
import type { PlanNode, StudyEvent } from "./types.ts";

/** How a conductor left the study; `unfinished` when it was told to stop, or to make one pass only. */
export type ConductEnd = "finished" | "failed" | "cancelled" | "unfinished";

export interface ConductOptions {
  readonly log: Log;
  /** One pass, then leave. */
  readonly once?: boolean;
  /** Writes a node's scripts and gives the path of the one to run. */
  readonly writeScript: (node: PlanNode, restart: boolean) => string;
  /** Signals from outside. */
  readonly orders: Orders;
  /** Called once the study is ours. */
  readonly onTaken?: () => void;
}

/** What a conductor can be told while it works. Each order wakes it. */
export interface Orders {
  /** Leave; jobs go on. */
  stop: boolean;
  /** Cancel the study. */
  cancel: boolean;
  /** Do not wait for jobs to end politely. */
  kill: boolean;
  wake: () => void;
}

export function newOrders(): Orders {
  return { stop: false, cancel: false, kill: false, wake: () => {} };
}

/** Requests of other commands are looked for this often, and adopted processes watched. */
const TICK_MS = 1000;
const HEARTBEAT_MS = 20_000;
/** Between asking a process to end and ending it. */
const TERM_GRACE_MS = 5000;
/** After trouble with the disk. */
const PAUSE_MS = 10_000;

interface Shift {
  readonly system: System;
  readonly study: Study;
  readonly options: ConductOptions;
  readonly progress: Progress;
  readonly ledger: Ledger;
  readonly runner: LocalRunner;
  readonly snapshots: Snapshots;
  readonly lease: Lease;
  /** Failed submissions of each node in a row. */
  readonly refusals: Map<number, number>;
  pausedUntil: number;
  /** When running steps were asked to end. */
  askedToEndAt?: number;
  beatAt: number;
}

/** Carries the study out until nothing is left to do, or until told to stop. Throws if another conductor has it. */
export async function conduct(system: System, study: Study, options: ConductOptions): Promise<ConductEnd> {
  const lease = acquireLease(system, study.root);
  try {
    const { progress, torn, unreadable } = replay(system, study);
    if (progress.closed) return progress.closed;
    if (unreadable.length > (torn ? 1 : 0)) {
      options.log.warning(
        `Lines ${unreadable.join(", ")} of the journal could not be read and are passed over.`,
      );
    }
    const ledger = openLedger(system, studyPaths(study.root).journal, progress, torn);
    const { orders } = options;
    const runner = localRunner(system, study, progress, () => orders.wake());
    const shift: Shift = {
      system,
      study,
      options,
      progress,
      ledger,
      runner,
      snapshots: snapshotWriter(system, study, progress),
      lease,
      refusals: new Map(),
      pausedUntil: 0,
      beatAt: system.now(),
    };
    ledger.note([
      { event: "taken", at: system.now(), host: system.host, pid: system.pid },
      ...runner.recover(),
    ]);
    options.onTaken?.();
    const end = await work(shift);
    ledger.flush();
    shift.snapshots.write();
    ledger.close();
    return end;
  } finally {
    releaseLease(system, study.root, lease);
  }
}

async function work(shift: Shift): Promise<ConductEnd> {
  const { system, study, options, progress, ledger, snapshots } = shift;
  const { orders, log } = options;
  for (;;) {
    // Made before looking, so that what happens while we look is not slept through.
    const awake = new Promise<void>((resolve) => orders.wake = resolve);
    if (!holdsLease(system, study.root, shift.lease)) {
      log.error("Another conductor has taken the study: leaving it.");
      return "unfinished";
    }
    observe(shift);
    takeRequests(shift);
    if (orders.cancel) cancel(shift);
    const done = outcome(progress);
    if (done) {
      ledger.note([{ event: "closed", at: system.now(), state: done }]);
      log.info(
        done === "finished" ? `'${progress.plan.study.name}' is complete. Returning.` : `Study ${done}.`,
      );
      return done;
    }
    if (orders.stop) return "unfinished";
    submit(shift);
    snapshots.writeIfDue();
    if (options.once) return "unfinished";
    if (system.now() - shift.beatAt > HEARTBEAT_MS) heartbeat(shift);
    await system.sleep(TICK_MS, awake);
  }
}

/** Notes what ended, and what that means for the steps behind. */
function observe(shift: Shift): void {
  const { system, study, progress, ledger, runner, options: { log } } = shift;
  for (const sighting of runner.sightings()) {
    if (!progress.inFlight.has(sighting.node)) continue;
    const event = endEvent(system, study, progress, sighting);
    const blocked = consequences(progress, sighting.node, event.state, sighting.at);
    ledger.note([event, ...blocked]);
    if (event.state === "FINISHED") {
      log.info(`Step '${event.step}' marked as finished. Adding to complete set.`);
    } else log.warning(`Step '${event.step}' ${event.state}: ${event.reason}`);
    if (blocked.length > 0) log.warning(`${blocked.length} steps behind '${event.step}' will not run.`);
  }
  if (ledger.trouble !== undefined) ledger.flush();
}

/** Other commands ask by files in the study's folder, as in Maestro. */
function takeRequests(shift: Shift): void {
  const { system, study, options: { orders } } = shift;
  const { cancelRequest } = studyPaths(study.root);
  if (orders.cancel || system.facts(cancelRequest) === undefined) return;
  orders.cancel = true;
}

/** First call: nothing new starts and running steps are asked to end. Later: those that did not are made to. */
function cancel(shift: Shift): void {
  const { system, study, progress, ledger, runner, options: { log, orders } } = shift;
  const now = system.now();
  if (!progress.cancelling) {
    log.warning("The study is being cancelled.");
    ledger.note([{ event: "cancelling", at: now }]);
    ledger.note(neverStarted(progress, now));
  }
  if (system.facts(studyPaths(study.root).cancelRequest)) {
    system.removeFile(studyPaths(study.root).cancelRequest);
  }
  if (shift.askedToEndAt === undefined) {
    shift.askedToEndAt = now;
    runner.signal("SIGTERM");
  } else if (orders.kill || now - shift.askedToEndAt > TERM_GRACE_MS) {
    runner.signal("SIGKILL");
  }
}

/** Starts what may start. The intent is on disk before the first of them begins. */
function submit(shift: Shift): void {
  const { system, progress, ledger, options: { log } } = shift;
  if (system.now() < shift.pausedUntil) return;
  const nodes = takeReady(progress);
  if (nodes.length === 0) return;
  const intents = nodes.map((node): StudyEvent => ({
    event: "submitting",
    at: system.now(),
    step: progress.plan.nodes[node]!.name,
    attempt: progress.records[node]!.attempt + 1,
  }));
  if (!ledger.intend(intents)) {
    progress.ready.items.push(...nodes);
    shift.pausedUntil = system.now() + PAUSE_MS;
    log.error(`The journal cannot be written (${ledger.trouble}): nothing new is started until it can.`);
    return;
  }
  ledger.note(nodes.flatMap((node) => start(shift, progress.plan.nodes[node]!)));
}

function start(shift: Shift, node: PlanNode): StudyEvent[] {
  const { system, progress, runner, refusals, options } = shift;
  const at = system.now();
  try {
    const events = runner.start(
      node,
      progress.records[node.index]!.attempt,
      options.writeScript(node, false),
    );
    refusals.delete(node.index);
    options.log.info(`Step '${node.name}' started.`);
    return events;
  } catch (error) {
    const reason = (error as Error).message;
    const withdrawn: StudyEvent = { event: "withdrawn", at, step: node.name, reason };
    if (
      isFileError(error, "ENOSPC", "EDQUOT", "EIO", "ESTALE", "EACCES", "EROFS", "EAGAIN", "EMFILE", "ENOMEM")
    ) {
      options.log.error(`Step '${node.name}' cannot be started now: ${reason}. Trying again later.`);
      shift.pausedUntil = at + PAUSE_MS;
      return [withdrawn];
    }
    const tries = (refusals.get(node.index) ?? 0) + 1;
    refusals.set(node.index, tries);
    options.log.warning(`Step '${node.name}' could not be started: ${reason}`);
    if (tries < progress.settings.attempts) return [withdrawn];
    const failed: StudyEvent = {
      event: "ended",
      at,
      step: node.name,
      state: "FAILED",
      reason: `could not be started: ${reason}`,
    };
    return [failed, ...consequences(progress, node.index, "FAILED", at)];
  }
}

function heartbeat(shift: Shift): void {
  shift.beatAt = shift.system.now();
  try {
    beat(shift.system, shift.study.root);
  } catch (error) {
    shift.options.log.warning(`The heartbeat cannot be written: ${(error as Error).message}`);
  }
}
