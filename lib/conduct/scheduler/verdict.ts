/**
 * What becomes of scheduled jobs. Three witnesses are brought to one verdict: the journal (a job is in flight), the file
 * that the job itself writes, and the scheduler. Only a positive word ends a job; silence needs time and repetition.
 */

import { exitCodeOf } from "../../signals.ts";
import { type Claims, type JobFacts, ofSignal, timesOf } from "../../study/claims.ts";
import type { AttemptEnd, Sighting } from "../runner.ts";
import type { Commands } from "./commands.ts";
import type { Log } from "../../log.ts";
import { limitOf } from "../../plan/node_script.ts";
import { type Answer, PackMembers } from "../pack.ts";
import type { Progress } from "../../study/state/progress.ts";
import type { Study } from "../../study/folder.ts";
import { submissionToken, type Unnamed } from "./submit.ts";
import { codeOf, type System } from "../../system.ts";
import type { JobSighting, SchedulerAdapter } from "../../../adapters/adapter.ts";

interface Verdict {
  readonly started: boolean;
  readonly end?: AttemptEnd;
}

/** How often and for how long a job must have been absent before it is given up. */
export const ABSENCES = 3;
export const ABSENT_MS = 120_000;

/** The guard's own: the job's file has another's claim, or could not be made. */
const NOT_RUN = new Set([96, 97]);

/** What else bears on a verdict. */
interface Circumstances {
  /** Seconds that the job may take. */
  readonly limit?: number | undefined;
  /** Whether its scheduler knows nothing of any job that has ended. */
  readonly forgets?: boolean;
}

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
    return late ? { started, end: late } : judgeSighting(answer, facts, started);
  }
  const gone = answer === "absent" && longAgo;
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

/** Of a script that a signal ended when its time was up. */
function overTime({ exitCode, ran }: JobFacts, { limit }: Circumstances): AttemptEnd | undefined {
  if (exitCode === undefined || !ofSignal(exitCode)) return undefined;
  // Clocks tick in whole seconds; schedulers are late, never early.
  if (ran === undefined || limit === undefined || ran < limit - 1) return undefined;
  return { kind: "timeout", exitCode, reason: `over its time limit: a signal ended it after ${ran} s` };
}

/** What schedulers send to a job that someone deletes: INT, TERM. */
const OF_DELETION: ReadonlySet<number> = new Set((["SIGINT", "SIGTERM"] as const).map(exitCodeOf));

/** An end of which the scheduler has kept no word. */
function endUnheardOf(exitCode: number, { forgets }: Circumstances): AttemptEnd {
  if (!forgets || !OF_DELETION.has(exitCode)) return endOfCode(exitCode);
  const reason = "a signal ended it before its time, and the scheduler keeps no record of why";
  return { kind: "cancelled", reason, elsewhere: true };
}

/**
 * Whether a scheduler may be speaking of an earlier run of a job that it has run once more since: such a word counts
 * only when it has stayed the same for as long as a job must be absent.
 */
function isStale(answer: Answer, facts: JobFacts): boolean {
  return answer !== undefined && answer !== "absent" && facts.again === true &&
    facts.exitCode === undefined &&
    (answer.phase === "hwfailure" || answer.phase === "preempted");
}

function judgeSighting(sighting: JobSighting, facts: JobFacts, started: boolean): Verdict {
  const code = facts.exitCode ?? sighting.exitCode;
  const why = sighting.reason ? `${sighting.word} (${sighting.reason})` : sighting.word;
  const coded = code === undefined ? {} : { exitCode: code };
  switch (sighting.phase) {
    case "pending":
      return { started: false };
    case "unknown":
      return facts.exitCode !== undefined && !ofSignal(facts.exitCode)
        ? { started, end: endOfCode(facts.exitCode) }
        : { started: false };
    case "running":
      return { started: true };
    case "finished":
      // The scheduler may call a job finished whose script failed; the script's own word counts.
      return { started: true, end: endOfCode(facts.exitCode ?? 0) };
    case "failed":
      if (!started && code !== undefined && NOT_RUN.has(code)) {
        return { started, end: { kind: "hwfailure", reason: "its node could not write the job's file" } };
      }
      if (code === 0) {
        return { started, end: { kind: "exit", exitCode: 0, reason: `the scheduler says ${why}` } };
      }
      return {
        started,
        end: { kind: "exit", ...coded, reason: code === undefined ? why : `exit code ${code}` },
      };
    case "oom":
      return { started, end: { kind: "oom", ...coded, reason: `out of memory: ${why}` } };
    case "timedout":
      return { started, end: { kind: "timeout", ...coded, reason: `over its time limit: ${why}` } };
    case "hwfailure":
    case "preempted":
      // Its script had come to its end before that, or was run once more and then did.
      if (facts.exitCode === 0) return { started, end: endOfCode(0) };
      if (sighting.phase === "preempted") {
        return { started, end: { kind: "preempted", reason: `preempted: ${why}` } };
      }
      return { started, end: { kind: "hwfailure", reason: `its node failed: ${why}` } };
    case "cancelled":
      return {
        started,
        end: { kind: "cancelled", reason: `cancelled at the scheduler: ${why}`, elsewhere: true },
      };
  }
}

function endOfCode(code: number): AttemptEnd {
  return code === 0 ? { kind: "finished" } : { kind: "exit", exitCode: code, reason: `exit code ${code}` };
}

