/** Takes note of what runners saw. */

import { interpret } from "./decide.ts";
import { counted } from "../errors.ts";
import { nodeNamed } from "../plan/plan_nodes.ts";
import type { ConductorContext } from "./context.ts";
import type { Progress } from "../study/state/progress.ts";
import type { StudyEvent } from "../study/events.ts";

/** Notes what became known, and what it means: with one write, however much it is. */
export function observe(context: ConductorContext): void {
  const { progress, ledger } = context;
  const noted: (readonly StudyEvent[])[] = [];
  try {
    for (const runner of [context.local, context.scheduled]) {
      for (const sighting of runner?.sightings() ?? []) {
        if (sighting.see === "accepted") {
          context.failedStarts.delete(sighting.node);
          context.troubles.end("start");
        }
        if (sighting.see === "refused" && sighting.notBefore !== undefined) {
          const { name } = progress.plan.nodes[sighting.node]!;
          context.troubles.meet("start", `step '${name}' cannot be started: ${sighting.reason}`);
        }
        const events = interpret(progress, sighting).map((event): StudyEvent =>
          event.event === "submitted" && runner === context.local
            ? { host: context.system.host, ...event }
            : event
        );
        ledger.collect(events);
        noted.push(events);
      }
    }
  } finally {
    // Where one of them could not look, what the other saw counts.
    ledger.write();
    for (const events of noted) report(context, events);
  }
  const trouble = context.scheduled?.trouble;
  if (trouble === undefined) context.troubles.end("scheduler");
  else context.troubles.meet("scheduler", trouble);
  if (ledger.trouble === undefined || ledger.flush()) context.troubles.end("journal");
  else context.troubles.meet("journal", `the journal cannot be written: ${ledger.trouble}`);
}

/** Logs what happened to a step; those that end because of it are counted. */
export function report(
  { progress, options: { log, hooks } }: ConductorContext,
  [event, ...others]: readonly StudyEvent[],
): void {
  if (event) hooks?.tell(event);
  if (event?.event === "unclear") {
    log.warning(`Step '${event.step}' has an ${event.reason}. Looking it up.`);
  }
  if (event?.event === "started") log.info(`Step '${event.step}' found to be running.`);
  if (event?.event === "stuck") {
    if (event.reason === undefined) log.info(`Step '${event.step}' can begin now.`);
    else log.warning(`Step '${event.step}' cannot start unless something changes: ${event.reason}`);
  }
  if (event?.event === "withdrawn") log.warning(`Step '${event.step}' has not started: ${event.reason}`);
  if (event?.event === "relapsed" && event.state === "TIMEDOUT" && event.again === "restart") {
    log.info(restartLine(progress, event.step));
  } else if (event?.event === "relapsed") {
    log.warning(`Step '${event.step}' ${event.state}: ${event.reason}. It will ${event.again}.`);
  }
  if (event?.event !== "ended") return;
  if (event.state === "FINISHED") {
    log.info(`Step '${event.step}' marked as finished. Adding to complete set.`);
  } else log.warning(`Step '${event.step}' ${event.state}: ${event.reason}`);
  if (others.length > 0) {
    log.warning(`${counted(others.length, "step")} behind '${event.step}' will not run.`);
  }
}

/** In Maestro's words. */
function restartLine({ plan, records, settings: { rlimit } }: Progress, step: string): string {
  const node = nodeNamed(plan, step);
  const restart = (node === undefined ? 0 : records[node]!.restarts) + 1;
  return `Step '${step}' timed out. Restarting (${restart} of ${rlimit}).`;
}
