/**
 * What becomes of a scheduled job. Three witnesses are brought to one verdict: the journal (the job is in flight), the
 * file that the job itself writes, and the scheduler. Only a positive word ends a job; silence needs time and repetition.
 *
 * `Verdicts` collects the facts about each job and notes what they mean, as sightings. `judge` is the meaning.
 */

import { type Claims, type JobFacts, ofSignal, type Times, timesOf } from "../../study/claims.ts";
import type { AttemptEnd, Sighting } from "../runner.ts";
import type { Answers, Commands } from "./commands.ts";
import { ABSENT_MS, DELETED_ABSENCES, Deletions, type Evidence } from "./deletions.ts";
import {
  type Circumstances,
  endUnheardOf,
  failedUnbegun,
  judgeSighting,
  overTime,
  type Verdict,
} from "./ends.ts";
import type { Log } from "../../log.ts";
import { hasGuard, limitOf } from "../../plan/node_script.ts";
import { type Answer, PackMembers } from "../pack.ts";
import type { Progress } from "../../study/state/progress.ts";
import type { Study } from "../../study/folder.ts";
import { submissionToken, type Unnamed } from "./submit.ts";
import { queuedJob } from "../../study/queue_look.ts";
import { codeOf, type System } from "../../system.ts";
import type { JobSighting, SchedulerAdapter } from "../../../adapters/adapter.ts";

/** The guard's code for a job that found its attempt claimed by another. */
const CLAIMED_BY_ANOTHER = 96;
/** How often the exit code of a job that failed without having begun is asked for. */
const CODE_LOOKS = 3;

const LOST_UNBEGUN: AttemptEnd = {
  kind: "hwfailure",
  reason: "the scheduler lost the job before it began",
};

/** What must be done before there is a verdict. */
interface FollowUp {
  readonly node: number;
  readonly run: () => Promise<void>;
}

/** Nodes by their job at one cluster; a pack has several. */
export type NodesByJob = ReadonlyMap<string, readonly number[]>;

export interface VerdictOptions {
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

/** Notes what the scheduler's answers mean for each job. */
export class Verdicts {
  readonly deletions: Deletions;
  private readonly members: PackMembers;
  /** What was logged once. */
  private readonly logged = new Set<string>();
  /** How often the code of a node's job was asked for. */
  private readonly codeLooks = new Map<number, number>();

  constructor(private readonly options: VerdictOptions) {
    this.deletions = new Deletions(options);
    this.members = new PackMembers(options);
  }

  /** Notes what the answers of one poll mean for the jobs that it asked about. */
  async note(jobs: NodesByJob, { known, absent }: Answers): Promise<void> {
    const { records } = this.options.progress;
    const evidence = this.evidenceIn(jobs, known);
    // Without a pause in between: what a poll shows is noted, and acted upon, in one go.
    const followUps = [...jobs].flatMap(([jobId, nodes]) => {
      const answer = known.get(jobId) ?? (absent.has(jobId) ? "absent" : undefined);
      // By now it may be another attempt, or another job that has the claim.
      const same = nodes.filter((node) => records[node]!.jobId === jobId);
      return same.map((node) => this.noteAnswer(node, answer, evidence));
    });
    await this.follow(followUps);
  }

  /** The same for attempts that have begun in a job of which nobody knows the id: the scheduler was asked by their tokens. */
  async noteUnnamed(unnamed: readonly Unnamed[]): Promise<void> {
    const none = { oldest: Infinity };
    await this.follow(
      unnamed.map(({ node, asked }) => this.noteAnswer(node, asked ? "absent" : undefined, none)),
    );
  }

  /** A job that waits or runs shows that the scheduler has not lost those that were submitted later. */
  private evidenceIn(
    jobs: NodesByJob,
    known: ReadonlyMap<string, JobSighting>,
  ): Evidence {
    const { records } = this.options.progress;
    let oldest = Infinity;
    for (const [jobId, [node]] of jobs) {
      const job = known.get(jobId);
      if (!job || !["pending", "running"].includes(job.phase)) continue;
      const intendedAt = records[node!]!.intendedAt!;
      if (intendedAt < oldest && this.isOurs(job, node!)) oldest = intendedAt;
    }
    return { oldest };
  }

  private async follow(followUps: readonly (FollowUp | undefined)[]): Promise<void> {
    for (const followUp of followUps) {
      // Most jobs have none: 10,000 of them cost no turn of the event loop.
      if (followUp === undefined) continue;
      try {
        await followUp.run();
      } catch (error) {
        this.logFailure(followUp.node, error);
      }
    }
  }

