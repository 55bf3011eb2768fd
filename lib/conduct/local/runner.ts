/** Runs steps on this machine: starts them, watches them and those an earlier conductor left running, ends them. */

import { hiddenSteps } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { ATTEMPT_VARIABLE, type LocalEnd, type LocalJobs, NOT_RUN } from "./jobs.ts";
import { type JobFacts, parseJobFile, voidAttempt, voidEmpty } from "../../study/claims.ts";
import { ageOf } from "../../study/file_age.ts";
import { attemptEnd, LOST, UNREADABLE } from "./ends.ts";
import { memoryWatch } from "./memory.ts";
import type { Usage } from "../../study/usage.ts";
import { workspaceOf } from "../../plan/node_text.ts";
import type { Progress } from "../../study/state/progress.ts";
import type { AttemptEnd, Runner, Sighting } from "../runner.ts";
import { jobFile, jobFolder } from "../../paths.ts";
import { type Study } from "../../study/folder.ts";
import type { ProcessEnd, System } from "../../system.ts";
import type { PlanNode } from "../../plan/types.ts";
import { pauseMs } from "../trouble.ts";
import { type Whereabouts, whereabouts } from "../../study/whereabouts.ts";

/** Between two looks at what runs without us. */
const WATCH_MS = 250;
/** A single pass waits so long for job ids; the next one finds them in the claims. */
const START_MS = 5000;
const LOOK_MS = 10;
/** A job file that stays without a process id this long belongs to a runner that died between claiming and writing. */
const CLAIM_GRACE_MS = 60_000;
/** Between two tries to start a step whose runner cannot enter its folder, or make its claim or its logs. */
const NOT_RUN_PAUSE_MS = 5000;

export interface LocalRunnerOptions {
  readonly system: System;
  readonly study: Study;
  readonly progress: Progress;
  readonly jobs: LocalJobs;
  readonly log: Log;
  /** Writes a node's scripts and gives the path of the one to run. */
  readonly writeScript: (node: PlanNode) => string;
  /** Called when a step has ended. */
  readonly wake: () => void;
}

const ended = (node: number, at: number, end: AttemptEnd, used: Usage = {}): Sighting => ({
  ...{ see: "ended", node, at, end },
  ...(Object.keys(used).length === 0 ? {} : { used }),
});