/** The guard's code for a job that found its attempt claimed by another. */
const CLAIMED_BY_ANOTHER = 96;
/** How often the exit code of a job that failed without having begun is asked for. */
const CODE_LOOKS = 3;

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
  /** How often the code of a node's job was asked for. */
  private readonly codeLooks = new Map<number, number>();

  private readonly members: PackMembers;

  constructor(private readonly options: WatchOptions) {
    this.members = new PackMembers(options);
  }

  /**
   * One look at all jobs. `unnamed`: attempts that have begun in a job of which nobody knows the id. Gives why it could
   * not ask; undefined where it got any answer.
   */
  async poll(clusters: JobsByCluster, unnamed: readonly Unnamed[]): Promise<string | undefined> {
    const trouble: string[] = [];
    let silent = true;
    for (const [cluster, nodesOf] of clusters) {
      const answers = await this.options.commands.ask([...nodesOf.keys()], cluster);
      trouble.push(...answers.trouble);
      silent &&= answers.silent;
      // Without a pause in between: what a poll shows is noted, and acted upon, in one go.
      const errands = [...nodesOf].flatMap(([jobId, nodes]) => {
        const answer = answers.known.get(jobId) ?? (answers.absent.has(jobId) ? "absent" : undefined);
        return nodes.map((node) => this.hear(node, answer));
      });
      await this.runErrands(errands);
    }
    // The scheduler was asked for these by their tokens.
    await this.runErrands(unnamed.map(({ node, asked }) => this.hear(node, asked ? "absent" : undefined)));
    return silent ? trouble.join("; ") : undefined;
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
  private hear(node: number, answer: Answer): Errand | undefined {
    const told = answer === "absent" ? undefined : answer;
    try {
      const isOurs = told === undefined || this.isOurs(told, node);
      if (told && isOurs && this.isVague(node, told)) {
        return { node, run: () => this.askForCode(node, told) };
      }
      return this.judge(node, isOurs ? answer : "absent");
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

  private async askForCode(node: number, sighting: JobSighting): Promise<void> {
    const { scheduler, commands, progress } = this.options;
    const { jobId } = sighting;
    const { cluster } = progress.records[node]!;
    const { known } = await commands.ask([jobId], cluster, scheduler.queries.slice(1));
    const better = known.get(jobId);
    const looks = (this.codeLooks.get(node) ?? 0) + 1;
    this.codeLooks.set(node, looks);
    if (better === undefined && looks < CODE_LOOKS) return;
    this.codeLooks.delete(node);
    await this.judge(node, better ?? sighting)?.run();
  }

  /** Notes what is known now; what must be done first where that is not all. */
  private judge(node: number, answer: Answer): Errand | undefined {
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
    if (times > 0 && times <= ABSENCES) see({ see: "missing", node, at });
    else if (own !== undefined && times === 0) see({ see: "found", node, at });
    const absentMs = at - (record.missingSince ?? at);
    const { started, end } = judge(own, facts, times, absentMs, this.circumstancesOf(node, facts));
    const { startedAt, endedAt = at } = timesOf(facts, record.intendedAt!, at);
    if (started) see({ see: "started", node, at: startedAt ?? at });
    if (end === undefined) return undefined;
    const close = () => {
      if (end.kind === "lost" && !started) this.loseUnbegun(node, at);
      else see({ see: "ended", node, at: endedAt, end, ...(startedAt === undefined ? {} : { startedAt }) });
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
   * Whether a job that nobody knows under its id is there under another, or may be: the id in a claim may be one that the
   * job inherited.
   */
  private async isElsewhere(node: number): Promise<boolean> {
    const { study, progress, commands, system, see } = this.options;
    const { attempt, jobId } = progress.records[node]!;
    const token = submissionToken(study, node, attempt);
    const known = await commands.finder()(token);
    if (known === undefined) return true;
    const found = known.find((job) => job.token === token && job.jobId !== jobId);
    if (found) see({ see: "accepted", node, at: system.now(), jobId: found.jobId });
    return found !== undefined;
  }

  /** A job that waits for what will not come by itself, or no longer does. */
  private hearWaiting(node: number, { phase, stuck }: JobSighting): void {
    const { system, progress, see } = this.options;
    // That it has begun says it all, unless it had before and was made to wait again.
    const goesOn = phase === "running" && progress.records[node]!.state === "RUNNING";
    if (phase !== "pending" && !goesOn) return;
    see({ see: "stuck", node, at: system.now(), ...(stuck === undefined ? {} : { reason: stuck }) });
  }

  /** What bears on the end of a script that a signal ended; of others there is nothing to wonder about. */
  private circumstancesOf(node: number, { exitCode }: JobFacts): Circumstances {
    if (exitCode === undefined || !ofSignal(exitCode)) return {};
    const { progress: { plan, records }, scheduler, commands } = this.options;
    const forgets = commands.lacks.has(scheduler.noHistory ?? "");
    // A pack has the time of all its rounds.
    if (plan.nodes[node]!.step.pack) return { forgets };
    return { forgets, limit: limitOf(plan, plan.nodes[node]!, records[node]!.retries, scheduler.seconds) };
  }

  /** A state that no table has is logged once. */
  private wonder(word: string): void {
    if (this.said.has(word)) return;
    this.said.add(word);
    this.options.log.warning(
      `The scheduler says '${word}' of a job, which is not in the table: taken for alive.`,
    );
  }

  /** A job that is gone without having begun is kept from beginning late. */
  private loseUnbegun(node: number, at: number): void {
    const { claims, see } = this.options;
    if (claims.settle(node, at) !== "void") return;
    const reason = "the scheduler lost the job before it began";
    see({ see: "ended", node, at, end: { kind: "hwfailure", reason } });
  }
}
