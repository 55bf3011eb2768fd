/**
 * Files of jobs, read between two polls. A job writes into its file when it begins and when it ends. The file does not
 * decide: only the scheduler knows that a job was over its memory, or will run again. A file that has changed is a
 * reason to ask about its job before the next poll.
 */

import { type Claims } from "../../study/claims.ts";
import { jobFile, jobFolder } from "../../paths.ts";
import type { Progress } from "../../study/state/progress.ts";
import type { Study } from "../../study/folder.ts";
import { soonMs } from "./pace.ts";
import { codeOf, type System } from "../../system.ts";
import type { SchedulerAdapter } from "../../../adapters/adapter.ts";

/** Between two looks. */
const LOOK_MS = 1000;
/** Files of one look, and the time that it may take: of a study with more jobs, the next look has the next ones. */
const MOST_FILES = 500;
const MOST_MS = 20;
/** Of the time, looks take at most this share. */
const SHARE = 1 / 30;
/** How often a job is asked about that has ended by its own word, until the next poll: schedulers are late. */
const MOST_ASKED = 4;

interface NewsOptions {
  readonly system: System;
  readonly study: Study;
  readonly progress: Progress;
  readonly scheduler: Pick<SchedulerAdapter, "queries">;
  readonly claims: Claims;
}

/** Which jobs to ask about before the next poll. */
export class News {
  /** The attempt and the length of the file of each node that was looked at. */
  private readonly seen = new Map<number, string>();
  /** Jobs to ask about, and how often. */
  private readonly open = new Map<number, number>();
  /** Nodes that this turn has not looked at yet. */
  private turn: number[] = [];
  private nextLook = 0;
  private nextQuestion = 0;

  constructor(private readonly options: NewsOptions) {}

  /** Looks at files if it is time to. The nodes to ask about now. */
  take(): readonly number[] {
    const { system, progress: { inFlight } } = this.options;
    const now = system.now();
    if (now >= this.nextLook) {
      const since = system.monotonic();
      this.look(since);
      this.nextLook = now + Math.max(LOOK_MS, (system.monotonic() - since) / SHARE);
    }
    for (const node of this.open.keys()) if (!inFlight.scheduled.has(node)) this.open.delete(node);
    if (this.open.size === 0 || now < this.nextQuestion) return [];
    const nodes = [...this.open.keys()];
    for (const [node, times] of this.open) {
      if (times > 1) this.open.set(node, times - 1);
      else this.open.delete(node);
    }
    this.nextQuestion = now + soonMs(this.asksByJob() ? nodes.length : inFlight.scheduled.size);
    return nodes;
  }

  /** A query that names no jobs costs its scheduler as much as a poll. */
  private asksByJob(): boolean {
    return this.options.scheduler.queries.every(({ most }) => most !== undefined);
  }

  private look(since: number): void {
    const { system, progress: { inFlight, columns } } = this.options;
    if (this.turn.length === 0) {
      for (const node of this.seen.keys()) if (!inFlight.scheduled.has(node)) this.seen.delete(node);
      this.turn = [...inFlight.scheduled].reverse();
    }
    const listed = new Set<string>();
    for (let files = 0; files < MOST_FILES && this.turn.length > 0; files++) {
      if (system.monotonic() - since > MOST_MS) return;
      const node = this.turn.pop()!;
      if (!inFlight.scheduled.has(node) || columns.jobId.get(node) === undefined) continue;
      try {
        this.lookAt(node, listed);
      } catch (error) {
        // The poll reports what cannot be read.
        if (codeOf(error) === undefined) throw error;
      }
    }
  }

  private lookAt(node: number, listed: Set<string>): void {
    const { system, study, progress: { columns }, claims } = this.options;
    const attempt = columns.attempt.get(node);
    const path = jobFile(study.root, node, attempt);
    // Listing the folder makes a network file system look again before it reports a missing file.
    const folder = jobFolder(study.root, node);
    if (!listed.has(folder) && system.facts(folder) !== undefined) system.list(folder);
    listed.add(folder);
    const size = system.facts(path)?.size ?? 0;
    const state = `${attempt} ${size}`;
    if (this.seen.get(node) === state) return;
    this.seen.set(node, state);
    if (size === 0) return;
    const hasEnded = claims.read(node).exitCode !== undefined;
    this.open.set(node, hasEnded ? MOST_ASKED : 1);
  }
}
