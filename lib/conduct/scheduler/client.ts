/** What those who speak with a scheduler share: its commands, the study's claims, work in the background. */

import { type Claims, claimsOf } from "../../study/claims.ts";
import type { Log } from "../../log.ts";
import type { Member } from "../pack.ts";
import { commandIn, fittingCommand, type RunCommand } from "./poll.ts";
import { jobEnvironment, queryEnvironment, recordedSubmitEnvironment } from "./environment.ts";
import type { Progress } from "../../study/state/progress.ts";
import type { Study } from "../../study/folder.ts";
import { type Submissions, submissionsOf } from "./submit.ts";
import { SUBMIT_TIMEOUT_MS } from "./lookups.ts";
import { isTransient, type System } from "../../system.ts";
import type { PlanNode } from "../../plan/types.ts";
import type { QueryContext, SchedulerAdapter, SubmitRequest } from "../../../adapters/adapter.ts";
import type { Sighting } from "../runner.ts";

export interface SchedulerRunnerOptions {
  readonly system: System;
  readonly study: Study;
  readonly progress: Progress;
  readonly scheduler: SchedulerAdapter;
  /** Writes a node's scripts for an attempt; all that a submission needs but its token. `lacks`: see `ScriptRequest`. */
  readonly prepare: (node: PlanNode, lacks: ReadonlySet<string>) => Omit<SubmitRequest, "token">;
  /** Writes the script of a pack; all that its submission needs but its token. Without it there are no packs. */
  readonly preparePack?: (members: readonly Member[]) => Omit<SubmitRequest, "token">;
  readonly log: Log;
  readonly wake: () => void;
}

/** After a submission or a cancellation the scheduler is asked earlier than usual. */
const SOON_MS = 2000;
/** With so many more jobs in flight, that much later. */
const SOON_JOBS = 100;

export interface Desk extends SchedulerRunnerOptions {
  readonly run: RunCommand;
  /** What the scheduler's installed version turned out not to have. */
  readonly lacks: ReadonlySet<string>;
  readonly context: QueryContext;
  readonly claims: Claims;
  readonly submissions: Submissions;
  readonly see: (sighting: Sighting) => void;
  readonly task: (work: Promise<void>) => void;
  readonly pollSoon: () => void;
  /** What has been said once. */
  readonly said: Set<string>;
  /** Nodes whose job failed before it began, and how often its exit code has been looked for. */
  readonly codeLooks: Map<number, number>;
  /** How often a node's pack has ended before its turn came. */
  readonly passedOver: Map<number, number>;
  /** Looks in a row that got no answer at all. */
  silences: number;
  unreachable: boolean;
  /** What went wrong in the background and is neither the scheduler's fault nor the file system's. */
  failure: Error | undefined;
}

export function deskOf(
  options: SchedulerRunnerOptions,
  seen: Sighting[],
  tasks: Set<Promise<void>>,
  clock: { nextPoll: number },
): Desk {
  const { system, study, progress, scheduler, log, wake } = options;
  const task = (work: Promise<void>) => {
    const tracked = work.catch((error) => {
      if (!isTransient(error)) desk.failure ??= error as Error;
      else log.error(`While talking to the scheduler: ${(error as Error).message}`);
    }).finally(() => {
      tasks.delete(tracked);
      wake();
    });
    tasks.add(tracked);
  };
  const lacks = new Set<string>();
  const learn = (lack: string) => {
    if (!lacks.has(lack)) log.info(`This scheduler has no ${lack}: going on without.`);
    lacks.add(lack);
  };
  const recorded = recordedSubmitEnvironment(system, study.root);
  const runIn = (env: Readonly<Record<string, string>>) =>
    fittingCommand(commandIn(system, env), scheduler, lacks, learn);
  const shared = {
    run: runIn(queryEnvironment(system.env, scheduler, recorded)),
    submit: runIn(jobEnvironment(system.env, scheduler, recorded)),
    fruitless: new Map<number, number>(),
    lacks,
    learn,
    context: { user: system.user, since: study.file.createdAt },
    claims: claimsOf(system, study, progress),
    see: (sighting: Sighting) => seen.push(sighting),
    task,
    pollSoon() {
      // Of many jobs some end all the time: asking about all of them after each would leave the scheduler no rest.
      const soon = SOON_MS * (1 + progress.inFlight.scheduled.size / SOON_JOBS);
      clock.nextPoll = Math.min(clock.nextPoll, system.now() + soon);
    },
  };
  const submissions = submissionsOf({ ...options, ...shared });
  const fresh = {
    said: new Set<string>(),
    codeLooks: new Map<number, number>(),
    passedOver: new Map<number, number>(),
  };
  const state = { silences: 0, unreachable: false, failure: undefined };
  const desk: Desk = { ...options, ...shared, submissions, ...fresh, ...state };
  return desk;
}

/** Nodes in flight by the cluster that has their jobs, and then by job, of which a pack has several. */
export function jobsByCluster(
  { progress }: Desk,
  nodes: Iterable<number>,
): Map<string | undefined, Map<string, number[]>> {
  const clusters = new Map<string | undefined, Map<string, number[]>>();
  for (const node of nodes) {
    const { jobId, cluster } = progress.records[node]!;
    if (jobId === undefined) continue;
    const jobs = clusters.get(cluster) ?? new Map<string, number[]>();
    clusters.set(cluster, jobs.set(jobId, [...jobs.get(jobId) ?? [], node]));
  }
  return clusters;
}

/** Ends jobs; those that are not submitted yet will not be. Resolves when the scheduler has been told. */
export function cancelJobs(desk: Desk, wanted: ReadonlySet<number>): Promise<unknown> {
  const { system, study, scheduler, log, run, see, task } = desk;
  const told: Promise<void>[] = [];
  for (const node of desk.submissions.takeBack(wanted)) {
    see({ see: "ended", node, at: system.now(), end: { kind: "cancelled", reason: "cancelled" } });
  }
  for (const [cluster, jobs] of jobsByCluster(desk, desk.progress.inFlight.scheduled)) {
    const ids = [...jobs.entries()].flatMap(([id, nodes]) => endsWith(desk, nodes, wanted) ? [id] : []);
    if (ids.length === 0) continue;
    const on = cluster === undefined ? {} : { cluster };
    const cancel = (lacks: ReadonlySet<string>) => scheduler.cancel(ids, { ...on, lacks });
    const work = run(cancel, study.root, SUBMIT_TIMEOUT_MS).then((result) => {
      if (result.code !== 0 && !scheduler.cancelMeansGone(result)) {
        log.warning(`Cancelling ${ids.length} jobs: ${result.stderr.trim() || `exit code ${result.code}`}`);
      }
      desk.pollSoon();
    });
    task(work);
    told.push(work);
  }
  return Promise.all(told);
}

/** Whether a job is to end; a pack does when all that is in it does. Until then its members are kept from beginning. */
function endsWith(desk: Desk, nodes: readonly number[], wanted: ReadonlySet<number>): boolean {
  const unwanted = nodes.filter((node) => wanted.has(node));
  if (unwanted.length === nodes.length || unwanted.length === 0) return unwanted.length > 0;
  const at = desk.system.now();
  for (const node of unwanted) {
    if (desk.claims.settle(node, at) !== "void") continue;
    desk.see({ see: "ended", node, at, end: { kind: "cancelled", reason: "cancelled before it began" } });
  }
  return false;
}
