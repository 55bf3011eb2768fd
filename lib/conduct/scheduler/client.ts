/**
 * The client of a scheduler: what the loop asks of it. It starts steps through `submit.ts`, polls their jobs, whose
 * answers `verdict.ts` judges, and cancels them. `accounting.ts` finds what ended jobs used. Commands run in the background, and what they show becomes sightings.
 */

import { Accounting } from "./accounting.ts";
import { type Claims, claimsOf } from "../../study/claims.ts";
import { Commands } from "./commands.ts";
import type { Log } from "../../log.ts";
import { type Member, packsOf } from "../pack.ts";
import { givenUp } from "../decide.ts";
import { pauseMs } from "../trouble.ts";
import { SCHEDULER_GONE } from "../../study/lease.ts";
import { News } from "./news.ts";
import { pause, soonMs } from "./pace.ts";
import { jobFolder } from "../../paths.ts";
import type { Progress } from "../../study/state/progress.ts";
import type { Runner, Sighting } from "../runner.ts";
import type { Study } from "../../study/folder.ts";
import { Submissions, submissionToken } from "./submit.ts";
import { type NodesByJob, Verdicts } from "./verdict.ts";
import { isTransient, type System } from "../../system.ts";
import type { PlanNode } from "../../plan/types.ts";
import type { SchedulerAdapter, SubmitRequest } from "../../../adapters/adapter.ts";

/** Work beside the loop. Errors of the system are logged; any other one surfaces in the loop. */
class Background {
  readonly tasks = new Set<Promise<void>>();
  private failure: Error | undefined;

  constructor(private readonly log: Log, private readonly wake: () => void) {}

  readonly run = (work: Promise<void>): void => {
    const tracked = work.catch((error) => {
      if (!isTransient(error)) this.failure ??= error as Error;
      else this.log.error(`While talking to the scheduler: ${(error as Error).message}`);
    }).finally(() => {
      this.tasks.delete(tracked);
      this.wake();
    });
    this.tasks.add(tracked);
  };

  throwFailure(): void {
    if (this.failure) throw this.failure;
  }
}

export interface ClientOptions {
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

export class SchedulerClient implements Runner {
  private readonly seen: Sighting[] = [];
  /** Nodes that go into packs; those that start together go together. */
  private readonly gathered: Member[] = [];
  private readonly background: Background;
  private readonly commands: Commands;
  private readonly claims: Claims;
  private readonly submissions: Submissions;
  private readonly verdicts: Verdicts;
  private readonly accounting: Accounting;
  private readonly news: News;
  private nextPoll = 0;
  private polling = false;
  /** Polls in a row that got no answer at all. */
  private silences = 0;
  /** Why the last one got none, in the words of the command. */
  private silence: string | undefined;

  constructor(private readonly options: ClientOptions) {
    const { system, study, progress, log, wake } = options;
    this.background = new Background(log, wake);
    this.commands = new Commands(options);
    this.claims = claimsOf(system, study, progress);
    const shared = {
      ...options,
      commands: this.commands,
      claims: this.claims,
      see: (sighting: Sighting) => this.see(sighting),
    };
    this.submissions = new Submissions({
      ...shared,
      background: this.background.run,
      pollSoon: () => this.pollSoon(),
    });
    this.accounting = new Accounting({ ...shared, usage: options.scheduler.usage });
    this.verdicts = new Verdicts({ ...shared, cancel: (nodes) => this.cancelJobs(nodes) });
    this.news = new News(shared);
  }

  start(node: PlanNode, attempt: number): void {
    const { system, study, prepare, preparePack } = this.options;
    system.makeDirectory(jobFolder(study.root, node.index));
    const request = prepare(node, new Set(this.commands.lacks));
    if (node.step.pack && preparePack) this.gathered.push({ node, attempt, request });
    else {
      const token = submissionToken(study, node.index, attempt);
      this.submissions.add([node], { ...request, token }, (lacks) => ({ ...prepare(node, lacks), token }));
    }
  }

  recover(): void {
    const { progress, system } = this.options;
    for (const node of progress.inFlight.scheduled) {
      const { jobId, stuck } = progress.records[node]!;
      if (jobId === undefined) this.submissions.unclear.add(node, undefined, stuck);
    }
    this.nextPoll = system.now();
    this.accounting.recover();
  }

