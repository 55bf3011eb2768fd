/** Starts steps. */

import { intent, interpret, takeReady } from "./decide.ts";
import { awaitsUser } from "../study/state/ready.ts";
import { observe, report } from "./observe.ts";
import type { Runner } from "./runner.ts";
import type { ConductorContext } from "./context.ts";
import { codeOf, isTransient } from "../system.ts";
import { pauseMs } from "./trouble.ts";
import type { PlanNode } from "../plan/types.ts";

/** Starts what may start; whether jobs are among it. The intent is on disk before the first of them begins. */
export function submit(context: ConductorContext): boolean {
  const { system, progress, ledger, troubles, failedStarts, options: { log } } = context;
  if (troubles.isPaused()) return false;
  const { local, scheduled } = takeReady(progress, system.now(), context.scheduled?.room());
  const nodes = [...local, ...scheduled];
  if ([...failedStarts.keys()].every((node) => progress.records[node]!.over)) troubles.end("start");
  if (nodes.length === 0) return false;
  const intents = nodes.map((node) => intent(progress, node, system.now()));
  // What runs here ends with this machine, and survives everything else in its claim: no need to wait for the disk.
  if (!ledger.intend(intents, scheduled.length > 0)) {
    progress.unsettled = true;
    if (troubles.meet("journal", `the journal cannot be written: ${ledger.trouble}`)) {
      log.error(`The journal cannot be written (${ledger.trouble}): nothing new is started until it can.`);
    }
    return false;
  }
  for (const node of local) start(context, context.local, progress.plan.nodes[node]!);
  for (const node of scheduled) start(context, context.scheduled!, progress.plan.nodes[node]!);
  observe(context);
  return scheduled.length > 0;
}

function start(context: ConductorContext, runner: Runner, node: PlanNode): void {
  const { system, progress, ledger, troubles, failedStarts, options: { log } } = context;
  try {
    runner.start(node, progress.records[node.index]!.attempt);
  } catch (error) {
    const at = system.now();
    const reason = (error as Error).message;
    const tries = (failedStarts.get(node.index) ?? 0) + 1;
    failedStarts.set(node.index, tries);
    const refused = { see: "refused", node: node.index, at } as const;
    if (codeOf(error) === undefined) {
      const events = interpret(progress, {
        ...refused,
        reason: `could not be started: ${reason}`,
        why: "refused",
      });
      ledger.note(events);
      report(context, events);
      return;
    }
    // The machine's trouble is never the step's failure, whatever its kind: someone may fix it.
    if (troubles.meet("start", `step '${node.name}' cannot be started: ${reason}`)) {
      log.error(`Step '${node.name}' cannot be started now: ${reason}. Trying again later.`);
    }
    const why = isTransient(error) ? "passing" : "blocked";
    const events = interpret(progress, { ...refused, reason, why, notBefore: at + pauseMs(tries) });
    ledger.note(events);
    if (awaitsUser(progress.records[node.index]!)) report(context, events);
  }
}
