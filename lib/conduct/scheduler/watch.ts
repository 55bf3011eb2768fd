/** Asks a scheduler about all jobs in flight, and notes what the answers mean for each. */

import { type Claims, type JobFacts, ofSignal, timesOf } from "../../study/claims.ts";
import type { AttemptEnd, Sighting } from "../runner.ts";
import type { Commands } from "./commands.ts";
import type { Log } from "../../log.ts";
import { hasGuard, limitOf } from "../../plan/node_script.ts";
import { type Answer, PackMembers } from "../pack.ts";
import type { Progress } from "../../study/state/progress.ts";
import type { Study } from "../../study/folder.ts";
import { submissionToken, type Unnamed } from "./submit.ts";
import { ABSENCES, ABSENT_MS, type Circumstances, DELETED_ABSENCES, isStale, judge } from "./verdict.ts";
import { codeOf, type System } from "../../system.ts";
import type { JobSighting, Query, SchedulerAdapter } from "../../../adapters/adapter.ts";

/** What a scheduler knows of some jobs. */
interface Answers {
  readonly known: ReadonlyMap<string, JobSighting>;
  /** Ids that the scheduler was asked about in every way, and does not know. */
  readonly absent: ReadonlySet<string>;
  /** Whether no query at all could be asked. */
  readonly silent: boolean;
  /** What the command printed that could not be asked. */
  readonly trouble: string | undefined;
}

/** Ids in one command line, well under the kernel's limit on its length (execve(2), 128 KiB an argument). */
const MOST_IDS = 2000;

/** Asks each query in turn about the jobs that those before it did not know; in pieces, where it takes only so many. */
async function ask(
  commands: Commands,
  queries: readonly Query[],
  ids: readonly string[],
  cluster: string | undefined,
): Promise<Answers> {
  const known = new Map<string, JobSighting>();
  let asked = 0;
  for (const query of queries) {
    const open = ids.filter((id) => !known.has(id));
    if (open.length === 0 && asked > 0) break;
    const most = Math.min(query.most ?? MOST_IDS, MOST_IDS);
    for (let start = 0; start < open.length; start += most) {
      const found = await commands.query(query, open.slice(start, start + most), cluster);
      // What a later query does not know may be what this one would have known.
      if (typeof found === "string") return { known, absent: new Set(), silent: asked === 0, trouble: found };
      for (const sighting of found) if (!known.has(sighting.jobId)) known.set(sighting.jobId, sighting);
    }
    asked++;
  }
  const absent = new Set(ids.filter((id) => !known.has(id)));
  return { known, absent, silent: asked === 0, trouble: undefined };
}

/** The guard's code for a job that found its attempt claimed by another. */
const CLAIMED_BY_ANOTHER = 96;
/** How often the exit code of a job that failed without having begun is asked for. */
const CODE_LOOKS = 3;

/** A deleted job is asked about often for so long. */
const DELETION_MS = 60_000;
/** A server that began to run so soon before a submission may have lost it. */
const MARGIN_MS = 60_000;

/** What shows whether a scheduler may have lost jobs. */
interface Evidence {
  /** When we intended to submit the oldest of our jobs in the queue. */
  readonly oldest: number;
  /** Since when its server has run, where it was asked. */
  readonly startedAt?: number;
}

const LOST_UNBEGUN: AttemptEnd = {
  kind: "hwfailure",
  reason: "the scheduler lost the job before it began",
};

/** What must be done before there is a verdict. */
interface Errand {
  readonly node: number;
  readonly run: () => Promise<void>;
}

/** Nodes in flight by the cluster that has their jobs, and then by job, of which a pack has several. */
export type JobsByCluster = ReadonlyMap<string | undefined, ReadonlyMap<string, readonly number[]>>;

export interface WatchOptions {
  readonly system: System;
  readonly study: Study;
  readonly progress: Progress;
  readonly scheduler: SchedulerAdapter;
  readonly log: Log;
  readonly commands: Commands;
  readonly claims: Claims;
  readonly see: (sighting: Sighting) => void;
  /** Ends jobs; resolves when the commands have ended. */
  readonly cancel: (nodes: ReadonlySet<number>) => Promise<unknown>;
}