  sightings(): Sighting[] {
    this.background.throwFailure();
    this.submitPacks();
    this.submissions.goOn();
    const { system, progress } = this.options;
    const anything = progress.inFlight.scheduled.size > 0;
    if (!this.polling && anything && system.now() >= this.nextPoll) {
      this.polling = true;
      this.nextPoll = system.now() + pause(system, progress.settings.sleep * 1000, this.silences);
      this.background.run(this.poll().finally(() => this.polling = false));
    } else if (anything) this.askOfNews();
    const accounting = this.accounting.askIfDue();
    if (accounting) this.background.run(accounting);
    return this.seen.splice(0);
  }

  linger(isWanted: () => boolean): Promise<void> {
    return this.accounting.linger(isWanted);
  }

  room(): number {
    return this.submissions.round();
  }

  async makesRoom(): Promise<boolean> {
    const { tasks } = this.background;
    for (;;) {
      this.background.throwFailure();
      const held = this.submissions.goOn();
      if (this.submissions.round() > 0) {
        this.nextPoll = Infinity;
        return true;
      }
      if (held > 0) await this.options.system.sleep(held, Promise.race(tasks));
      else if (tasks.size > 0) await Promise.race(tasks);
      else return false;
    }
  }

  async idle(): Promise<void> {
    const { tasks } = this.background;
    this.submitPacks();
    for (let held = 1; held > 0;) {
      while (tasks.size > 0) await Promise.all(tasks);
      held = this.submissions.goOn();
      if (held > 0 && tasks.size === 0) await this.options.system.sleep(held);
      else held += tasks.size;
    }
    this.submissions.giveBack();
    this.background.throwFailure();
  }

  /** Ends jobs. The background reports what goes wrong; nobody waits here. */
  cancel(nodes: Iterable<number>): void {
    void this.cancelJobs(new Set(nodes)).catch(() => {});
  }

  /** Lets go of jobs that the scheduler cannot be asked to end. */
  giveUp(nodes: Iterable<number>): void {
    const { progress, system } = this.options;
    this.submissions.takeBack(new Set(nodes));
    for (const node of nodes) {
      const at = system.now();
      const isVoid = this.claims.settle(node) === "void";
      const reason = isVoid ? "given up before it began" : givenUp(progress.records[node]!.jobId);
      this.see({ see: "ended", node, at, end: { kind: "cancelled", reason } });
    }
  }

  get unreachable(): boolean {
    return this.silences > 0;
  }

  get trouble(): string | undefined {
    if (this.silence !== undefined) return SCHEDULER_GONE.asked(this.silence);
    const { trouble } = this.submissions.pace;
    return trouble === undefined ? undefined : SCHEDULER_GONE.reached(trouble);
  }

  private see(sighting: Sighting): void {
    this.seen.push(sighting);
    if (sighting.see === "accepted") this.pollSoon();
    if (sighting.see !== "ended") return;
    this.submissions.pace.freed();
    const began = sighting.startedAt ?? this.options.progress.records[sighting.node]!.startedAt;
    // A job that was deleted before it began may have no record at all.
    if (began !== undefined || sighting.end.kind !== "cancelled") this.accounting.ended(sighting.node);
  }

  private pollSoon(): void {
    const { system, progress } = this.options;
    this.nextPoll = Math.min(this.nextPoll, system.now() + soonMs(progress.inFlight.scheduled.size));
  }

  private submitPacks(): void {
    const { study, system, prepare, preparePack } = this.options;
    for (const pack of packsOf(this.gathered.splice(0))) {
      const { node, attempt } = pack[0]!;
      const nodes = pack.map((member) => member.node);
      const token = submissionToken(study, node.index, attempt);
      try {
        this.submissions.add(nodes, { ...preparePack!(pack), token }, (lacks) => {
          const members = pack.map((member) => ({ ...member, request: prepare(member.node, lacks) }));
          return { ...preparePack!(members), token };
        });
      } catch (error) {
        const { message: reason } = error as Error;
        const why = isTransient(error) ? "passing" : "blocked";
        const at = system.now();
        for (const { index } of nodes) {
          this.see({ see: "refused", node: index, at, reason, why, notBefore: at + pauseMs(1) });
        }
      }
    }
  }

  private async poll(): Promise<void> {
    const { log } = this.options;
    const { unnamed, any, trouble: searching } = await this.submissions.unclear.lookUp();
    const jobs = this.jobsInFlight();
    const asking = await this.ask(jobs, "wanted");
    await this.verdicts.noteUnnamed(unnamed);
    if (jobs.size === 0 && !any) return;
    const trouble = jobs.size > 0 ? asking : searching;
    if (trouble !== undefined && this.silence === undefined) {
      log.warning(`The scheduler cannot be asked (${trouble}). Trying again.`);
    }
    this.silence = trouble;
    this.silences = trouble === undefined ? 0 : this.silences + 1;
    if (asking === undefined && jobs.size > 0) this.noteLookAt();
    if (this.verdicts.deletions.areAwaited()) this.pollSoon();
  }

