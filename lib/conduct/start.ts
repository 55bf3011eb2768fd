/** The part of the conductor that starts steps. */

import { intent, interpret, takeReady } from "./decide.ts";
import { observe, tell } from "./observe.ts";
import type { Runner } from "./runner.ts";
import type { Shift } from "./context.ts";
import { codeOf } from "../system.ts";
import { endTrouble, meetTrouble, pauseMs } from "./trouble.ts";
import type { PlanNode } from "../plan/types.ts";

/** Starts what may start; whether jobs are among it. The intent is on disk before the first of them begins. */
export function submit(shift: Shift): boolean {
  const { system, progress, ledger, options: { log } } = shift;
  if (shift.troubles.isPaused()) return false;
  const { local, scheduled } = takeReady(progress, system.now(), shift.scheduled?.room());
  const nodes = [...local, ...scheduled];
  if ([...shift.refusals.keys()].every((node) => progress.records[node]!.over)) endTrouble(shift, "start");
  if (nodes.length === 0) return false;
  const intents = nodes.map((node) => intent(progress, node, system.now()));
  // What runs here ends with this machine, and survives everything else in its claim: no need to wait for the disk.
  if (!ledger.intend(intents, scheduled.length > 0)) {
    progress.unsettled = true;
    if (meetTrouble(shift, "journal", `the journal cannot be written: ${ledger.trouble}`)) {
      log.error(`The journal cannot be written (${ledger.trouble}): nothing new is started until it can.`);
    }
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
    const tries = (refusals.get(node.index) ?? 0) + 1;
    refusals.set(node.index, tries);
    const refused = { see: "refused", node: node.index, at } as const;
    if (codeOf(error) === undefined) {
      const again = tries < progress.settings.attempts;
      const events = interpret(progress, {
        ...refused,
        reason: again ? reason : `could not be started: ${reason}`,
        again,
      });
      ledger.note(events);
      tell(shift, events);
      return;
    }
    // The machine's trouble is never the step's failure, whatever its kind: it may be mended.
    if (meetTrouble(shift, "start", `step '${node.name}' cannot be started: ${reason}`)) {
      log.error(`Step '${node.name}' cannot be started now: ${reason}. Trying again later.`);
    }
    ledger.note(
      interpret(progress, { ...refused, reason, again: true, notBefore: at + pauseMs(tries) }),
    );
  }
}
