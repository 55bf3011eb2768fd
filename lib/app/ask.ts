/** Changes a study for a command: through its conductor if one is alive, directly otherwise. */

import { basename, dirname } from "@std/path";
import { newOrders } from "../conduct/context.ts";
import { interrupted, noSuchStep, notTaken, requestStays } from "../errors.ts";
import { conductorView } from "../study/lease.ts";
import { nodeNamed } from "../plan/plan_nodes.ts";
import type { Progress } from "../study/state/progress.ts";
import { studyPaths } from "../paths.ts";
import { leaveUpdate } from "../study/update_lock.ts";
import { makeRequest, type StudyRequest } from "../study/requests.ts";
import { nearest } from "../suggest.ts";
import type { Study } from "../study/folder.ts";
import { codeOf, isFileError, type System } from "../system.ts";
import type { Context } from "./context.ts";
import { conductHere, unlessHeld } from "./launch.ts";

/** A conductor looks for requests twice a second. */
const TAKE_TIMEOUT_MS = 30_000;
/** A right that is missing is mostly missing for good: someone waits for the message. */
const RIGHTS_TIMEOUT_MS = 3000;

/**
 * Has a request carried out, by this process or by another. Returns when its effect is on disk. A request
 * that nobody takes is withdrawn without a trace, and an error reports it.
 */
export async function ask(context: Context, study: Study, request: StudyRequest): Promise<void> {
  const { system } = context;
  const start = system.now();
  let file: string | undefined;
  let failure: Error | undefined;
  // Who asks at the same moment, or a file server in trouble, may be in the way for a while.
  const isLate = () => {
    const limit = isFileError(failure, "EACCES", "EPERM", "EROFS") ? RIGHTS_TIMEOUT_MS : TAKE_TIMEOUT_MS;
    return system.now() - start > limit;
  };
  let signalled: "SIGINT" | "SIGTERM" | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) system.onSignal(signal, () => signalled = signal);
  while (!isLate() && signalled === undefined) {
    try {
      file ??= leave(system, study.root, request);
      if (file !== undefined && isTaken(system, file)) return;
      if (!conductorView(system, study.root).alive) {
        // Another process that has the study by now takes requests, too.
        await unlessHeld(conductHere(context, study, { orders: newOrders(), mode: "requests" }));
      }
      if (file !== undefined && isTaken(system, file)) return;
    } catch (error) {
      if (codeOf(error) === undefined) throw takenBack(system, file, error);
      failure = error as Error;
    }
    await system.sleep(50);
  }
  const error = signalled === undefined ? failure ?? notTaken(study.root) : interrupted(signalled);
  throw takenBack(system, file, error);
}

/** Whether the file of a request is gone, by two witnesses: a file server in trouble may deny a file that is there. */
function isTaken(system: System, file: string): boolean {
  return system.facts(file) === undefined && !system.list(dirname(file)).includes(basename(file));
}

/** The file of a request; undefined while an earlier change waits. */
function leave(system: System, root: string, request: StudyRequest): string | undefined {
  if (request.ask !== "update") return makeRequest(system, root, request);
  return leaveUpdate(system, root, request.settings) ? studyPaths(root).updateLock : undefined;
}

/** The error, after making sure that nobody carries the request out later. */
function takenBack(system: System, file: string | undefined, error: unknown): unknown {
  try {
    if (file !== undefined) system.removeFile(file);
    return error;
  } catch {
    return requestStays(file!, (error as Error).message);
  }
}

/** Nodes by name: the name of one node, or the name of a step for all its combinations. */
export function findNodes({ plan }: Progress, names: readonly string[]): number[] {
  const found = new Set<number>();
  for (const name of names) {
    const step = plan.steps.find((step) => step.name === name);
    const node = nodeNamed(plan, name);
    if (node !== undefined) found.add(node);
    else if (step) { for (let i = step.first; i < step.end; i++) found.add(i); }
    else throw noSuchStep(name, nearest(name, [...plan.steps, ...plan.nodes].map(({ name }) => name)));
  }
  return [...found];
}