export function localRunner(
  { system, study, progress, jobs, log, writeScript, wake }: LocalRunnerOptions,
): Runner {
  const seen: Sighting[] = [];
  /** Steps that have ended since the last look. */
  const exits: { readonly node: number; readonly pid: number; readonly end: LocalEnd }[] = [];
  /** Job ids of the steps that this conductor started: a question may come before the record. */
  const ids = new Map<number, number>();
  /** Steps that were started, and when, as long as their job ids are not known. */
  const starts = new Map<number, number>();
  /** Runners of the nodes in flight, as far as they can be signalled. */
  const pids = new Map<number, number>();
  /** Nodes that are watched by their job file, and since when. */
  const watched = new Map<number, number>();
  const { watchedFor, unchangedFor, beginToWatch } = watching(system, watched);
  /** Those of them whose runner has reported that it ran nothing. */
  const notRun = new Set<number>();
  let watchedAt = 0;
  const attemptFile = (node: number) => jobFile(study.root, node, progress.records[node]!.attempt);

  const [makeFolder, memory, tries] = [folderMaker(system), memoryWatch(system), startTries(system)];
  /** The end of a process that is not our child, if it has come. */
  const look = (node: number): Sighting | undefined => {
    const path = attemptFile(node);
    const facts = parseJobFile(system.readTextIfAny(path) ?? "");
    if (facts.exitCode !== undefined) return exited(node, path, facts);
    if (facts.void) return tries.failed(node);
    if (facts.pid === undefined) {
      if (notRun.has(node) && system.facts(path) === undefined) return notClaimed(node, path);
      if (unchangedFor(node, path) <= CLAIM_GRACE_MS) return undefined;
      if (facts.claimed) return ended(node, system.now(), UNREADABLE);
      // A runner writes who it is before it runs anything: an empty claim is one that came to nothing.
      const isVoid = system.facts(path) ? voidEmpty(system, path) : voidAttempt(system, path);
      return isVoid ? tries.failed(node) : undefined;
    }
    if (facts.torn && unchangedFor(node, path) > CLAIM_GRACE_MS) {
      return ended(node, system.now(), UNREADABLE);
    }
    pids.delete(node);
    const found = claimant(node, facts, path);
    if (found === "here") {
      pids.set(node, facts.pid);
      if (facts.job !== undefined) memory.begin(node, Number(facts.job));
    }
    if (found === "unknown") nameHidden(facts.host ?? progress.records[node]!.host);
    if (found !== "gone") return undefined;
    // It may have written its exit code between the first look and its end.
    const again = parseJobFile(system.readTextIfAny(path) ?? "");
    if (again.exitCode !== undefined) return exited(node, path, again);
    // A runner that was killed alone leaves its script behind.
    system.signalRest(facts.pid, `${ATTEMPT_VARIABLE}=${path}`, "SIGKILL");
    return ended(node, system.now(), LOST);
  };
  /** Its runner could not make a claim, and no other has made one: it is tried again, but not without a pause. */
  const notClaimed = (node: number, path: string): Sighting | undefined => {
    return watchedFor(node) > NOT_RUN_PAUSE_MS && voidAttempt(system, path) ? tries.failed(node) : undefined;
  };
  /** What became of the process that made a claim. */
  const claimant = (node: number, facts: JobFacts, path: string): Whereabouts => {
    const { pid, host = progress.records[node]!.host, start, namespace, machine, uid } = facts;
    if (start !== undefined) {
      return whereabouts(system, {
        ...{ pid: pid!, host, boot: start.boot, start: start.process },
        ...(namespace === undefined ? {} : { namespace, machine: machine ?? "", uid: uid ?? "" }),
      });
    }
    // If the claim does not contain its start time, only its command line identifies it.
    return host === system.host && system.commandLine(pid!)?.includes(path) ? "here" : "unknown";
  };
  const nameHidden = hiddenHosts(log, study.root);
  /** The end of a step whose runner ended before it could report. */
  const runnerEnded = (node: number, pid: number, end: ProcessEnd): Sighting | undefined => {
    const path = attemptFile(node);
    const facts = factsOf(system.readTextIfAny(path));
    if (facts?.pid === pid && facts.job !== undefined) noteStart(node, Number(facts.job));
    if (facts?.exitCode !== undefined) return exited(node, path, facts);
    if (facts?.pid === pid) return ended(node, system.now(), endOf(node, end));
    // It ended before it came to this step, or could not start what writes the claim.
    return neverBegins(system, path, facts) ? tries.failed(node) : undefined;
  };
  const watch = () => {
    for (const node of watched.keys()) {
      const sighting = progress.inFlight.local.has(node) ? look(node) : undefined;
      if (sighting) seen.push(sighting);
      if (!sighting && progress.inFlight.local.has(node)) continue;
      for (const known of [watched, notRun, pids]) known.delete(node);
      memory.end(node);
    }
  };
  const exited = (node: number, path: string, { exitCode, used }: JobFacts): Sighting => {
    const now = system.now();
    // Its file is as old as its end.
    const endedAt = now - (ageOf(system, path) ?? 0);
    const at = Math.min(Math.max(endedAt, progress.records[node]!.intendedAt!), now);
    return ended(node, at, endOf(node, { code: exitCode!, signal: null }), memory.end(node, used));
  };
  const endOf = (node: number, end: ProcessEnd): AttemptEnd => {
    const { attempt, jobId } = progress.records[node]!;
    const planned = study.plan.nodes[node]!;
    const job = ids.get(node) ?? jobId;
    const errors = `${workspaceOf(study.plan, planned)}/${logBase(planned, attempt)}.${job}.err`;
    return attemptEnd(system, end, errors);
  };

  /** Of a step that this conductor started. */
  const noteStart = (node: number, id: number) => {
    const at = starts.get(node);
    if (at === undefined) return;
    starts.delete(node);
    ids.set(node, id);
    memory.begin(node, id);
    seen.push({ see: "accepted", node, at, jobId: String(id) });
    seen.push({ see: "started", node, at });
  };
  const lookForStarts = () => {
    for (const node of starts.keys()) {
      const { job } = parseJobFile(system.readTextIfAny(attemptFile(node)) ?? "");
      if (job !== undefined) noteStart(node, Number(job));
    }
  };

  return {
    start(node, attempt) {
      const script = writeScript(node);
      makeFolder(jobFolder(study.root, node.index));
      const path = jobFile(study.root, node.index, attempt);
      const workspace = workspaceOf(study.plan, node);
      const { pid, ended } = jobs.start({ script, workspace, jobFile: path, logs: logBase(node, attempt) });
      pids.set(node.index, pid);
      starts.set(node.index, system.now());
      ended.then((end) => {
        exits.push({ node: node.index, pid, end });
        wake();
      });
    },
    recover() {
      const nodes = [...progress.inFlight.local];
      // Called once more after a file that could not be read: nothing is seen twice.
      seen.push(
        ...nodes.flatMap((node) =>
          takeUp(system, node, attemptFile(node), progress.records[node]!.intendedAt!)
        ),
      );
      nodes.forEach(beginToWatch);
    },
    sightings() {
      // One whose files cannot be read now is seen to later.
      for (; exits.length > 0; exits.shift()) {
        const { node, pid, end } = exits[0]!;
        if ("job" in end) noteStart(node, end.job!);
        // Killed alone a runner leaves its script behind.
        if ("runner" in end) system.signalRest(pid, `${ATTEMPT_VARIABLE}=${attemptFile(node)}`, "SIGKILL");
        const sighting = "runner" in end
          ? runnerEnded(node, pid, end.runner)
          : end.code === NOT_RUN
          ? void notRun.add(node)
          : ended(
            node,
            system.now(),
            endOf(node, { code: end.code, signal: null }),
            memory.end(node, end.used),
          );
        for (const known of [pids, ids, starts]) known.delete(node);
        if ("runner" in end) memory.end(node);
        // Its file shows whether another process made the claim, and the result.
        if (sighting) seen.push(sighting);
        else beginToWatch(node);
        if (sighting?.see === "ended") tries.forget(node);
      }
      if (system.now() - watchedAt >= WATCH_MS) {
        watchedAt = system.now();
        lookForStarts();
        watch();
        memory.look();
      }
      return seen.splice(0);
    },
    cancel(nodes, hard) {
      for (const node of nodes) {
        // The number of a process that is not our child is only its own as long as it lives.
        const path = attemptFile(node);
        const facts = watched.has(node) ? parseJobFile(system.readTextIfAny(path) ?? "") : undefined;
        const found = facts?.pid === undefined ? undefined : claimant(node, facts, path);
        const pid = facts === undefined ? pids.get(node) : found === "here" ? facts.pid : undefined;
        if (pid !== undefined) system.signalStep(pid, hard ? "SIGKILL" : "SIGTERM");
        else if (hard && (found === "unknown" || found === "alive")) {
          const host = facts?.host ?? progress.records[node]!.host ?? "another host";
          const reason = `cancelled; its process on ${host} cannot be ended from ${system.host}`;
          seen.push(ended(node, system.now(), { kind: "cancelled", reason }));
        }
      }
    },
    room: () => Infinity,
    makesRoom: () => Promise.resolve(true),
    unreachable: false,
    async idle() {
      const until = system.now() + START_MS;
      for (lookForStarts(); starts.size > 0 && system.now() < until; lookForStarts()) {
        await system.sleep(LOOK_MS);
      }
    },
  };
}

