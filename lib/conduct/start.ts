/** The part of the conductor that starts steps. */

import { intent, interpret, takeReady } from "./decide.ts";
import { observe, tell } from "./observe.ts";
import type { Runner } from "./runner.ts";
import type { Shift } from "./context.ts";
import { codeOf, isTransient } from "../system.ts";
import type { PlanNode } from "../plan/types.ts";

/** After trouble with the disk. */
const PAUSE_MS = 10_000;
/** Before an error that is final by its kind is believed: a file server that recovers may give any error once. */
const DOUBT_MS = 1000;

/** Starts what may start; whether jobs are among it. The intent is on disk before the first of them begins. */
export function submit(shift: Shift): boolean {
  const { system, progress, ledger, options: { log } } = shift;
  if (system.now() < shift.pausedUntil) return false;
  const { local, scheduled } = takeReady(progress, system.now(), shift.scheduled?.room());
  const nodes = [...local, ...scheduled];
  if (nodes.length === 0) return false;
  const intents = nodes.map((node) => intent(progress, node, system.now()));
  // What runs here ends with this machine, and survives everything else in its claim: no need to wait for the disk.
  if (!ledger.intend(intents, scheduled.length > 0)) {
    progress.unsettled = true;
    shift.pausedUntil = system.now() + PAUSE_MS;
    log.error(`The journal cannot be written (${ledger.trouble}): nothing new is started until it can.`);
    return false;
  }
  for (const node of local) start(shift, shift.local, progress.plan.nodes[node]!);
  for (const node of scheduled) start(shift, shift.scheduled!, progress.plan.nodes[node]!);
  observe(shift);
  return scheduled.length > 0;
}

function start(shift: Shift, runner: Runner, node: PlanNode): void {
  const { system, progress, ledger, refusals, options: { log } } = shift;
  try {
    runner.start(node, progress.records[node.index]!.attempt);
  } catch (error) {
    const at = system.now();
    const reason = (error as Error).message;
    const isSystems = codeOf(error) !== undefined;
    const passing = isTransient(error) || (isSystems && !shift.doubted.has(node.index));
    if (isSystems) shift.doubted.add(node.index);
    const tries = (refusals.get(node.index) ?? 0) + (passing ? 0 : 1);
    refusals.set(node.index, tries);
    if (passing) {
      shift.pausedUntil = at + (isTransient(error) ? PAUSE_MS : DOUBT_MS);
      log.error(`Step '${node.name}' cannot be started now: ${reason}. Trying again later.`);
    }
    const again = passing || tries < progress.settings.attempts;
    const events = interpret(progress, {
      see: "refused",
      node: node.index,
      at,
      reason: again ? reason : `could not be started: ${reason}`,
      again,
    });
    ledger.note(events);
    if (!passing) tell(shift, events);
  }
}
