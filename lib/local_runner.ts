/** Starts local steps, watches those it started and those an earlier conductor left running, and ends them. */

import { CLAIMED_BY_ANOTHER, type JobFacts, parseJobFile, startLocalJob, voidAttempt } from "./local_jobs.ts";
import { workspaceOf } from "./node_text.ts";
import { hasEnded, type Progress } from "./records.ts";
import { jobFile, jobFolder, type Study } from "./study_folder.ts";
import type { ProcessEnd, System } from "./system.ts";
import type { EndState, PlanNode, StudyEvent } from "./types.ts";

/** What became of a step's process. */
export interface Sighting {
  readonly node: number;
  /** Undefined: it is gone and nobody knows how it ended. */
  readonly end: ProcessEnd | undefined;
  /** When it ended, ms since 1970, as far as known. */
  readonly at: number;
}

export interface LocalRunner {
  /** Starts an attempt whose intent is on disk. Throws what the file system or the kernel throws. */
  start(node: PlanNode, attempt: number, script: string): StudyEvent[];
  /** Takes up what an earlier conductor submitted; the events say what is known at once. */
  recover(): StudyEvent[];
  /** What ended since the last call. */
  sightings(): Sighting[];
  /** To all running steps, or to one. */
  signal(signal: "SIGTERM" | "SIGKILL", node?: number): void;
}

/** A job file that stays empty this long belongs to a runner that died between claiming and writing. */
const CLAIM_GRACE_MS = 60_000;

/** `wake` is called when a process that this runner started has ended. */
export function localRunner(system: System, study: Study, progress: Progress, wake: () => void): LocalRunner {
  const ended: Sighting[] = [];
  const pids = new Map<number, number>();
  /** Nodes that an earlier conductor started, with the time since when they are watched. */
  const adopted = new Map<number, number>();
  const folders = new Set<string>();
  const attemptFile = (node: number) => jobFile(study.root, node, progress.records[node]!.attempt);

  const settle = (node: number): Sighting | undefined => {
    const path = attemptFile(node);
    const facts = parseJobFile(system.readTextIfAny(path) ?? "");
    if (facts.exitCode !== undefined) return exited(system, path, node, facts.exitCode);
    if (progress.records[node]!.host !== undefined && progress.records[node]!.host !== system.host) {
      return undefined;
    }
    if (facts.pid === undefined) {
      const waited = system.now() - adopted.get(node)!;
      return waited > CLAIM_GRACE_MS ? { node, end: undefined, at: system.now() } : undefined;
    }
    if (system.commandLine(facts.pid)?.includes(path)) {
      pids.set(node, facts.pid);
      return undefined;
    }
    // It may have written its exit code between the first look and its end.
    const again = parseJobFile(system.readTextIfAny(path) ?? "").exitCode;
    return again === undefined
      ? { node, end: undefined, at: system.now() }
      : exited(system, path, node, again);
  };

  return {
    start(node, attempt, script) {
      const workspace = workspaceOf(study.plan, node);
      const folder = jobFolder(study.root, node.index);
      if (!folders.has(folder)) system.makeDirectory(folder, 0o700);
      folders.add(folder);
      const path = jobFile(study.root, node.index, attempt);
      const process = startLocalJob(system, {
        script,
        workspace,
        jobFile: path,
        logs: logBase(node, attempt),
      });
      pids.set(node.index, process.pid);
      process.ended.then((end) => {
        const claimant = end.code === CLAIMED_BY_ANOTHER
          ? parseJobFile(system.readTextIfAny(path) ?? "")
          : undefined;
        if (claimant && claimant.pid !== process.pid) adopted.set(node.index, system.now());
        else ended.push({ node: node.index, end, at: system.now() });
        wake();
      });
      const at = system.now();
      return [
        { event: "submitted", at, step: node.name, jobId: String(process.pid), host: system.host },
        { event: "started", at, step: node.name },
      ];
    },
    recover() {
      const events: StudyEvent[] = [];
      for (const node of progress.inFlight) {
        events.push(...takeUp(system, study, progress, node, attemptFile(node)));
        adopted.set(node, system.now());
      }
      return events;
    },
    sightings() {
      for (const node of adopted.keys()) {
        const sighting = progress.inFlight.has(node) ? settle(node) : undefined;
        if (sighting) ended.push(sighting);
        if (sighting || !progress.inFlight.has(node)) adopted.delete(node);
      }
      for (const { node } of ended) pids.delete(node);
      return ended.splice(0);
    },
    signal(signal, node) {
      for (const [running, pid] of pids) {
        if (node === undefined || node === running) system.signalGroup(pid, signal);
      }
    },
  };
}

