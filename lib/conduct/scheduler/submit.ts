/**
 * Submissions to a scheduler: some at a time, or many in one process where its commands take long to start. Those of
 * which nobody knows whether they came through are looked up by their tokens before anything else becomes of them.
 */

import type { Claims, JobFacts } from "../../study/claims.ts";
import { AdapterFault } from "../../errors.ts";
import type { Commands } from "./commands.ts";
import { Pace } from "./pace.ts";
import type { Progress } from "../../study/state/progress.ts";
import type { Sighting } from "../runner.ts";
import type { Study } from "../../study/folder.ts";
import type { System } from "../../system.ts";
import type { PlanNode } from "../../plan/types.ts";
import type {
  BulkSubmission,
  CommandResult,
  JobSighting,
  SchedulerAdapter,
  Submission,
  SubmitRequest,
} from "../../../adapters/adapter.ts";

/** Distinguishes a submission from all others: study, node, attempt. */
export function submissionToken(study: Study, node: number, attempt: number): string {
  return `${study.file.id}-${node}-${attempt}`;
}

export interface SubmissionOptions {
  readonly system: System;
  readonly study: Study;
  readonly progress: Progress;
  readonly scheduler: SchedulerAdapter;
  readonly commands: Commands;
  readonly claims: Claims;
  readonly see: (sighting: Sighting) => void;
  /** Does work beside the loop. */
  readonly background: (work: Promise<void>) => void;
  /** There may be news of a job soon. */
  readonly pollSoon: () => void;
}

type Rewrite = (lacks: ReadonlySet<string>) => SubmitRequest;

/** One job to be: its nodes, and what its submission has. */
interface Waiting {
  readonly nodes: readonly PlanNode[];
  request: SubmitRequest;
  /** How much the scheduler was known to lack when its scripts were written. */
  known: number;
  readonly again: Rewrite | undefined;
}

/** The request for a scheduler that lacks so much. Its scripts are written anew if more has been learnt. */
function fitted(entry: Waiting, lacks: ReadonlySet<string>): SubmitRequest {
  if (entry.again && entry.known !== lacks.size) {
    entry.request = entry.again(lacks);
    entry.known = lacks.size;
  }
  return entry.request;
}

/** Jobs to submit, in the order in which they became ready. */
export class Submissions {
  private readonly waiting: Waiting[] = [];
  readonly pace: Pace;
  readonly unclear: Unclear;
  /** Whether the scheduler takes many in one process. */
  private together = true;
  /** Whether what is added now goes in one bundle. */
  private bundling = false;

  constructor(private readonly options: SubmissionOptions) {
    this.pace = new Pace(options.system);
    this.unclear = new Unclear(options);
  }

  private get bulk(): BulkSubmission | undefined {
    return this.together ? this.options.scheduler.bulk : undefined;
  }

  /** One job for these nodes: one, or a pack. `again` writes its scripts anew, for a scheduler that lacks something. */
  add(nodes: readonly PlanNode[], request: SubmitRequest, again?: Rewrite): void {
    this.waiting.push({ nodes, request, known: request.lacks?.size ?? 0, again });
    // The scripts of the next ones are written while the scheduler has this one.
    if (!this.bulk) return this.pump();
    if (this.bundling) return;
    this.bundling = true;
    // All that is added in one go is there when the first is taken.
    const later = Promise.resolve().then(() => {
      this.bundling = false;
      this.pump();
    });
    this.options.background(later);
  }

  /** Takes those back that have not been made; which they were. */
  takeBack(wanted: ReadonlySet<number>): number[] {
    const back = this.waiting.filter(({ nodes }) => nodes.every(({ index }) => wanted.has(index)));
    for (const entry of back) this.waiting.splice(this.waiting.indexOf(entry), 1);
    return back.flatMap(({ nodes }) => nodes.map(({ index }) => index));
  }

  /**
   * Jobs of the next round. There are none before the last round is on its way, nor for a while after a limit
   * of the scheduler. Rounds grow with the number of jobs accepted since then.
   */
  round(): number {
    return this.waiting.length > 0 ? 0 : this.pace.round(this.bulk);
  }

