/**
 * Submissions to a scheduler: some at a time, and those of which nobody knows whether they came through are looked up
 * by their token before anything else becomes of them.
 */

import type { Claims } from "./claims.ts";
import type { Log } from "./log.ts";
import type { Progress } from "./study_state.ts";
import type { RunCommand } from "./scheduler_poll.ts";
import type { Study } from "./study_folder.ts";
import type { System } from "./system.ts";
import type { PlanNode, QueryContext, SchedulerAdapter, Sighting, SubmitRequest } from "./types.ts";

/** Submissions under way at a time. */
const PARALLEL = 8;
export const SUBMIT_TIMEOUT_MS = 120_000;
/** After a limit of the scheduler was hit. */
const LIMIT_PAUSE_MS = 30_000;
/** Looks for a submission of which nothing is known, before it is declared not made. */
const LOOKUPS = 2;
/** A submission of which nothing has been heard for this long is looked for once only. */
const LOOKUP_MS = 60_000;

/** Tells a submission from every other one: study, node, attempt. */
export function submissionToken(study: Study, node: number, attempt: number): string {
  return `${study.file.id}-${node}-${attempt}`;
}

export interface SubmissionOptions {
  readonly system: System;
  readonly study: Study;
  readonly progress: Progress;
  readonly scheduler: SchedulerAdapter;
  readonly claims: Claims;
  readonly log: Log;
  readonly run: RunCommand;
  readonly context: QueryContext;
  /** Work in the background. */
  readonly task: (work: Promise<void>) => void;
  readonly see: (sighting: Sighting) => void;
  /** There may be news of a job soon. */
  readonly pollSoon: () => void;
}

export interface Submissions {
  /** One job for these nodes: one, or a pack. */
  add(nodes: readonly PlanNode[], request: SubmitRequest): void;
  /** Nobody knows whether this one was made. */
  doubt(node: number): void;
  /** Looks for the jobs of submissions that nobody confirmed. What is not there is kept from ever starting. */
  lookUp(): Promise<void>;
  /** Takes those back that have not been made; which they were. */
  takeBack(wanted: ReadonlySet<number>): number[];
  /** Whether no limit of the scheduler was hit lately. */
  takesMore(): boolean;
}

export function submissionsOf(options: SubmissionOptions): Submissions {
  const { system, task, see, pollSoon } = options;
  const waiting: { readonly nodes: readonly PlanNode[]; readonly request: SubmitRequest }[] = [];
  const unclear: Unclear = new Map();
  let underWay = 0;
  let fullUntil = 0;

  const pump = () => {
    while (underWay < PARALLEL && waiting.length > 0) {
      underWay++;
      const { nodes, request } = waiting.shift()!;
      task(
        submit(nodes, request).finally(() => {
          underWay--;
          pump();
        }),
      );
    }
  };
  const submit = async (nodes: readonly PlanNode[], request: SubmitRequest) => {
    const { scheduler, run, log } = options;
    const result = await run(scheduler.submit(request), request.workspace, SUBMIT_TIMEOUT_MS);
    const answer = scheduler.parseSubmit(result);
    const at = system.now();
    if (answer.kind === "refused") {
      if (answer.again) fullUntil = at + LIMIT_PAUSE_MS;
      const { reason, again } = answer;
      for (const { index: node } of nodes) see({ see: "refused", node, at, reason, again });
      return;
    }
    pollSoon();
    if (answer.kind === "accepted") {
      const { jobId, cluster } = answer;
      const job = { jobId, ...(cluster === undefined ? {} : { cluster }) };
      for (const { index: node } of nodes) see({ see: "accepted", node, at, ...job });
      return;
    }
    log.warning(
      `Whether step '${nodes[0]!.name}' was submitted is not known (${answer.reason}): looking it up.`,
    );
    for (const { index } of nodes) unclear.set(index, { token: request.token, times: 0 });
  };
  return {
    add(nodes, request) {
      waiting.push({ nodes, request });
      pump();
    },
    doubt: (node) => unclear.set(node, { token: tokenOf(options, node), times: 0 }),
    lookUp: async () => {
      for (const node of unclear.keys()) await lookUpOne(options, unclear, node);
    },
    takeBack(wanted) {
      const back = waiting.filter(({ nodes }) => nodes.every(({ index }) => wanted.has(index)));
      for (const entry of back) waiting.splice(waiting.indexOf(entry), 1);
      return back.flatMap(({ nodes }) => nodes.map(({ index }) => index));
    },
    takesMore: () => system.now() >= fullUntil,
  };
}

/** Nodes without a job id that may have a job: its token, and the number of lookups that found none. */
type Unclear = Map<number, { readonly token: string; readonly times: number }>;

/** A pack whose conductor died before it heard of it has the token of one member; the others' claims will tell. */
function tokenOf({ study, progress }: SubmissionOptions, node: number): string {
  return submissionToken(study, node, progress.records[node]!.attempt);
}

async function lookUpOne(
  options: SubmissionOptions,
  unclear: Unclear,
  node: number,
): Promise<void> {
  const { system, study, progress, scheduler, claims, run, context, see } = options;
  const record = progress.records[node]!;
  const { token, times } = unclear.get(node)!;
  const query = scheduler.find(token);
  const sightings = query.parse(await run(query.argv([], context), study.root, SUBMIT_TIMEOUT_MS), []);
  if (sightings === undefined) return;
  const found = sightings.find((sighting) => sighting.token === undefined || sighting.token === token);
  const at = system.now();
  if (found) {
    unclear.delete(node);
    return see({ see: "accepted", node, at, jobId: found.jobId });
  }
  if (times + 1 < LOOKUPS && at - record.intendedAt! < LOOKUP_MS) {
    unclear.set(node, { token, times: times + 1 });
    return;
  }
  // The scheduler knows nothing of it: either it has begun nevertheless, or it never will.
  const claim = claims.settle(node, at);
  if (claim === "unclear") return;
  unclear.delete(node);
  if (claim === "void") {
    see({ see: "refused", node, at, reason: "the scheduler never got it", again: true });
  } else see({ see: "accepted", node, at, jobId: claim.job });
}
