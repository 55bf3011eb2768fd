/** Submissions of which nobody knows whether they came through: looked for at the scheduler by their tokens. */

import type { Claims } from "../../study/claims.ts";
import type { JobFacts } from "../../study/claims.ts";
import type { Log } from "../../log.ts";
import type { RunCommand } from "./poll.ts";
import type { Study } from "../../study/folder.ts";
import type { Progress } from "../../study/state/progress.ts";
import type { System } from "../../system.ts";
import type { CommandResult, Query, QueryContext, SchedulerAdapter } from "../../../adapters/adapter.ts";
import type { Sighting } from "../runner.ts";

export const SUBMIT_TIMEOUT_MS = 120_000;
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
  /** Asks: in an environment of its own. */
  readonly run: RunCommand;
  /** Submits: in the user's environment. */
  readonly submit: RunCommand;
  readonly lacks: ReadonlySet<string>;
  /** Notes what the scheduler does not have. */
  readonly learn: (lack: string) => void;
  readonly context: QueryContext;
  /** Work in the background. */
  readonly task: (work: Promise<void>) => void;
  readonly see: (sighting: Sighting) => void;
  /** There may be news of a job soon. */
  readonly pollSoon: () => void;
  /** Unclear submissions in a row that made no job, by node. */
  readonly fruitless: Map<number, number>;
}

/** Nodes without a job id that may have a job. */
export type Unclear = Map<number, Doubt>;

export interface Doubt {
  readonly token: string;
  /** Lookups that found no job. */
  readonly times: number;
  /** What the scheduler's command printed; none where a conductor died before it heard it. */
  readonly reason?: string;
}

/** Submissions of one step in a row whose answer was unclear and that made no job, before the step fails. */
const MOST_UNCLEAR = 3;

/** A pack whose conductor died before it heard of it has the token of one member; the others' claims will tell. */
export function tokenOf({ study, progress }: SubmissionOptions, node: number): string {
  return submissionToken(study, node, progress.records[node]!.attempt);
}

/** Runs a query; those that are worded alike share one answer. */
function askedOnce({ study, run, context }: SubmissionOptions): (query: Query) => Promise<CommandResult> {
  const answers = new Map<string, Promise<CommandResult>>();
  return (query) => {
    const key = query.argv([], context).join("\0");
    const ask = (lacks: ReadonlySet<string>) => query.argv([], { ...context, lacks });
    const answer = answers.get(key) ?? run(ask, study.root, SUBMIT_TIMEOUT_MS);
    answers.set(key, answer);
    return answer;
  };
}

/** An attempt that has begun, as its claim shows, in a job whose id nobody knows; whether the scheduler could be asked. */
export interface Unnamed {
  readonly node: number;
  readonly asked: boolean;
}

/** What is not there is kept from ever starting. Gives the attempts that have begun without anybody knowing their job. */
export async function lookUpAll(options: SubmissionOptions, unclear: Unclear): Promise<Unnamed[]> {
  const ask = askedOnce(options);
  const unnamed: Unnamed[] = [];
  for (const node of [...unclear.keys()]) {
    // It may have ended since.
    if (!options.progress.inFlight.scheduled.has(node)) unclear.delete(node);
    else if (await lookUpOne(options, unclear, node, ask)) unnamed.push({ node, asked: true });
    else if (unclear.has(node) && hasBegun(options.claims.read(node))) unnamed.push({ node, asked: false });
  }
  return unnamed;
}

const hasBegun = ({ claimed, job }: JobFacts) => claimed === true && job === undefined;

/** Whether the scheduler does not know of an attempt that has begun. */
async function lookUpOne(
  options: SubmissionOptions,
  unclear: Unclear,
  node: number,
  ask: (query: Query) => Promise<CommandResult>,
): Promise<boolean> {
  const { system, progress, scheduler, claims, see } = options;
  const record = progress.records[node]!;
  const doubt = unclear.get(node)!;
  const { token, times } = doubt;
  const query = scheduler.find(token);
  const sightings = query.parse(await ask(query), []);
  if (sightings === undefined) return false;
  const found = sightings.find((sighting) => sighting.token === undefined || sighting.token === token);
  const at = system.now();
  if (found) {
    unclear.delete(node);
    options.fruitless.delete(node);
    see({ see: "accepted", node, at, jobId: found.jobId });
    return false;
  }
  if (times + 1 < LOOKUPS && at - record.intendedAt! < LOOKUP_MS) {
    unclear.set(node, { ...doubt, times: times + 1 });
    return false;
  }
  // The scheduler knows nothing of it: either it has begun nevertheless, or it never will.
  const claim = claims.settle(node, at);
  // It is looked for again: the scheduler may be late.
  if (claim === "unclear" || claim === "begun") return claim === "begun";
  unclear.delete(node);
  if (claim === "void") see({ see: "refused", node, at, ...fruitless(options, node, doubt) });
  else see({ see: "accepted", node, at, jobId: claim.job });
  return false;
}

/** A submission that made no job is made again, unless the last ones had the same fate. */
function fruitless(
  { progress, fruitless }: SubmissionOptions,
  node: number,
  { reason }: Doubt,
): { reason: string; again: boolean } {
  if (reason === undefined) return { reason: "the scheduler never got it", again: true };
  const times = (fruitless.get(node) ?? 0) + 1;
  fruitless.set(node, times);
  const again = times < Math.max(MOST_UNCLEAR, progress.settings.attempts);
  return { reason: `the scheduler never got it; its command printed: ${reason}`, again };
}
