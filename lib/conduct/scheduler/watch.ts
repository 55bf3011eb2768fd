/** Asks a scheduler about the jobs in flight, and weighs what it hears against what the jobs themselves have said. */

import { askAbout } from "./poll.ts";
import { cancelJobs, type Desk, jobsByCluster } from "./client.ts";
import { ABSENCES, type Answer, type Circumstances, isStale, judge, ofSignal, timesOf } from "./verdict.ts";
import { limitOf } from "../../plan/node_script.ts";
import type { JobFacts } from "../../study/claims.ts";
import { submissionToken, SUBMIT_TIMEOUT_MS } from "./lookups.ts";
import { codeOf } from "../../system.ts";
import type { JobSighting, QueryContext } from "../../../adapters/adapter.ts";

/** The guard's code for a job that found its attempt claimed by another. */
const CLAIMED_BY_ANOTHER = 96;
/** Looks for the exit code of a job that failed without having begun. */
const CODE_LOOKS = 3;

/** One look at all jobs. */
export async function poll(desk: Desk): Promise<void> {
  const { scheduler, progress, study, run } = desk;
  const unnamed = await desk.submissions.lookUp();
  const clusters = jobsByCluster(desk, progress.inFlight.scheduled);
  const trouble: string[] = [];
  let silent = clusters.size > 0;
  for (const [cluster, nodeOf] of clusters) {
    const context = { ...desk.context, ...(cluster === undefined ? {} : { cluster }) };
    const answers = await askAbout(run, scheduler.queries, [...nodeOf.keys()], context, study.root);
    trouble.push(...answers.trouble);
    silent &&= answers.silent;
    // Without a pause in between: what a look tells is noted, and acted upon, in one go.
    const later: Later[] = [];
    for (const [jobId, nodes] of nodeOf) {
      const answer = answers.known.get(jobId) ?? (answers.absent.has(jobId) ? "absent" : undefined);
      for (const node of nodes) later.push(...hear(desk, node, answer, context));
    }
    await finish(desk, later);
  }
  // Of these the scheduler was asked by their tokens.
  await finish(
    desk,
    unnamed.flatMap(({ node, asked }) => hear(desk, node, asked ? "absent" : undefined, desk.context)),
  );
  if (clusters.size > 0) report(desk, silent, trouble);
}

/** What needs another command before it can be judged. */
interface Later {
  readonly node: number;
  readonly work: () => Promise<void>;
}

async function finish(desk: Desk, later: readonly Later[]): Promise<void> {
  for (const { node, work } of later) {
    try {
      await work();
    } catch (error) {
      excuse(desk, node, error);
    }
  }
}

function hear(desk: Desk, node: number, answer: Answer, context: QueryContext): Later[] {
  const told = answer === "absent" ? undefined : answer;
  try {
    if (told && isOurs(desk, told, node) && isVague(desk, node, told)) {
      return [{ node, work: () => askForCode(desk, node, told, context) }];
    }
    const work = consider(desk, node, told && !isOurs(desk, told, node) ? "absent" : answer);
    return work ? [{ node, work }] : [];
  } catch (error) {
    excuse(desk, node, error);
    return [];
  }
}

/** Any error of the file system about one job is reported once. It does not keep the other jobs from being watched. */
function excuse({ said, log, progress }: Desk, node: number, error: unknown): void {
  if (codeOf(error) === undefined) throw error;
  const { message } = error as Error;
  if (!said.has(message)) log.error(`Of step '${progress.plan.nodes[node]!.name}': ${message}`);
  said.add(message);
}

function isOurs({ study, progress }: Desk, { token }: JobSighting, node: number): boolean {
  if (token === undefined || token === submissionToken(study, node, progress.records[node]!.attempt)) {
    return true;
  }
  // A pack has the token of its first member.
  return progress.plan.nodes[node]!.step.pack !== undefined && token.startsWith(`${study.file.id}-`);
}

