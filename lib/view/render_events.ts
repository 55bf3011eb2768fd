/** What happened to a study, event by event, in words. */

import { visible } from "../cells.ts";
import { formatLocalTime } from "../times.ts";
import { isStepEvent, type StudyEvent } from "../study/events.ts";
import { stepEvent } from "../study/state/step_events.ts";
import { wholeEvent } from "../study/study_facts.ts";

/** A line: when, which step, what. */
export function eventLine(event: StudyEvent): string {
  const step = isStepEvent(event) ? event.step : "study";
  return `${formatLocalTime(event.at)}  ${visible(step)}  ${visible(eventWords(event))}`;
}

/** An event of a later version has its name alone. */
export function eventWords(event: StudyEvent): string {
  const words = isStepEvent(event) ? stepEvent(event)?.words(event) : wholeEvent(event)?.words(event);
  return words ?? event.event;
}
