/** What the parts of a conductor share, and the orders that it accepts. */

import type { Hooks } from "./hooks.ts";
import type { Ledger } from "../study/journal/writer.ts";
import type { Log } from "../log.ts";
import type { Runner } from "./runner.ts";
import type { Study } from "../study/folder.ts";
import type { Progress } from "../study/state/progress.ts";
import type { StudyEnd } from "../study/states.ts";
import type { System } from "../system.ts";
import type { Troubles } from "./trouble.ts";
import type { PlanNode } from "../plan/types.ts";
import type { Settings } from "../spec/settings.ts";

/**
 * How a conductor left the study. `unfinished`: it was stopped, or made one pass only. `unreachable`: that
 * pass could not query the scheduler.
 */
export type ConductEnd = StudyEnd | "unfinished" | "unreachable";

export interface ConductOptions {
  readonly log: Log;
  /** `once`: one pass, then leave. `requests`: only carry out what was asked. */
  readonly mode: "whole" | "once" | "requests";
  /** Whether a scheduler runs a node. */
  readonly isScheduled: (node: number) => boolean;
  /** Writes a node's scripts and gives the path of the one to run. */
  readonly writeScript: (node: PlanNode, progress: Progress) => string;
  /** Runs the steps that `isScheduled` assigns to it, by the time of the study. */
  readonly schedulerRunner?: (progress: Progress, wake: () => void, system: System) => Runner;
  readonly orders: Orders;
  readonly hooks?: Hooks | undefined;
  /** Is handed the progress of the study once it is ours: the conductor's own, that changes as it works. */
  readonly onTaken?: ((progress: Progress) => void) | undefined;
  /** Settings to be changed from now on. */
  readonly settings?: Partial<Settings>;
  /** Bytes that a journal may have whatever it holds, where it is not the usual. */
  readonly journalRoom?: number | undefined;
  /** Bytes by which a journal grows before there is another copy of the state, where it is not the usual. */
  readonly copyEvery?: number | undefined;
}

/** Orders that a conductor accepts while it works. */
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

/** What the parts of one conductor share. */
export interface ConductorContext {
  readonly system: System;
  readonly study: Study;
  readonly options: ConductOptions;
  readonly progress: Progress;
  readonly ledger: Ledger;
  /** Runs steps on this machine. */
  readonly local: Runner;
  /** Runs steps through a scheduler. */
  readonly scheduled: Runner | undefined;
  readonly troubles: Troubles;
  /** How often each node could not be started, since it last was. */
  readonly failedStarts: Map<number, number>;
}