/** Failed without a word of why, and without having begun: the exit code tells whether it ever will. */
function isVague(
  { claims, scheduler }: Desk,
  node: number,
  { phase, exitCode, reason }: JobSighting,
): boolean {
  return phase === "failed" && exitCode === undefined && scheduler.queries.length > 1 &&
    (reason === undefined || reason === "NonZeroExitCode") && !claims.read(node).claimed;
}

async function askForCode(
  desk: Desk,
  node: number,
  sighting: JobSighting,
  context: QueryContext,
): Promise<void> {
  const { scheduler, study, run, codeLooks } = desk;
  const { jobId } = sighting;
  const { known } = await askAbout(run, scheduler.queries.slice(1), [jobId], context, study.root);
  const better = known.get(jobId);
  const looks = (codeLooks.get(node) ?? 0) + 1;
  codeLooks.set(node, looks);
  if (better === undefined && looks < CODE_LOOKS) return;
  codeLooks.delete(node);
  await consider(desk, node, better ?? sighting)?.();
}

/** Says what is known now, and gives what must be done first where that is not all. */
function consider(desk: Desk, node: number, jobs: Answer): Later["work"] | undefined {
  let answer: Answer | "over" = jobs;
  const { system, progress, claims, see } = desk;
  if (jobs !== undefined && jobs !== "absent") hearWaiting(desk, node, jobs);
  if (progress.plan.nodes[node]!.step.pack) answer = ofMember(desk, node, answer);
  if (answer === "over") return undefined;
  const at = system.now();
  const told = answer === "absent" ? undefined : answer;
  if (told?.phase === "unknown") wonder(desk, told.word);
  // A job that is plainly waiting or running has nothing to tell in its file.
  const settled = told !== undefined && ["pending", "running"].includes(told.phase);
  const facts = settled ? {} : claims.read(node);
  const record = progress.records[node]!;
  if (told?.phase === "failed" && facts.job !== undefined && facts.job !== record.jobId) {
    // It found the attempt claimed by another job: that is the one to watch.
    if ((told.exitCode ?? CLAIMED_BY_ANOTHER) === CLAIMED_BY_ANOTHER) {
      desk.pollSoon();
      see({ see: "accepted", node, at, jobId: facts.job });
      return undefined;
    }
  }
  const times = answer === "absent" || isStale(answer, facts) ? (record.missing?.times ?? 0) + 1 : 0;
  if (times > 0 && times <= ABSENCES) see({ see: "missing", node, at });
  else if (answer !== undefined && times === 0) see({ see: "found", node, at });
  const absentMs = at - (record.missing?.since ?? at);
  const { started, end } = judge(answer, facts, times, absentMs, circumstancesOf(desk, node, facts));
  const { startedAt, endedAt = at } = timesOf(facts, record.intendedAt!, at);
  if (started) see({ see: "started", node, at: startedAt ?? at });
  if (end === undefined) return undefined;
  const close = () => {
    if (end.kind === "lost" && !started) loseUnbegun(desk, node, at);
    else see({ see: "ended", node, at: endedAt, end, ...(startedAt === undefined ? {} : { startedAt }) });
  };
  if (!told?.stays && end.kind !== "lost") {
    close();
    return undefined;
  }
  // One that stays in the queue, or that nobody knows of and that may live: another is not to run beside it.
  return async () => {
    if (end.kind === "lost" && started && await isElsewhere(desk, node)) return;
    await cancelJobs(desk, new Set([node]));
    close();
  };
}

/**
 * Whether a job of which nobody knows under its id is there under another, or may be: an id that a claim tells may be one
 * that the job inherited.
 */
async function isElsewhere(desk: Desk, node: number): Promise<boolean> {
  const { scheduler, study, run, progress, context, see, system } = desk;
  const { attempt, jobId } = progress.records[node]!;
  const token = submissionToken(study, node, attempt);
  const query = scheduler.find(token);
  const ask = (lacks: ReadonlySet<string>) => query.argv([], { ...context, lacks });
  const known = query.parse(await run(ask, study.root, SUBMIT_TIMEOUT_MS), []);
  if (known === undefined) return true;
  const found = known.find((job) => job.token === token && job.jobId !== jobId);
  if (!found) return false;
  see({ see: "accepted", node, at: system.now(), jobId: found.jobId });
  desk.pollSoon();
  return true;
}