/** Asks about all jobs in flight, and judges what the answers mean for each. */
export class JobWatch {
  /** What was logged once. */
  private readonly said = new Set<string>();
  /** The last attempt of each node whose job the scheduler has known. */
  private readonly known = new Map<number, number>();
  /** Nodes whose job we deleted. */
  private readonly deletedAt = new Map<number, { readonly attempt: number; readonly at: number }>();
  /** How often the code of a node's job was asked for. */
  private readonly codeLooks = new Map<number, number>();

  private readonly members: PackMembers;

  constructor(private readonly options: WatchOptions) {
    this.members = new PackMembers(options);
  }

  /** The scheduler took our command to delete their jobs. */
  deleted(nodes: readonly number[]): void {
    const { system, progress } = this.options;
    for (const node of nodes) {
      this.deletedAt.set(node, { attempt: progress.records[node]!.attempt, at: system.now() });
    }
  }

  /** Whether the end of a job that we deleted should soon be visible. */
  awaitsDeletion(): boolean {
    const { system, progress } = this.options;
    for (const [node, { at }] of this.deletedAt) {
      if (!progress.inFlight.scheduled.has(node)) this.deletedAt.delete(node);
      else if (system.now() - at < DELETION_MS) return true;
    }
    return false;
  }

  /**
   * One look at all jobs. `unnamed`: attempts that have begun in a job of which nobody knows the id. Gives why it could
   * not ask; undefined where it got any answer.
   */
  async poll(clusters: JobsByCluster, unnamed: readonly Unnamed[]): Promise<string | undefined> {
    const { commands, scheduler } = this.options;
    const trouble: string[] = [];
    let silent = true;
    for (const [cluster, nodesOf] of clusters) {
      const answers = await ask(commands, scheduler.queries, [...nodesOf.keys()], cluster);
      if (answers.trouble !== undefined) trouble.push(answers.trouble);
      silent &&= answers.silent;
      const evidence = this.evidenceIn(nodesOf, answers.known);
      // Without a pause in between: what a poll shows is noted, and acted upon, in one go.
      const errands = [...nodesOf].flatMap(([jobId, nodes]) => {
        const answer = answers.known.get(jobId) ?? (answers.absent.has(jobId) ? "absent" : undefined);
        return nodes.map((node) => this.hear(node, answer, evidence));
      });
      await this.runErrands(errands);
    }
    // The scheduler was asked for these by their tokens.
    const none = { oldest: Infinity };
    await this.runErrands(
      unnamed.map(({ node, asked }) => this.hear(node, asked ? "absent" : undefined, none)),
    );
    return silent ? trouble.join("; ") : undefined;
  }

  /** A job that waits or runs shows that the scheduler has not lost those that were submitted later. */
  private evidenceIn(
    jobs: ReadonlyMap<string, readonly number[]>,
    known: ReadonlyMap<string, JobSighting>,
  ): Evidence {
    const { records } = this.options.progress;
    let oldest = Infinity;
    for (const [jobId, [node]] of jobs) {
      const job = known.get(jobId);
      if (!job || !["pending", "running"].includes(job.phase) || !this.isOurs(job, node!)) continue;
      oldest = Math.min(oldest, records[node!]!.intendedAt!);
    }
    return { oldest };
  }

  private async runErrands(errands: readonly (Errand | undefined)[]): Promise<void> {
    for (const errand of errands) {
      try {
        await errand?.run();
      } catch (error) {
        this.excuse(errand!.node, error);
      }
    }
  }

  /** Notes what an answer means for a node; what must be done first, if that is not all. */
  private hear(node: number, answer: Answer, evidence: Evidence): Errand | undefined {
    const told = answer === "absent" ? undefined : answer;
    try {
      const isOurs = told === undefined || this.isOurs(told, node);
      if (told && isOurs && this.isVague(node, told)) {
        return { node, run: () => this.askForCode(node, told, evidence) };
      }
      return this.judge(node, isOurs ? answer : "absent", evidence);
    } catch (error) {
      this.excuse(node, error);
      return undefined;
    }
  }