  /** Readers see the age of what the scheduler reported. */
  private noteLookAt(): void {
    const { system, progress: { look, inFlight } } = this.options;
    for (const node of look.jobs.keys()) if (!inFlight.scheduled.has(node)) look.jobs.delete(node);
    look.at = system.now();
  }

  /** Asks about jobs whose files have changed: they have begun or ended. */
  private askOfNews(): void {
    // What the last answers mean is not noted yet; or the scheduler does not answer, or is not asked any more.
    if (this.polling || this.seen.length > 0 || this.silences > 0 || this.nextPoll === Infinity) return;
    const nodes = this.news.take();
    if (nodes.length === 0) return;
    this.polling = true;
    const work = this.ask(this.jobsInFlight(new Set(nodes)), "needed").then((trouble) => {
      // The next poll reports a scheduler that does not answer.
      if (trouble === undefined && this.verdicts.deletions.areAwaited()) this.pollSoon();
    });
    this.background.run(work.finally(() => this.polling = false));
  }

  /**
   * Asks about jobs, once. Returns why that was not possible; undefined if there was any answer. `needed`: without one,
   * the files of the jobs mean nothing.
   */
  private async ask(
    clusters: ReadonlyMap<string | undefined, NodesByJob>,
    needed: "needed" | "wanted",
  ): Promise<string | undefined> {
    const troubles: string[] = [];
    let silent = true;
    for (const [cluster, jobs] of clusters) {
      const answers = await this.commands.ask(this.options.scheduler.queries, [...jobs.keys()], cluster);
      if (answers.trouble !== undefined) troubles.push(answers.trouble);
      silent &&= answers.silent;
      if (needed === "wanted" || !answers.silent) await this.verdicts.note(jobs, answers);
    }
    return silent ? troubles.join("; ") : undefined;
  }

  /** By the cluster that has them; of all nodes, or of some. */
  private jobsInFlight(some?: ReadonlySet<number>): ReadonlyMap<string | undefined, NodesByJob> {
    const { inFlight, records } = this.options.progress;
    const clusters = new Map<string | undefined, Map<string, number[]>>();
    for (const node of some ?? inFlight.scheduled) {
      const { jobId, cluster } = records[node]!;
      if (jobId === undefined) continue;
      const jobs = clusters.get(cluster) ?? new Map<string, number[]>();
      clusters.set(cluster, jobs.set(jobId, [...jobs.get(jobId) ?? [], node]));
    }
    return clusters;
  }

  /** Ends jobs; those that are not submitted yet will not be. Resolves when the commands have ended. */
  private cancelJobs(wanted: ReadonlySet<number>): Promise<unknown> {
    const { system } = this.options;
    const end = { kind: "cancelled", reason: "cancelled" } as const;
    for (const node of this.submissions.takeBack(wanted)) {
      this.see({ see: "ended", node, at: system.now(), end });
    }
    const commands: Promise<void>[] = [];
    for (const [cluster, jobs] of this.jobsInFlight()) {
      const ending = [...jobs].filter(([, nodes]) => this.endsWith(nodes, wanted));
      if (ending.length === 0) continue;
      const work = this.commands.cancel(ending.map(([id]) => id), cluster).then((taken) => {
        if (taken) this.verdicts.deletions.noteAccepted(ending.flatMap(([, nodes]) => nodes));
        this.pollSoon();
      });
      this.background.run(work);
      commands.push(work);
    }
    return Promise.all(commands);
  }

  /**
   * Whether to end a job. A pack ends when all its members must end. Until then, members that must end cannot
   * begin.
   */
  private endsWith(nodes: readonly number[], wanted: ReadonlySet<number>): boolean {
    const unwanted = nodes.filter((node) => wanted.has(node));
    if (unwanted.length === nodes.length || unwanted.length === 0) return unwanted.length > 0;
    const at = this.options.system.now();
    const end = { kind: "cancelled", reason: "cancelled before it began" } as const;
    for (const node of unwanted) {
      if (this.claims.settle(node) === "void") this.see({ see: "ended", node, at, end });
    }
    return false;
  }
}
