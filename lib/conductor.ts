/**
 * The loop that carries a study out: see what happened, note it, decide, note the intent, act, sleep until something
 * happens. It decides nothing itself (`decide.ts`) and survives its own death: what it knows is in the journal, and
 * what it started goes on without it.
 */

import { intent, interpret, outcome, overdue, takeReady } from "./decide.ts";
import { counted } from "./errors.ts";
import { acquireLease, beat, holdsLease, type Lease, releaseLease } from "./lease.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { localRunner } from "./local_runner.ts";
import type { Log } from "./log.ts";
import { isInFlight, type Progress } from "./records.ts";
import { requestEvents, waitingRequests } from "./requests.ts";
import type { Runner } from "./runner.ts";
import { type Snapshots, snapshotWriter } from "./snapshot.ts";
import { studyPaths } from "./paths.ts";
import { replay, type Study } from "./study_folder.ts";
import { isFileError, type System } from "./system.ts";
import type { PlanNode, Settings, StudyEvent } from "./types.ts";

/**
 * How a conductor left the study; `unfinished` when it was told to stop, or to make one pass only, `unreachable` when
 * that pass could not ask the scheduler.
 */
export type ConductEnd = "finished" | "failed" | "cancelled" | "unfinished" | "unreachable";

export interface ConductOptions {
  readonly log: Log;
  /** `once`: one pass, then leave. `requests`: only carry out what was asked. */
  readonly mode: "whole" | "once" | "requests";
  /** Whether a scheduler runs a node. */
  readonly isScheduled: (node: number) => boolean;
  /** Writes a node's scripts and gives the path of the one to run. */
  readonly writeScript: (node: PlanNode, progress: Progress) => string;
  /** Runs what `isScheduled` says it does. */
  readonly schedulerRunner?: (progress: Progress, wake: () => void) => Runner;
  readonly orders: Orders;
  /** Settings to be changed from now on. */
  readonly settings?: Partial<Settings>;
}

/** What a conductor can be told while it works. */
export interface Orders {
  /** Leave; jobs go on. */
  stop: boolean;
  /** Cancel the study. */
  cancel: boolean;
  /** Do not wait for steps to end politely. */
  kill: boolean;
  /** To be called after a change. */
  wake: () => void;
}

export function newOrders(): Orders {
  return { stop: false, cancel: false, kill: false, wake: () => {} };
}

/** Requests of other commands are looked for this often, and processes that are not our children. */
const TICK_MS = 500;
const HEARTBEAT_MS = 20_000;
/** Between asking a step to end and ending it; a scheduler is only asked again. */
const GRACE_MS = { local: 5000, scheduled: 60_000 };
/** After trouble with the disk. */
const PAUSE_MS = 10_000;

interface Shift {
  readonly system: System;
  readonly study: Study;
  readonly options: ConductOptions;
  readonly progress: Progress;
  readonly ledger: Ledger;
  readonly local: Runner;
  readonly scheduled: Runner | undefined;
  readonly snapshots: Snapshots;
  readonly lease: Lease;
  /** Failed submissions of each node in a row. */
  readonly refusals: Map<number, number>;
  /** Nodes asked to end, and when. */
  readonly asked: Map<number, number>;
  pausedUntil: number;
  beatAt: number;
}

/** Carries the study out until nothing is left to do, or until told to stop. Throws if another conductor has it. */
export async function conduct(system: System, study: Study, options: ConductOptions): Promise<ConductEnd> {
  const lease = acquireLease(system, study.root);
  try {
    const { progress, torn, unreadable } = replay(system, study, options.isScheduled);
    if (progress.closed && waitingRequests(system, study.root).length === 0) return progress.closed;
    if (unreadable.length > (torn ? 1 : 0)) {
      options.log.warning(
        `Lines ${unreadable.join(", ")} of the journal could not be read and are passed over.`,
      );
    }
    const wake = () => options.orders.wake();
    const writeScript = (node: PlanNode) => options.writeScript(node, progress);
    const ledger = openLedger(system, studyPaths(study.root).journal, progress, torn);
    const shift: Shift = {
      system,
      study,
      options,
      progress,
      ledger,
      local: localRunner({ system, study, progress, writeScript, wake }),
      scheduled: options.schedulerRunner?.(progress, wake),
      snapshots: snapshotWriter(system, study, progress, () => ledger.changes),
      lease,
      refusals: new Map(),
      asked: new Map(),
      pausedUntil: 0,
      beatAt: system.now(),
    };
    return await take(shift);
  } finally {
    releaseLease(system, study.root, lease);
  }
}