/**
 * Log files of an attempt, without process id and suffix. From the second attempt on, they contain its
 * number.
 */
export function logBase(node: PlanNode, attempt: number): string {
  return attempt > 1 ? `${node.fileBase}.${attempt}` : node.fileBase;
}

/**
 * What is known at once of an attempt that was under way when a conductor ended; one that had not begun never will. It
 * began when it was intended to: nothing here waits for its turn after that.
 */
function takeUp(system: System, node: number, path: string, intendedAt: number): Sighting[] {
  let facts: JobFacts | undefined = factsOf(system.readTextIfAny(path));
  if (facts === undefined && !voidAttempt(system, path)) facts = factsOf(system.readTextIfAny(path));
  const at = system.now();
  if (facts === undefined || facts.void) return [neverBegan(node, at)];
  if (facts.pid === undefined) return [];
  const { pid, job = String(pid), host } = facts;
  return [
    { see: "accepted", node, at, jobId: job, ...(host === undefined ? {} : { host }) },
    { see: "started", node, at: intendedAt },
  ];
}

/** Makes each folder once. */
function folderMaker(system: System): (folder: string) => void {
  const made = new Set<string>();
  return (folder) => {
    if (!made.has(folder)) system.makeDirectory(folder);
    made.add(folder);
  };
}

/** How long nodes have been watched. */
function watching(system: System, since: Map<number, number>) {
  const watchedFor = (node: number) => system.now() - since.get(node)!;
  return {
    watchedFor,
    /** Single passes follow each other, and none of them watches for long: the age of a claim decides. */
    unchangedFor: (node: number, path: string) => ageOf(system, path) ?? watchedFor(node),
    beginToWatch(node: number) {
      if (!since.has(node)) since.set(node, system.now());
    },
  };
}

/** Names hosts that cannot be seen from here in the log, each of them once. */
function hiddenHosts(log: Log, root: string) {
  const named = new Set<string>();
  return (host = "another host") => {
    if (!named.has(host)) log.warning(hiddenSteps(host, root));
    named.add(host);
  };
}

/** Makes sure that an attempt whose runner is gone never begins, if it has not begun. */
function neverBegins(system: System, path: string, facts: JobFacts | undefined): boolean {
  if (facts === undefined) return voidAttempt(system, path);
  return facts.void ?? (!facts.claimed && voidEmpty(system, path));
}

/** How often in a row the system did not start a node's script: the pause before the next try grows. */
function startTries(system: System) {
  const tries = new Map<number, number>();
  return {
    failed(node: number): Sighting {
      const times = (tries.get(node) ?? 0) + 1;
      tries.set(node, times);
      const at = system.now();
      const reason = "the system did not start it";
      return { see: "refused", node, at, reason, why: "passing", notBefore: at + pauseMs(times) };
    },
    forget: (node: number) => void tries.delete(node),
  };
}

const neverBegan = (node: number, at: number): Sighting => ({
  see: "refused",
  node,
  at,
  reason: "it never began",
  why: "passing",
});

function factsOf(text: string | undefined): JobFacts | undefined {
  return text === undefined ? undefined : parseJobFile(text);
}