/** A job that waits for what will not come by itself, or no longer does. */
function hearWaiting({ system, progress, see }: Desk, node: number, { phase, stuck }: JobSighting): void {
  // That it has begun says it all, unless it had before and was made to wait again.
  const goesOn = phase === "running" && progress.records[node]!.state === "RUNNING";
  if (phase !== "pending" && !goesOn) return;
  see({ see: "stuck", node, at: system.now(), ...(stuck === undefined ? {} : { reason: stuck }) });
}

/** What bears on the end of a script that a signal ended; of others there is nothing to wonder about. */
function circumstancesOf(
  { progress, scheduler, lacks }: Desk,
  node: number,
  { exitCode }: JobFacts,
): Circumstances {
  if (exitCode === undefined || !ofSignal(exitCode)) return {};
  const forgets = lacks.has(scheduler.noHistory ?? "");
  const { plan, records } = progress;
  const { step } = plan.nodes[node]!;
  // A pack has the time of all its rounds.
  if (step.pack) return { forgets };
  return { forgets, limit: limitOf(plan, plan.nodes[node]!, records[node]!.retries, scheduler.seconds) };
}

/** A word of the scheduler that nobody knows, said once. */
function wonder({ said, log }: Desk, word: string): void {
  if (said.has(word)) return;
  said.add(word);
  log.warning(`The scheduler says '${word}' of a job, which is not in the table: taken for alive.`);
}

/** A job that is gone without having begun is kept from beginning late. */
function loseUnbegun({ claims, see }: Desk, node: number, at: number): void {
  if (claims.settle(node, at) !== "void") return;
  const reason = "the scheduler lost the job before it began";
  see({ see: "ended", node, at, end: { kind: "hwfailure", reason } });
}

function report(desk: Desk, silent: boolean, trouble: readonly string[]): void {
  const { log, silences } = desk;
  if (silent && silences === 0) {
    log.warning(`The scheduler cannot be asked (${trouble.join("; ")}): trying on.`);
  }
  if (!silent && silences > 0) log.info("The scheduler answers again.");
  desk.silences = silent ? silences + 1 : 0;
  desk.unreachable = silent;
}

/**
 * What the word on a pack's job says of one of its members: nothing while the job lives, for the member's own file
 * tells more. `over`: it has been dealt with.
 */
function ofMember(desk: Desk, node: number, answer: Answer): Answer | "over" {
  if (answer === undefined || answer === "absent") return answer;
  if (["pending", "running", "unknown"].includes(answer.phase)) return undefined;
  const { claimed, exitCode } = desk.claims.read(node);
  if (!claimed) {
    passOver(desk, node, answer);
    return "over";
  }
  if (exitCode !== undefined && !ofSignal(exitCode)) return undefined;
  // The job is done with all its members, and this one has not said how it ended.
  return answer.phase === "finished" && exitCode === undefined ? "absent" : answer;
}

/** A pack may end this often before a member's turn comes. */
const MOST_PASSED_OVER = 3;

/** A member that never began when its job ended is submitted again. */
function passOver(
  { system, claims, passedOver, see }: Desk,
  node: number,
  { phase, word }: JobSighting,
): void {
  const at = system.now();
  if (claims.settle(node, at) !== "void") return;
  const reason = `its job ended (${word}) before its turn came`;
  const times = (passedOver.get(node) ?? 0) + 1;
  passedOver.set(node, times);
  if (phase === "cancelled") {
    see({ see: "ended", node, at, end: { kind: "cancelled", reason, elsewhere: true } });
  } else if (times > MOST_PASSED_OVER) see({ see: "ended", node, at, end: { kind: "lost", reason } });
  else see({ see: "refused", node, at, reason, again: true });
}
