/** What happened to a study, event by event, in words. */

import { visible } from "../cells.ts";
import { formatLocalTime } from "../times.ts";
import type { StudyEvent } from "../study/events.ts";

/** A line: when, which step, what. */
export function eventLine(event: StudyEvent): string {
  const step = "step" in event && event.step !== undefined ? event.step : "study";
  return `${formatLocalTime(event.at)}  ${visible(step)}  ${visible(eventWords(event))}`;
}

function eventWords(event: StudyEvent): string {
  switch (event.event) {
    case "taken":
      return `taken by a conductor, pid ${event.pid} on ${event.host}${event.once ? ", for one pass" : ""}`;
    case "submitting":
      return `${event.again ? `to ${event.again}: ` : ""}being submitted, attempt ${event.attempt}`;
    case "submitted":
      return `submitted, job ${event.jobId}${event.cluster === undefined ? "" : ` on ${event.cluster}`}`;
    case "started":
      return "running";
    case "missing":
      return "its scheduler does not know its job";
    case "found":
      return "its scheduler knows its job again";
    case "stuck":
      return event.reason === undefined ? "its job can begin again" : `its job cannot begin: ${event.reason}`;
    case "withdrawn":
      return `did not start: ${event.reason}`;
    case "relapsed":
      return `${event.state}${why(event)}; it will ${event.again}${notBefore(event.notBefore)}`;
    case "ended":
      return `${event.state}${event.skipped ? ", without having run" : ""}${why(event)}`;
    case "cancelling":
      return "cancelling was asked for";
    case "held":
      return "held";
    case "released":
      return "released";
    case "reset":
      return "to run again";
    case "updated":
      return `settings changed: ${
        Object.entries(event.settings).map(([name, value]) => `${name} ${value}`).join(", ")
      }`;
    case "written":
      return "all scripts are written, nothing is run";
    case "closed":
      return event.state;
    default:
      return (event as { event: string }).event;
  }
}

function why({ reason, exitCode }: { reason?: string; exitCode?: number }): string {
  if (reason !== undefined) return `: ${reason}`;
  return exitCode ? `: exit code ${exitCode}` : "";
}

function notBefore(at: number | undefined): string {
  return at === undefined ? "" : `, not before ${formatLocalTime(at)}`;
}