  /** Any error of the file system about one job is reported once. It does not keep the other jobs from being watched. */
  private excuse(node: number, error: unknown): void {
    if (codeOf(error) === undefined) throw error;
    const { message } = error as Error;
    const { log, progress } = this.options;
    if (!this.said.has(message)) log.error(`Of step '${progress.plan.nodes[node]!.name}': ${message}`);
    this.said.add(message);
  }

  private isOurs({ token }: JobSighting, node: number): boolean {
    const { study, progress } = this.options;
    if (token === undefined || token === submissionToken(study, node, progress.records[node]!.attempt)) {
      return true;
    }
    // A pack has the token of its first member.
    return progress.plan.nodes[node]!.step.pack !== undefined && token.startsWith(`${study.file.id}-`);
  }

  /** Failed without a word of why, and without having begun: the exit code shows whether it ever will. */
  private isVague(node: number, { phase, exitCode, reason }: JobSighting): boolean {
    const { scheduler, claims } = this.options;
    return phase === "failed" && exitCode === undefined && scheduler.queries.length > 1 &&
      (reason === undefined || reason === "NonZeroExitCode") && !claims.read(node).claimed;
  }

  private async askForCode(node: number, sighting: JobSighting, evidence: Evidence): Promise<void> {
    const { scheduler, commands, progress } = this.options;
    const { jobId } = sighting;
    const { cluster } = progress.records[node]!;
    const { known } = await ask(commands, scheduler.queries.slice(1), [jobId], cluster);
    const better = known.get(jobId);
    const looks = (this.codeLooks.get(node) ?? 0) + 1;
    this.codeLooks.set(node, looks);
    if (better === undefined && looks < CODE_LOOKS) return;
    this.codeLooks.delete(node);
    await this.judge(node, better ?? sighting, evidence)?.run();
  }

  /** Notes what is known now; what must be done first where that is not all. */
  private judge(node: number, answer: Answer, evidence: Evidence): Errand | undefined {
    const { system, progress, claims, see } = this.options;
    if (answer !== undefined && answer !== "absent") this.hearWaiting(node, answer);
    const own = progress.plan.nodes[node]!.step.pack ? this.members.hear(node, answer) : answer;
    if (own === "over") return undefined;
    const at = system.now();
    const told = own === "absent" ? undefined : own;
    if (told?.phase === "unknown") this.wonder(told.word);
    // A job that plainly waits or runs has nothing new in its file.
    const settled = told !== undefined && ["pending", "running"].includes(told.phase);
    const facts = settled ? {} : claims.read(node);
    const record = progress.records[node]!;
    const isElsewhere = told?.phase === "failed" && facts.job !== undefined && facts.job !== record.jobId;
    if (isElsewhere && (told.exitCode ?? CLAIMED_BY_ANOTHER) === CLAIMED_BY_ANOTHER) {
      // It found the attempt claimed by another job: that is the one to watch.
      see({ see: "accepted", node, at, jobId: facts.job! });
      return undefined;
    }
    const times = own === "absent" || isStale(own, facts) ? record.missingTimes + 1 : 0;
    if (told) this.known.set(node, record.attempt);
    const deleted = own === "absent" ? this.deletionOf(node, facts, times, evidence) : undefined;
    if (deleted === "ask") return { node, run: () => this.askForUptime(node, evidence) };
    if (times > 0 && times <= ABSENCES) see({ see: "missing", node, at });
    else if (own !== undefined && times === 0) see({ see: "found", node, at });
    const absentMs = at - (record.missingSince ?? at);
    const circumstances = { ...this.circumstancesOf(node, facts), deleted };
    const { started, end, unbegun } = judge(own, facts, times, absentMs, circumstances);
    const { startedAt, endedAt = at } = timesOf(facts, record.intendedAt!, at);
    if (started) see({ see: "started", node, at: startedAt ?? at });
    if (end === undefined) return undefined;
    const close = () => {
      const lost = end.kind === "lost" && !started;
      // A job that is gone without having begun is kept from beginning late.
      if ((unbegun || lost) && claims.settle(node) !== "void") return;
      const began = startedAt === undefined ? {} : { startedAt };
      see({ see: "ended", node, at: endedAt, end: lost ? LOST_UNBEGUN : end, ...began });
    };
    if (!told?.stays && end.kind !== "lost") return void close();
    // One that stays in the queue, or that nobody knows of and that may live: another is not to run beside it.
    const run = async () => {
      if (end.kind === "lost" && started && await this.isElsewhere(node)) return;
      await this.options.cancel(new Set([node]));
      close();
    };
    return { node, run };
  }