  /** Makes those that had to wait, of which some may go now; ms until more of them may, where only our own limit holds. */
  goOn(): number {
    this.pump();
    return this.waiting.length > 0 ? this.pace.heldMs() : 0;
  }

  /** Lets go of those that still wait. */
  giveBack(): void {
    const reason = this.pace.limit || "not submitted yet";
    const why = this.pace.limit ? "later" : "passing";
    for (const { nodes } of this.waiting.splice(0)) this.refuse(nodes, reason, why);
  }

  private refuse(nodes: readonly PlanNode[], reason: string, why: "passing" | "later" | "refused"): void {
    const at = this.options.system.now();
    for (const { index: node } of nodes) this.options.see({ see: "refused", node, at, reason, why });
  }

  private pump(): void {
    for (let most; this.waiting.length > 0 && (most = this.pace.room(this.bulk)) > 0;) {
      const bundle = this.waiting.splice(0, most);
      this.pace.begin(bundle.length);
      const work = bundle.length > 1 ? this.submitBundle(bundle) : this.submit(bundle[0]!);
      this.options.background(work.finally(() => {
        this.pace.underWay--;
        this.pump();
      }));
    }
  }

  private async submit(entry: Waiting): Promise<void> {
    const { scheduler, commands } = this.options;
    const { workspace } = entry.request;
    const argv = (lacks: ReadonlySet<string>) => scheduler.submit(fitted(entry, lacks), lacks);
    const result = await commands.submit(argv, workspace).catch((error: Error) => error);
    // An adapter from a file gave no command, or its scripts could not be written anew: nothing of it has been submitted.
    if (result instanceof AdapterFault) this.refuse(entry.nodes, result.message, "refused");
    else if (result instanceof Error) this.refuse(entry.nodes, result.message, "passing");
    else this.take(entry, result);
  }

  private async submitBundle(entries: readonly Waiting[]): Promise<void> {
    const { scheduler, commands, study } = this.options;
    const { lacks } = commands;
    const { argv, input, parse } = scheduler.bulk!;
    const bundle = entries.filter((entry) => {
      try {
        return fitted(entry, lacks) !== undefined;
      } catch (error) {
        this.refuse(entry.nodes, (error as Error).message, "passing");
        return false;
      }
    });
    const before = new Set(lacks);
    const text = input(
      bundle.map(({ request }) => ({ argv: scheduler.submit(request, lacks), cwd: request.workspace })),
    );
    const result = await commands.submit(() => argv, study.root, text);
    const results = parse(result, bundle.length);
    this.together = results?.every(Boolean) ?? false;
    // It could not be run at all: nothing was submitted.
    if (results === undefined) return void this.waiting.unshift(...bundle);
    for (const [i, entry] of bundle.entries()) {
      const own = results[i];
      const lack = own && scheduler.lacking?.(own);
      if (lack === undefined || before.has(lack)) {
        // Nothing is known of one that has no result.
        this.take(entry, own ?? { ...result, code: 0, stdout: "" });
      } else {
        commands.learn(lack);
        this.waiting.push(entry);
      }
    }
  }

  /** Notes what the scheduler answered to a submission. */
  private take({ nodes, request }: Waiting, result: CommandResult): void {
    const { system, see, scheduler, pollSoon } = this.options;
    const answer: Submission = scheduler.parseSubmit(result);
    this.pace.heed(answer);
    if (answer.kind === "refused") {
      return this.refuse(nodes, answer.reason, answer.again ? "later" : "refused");
    }
    if (answer.kind === "unclear") {
      pollSoon();
      const reason = `unclear submission, answered by: ${answer.reason}`;
      for (const { index: node } of nodes) {
        this.unclear.add(node, request.token, reason);
        see({ see: "unclear", node, at: system.now(), reason });
      }
      return;
    }
    const { jobId, cluster } = answer;
    const job = { jobId, ...(cluster === undefined ? {} : { cluster }) };
    for (const { index: node } of nodes) {
      this.unclear.clear(node);
      see({ see: "accepted", node, at: system.now(), ...job });
    }
  }
}

