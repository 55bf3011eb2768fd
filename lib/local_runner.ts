/** Runs steps on this machine: starts them, watches them and those an earlier conductor left running, ends them. */

import { CLAIMED_BY_ANOTHER, type JobFacts, parseJobFile, startLocalJob, voidAttempt } from "./local_jobs.ts";
import { workspaceOf } from "./node_text.ts";
import type { Progress } from "./study_state.ts";
import type { Runner } from "./runner.ts";
import { jobFile, jobFolder } from "./paths.ts";
import { type Study } from "./study_folder.ts";
import type { ProcessEnd, System } from "./system.ts";
import type { AttemptEnd, PlanNode, Sighting } from "./types.ts";

/** A job file that stays without a process id this long belongs to a runner that died between claiming and writing. */
const CLAIM_GRACE_MS = 60_000;

export interface LocalRunnerOptions {
  readonly system: System;
  readonly study: Study;
  readonly progress: Progress;
  /** Writes a node's scripts and gives the path of the one to run. */
  readonly writeScript: (node: PlanNode) => string;
  /** Called when a process has ended. */
  readonly wake: () => void;
}

export function localRunner({ system, study, progress, writeScript, wake }: LocalRunnerOptions): Runner {
  const seen: Sighting[] = [];
  /** Children that have ended since the last look. */
  const exits: { readonly node: number; readonly pid: number; readonly end: ProcessEnd }[] = [];
  const pids = new Map<number, number>();
  /** Nodes that are watched by their job file. */
  const watched = new Set<number>();
  const folders = new Set<string>();
  const attemptFile = (node: number) => jobFile(study.root, node, progress.records[node]!.attempt);
  const ended = (node: number, at: number, end: AttemptEnd): Sighting => ({ see: "ended", node, at, end });

  /** The end of a process that is not our child, if it has come. */
  const look = (node: number): Sighting | undefined => {
    const path = attemptFile(node);
    const facts = parseJobFile(system.readTextIfAny(path) ?? "");
    if (facts.exitCode !== undefined) return exited(node, path, facts.exitCode);
    if (facts.void) return neverBegan(node, system.now());
    if (facts.pid === undefined) {
      if (system.now() - progress.records[node]!.intendedAt! <= CLAIM_GRACE_MS) return undefined;
      // A runner says who it is before it runs anything: an empty claim is one that came to nothing.
      return system.facts(path) || voidAttempt(system, path) ? neverBegan(node, system.now()) : undefined;
    }
    const host = facts.host ?? progress.records[node]!.host;
    // Nobody here can ask a process of another machine; its job file will tell.
    if (host !== undefined && host !== system.host) return undefined;
    if (system.commandLine(facts.pid)?.includes(path)) {
      pids.set(node, facts.pid);
      return undefined;
    }
    // It may have written its exit code between the first look and its end.
    const again = parseJobFile(system.readTextIfAny(path) ?? "").exitCode;
    if (again !== undefined) return exited(node, path, again);
    endRest(facts.pid);
    return ended(node, system.now(), LOST);
  };
  /** A runner that was killed alone leaves its script behind. A number cannot be used again while its group lives. */
  const endRest = (pid: number) => {
    try {
      if (system.processStart(pid) === undefined) system.signalGroup(pid, "SIGKILL");
    } catch {
      // Somebody else's: the number is in use again.
    }
  };
  const exited = (node: number, path: string, code: number): Sighting => {
    const at = system.facts(path)?.changedAt ?? system.now();
    return ended(node, at, endOf(node, { code, signal: null }));
  };
  const endOf = (node: number, end: ProcessEnd): AttemptEnd => {
    if (end.code === 0 && end.signal === null) return { kind: "finished" };
    const { attempt, jobId } = progress.records[node]!;
    const planned = study.plan.nodes[node]!;
    const said = lastLine(
      system,
      `${workspaceOf(study.plan, planned)}/${logBase(planned, attempt)}.${jobId}.err`,
    );
    const how = end.signal ? `killed by ${end.signal}` : `exit code ${end.code}${signalWord(end.code)}`;
    return { kind: "exit", exitCode: end.code, reason: said === "" ? how : `${how}: ${said}` };
  };

  return {
    start(node, attempt) {
      const script = writeScript(node);
      const folder = jobFolder(study.root, node.index);
      if (!folders.has(folder)) system.makeDirectory(folder, 0o700);
      folders.add(folder);
      const path = jobFile(study.root, node.index, attempt);
      const workspace = workspaceOf(study.plan, node);
      const process = startLocalJob(system, {
        script,
        workspace,
        jobFile: path,
        logs: logBase(node, attempt),
      });
      const at = system.now();
      pids.set(node.index, process.pid);
      seen.push({ see: "accepted", node: node.index, at, jobId: String(process.pid) });
      seen.push({ see: "started", node: node.index, at });
      process.ended.then((end) => {
        exits.push({ node: node.index, pid: process.pid, end });
        wake();
      });
    },
    recover() {
      for (const node of progress.inFlight.local) {
        watched.add(node);
        seen.push(...takeUp(system, node, attemptFile(node)));
      }
    },
    sightings() {
      for (const { node, pid, end } of exits.splice(0)) {
        if (end.signal) endRest(pid);
        // Whether it made the claim, and what came of it otherwise, its file tells.
        if (end.code === CLAIMED_BY_ANOTHER) watched.add(node);
        else seen.push(ended(node, system.now(), endOf(node, end)));
      }
      for (const node of watched) {
        const sighting = progress.inFlight.local.has(node) ? look(node) : undefined;
        if (sighting) seen.push(sighting);
        if (sighting || !progress.inFlight.local.has(node)) watched.delete(node);
      }
      for (const sighting of seen) if (sighting.see === "ended") pids.delete(sighting.node);
      return seen.splice(0);
    },
    cancel(nodes, hard) {
      for (const node of nodes) {
        const pid = pids.get(node);
        const { host } = progress.records[node]!;
        if (pid !== undefined) system.signalGroup(pid, hard ? "SIGKILL" : "SIGTERM");
        else if (hard && host !== undefined && host !== system.host) {
          const reason = `cancelled; its process on ${host} cannot be ended from ${system.host}`;
          seen.push(ended(node, system.now(), { kind: "cancelled", reason }));
        }
      }
    },
    takesMore: () => true,
    unreachable: false,
    idle: () => Promise.resolve(),
  };
}