/** Log files of an attempt, but for process id and ending; from the second attempt on its number stands in them. */
export function logBase(node: PlanNode, attempt: number): string {
  return attempt > 1 ? `${node.fileBase}.${attempt}` : node.fileBase;
}

function exited(system: System, path: string, node: number, code: number): Sighting {
  return { node, end: { code, signal: null }, at: system.facts(path)?.changedAt ?? system.now() };
}

/** A submission that was under way when a conductor died: withdrawn for good if it had not begun, else noted. */
function takeUp(system: System, study: Study, progress: Progress, node: number, path: string): StudyEvent[] {
  const step = study.plan.nodes[node]!.name;
  const record = progress.records[node]!;
  system.makeDirectory(jobFolder(study.root, node), 0o700);
  let facts: JobFacts | undefined = parse(system.readTextIfAny(path));
  if (facts === undefined && !voidAttempt(system, path)) facts = parse(system.readTextIfAny(path));
  if (facts === undefined || facts.void) {
    return [{ event: "withdrawn", at: system.now(), step, reason: "the conductor ended before it began" }];
  }
  if (record.jobId !== undefined && record.state === "RUNNING") return [];
  const at = system.now();
  const submitted: StudyEvent[] = facts.pid === undefined || hasEnded(record)
    ? []
    : [{ event: "submitted", at, step, jobId: String(facts.pid), host: system.host }];
  return [...submitted, { event: "started", at, step }];
}

function parse(text: string | undefined): JobFacts | undefined {
  return text === undefined ? undefined : parseJobFile(text);
}

/** The event for a step's end. A step that is stopped while the study is being cancelled is cancelled, not failed. */
export function endEvent(
  system: System,
  study: Study,
  progress: Progress,
  { node, end, at }: Sighting,
): StudyEvent & { readonly event: "ended"; readonly state: EndState } {
  const planned = study.plan.nodes[node]!;
  const record = progress.records[node]!;
  const step = planned.name;
  if (end === undefined) {
    const reason = "its process is gone and left no exit code: it was killed, or the machine went down";
    return { event: "ended", at, step, state: progress.cancelling ? "CANCELLED" : "FAILED", reason };
  }
  if (end.code === 0 && end.signal === null) {
    return { event: "ended", at, step, state: "FINISHED", exitCode: 0 };
  }
  if (progress.cancelling) {
    return { event: "ended", at, step, state: "CANCELLED", reason: "the study was cancelled" };
  }
  const log = `${workspaceOf(study.plan, planned)}/${logBase(planned, record.attempt)}.${record.jobId}.err`;
  const how = end.signal ? `killed by ${end.signal}` : `exit code ${end.code}`;
  const said = lastLine(system, log);
  return {
    event: "ended",
    at,
    step,
    state: "FAILED",
    exitCode: end.code,
    reason: said === "" ? how : `${how}: ${said}`,
  };
}

/** The last thing a step said on its standard error. */
function lastLine(system: System, path: string): string {
  try {
    const lines = system.readTail(path, 4096).split("\n").map((line) => line.trim()).filter((line) =>
      line !== ""
    );
    return (lines.at(-1) ?? "").slice(0, 300);
  } catch {
    return "";
  }
}