async function take(shift: Shift): Promise<ConductEnd> {
  const { system, options, ledger, snapshots } = shift;
  if (options.mode !== "requests") {
    const once = options.mode === "once" ? { once: true as const } : {};
    ledger.note([{ event: "taken", at: system.now(), host: system.host, pid: system.pid, ...once }]);
  }
  if (Object.keys(options.settings ?? {}).length > 0) {
    ledger.note([{ event: "updated", at: system.now(), settings: options.settings! }]);
  }
  ledger.note(overdue(shift.progress, system.now()));
  shift.local.recover();
  shift.scheduled?.recover();
  const end = await work(shift);
  ledger.flush();
  snapshots.write();
  ledger.close();
  return end;
}

async function work(shift: Shift): Promise<ConductEnd> {
  const { system, options: { orders, log, mode }, ledger, snapshots } = shift;
  let troubled = false;
  for (;;) {
    // Made before looking, so that what happens while we look is not slept through.
    const awake = new Promise<void>((resolve) => orders.wake = resolve);
    try {
      const end = await pass(shift);
      if (end !== undefined && (ledger.flush() || orders.stop)) return end;
      // What the disk does not take yet is found out again by the next pass.
      if (end !== undefined && mode !== "whole") return "unfinished";
      troubled = false;
      snapshots.writeIfDue();
      if (system.now() - shift.beatAt > HEARTBEAT_MS) heartbeat(shift);
    } catch (error) {
      if (mode !== "whole" || !isFileError(error, ...PASSING_TROUBLE)) throw error;
      if (!troubled) log.error(`The study's files cannot be used (${(error as Error).message}): trying on.`);
      troubled = true;
    }
    await system.sleep(TICK_MS, awake);
  }
}

/** Looks and acts once; tells how the study ended, or why it is left; undefined while there is something to do. */
async function pass(shift: Shift): Promise<ConductEnd | undefined> {
  const { system, study, options: { orders, log, mode }, progress, ledger } = shift;
  if (!holdsLease(system, study.root, shift.lease)) {
    log.error("Another conductor has taken the study: leaving it.");
    return "unfinished";
  }
  observe(shift);
  takeRequests(shift);
  endAsked(shift);
  const done = outcome(progress);
  if (done) {
    if (progress.closed !== done) {
      ledger.note([{ event: "closed", at: system.now(), state: done }]);
      log.info(
        done === "finished" ? `'${progress.plan.study.name}' is complete. Returning.` : `Study ${done}.`,
      );
    }
    return done;
  }
  if (orders.stop) return "unfinished";
  if (mode !== "requests") submit(shift);
  if (mode === "whole" || mustWait(shift)) return undefined;
  await shift.scheduled?.idle();
  observe(shift);
  if (outcome(progress)) return undefined;
  return shift.scheduled?.unreachable ? "unreachable" : "unfinished";
}

/** A single pass stays until what was asked to end has ended: nobody else will press for it. */
function mustWait(shift: Shift): boolean {
  return [...shift.asked.keys()].some((node) => shift.progress.inFlight.local.has(node));
}

/** Notes what became known, and what it means. */
function observe(shift: Shift): void {
  const { progress, ledger } = shift;
  for (const runner of [shift.local, shift.scheduled]) {
    for (const sighting of runner?.sightings() ?? []) {
      if (sighting.see === "accepted") shift.refusals.delete(sighting.node);
      const events = interpret(progress, sighting).map((event): StudyEvent =>
        event.event === "submitted" && runner === shift.local ? { host: shift.system.host, ...event } : event
      );
      ledger.note(events);
      tell(shift, events);
    }
  }
  if (ledger.trouble !== undefined) ledger.flush();
}

/** Says in the log what happened to a step; those that end because of it are counted. */
function tell({ options: { log } }: Shift, [event, ...others]: readonly StudyEvent[]): void {
  if (event?.event === "started") log.info(`Step '${event.step}' found to be running.`);
  if (event?.event === "withdrawn") log.warning(`Step '${event.step}' has not started: ${event.reason}`);
  if (event?.event === "relapsed") {
    log.warning(`Step '${event.step}' ${event.state}: ${event.reason}. It will ${event.again}.`);
  }
  if (event?.event !== "ended") return;
  if (event.state === "FINISHED") {
    log.info(`Step '${event.step}' marked as finished. Adding to complete set.`);
  } else log.warning(`Step '${event.step}' ${event.state}: ${event.reason}`);
  if (others.length > 0) log.warning(`${counted(others.length, "step")} behind '${event.step}' will not run.`);
}