const LOST: AttemptEnd = {
  kind: "lost",
  reason: "its process is gone and left no exit code: it was killed, or the machine went down",
};

/** Log files of an attempt, but for process id and ending; from the second attempt on its number stands in them. */
export function logBase(node: PlanNode, attempt: number): string {
  return attempt > 1 ? `${node.fileBase}.${attempt}` : node.fileBase;
}

/** What is known at once of an attempt that was under way when a conductor ended; one that had not begun never will. */
function takeUp(system: System, node: number, path: string): Sighting[] {
  let facts: JobFacts | undefined = factsOf(system.readTextIfAny(path));
  if (facts === undefined && !voidAttempt(system, path)) facts = factsOf(system.readTextIfAny(path));
  const at = system.now();
  if (facts === undefined || facts.void) return [neverBegan(node, at)];
  if (facts.pid === undefined) return [];
  const { pid, host } = facts;
  return [
    { see: "accepted", node, at, jobId: String(pid), ...(host === undefined ? {} : { host }) },
    { see: "started", node, at },
  ];
}

const neverBegan = (node: number, at: number): Sighting => ({
  see: "refused",
  node,
  at,
  reason: "it never began",
  again: true,
});

function factsOf(text: string | undefined): JobFacts | undefined {
  return text === undefined ? undefined : parseJobFile(text);
}

/** A shell says 128 and the signal's number of what a signal killed. */
function signalWord(code: number): string {
  const word = SIGNALS[code - 128];
  return word === undefined ? "" : ` (${word})`;
}

const SIGNALS: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  15: "SIGTERM",
  24: "SIGXCPU",
};

/** The last thing a step said on its standard error. */
function lastLine(system: System, path: string): string {
  try {
    const lines = system.readTail(path, 4096).split("\n").map((line) => line.trim()).filter((line) =>
      line !== ""
    );
    return (lines.at(-1) ?? "").replace(/\s+/g, " ").slice(0, 300);
  } catch {
    return "";
  }
}