/** Look-ups of a submission of which nothing is known, before it is declared not made. */
const LOOKUPS = 2;
/** A submission of which nothing has been heard for this long is looked up once only. */
const LOOKUP_MS = 60_000;
/** An attempt that has begun, as its claim shows, in a job whose id nobody knows; whether the scheduler could be asked. */
export interface Unnamed {
  readonly node: number;
  readonly asked: boolean;
}

/** What a look-up of unclear submissions showed. */
export interface LookUp {
  readonly unnamed: readonly Unnamed[];
  /** Whether there were any. */
  readonly any: boolean;
  /** Why none could be looked up, if so. */
  readonly trouble?: string;
}

interface Doubt {
  readonly token: string;
  /** Look-ups that found no job. */
  readonly times: number;
  /** What the scheduler's command printed; none where a conductor died before it knew. */
  readonly reason?: string;
}

/** Nodes without a job id that may have a job: looked up at the scheduler by their tokens. */
class Unclear {
  private readonly doubts = new Map<number, Doubt>();

  constructor(private readonly options: SubmissionOptions) {}

  /**
   * Nobody knows whether this one was made. `reason`: what its command printed, if that is known.
   *
   * A pack has the token of one member. Where its conductor died before it heard of the pack, the others have their
   * claims.
   */
  add(node: number, token: string | undefined, reason: string | undefined): void {
    const { study, progress } = this.options;
    const own = submissionToken(study, node, progress.records[node]!.attempt);
    this.doubts.set(node, {
      token: token ?? own,
      times: 0,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  /** A node has a job. */
  clear(node: number): void {
    this.doubts.delete(node);
  }

  /** Looks them up. What is not there is kept from ever starting. */
  async lookUp(): Promise<LookUp> {
    const { commands, progress, claims } = this.options;
    const find = commands.finder();
    const unnamed: Unnamed[] = [];
    const troubles: string[] = [];
    let asked = 0;
    for (const [node, doubt] of [...this.doubts]) {
      // It may have ended since.
      if (!progress.inFlight.scheduled.has(node)) {
        this.doubts.delete(node);
        continue;
      }
      const found = await find(doubt.token);
      if (typeof found === "string") troubles.push(found);
      else asked++;
      if (this.lookUpOne(node, doubt, found)) unnamed.push({ node, asked: true });
      else if (this.doubts.has(node) && hasBegun(claims.read(node))) unnamed.push({ node, asked: false });
    }
    const any = asked + troubles.length > 0;
    return { unnamed, any, ...(any && asked === 0 ? { trouble: troubles[0]! } : {}) };
  }

  /** Whether the scheduler does not know of an attempt that has begun. */
  private lookUpOne(
    node: number,
    doubt: Doubt,
    sightings: readonly JobSighting[] | string,
  ): boolean {
    const { system, progress, claims, see } = this.options;
    if (typeof sightings === "string") return false;
    const found = sightings.find(({ token }) => token === undefined || token === doubt.token);
    const at = system.now();
    if (found) {
      this.clear(node);
      see({ see: "accepted", node, at, jobId: found.jobId });
      return false;
    }
    const times = doubt.times + 1;
    if (times < LOOKUPS && at - progress.records[node]!.intendedAt! < LOOKUP_MS) {
      this.doubts.set(node, { ...doubt, times });
      return false;
    }
    // The scheduler knows nothing of it: either it has begun nevertheless, or it never will.
    const claim = claims.settle(node);
    // It is looked for again: the scheduler may be late.
    if (claim === "unclear" || claim === "begun") return claim === "begun";
    this.doubts.delete(node);
    if (claim !== "void") see({ see: "accepted", node, at, jobId: claim.job });
    else if (doubt.reason === undefined) {
      see({ see: "refused", node, at, reason: "the scheduler never got it", why: "passing" });
    } else {
      const reason = `the scheduler never got it: ${doubt.reason}`;
      see({ see: "refused", node, at, reason, why: "unclear" });
    }
    return false;
  }
}

const hasBegun = ({ claimed, job }: JobFacts) => claimed === true && job === undefined;
