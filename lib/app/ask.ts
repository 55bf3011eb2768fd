/** How commands get something done to a study: through its conductor if one is alive, else by themselves. */

import { newOrders } from "../conduct/context.ts";
import { noSuchStep, notTaken } from "../errors.ts";
import { conductorView } from "../study/lease.ts";
import { nodeNamed } from "../plan/plan_nodes.ts";
import type { Progress } from "../study/state/progress.ts";
import { patientLook } from "../patience.ts";
import { leaveUpdate } from "../study/update_lock.ts";
import { makeRequest, type StudyRequest, waitingRequests } from "../study/requests.ts";
import { nearest } from "../suggest.ts";
import type { Study } from "../study/folder.ts";
import type { Context } from "./context.ts";
import { conductHere } from "./launch.ts";

/** A conductor looks for requests twice a second. */
const TAKE_TIMEOUT_MS = 30_000;

/** Has a request carried out; returns once it is. */
export async function ask(context: Context, study: Study, request: StudyRequest): Promise<void> {
  const { system } = context;
  const deadline = system.now() + TAKE_TIMEOUT_MS;
  const patient = patientLook(system);
  let isLeft = false;
  const leave = () => {
    if (request.ask === "update") return leaveUpdate(system, study.root, request.settings);
    makeRequest(system, study.root, request);
    return true;
  };
  for (;;) {
    // A change may wait for an earlier one to be taken.
    isLeft ||= leave();
    if (isLeft && patient(() => waitingRequests(system, study.root).length) === 0) return;
    if (patient(() => conductorView(system, study.root).alive) === false) {
      await conductHere(context, study, { orders: newOrders(), mode: "requests" });
      if (isLeft) return;
    }
    if (system.now() > deadline) throw notTaken(study.root);
    await system.sleep(50);
  }
}

/** Nodes by name: a node's own, or a step's for all its combinations. */
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