  /**
   * Whether a job that nobody knows by its id exists under another id, or may exist: the id in a claim may be
   * inherited.
   */
  private async isElsewhere(node: number): Promise<boolean> {
    const { study, progress, commands, system, see } = this.options;
    const { attempt, jobId } = progress.records[node]!;
    const token = submissionToken(study, node, attempt);
    const known = await commands.finder()(token);
    if (typeof known === "string") return true;
    const found = known.find((job) => job.token === token && job.jobId !== jobId);
    if (found) see({ see: "accepted", node, at: system.now(), jobId: found.jobId });
    return found !== undefined;
  }

  /** Who deleted a job that is not there; `ask` where it depends on how long the server has run. */
  private deletionOf(
    node: number,
    { claimed }: JobFacts,
    times: number,
    { oldest, startedAt }: Evidence,
  ): "here" | "elsewhere" | "ask" | undefined {
    const { progress: { plan, records, cancelling }, system, scheduler } = this.options;
    const { state, attempt, intendedAt, cancelling: unwanted } = records[node]!;
    const { step } = plan.nodes[node]!;
    if ((cancelling || unwanted) && this.deletedAt.get(node)?.attempt === attempt) return "here";
    if (claimed || state !== "PENDING" || step.pack || !hasGuard(plan, step)) return undefined;
    // A scheduler may be late to list a new job.
    const wasListed = this.known.get(node) === attempt || system.now() - intendedAt! > ABSENT_MS;
    if (times < DELETED_ABSENCES || !wasListed) return undefined;
    if (oldest <= intendedAt!) return "elsewhere";
    if (startedAt !== undefined) return startedAt + MARGIN_MS < intendedAt! ? "elsewhere" : undefined;
    return scheduler.uptime ? "ask" : undefined;
  }

  private async askForUptime(node: number, evidence: Evidence): Promise<void> {
    const { commands, progress, system } = this.options;
    const uptime = await commands.uptime(progress.records[node]!.cluster) ?? 0;
    await this.judge(node, "absent", { ...evidence, startedAt: system.now() - uptime })?.run();
  }

  /** A job that waits for what will not come by itself, or no longer does. */
  private hearWaiting(node: number, { phase, stuck }: JobSighting): void {
    const { system, progress, see } = this.options;
    // Its start is enough, unless it had started before and was then made to wait.
    const goesOn = phase === "running" && progress.records[node]!.state === "RUNNING";
    if (phase !== "pending" && !goesOn) return;
    see({ see: "stuck", node, at: system.now(), ...(stuck === undefined ? {} : { reason: stuck }) });
  }

  /** What bears on the end of a script that a signal ended; of others there is nothing to wonder about. */
  private circumstancesOf(node: number, { exitCode }: JobFacts): Circumstances {
    const { progress: { plan, records }, scheduler, commands } = this.options;
    const guarded = hasGuard(plan, plan.nodes[node]!.step);
    if (exitCode === undefined || !ofSignal(exitCode)) return { guarded };
    const forgets = commands.lacks.has(scheduler.noHistory ?? "");
    // A pack has the time of all its rounds.
    if (plan.nodes[node]!.step.pack) return { guarded, forgets };
    return {
      guarded,
      forgets,
      limit: limitOf(plan, plan.nodes[node]!, records[node]!.retries, scheduler.seconds),
    };
  }

  /** A state that no table has is logged once. */
  private wonder(word: string): void {
    if (this.said.has(word)) return;
    this.said.add(word);
    this.options.log.warning(
      `The scheduler reports '${word}' for a job, which is not in the table. The job counts as alive.`,
    );
  }
}
