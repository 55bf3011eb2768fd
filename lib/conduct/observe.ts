/** Takes note of what runners saw. */

import { interpret } from "./decide.ts";
import { counted } from "../errors.ts";
import { nodeNamed } from "../plan/plan_nodes.ts";
import type { ConductorContext } from "./context.ts";
import type { Progress } from "../study/state/progress.ts";
import { isStepEvent, type StudyEvent } from "../study/events.ts";
import { eventWords } from "../view/render_events.ts";
import type { Log } from "../log.ts";
import { stepEvent } from "../study/state/step_events.ts";
import { wholeEvent } from "../study/study_facts.ts";

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
        // Most answers of a poll are no news.
        if (events.length === 0) continue;
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

/** Runs the hook for what happened first, and logs it. The others follow from it: steps that do not run are counted. */
export function report(
  { progress, options: { log, hooks } }: ConductorContext,
  [event, ...others]: readonly StudyEvent[],
): void {
  if (!event) return;
  hooks?.runFor(event);
  logEvent(log, progress, event);
  if (event.event === "ended" && others.length > 0) {
    log.warning(`${counted(others.length, "step")} behind '${event.step}' will not run.`);
  }
}

/** The line of the log that the row of an event gives it, if any. */
function logEvent(log: Log, progress: Progress, event: StudyEvent): void {
  const { name } = progress.plan.study;
  const line = isStepEvent(event)
    ? stepEvent(event)!.log(event, progress, nodeNamed(progress.plan, event.step)!)
    : wholeEvent(event)!.log(event, name);
  if (line === "none") return;
  if (typeof line === "object") return log.info(line.info);
  const subject = isStepEvent(event) ? `Step '${event.step}'` : `Study '${name}':`;
  log[line](`${subject} ${eventWords(event)}`);
}
