/**
 * Runs steps through a scheduler: submits some at a time, asks about all in one go, looks half-made submissions up by
 * their token. Commands run in the background; what they tell becomes sightings.
 */

import { dirname } from "@std/path";
import type { Log } from "./log.ts";
import { parseJobFile, voidAttempt } from "./local_jobs.ts";
import type { Progress } from "./study_state.ts";
import type { Runner } from "./runner.ts";
import { askAbout, type RunCommand, schedulerCommand } from "./scheduler_poll.ts";
import { ABSENCES, isStale, judge } from "./sightings.ts";
import { jobFile, jobFolder } from "./paths.ts";
import { type Study } from "./study_folder.ts";
import type { System } from "./system.ts";
import type {
  JobSighting,
  PlanNode,
  QueryContext,
  SchedulerAdapter,
  Sighting,
  SubmitRequest,
} from "./types.ts";

export interface SchedulerRunnerOptions {
  readonly system: System;
  readonly study: Study;
  readonly progress: Progress;
  readonly scheduler: SchedulerAdapter;
  /** Writes a node's scripts for an attempt; all that a submission needs but its token. */
  readonly prepare: (node: PlanNode) => Omit<SubmitRequest, "token">;
  readonly log: Log;
  readonly wake: () => void;
}

/** Submissions under way at a time. */
const PARALLEL = 8;
const SUBMIT_TIMEOUT_MS = 120_000;
/** After a limit of the scheduler was hit. */
const LIMIT_PAUSE_MS = 30_000;
/** Looks for a submission of which nothing is known, before it is declared not made. */
const LOOKUPS = 2;
/** A submission of which nothing has been heard for this long is looked for once only. */
const LOOKUP_MS = 60_000;
/** After this time a claim that is still empty will stay so. */
const EMPTY_CLAIM_MS = 120_000;
/** After a submission or a cancellation the scheduler is asked earlier than usual. */
const SOON_MS = 2000;

/** Tells a submission from every other one: study, node, attempt. */
export function submissionToken(study: Study, node: number, attempt: number): string {
  return `${study.file.id}-${node}-${attempt}`;
}