/** Other commands ask by files in the study's folder; `.cancel.lock` is Maestro's. */
function takeRequests(shift: Shift): void {
  const { system, study, progress, ledger, options: { orders, log } } = shift;
  const { cancelRequest } = studyPaths(study.root);
  const asked = system.facts(cancelRequest) !== undefined;
  if ((asked || orders.cancel) && !progress.cancelling && !progress.closed) {
    log.warning("The study is being cancelled.");
    ledger.note(requestEvents(progress, { ask: "cancel" }, system.now()));
  }
  for (const { file, request } of waitingRequests(system, study.root)) {
    log.info(
      `Asked to ${request.ask}${
        "steps" in request && request.steps ? ` ${request.steps.length} steps` : ""
      }.`,
    );
    ledger.note(requestEvents(progress, request, system.now()));
    // The events are on their way to disk: a request carried out twice is harmless, one lost is not.
    if (ledger.flush()) system.removeFile(file);
  }
  if (asked) system.removeFile(cancelRequest);
}

/** Steps in flight that are to be cancelled are asked to end; those that do not are made to. */
function endAsked(shift: Shift): void {
  const { system, progress, asked, options: { orders } } = shift;
  const now = system.now();
  for (const [kind, runner] of [["local", shift.local], ["scheduled", shift.scheduled]] as const) {
    const wanted = [...progress.inFlight[kind]].filter((node) =>
      progress.cancelling || progress.records[node]!.cancelling
    );
    const fresh = wanted.filter((node) => !asked.has(node));
    const late = wanted.filter((node) =>
      asked.has(node) && (orders.kill || now - asked.get(node)! > GRACE_MS[kind])
    );
    if (fresh.length > 0) runner?.cancel(fresh, false);
    if (late.length > 0) runner?.cancel(late, true);
    for (const node of [...fresh, ...late]) asked.set(node, now);
  }
  for (const node of asked.keys()) if (!isInFlight(progress, node)) asked.delete(node);
}

/** Starts what may start. The intent is on disk before the first of them begins. */
function submit(shift: Shift): void {
  const { system, progress, ledger, options: { log } } = shift;
  if (system.now() < shift.pausedUntil) return;
  const { local, scheduled } = takeReady(progress, system.now(), shift.scheduled?.takesMore());
  const nodes = [...local, ...scheduled];
  if (nodes.length === 0) return;
  if (!ledger.intend(nodes.map((node) => intent(progress, node, system.now())))) {
    progress.unsettled = true;
    shift.pausedUntil = system.now() + PAUSE_MS;
    log.error(`The journal cannot be written (${ledger.trouble}): nothing new is started until it can.`);
    return;
  }
  for (const node of local) start(shift, shift.local, progress.plan.nodes[node]!);
  for (const node of scheduled) start(shift, shift.scheduled!, progress.plan.nodes[node]!);
  observe(shift);
}

function start(shift: Shift, runner: Runner, node: PlanNode): void {
  const { system, progress, ledger, refusals, options: { log } } = shift;
  try {
    runner.start(node, progress.records[node.index]!.attempt);
  } catch (error) {
    const at = system.now();
    const reason = (error as Error).message;
    const passing = isFileError(error, ...PASSING_TROUBLE);
    const tries = (refusals.get(node.index) ?? 0) + (passing ? 0 : 1);
    refusals.set(node.index, tries);
    if (passing) {
      shift.pausedUntil = at + PAUSE_MS;
      log.error(`Step '${node.name}' cannot be started now: ${reason}. Trying again later.`);
    }
    const again = passing || tries < progress.settings.attempts;
    const events = interpret(progress, {
      see: "refused",
      node: node.index,
      at,
      reason: again ? reason : `could not be started: ${reason}`,
      again,
    });
    ledger.note(events);
    if (!passing) tell(shift, events);
  }
}

/** Words of the file system and the kernel for what may be over in a while. */
const PASSING_TROUBLE = [
  "ENOSPC",
  "EDQUOT",
  "EIO",
  "ESTALE",
  "EACCES",
  "EROFS",
  "EAGAIN",
  "EMFILE",
  "ENFILE",
  "ENOMEM",
];

function heartbeat(shift: Shift): void {
  shift.beatAt = shift.system.now();
  try {
    beat(shift.system, shift.study.root);
  } catch (error) {
    shift.options.log.warning(`The heartbeat cannot be written: ${(error as Error).message}`);
  }
}
