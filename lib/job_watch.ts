/** Asks a scheduler about the jobs in flight, and weighs what it hears against what the jobs themselves have said. */

import { askAbout } from "./scheduler_poll.ts";
import { cancelJobs, type Desk, jobsByCluster } from "./scheduler_desk.ts";
import { ABSENCES, type Answer, isStale, judge } from "./sightings.ts";
import { submissionToken } from "./submissions.ts";
import type { JobSighting, QueryContext } from "./types.ts";

/** The guard's code for a job that found its attempt claimed by another. */
const CLAIMED_BY_ANOTHER = 96;
/** Looks for the exit code of a job that failed without having begun. */
const CODE_LOOKS = 3;

/** One look at all jobs. */
export async function poll(desk: Desk): Promise<void> {
  const { scheduler, progress, study, run } = desk;
  await desk.submissions.lookUp();
  const clusters = jobsByCluster(desk, progress.inFlight.scheduled);
  const trouble: string[] = [];
  let silent = clusters.size > 0;
  for (const [cluster, nodeOf] of clusters) {
    const context = { ...desk.context, ...(cluster === undefined ? {} : { cluster }) };
    const answers = await askAbout(run, scheduler.queries, [...nodeOf.keys()], context, study.root);
    trouble.push(...answers.trouble);
    silent &&= answers.silent;
    for (const [jobId, node] of nodeOf) {
      const sighting = answers.known.get(jobId);
      const ours = sighting && isOurs(desk, sighting, node) ? sighting : undefined;
      const absent = answers.absent.has(jobId) || (sighting !== undefined && ours === undefined);
      if (ours && isVague(desk, node, ours)) await askForCode(desk, node, ours, context);
      else consider(desk, node, ours ?? (absent ? "absent" : undefined));
    }
  }
  if (clusters.size > 0) report(desk, silent, trouble);
}

function isOurs({ study, progress }: Desk, { token }: JobSighting, node: number): boolean {
  return token === undefined || token === submissionToken(study, node, progress.records[node]!.attempt);
}

/** Failed without a word of why, and without having begun: the exit code tells whether it ever will. */
function isVague(
  { claims, scheduler }: Desk,
  node: number,
  { phase, exitCode, reason }: JobSighting,
): boolean {
  return phase === "failed" && exitCode === undefined && scheduler.queries.length > 1 &&
    (reason === undefined || reason === "NonZeroExitCode") && claims.read(node).pid === undefined;
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
  consider(desk, node, better ?? sighting);
}

function consider(desk: Desk, node: number, answer: Answer): void {
  const { system, progress, claims, see } = desk;
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
      return see({ see: "accepted", node, at, jobId: facts.job });
    }
  }
  const times = answer === "absent" || isStale(answer, facts) ? (record.missing?.times ?? 0) + 1 : 0;
  if (times > 0 && times <= ABSENCES) see({ see: "missing", node, at });
  else if (answer !== undefined && times === 0) see({ see: "found", node, at });
  const { started, end } = judge(answer, facts, times, at - (record.missing?.since ?? at));
  if (started) see({ see: "started", node, at });
  if (end && told?.stays) cancelJobs(desk, new Set([node]));
  if (end?.kind === "lost" && !started) loseUnbegun(desk, node, at);
  else if (end) see({ see: "ended", node, at, end });
}

/** A word of the scheduler that nobody knows, said once. */
function wonder({ oddWords, log }: Desk, word: string): void {
  if (oddWords.has(word)) return;
  oddWords.add(word);
  log.warning(`The scheduler says '${word}' of a job, which is not in the table: taken for alive.`);
}

/** A job that is gone without having begun is kept from beginning late. */
function loseUnbegun({ claims, see }: Desk, node: number, at: number): void {
  if (claims.settle(node, at) !== "void") return;
  const reason = "the scheduler lost the job before it began";
  see({ see: "ended", node, at, end: { kind: "hwfailure", reason } });
}

function report(desk: Desk, silent: boolean, trouble: readonly string[]): void {
  const { log, troubled } = desk;
  if (silent && !troubled) log.warning(`The scheduler cannot be asked (${trouble.join("; ")}): trying on.`);
  if (!silent && troubled) log.info("The scheduler answers again.");
  desk.troubled = desk.unreachable = silent;
}