export function schedulerRunner(options: SchedulerRunnerOptions): Runner {
  const { system, study, progress, scheduler, log, wake } = options;
  const run: RunCommand = schedulerCommand(system, scheduler);
  const context: QueryContext = { user: system.user, since: study.file.createdAt };
  const seen: Sighting[] = [];
  const waiting: { node: PlanNode; attempt: number; request: SubmitRequest }[] = [];
  /** Nodes without a job id that may have a job, with the number of lookups that found none. */
  const unclear = new Map<number, number>();
  const oddWords = new Set<string>();
  const tasks = new Set<Promise<void>>();
  let underWay = 0;
  let fullUntil = 0;
  let nextPoll = 0;
  let polling = false;
  let troubled = false;
  let unreachable = false;

  const task = (work: Promise<void>) => {
    const tracked = work.catch((error) =>
      log.error(`While talking to the scheduler: ${(error as Error).message}`)
    )
      .finally(() => {
        tasks.delete(tracked);
        wake();
      });
    tasks.add(tracked);
  };
  const pollSoon = () => nextPoll = Math.min(nextPoll, system.now() + SOON_MS);
  const see = (sighting: Sighting) => seen.push(sighting);
  const fileOf = (node: number) => jobFile(study.root, node, progress.records[node]!.attempt);

  const pump = () => {
    while (underWay < PARALLEL && waiting.length > 0) {
      underWay++;
      task(
        submit(waiting.shift()!).finally(() => {
          underWay--;
          pump();
        }),
      );
    }
  };
  const submit = async ({ node, request }: typeof waiting[number]) => {
    const result = await run(scheduler.submit(request), request.workspace, SUBMIT_TIMEOUT_MS);
    const answer = scheduler.parseSubmit(result);
    const at = system.now();
    const { index } = node;
    if (answer.kind === "accepted") {
      const { jobId, cluster } = answer;
      see({ see: "accepted", node: index, at, jobId, ...(cluster === undefined ? {} : { cluster }) });
      pollSoon();
    } else if (answer.kind === "refused") {
      if (answer.again) fullUntil = at + LIMIT_PAUSE_MS;
      see({ see: "refused", node: index, at, reason: answer.reason, again: answer.again });
    } else {
      log.warning(
        `Whether step '${node.name}' was submitted is not known (${answer.reason}): looking it up.`,
      );
      unclear.set(index, 0);
      pollSoon();
    }
  };

  /** Looks for the jobs of submissions that nobody confirmed. What is not there is kept from ever starting. */
  const lookUp = async () => {
    for (const [node, times] of unclear) {
      const token = submissionToken(study, node, progress.records[node]!.attempt);
      const query = scheduler.find(token);
      const sightings = query.parse(await run(query.argv([], context), study.root, SUBMIT_TIMEOUT_MS), []);
      if (sightings === undefined) continue;
      const found = sightings.find((sighting) => sighting.token === undefined || sighting.token === token);
      const at = system.now();
      if (found) {
        unclear.delete(node);
        see({ see: "accepted", node, at, jobId: found.jobId });
      } else if (times + 1 < LOOKUPS && at - progress.records[node]!.intendedAt! < LOOKUP_MS) {
        unclear.set(node, times + 1);
      } else settleUnknown(node, at);
    }
  };
  /** The scheduler knows nothing of a submission: either it has begun nevertheless, or it never will. */
  const settleUnknown = (node: number, at: number) => {
    const claim = claimOf(node, at);
    if (claim === "unclear") return;
    unclear.delete(node);
    if (claim === "void") {
      see({ see: "refused", node, at, reason: "the scheduler never got it", again: true });
    } else see({ see: "accepted", node, at, jobId: claim });
  };
  /** The job that has the claim to an attempt, or `void` after making sure that none ever will. */
  const claimOf = (node: number, at: number): string | "void" | "unclear" => {
    if (voidAttempt(system, fileOf(node))) return "void";
    const facts = readFacts(node);
    if (facts.job !== undefined) return facts.job;
    // A claim without a word is one that is being made, or that came to nothing.
    const { changedAt } = system.facts(fileOf(node)) ?? { changedAt: at };
    return at - changedAt > EMPTY_CLAIM_MS ? "void" : "unclear";
  };

  const poll = async () => {
    await lookUp();
    const nodeOf = new Map<string, number>();
    for (const node of progress.inFlight.scheduled) {
      const { jobId } = progress.records[node]!;
      if (jobId !== undefined) nodeOf.set(jobId, node);
    }
    if (nodeOf.size === 0) return;
    const answers = await askAbout(run, scheduler.queries, [...nodeOf.keys()], context, study.root);
    report(answers.silent, answers.trouble);
    for (const [jobId, node] of nodeOf) {
      const sighting = answers.known.get(jobId);
      const ours = sighting && isOurs(sighting, node) ? sighting : undefined;
      const absent = answers.absent.has(jobId) || (sighting !== undefined && ours === undefined);
      consider(node, ours ?? (absent ? "absent" : undefined));
    }
  };
  const isOurs = (sighting: JobSighting, node: number) =>
    sighting.token === undefined ||
    sighting.token === submissionToken(study, node, progress.records[node]!.attempt);

  const consider = (node: number, answer: JobSighting | "absent" | undefined) => {
    const at = system.now();
    if (
      answer !== undefined && answer !== "absent" && answer.phase === "unknown" && !oddWords.has(answer.word)
    ) {
      oddWords.add(answer.word);
      log.warning(
        `The scheduler says '${answer.word}' of a job, which is not in the table: taken for alive.`,
      );
    }
    // A job that is plainly waiting or running has nothing to tell in its file.
    const settled = answer !== undefined && answer !== "absent" &&
      ["pending", "running"].includes(answer.phase);
    const facts = settled ? {} : readFacts(node);
    const { missing } = progress.records[node]!;
    const times = answer === "absent" || isStale(answer, facts) ? (missing?.times ?? 0) + 1 : 0;
    if (times > 0 && times <= ABSENCES) see({ see: "missing", node, at });
    else if (answer !== undefined && times === 0) see({ see: "found", node, at });
    const { started, end } = judge(answer, facts, times, at - (missing?.since ?? at));
    if (started) see({ see: "started", node, at });
    if (end?.kind === "lost" && !started) loseUnbegun(node, at);
    else if (end) see({ see: "ended", node, at, end });
  };
  /** A job that is gone without having begun is kept from beginning late. */
  const loseUnbegun = (node: number, at: number) => {
    if (claimOf(node, at) !== "void") return;
    const reason = "the scheduler lost the job before it began";
    see({ see: "ended", node, at, end: { kind: "hwfailure", reason } });
  };
  const readFacts = (node: number) => {
    const path = fileOf(node);
    // Listing the folder makes a network file system look again before it says that there is no such file.
    if (system.facts(dirname(path)) !== undefined) system.list(dirname(path));
    return parseJobFile(system.readTextIfAny(path) ?? "");
  };
  const report = (silent: boolean, trouble: readonly string[]) => {
    unreachable = silent;
    if (silent && !troubled) log.warning(`The scheduler cannot be asked (${trouble.join("; ")}): trying on.`);
    if (!silent && troubled) log.info("The scheduler answers again.");
    troubled = silent;
  };
  const startPoll = () => {
    polling = true;
    nextPoll = system.now() + progress.settings.sleep * 1000 * (troubled ? 2 : 1);
    task(poll().finally(() => polling = false));
  };

  return {
    start(node, attempt) {
      system.makeDirectory(jobFolder(study.root, node.index), 0o700);
      const prepared = options.prepare(node);
      waiting.push({
        node,
        attempt,
        request: { ...prepared, token: submissionToken(study, node.index, attempt) },
      });
      pump();
    },
    takesMore: () => system.now() >= fullUntil,
    recover() {
      for (const node of progress.inFlight.scheduled) {
        if (progress.records[node]!.jobId === undefined) unclear.set(node, 0);
      }
      nextPoll = system.now();
    },
    sightings() {
      const anything = progress.inFlight.scheduled.size > 0;
      if (!polling && anything && system.now() >= nextPoll) startPoll();
      return seen.splice(0);
    },
    cancel(nodes) {
      const wanted = new Set(nodes);
      for (let i = waiting.length - 1; i >= 0; i--) {
        const { index } = waiting[i]!.node;
        if (!wanted.has(index)) continue;
        waiting.splice(i, 1);
        see({ see: "ended", node: index, at: system.now(), end: { kind: "cancelled", reason: "cancelled" } });
      }
      const ids = [...wanted].flatMap((node) => progress.records[node]!.jobId ?? []);
      if (ids.length === 0) return;
      task(
        run(scheduler.cancel(ids), study.root, SUBMIT_TIMEOUT_MS).then((result) => {
          if (result.code !== 0 && !scheduler.cancelMeansGone(result)) {
            log.warning(
              `Cancelling ${ids.length} jobs: ${result.stderr.trim() || `exit code ${result.code}`}`,
            );
          }
          pollSoon();
        }),
      );
    },
    async idle() {
      if (!polling && progress.inFlight.scheduled.size > 0) startPoll();
      while (tasks.size > 0) await Promise.all(tasks);
    },
    get unreachable() {
      return unreachable;
    },
  };
}
