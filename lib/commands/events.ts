/** `maestro events`: what happened in a study, in order; in words, or as the lines of its journal. */

import { EXIT, noSuchStep } from "../errors.ts";
import { decodeJournal } from "../study/journal/format.ts";
import { studyFollower } from "../study/follow.ts";
import { eventLine } from "../view/render_events.ts";
import { patientLook } from "../patience.ts";
import { openStudy, type Study } from "../study/folder.ts";
import { nearest } from "../suggest.ts";
import type { StudyEvent } from "../study/events.ts";
import { guarded } from "../app/context.ts";

export interface EventsFlags {
  readonly step?: readonly string[];
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** Pause between reads of a growing file. */
const LOOK_MS = 250;

export default guarded<EventsFlags, [string]>(async ({ system }, flags, directory) => {
  const study = await openStudy(system, directory);
  const wanted = filterOf(study, flags.step ?? []);
  const follow = studyFollower(system, study);
  const patient = patientLook(system);
  for (;;) {
    const looked = flags.follow ? patient(follow) : follow();
    const { end, text, events } = looked ?? NOTHING;
    system.stdout.write(flags.json ? linesOf(text, wanted) : wordsOf(events, wanted));
    if (!flags.follow || end) return EXIT.ok;
    await system.sleep(LOOK_MS);
  }
});

/** Of a failed read. */
const NOTHING = { end: undefined, text: "", events: [] };

type Wanted = (event: StudyEvent) => boolean;

/** Events of the named steps, or all events. */
function filterOf({ plan }: Study, names: readonly string[]): Wanted {
  if (names.length === 0) return () => true;
  const nodes = new Set<string>();
  for (const name of names) {
    const found = plan.nodes.filter((node) => node.name === name || node.step.name === name);
    const known = () => [...plan.steps, ...plan.nodes].map(({ name }) => name);
    if (found.length === 0) throw noSuchStep(name, nearest(name, known()));
    for (const node of found) nodes.add(node.name);
  }
  return (event) => "step" in event && event.step !== undefined && nodes.has(event.step);
}

function wordsOf(events: readonly StudyEvent[], wanted: Wanted): string {
  return events.filter(wanted).map((event) => `${eventLine(event)}\n`).join("");
}

/** The journal's own lines, with its head. Lines that are not events are skipped. */
function linesOf(text: string, wanted: Wanted): string {
  return text.split("\n").filter((line) => {
    const { version, events } = decodeJournal(`${line}\n`);
    return version > 0 || events.some(wanted);
  }).map((line) => `${line}\n`).join("");
}