  /** Notes what an answer means for a node; what must be done first, if that is not all. */
  private noteAnswer(node: number, answer: Answer, evidence: Evidence): FollowUp | undefined {
    const sighting = answer === "absent" ? undefined : answer;
    try {
      const isOurs = sighting === undefined || this.isOurs(sighting, node);
      if (sighting && isOurs && this.isVague(node, sighting)) {
        return { node, run: () => this.askForCode(node, sighting, evidence) };
      }
      return this.judge(node, isOurs ? answer : "absent", evidence);
    } catch (error) {
      this.logFailure(node, error);
      return undefined;
    }
  }

  /** Any error of the file system about one job is reported once. It does not keep the other jobs from being watched. */
  private logFailure(node: number, error: unknown): void {
    if (codeOf(error) === undefined) throw error;
    const { message } = error as Error;
    const { log, progress } = this.options;
    if (!this.logged.has(message)) log.error(`Of step '${progress.plan.nodes[node]!.name}': ${message}`);
    this.logged.add(message);
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
    const { known } = await commands.ask(scheduler.queries.slice(1), [jobId], cluster);
    const better = known.get(jobId);
    const looks = (this.codeLooks.get(node) ?? 0) + 1;
    this.codeLooks.set(node, looks);
    if (better === undefined && looks < CODE_LOOKS) return;
    this.codeLooks.delete(node);
    await this.judge(node, better ?? sighting, evidence)?.run();
  }

