/** The files of a step's attempt: its output, and its script. */

import { basename } from "@std/path";
import type { Attempt } from "../study/attempt.ts";
import { safeName } from "../names.ts";
import { logBase } from "../conduct/local/runner.ts";
import { submissionToken } from "../conduct/scheduler/submit.ts";
import { type NodeScript, nodeScripts } from "../plan/node_script.ts";
import { workspaceOf } from "../plan/node_text.ts";
import type { Study } from "../study/folder.ts";
import { isFileError, type System } from "../system.ts";
import type { PlanNode } from "../plan/types.ts";
import { adapterToRead } from "./own_adapter.ts";
import { noScriptFile } from "../view_errors.ts";

export type LogStream = "out" | "err";

/** The adapter of a study's steps, for readers. */
export const adapterOf = (system: System, study: Study) =>
  adapterToRead(system, study.root, study.plan.study.batch);

/** Absolute path of a log. Undefined if it does not exist (yet). */
export function logPath(
  system: System,
  study: Study,
  node: PlanNode,
  attempt: Pick<Attempt, "number" | "jobId">,
  stream: LogStream,
): string | undefined {
  const folder = workspaceOf(study.plan, node);
  if (study.original) return originalFile(system, folder, node, attempt.jobId, `.${stream}`);
  const run = { attempt: attempt.number, retries: 0 };
  const adapter = adapterOf(system, study);
  const { scheduled, request } = nodeScripts(study.plan, node, adapter, run);
  const [before, after] = scheduled
    ? parted(request[stream], adapter.jobIdSign)
    : [`${logBase(node, attempt.number)}.`, `.${stream}`];
  const exact = `${folder}/${before}${after === undefined ? "" : `${attempt.jobId ?? ""}${after}`}`;
  if (system.facts(exact) && !system.isForeignLink(exact)) return exact;
  // The scheduler may write its id in another way than in its answers; a process id may have come twice.
  if (after === undefined) return undefined;
  const pattern = new RegExp(`^${RegExp.escape(before)}[^.]+${RegExp.escape(after)}$`);
  return newest(system, folder, pattern);
}

/** A name of a log, before and behind the job's id; the whole name where the scheduler writes no id into it. */
function parted(name: string, sign: string | undefined): [before: string, after?: string] {
  const at = sign === undefined ? -1 : name.indexOf(sign);
  return at < 0 ? [name] : [name.slice(0, at), name.slice(at + sign!.length)];
}

function newest(system: System, folder: string, pattern: RegExp): string | undefined {
  const changedAt = (path: string) => system.facts(path)?.changedAt ?? 0;
  return namesIn(system, folder).filter((name) => pattern.test(name)).map((name) => `${folder}/${name}`)
    .filter((path) => !system.isForeignLink(path)).sort((a, b) => changedAt(a) - changedAt(b)).at(-1);
}

function namesIn(system: System, folder: string): string[] {
  try {
    return system.list(folder);
  } catch (error) {
    if (isFileError(error, "ENOENT", "ENOTDIR", "EACCES")) return [];
    throw error;
  }
}

/**
 * A file that LLNL's Maestro wrote for a node: that of the job, or the newest. A scheduler's log may belong
 * to all jobs.
 */
function originalFile(
  system: System,
  folder: string,
  node: PlanNode,
  jobId: string | undefined,
  end: string,
): string | undefined {
  const ending = RegExp.escape(end);
  // Local logs have the plain name, other files a safe name. With --hashws it is that of the folder.
  const names = [node.name, node.name.replaceAll(" ", "_"), safeName(node.name), basename(node.workspace)];
  const patterns = [
    ...(jobId === undefined ? [] : [new RegExp(`\\.${RegExp.escape(jobId)}${ending}$`)]),
    ...names.map((name) => new RegExp(`^${RegExp.escape(name)}(\\.[^.]+)?${ending}$`)),
  ];
  for (const pattern of patterns) {
    const found = newest(system, folder, pattern);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The script of an attempt, from the workspace. If it does not exist, the script that would be written. */
export function scriptOf(
  system: System,
  study: Study,
  node: PlanNode,
  attempt: Attempt | undefined,
): NodeScript {
  if (study.original) {
    const ends = attempt?.kind === "restart" ? [".restart.sh", ".sh"] : [".sh"];
    const folder = workspaceOf(study.plan, node);
    const path = ends.map((end) => originalFile(system, folder, node, undefined, end)).find(Boolean);
    if (path === undefined) throw noScriptFile(node.name, folder);
    return { file: basename(path), text: system.readText(path) };
  }
  const number = attempt?.number ?? 1;
  const run = { attempt: number, retries: 0, token: submissionToken(study, node.index, number) };
  const { script, restart } = nodeScripts(
    study.plan,
    node,
    adapterToRead(system, study.root, study.plan.study.batch),
    run,
  );
  const { file, text } = attempt?.kind === "restart" && restart ? restart : script;
  return { file, text: ownText(system, `${workspaceOf(study.plan, node)}/${file}`) ?? text };
}

/** The text of a file of a study, for what others will read; undefined also for a link of another user. */
export function ownText(system: System, path: string): string | undefined {
  return system.isForeignLink(path) ? undefined : system.readTextIfAny(path);
}

/** The last lines of a file that are not empty. */
export function lastLines(system: System, path: string, count: number): string[] {
  try {
    const lines = system.readTail(path, 8192).split("\n").map((line) => line.trimEnd());
    return lines.filter((line) => line !== "").slice(-count);
  } catch {
    return [];
  }
}