  /** Notes what is known now; what must be done first where that is not all. */
  private judge(node: number, answer: Answer, evidence: Evidence): FollowUp | undefined {
    const { system, progress, claims, see } = this.options;
    if (answer !== undefined && answer !== "absent") this.noteWaiting(node, answer);
    const own = progress.plan.nodes[node]!.step.pack ? this.members.answerFor(node, answer) : answer;
    if (own === "over") return undefined;
    const at = system.now();
    const sighting = own === "absent" ? undefined : own;
    if (sighting?.phase === "unknown") this.warnOfUnknown(sighting.word);
    // A job that plainly waits or runs has nothing new in its file.
    const settled = sighting !== undefined && ["pending", "running"].includes(sighting.phase);
    const facts = settled ? {} : claims.read(node);
    const record = progress.records[node]!;
    const isElsewhere = sighting?.phase === "failed" && facts.job !== undefined && facts.job !== record.jobId;
    if (isElsewhere && (sighting.exitCode ?? CLAIMED_BY_ANOTHER) === CLAIMED_BY_ANOTHER) {
      // It found the attempt claimed by another job: that is the one to watch.
      see({ see: "accepted", node, at, jobId: facts.job! });
      return undefined;
    }
    const times = own === "absent" || isStale(own, facts) ? record.missingTimes + 1 : 0;
    if (sighting) this.deletions.noteListed(node);
    const deleted = own === "absent" ? this.deletions.deleterOf(node, facts, times, evidence) : undefined;
    if (deleted === "ask") return { node, run: () => this.askForUptime(node, evidence) };
    if (times > 0 && times <= ABSENCES) see({ see: "missing", node, at });
    else if (own !== undefined && times === 0 && record.missingTimes > 0) see({ see: "found", node, at });
    const absentMs = at - (record.missingSince ?? at);
    const circumstances = settled ? {} : { ...this.circumstancesOf(node, facts), deleted };
    const { started, end, unbegun } = judge(own, facts, times, absentMs, circumstances);
    const ofJob = timesOf(facts, record.intendedAt!, at);
    const reported = started ? reportedTimes(sighting, record.intendedAt!, at) : {};
    // The job of a pack began with the first of its members, and ends with the last.
    const isAlone = progress.plan.nodes[node]!.step.pack === undefined;
    const { startedAt, endedAt = at } = isAlone
      ? { ...ofJob, ...reported }
      : { endedAt: reported.endedAt, ...ofJob };
    if (started) {
      const by = isAlone && reported.startedAt !== undefined ? { by: "scheduler" as const } : {};
      see({ see: "started", node, at: startedAt ?? at, ...by });
    }
    if (end === undefined) return undefined;
    const close = () => {
      const lost = end.kind === "lost" && !started;
      // A job that is gone without having begun is kept from beginning late.
      if ((unbegun || lost) && claims.settle(node) !== "void") return;
      const { host } = facts;
      const began = {
        ...(startedAt === undefined ? {} : { startedAt }),
        ...(host === undefined ? {} : { host }),
      };
      const endAt = Math.max(endedAt, startedAt ?? 0);
      see({ see: "ended", node, at: endAt, end: lost ? LOST_UNBEGUN : end, ...began });
    };
    if (!sighting?.stays && end.kind !== "lost") return void close();
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

  private async askForUptime(node: number, evidence: Evidence): Promise<void> {
    const { commands, progress, system } = this.options;
    const uptime = await commands.uptime(progress.records[node]!.cluster) ?? 0;
    await this.judge(node, "absent", { ...evidence, startedAt: system.now() - uptime })?.run();
  }

  /** Keeps for readers what the scheduler reports of a job that waits or is suspended. */
  private noteLook(node: number, { phase, word, reason, paused, expectedStartAt }: JobSighting): void {
    const { system, progress: { look, records } } = this.options;
    const waits = phase === "pending" ? reason ?? word : undefined;
    const expected = expectedStartAt !== undefined && expectedStartAt >= system.now()
      ? expectedStartAt
      : undefined;
    if (waits === undefined && paused === undefined) look.jobs.delete(node);
    else look.jobs.set(node, queuedJob(records[node]!.attempt, waits, paused, expected));
  }

  /** A job that waits for what will not come by itself, or no longer does; or that waits again. */
  private noteWaiting(node: number, sighting: JobSighting): void {
    const { system, progress, see } = this.options;
    const { phase, stuck } = sighting;
    this.noteLook(node, sighting);
    const ran = progress.columns.state.get(node) === "RUNNING";
    if (phase === "pending" && ran && !progress.plan.nodes[node]!.step.pack) {
      see({ see: "requeued", node, at: system.now() });
    }
    // Its start is enough, unless it had started before and was then made to wait.
    const goesOn = phase === "running" && ran;
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
  private warnOfUnknown(word: string): void {
    if (this.logged.has(word)) return;
    this.logged.add(word);
    this.options.log.warning(
      `The scheduler reports '${word}' for a job, which is not in the table. The job counts as alive.`,
    );
  }
}

/** Clocks of schedulers tick in whole seconds, and differ a little. */
const CLOCKS_MS = 2000;

/**
 * The scheduler's times of a job, which people see in its own commands. They count before those that the job wrote, if
 * they can be those of this attempt: the zone or the clock may be another.
 */
function reportedTimes(sighting: JobSighting | undefined, intendedAt: number, now: number): Times {
  const within = (at: number | undefined, from: number) =>
    at === undefined || at < from - CLOCKS_MS || at > now + CLOCKS_MS ? undefined : Math.min(at, now);
  const startedAt = within(sighting?.startedAt, intendedAt);
  const endedAt = within(sighting?.endedAt, startedAt ?? intendedAt);
  return {
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
  };
}

/** How often a job must have been absent before it is given up. */
const ABSENCES = 3;

/** `absences`: successful queries in a row that did not know the job; `absentMs`: since the first of them. */
export function judge(
  answer: Answer,
  facts: JobFacts,
  absences: number,
  absentMs: number,
  circumstances: Circumstances = {},
): Verdict {
  const started = facts.claimed === true;
  const longAgo = absences >= ABSENCES && absentMs >= ABSENT_MS;
  if (answer !== undefined && answer !== "absent") {
    if (isStale(answer, facts) && !longAgo) return { started };
    // Some schedulers have but one word for all that failed.
    const late = answer.phase === "failed" && answer.reason === undefined && overTime(facts, circumstances);
    if (late) return { started, end: late };
    const verdict = judgeSighting(answer, facts, started);
    const neverRan = answer.phase === "failed" && !started && circumstances.guarded === true;
    return neverRan ? { started, unbegun: true, end: failedUnbegun(answer, verdict.end!) } : verdict;
  }
  const { deleted } = circumstances;
  if (answer === "absent" && deleted !== undefined && !started) {
    const enough = deleted === "here" ? 1 : DELETED_ABSENCES;
    const end = { kind: "cancelled", reason: "deleted before it began", elsewhere: true } as const;
    if (absences >= enough) return { started, unbegun: true, end };
  }
  const endedHere = deleted === "here" && absences >= DELETED_ABSENCES;
  const gone = answer === "absent" && (longAgo || endedHere);
  // A script that a signal ended knows how and not why: the scheduler's word is waited for.
  if (facts.exitCode !== undefined && (gone || !ofSignal(facts.exitCode))) {
    return { started, end: overTime(facts, circumstances) ?? endUnheardOf(facts.exitCode, circumstances) };
  }
  if (gone) {
    return {
      started,
      end: { kind: "lost", reason: "the scheduler no longer knows the job, and it left no exit code" },
    };
  }
  return { started };
}

/**
 * Whether a scheduler may mean an earlier run of a job that it has requeued since. Such a report counts only
 * if it remains the same for as long as a job must be absent.
 */
function isStale(answer: Answer, facts: JobFacts): boolean {
  return answer !== undefined && answer !== "absent" && facts.again === true &&
    facts.exitCode === undefined &&
    (answer.phase === "hwfailure" || answer.phase === "preempted");
}
