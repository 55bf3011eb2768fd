/** Studies for benches, made at once: a plan of chains of three scheduled steps, and a journal in which they have run. */

import { encodeEvent } from "../lib/study/journal/format.ts";
import { replay } from "../lib/study/journal/replay.ts";
import { GROWTH, LEAST_BYTES } from "../lib/conduct/snapshot.ts";
import { writeStateCopy } from "../lib/study/state/copy.ts";
import { studyPaths } from "../lib/paths.ts";
import type { Study } from "../lib/study/folder.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { leanStudy, type LeanWorld, leanWorld } from "../tests/world/lean.ts";

/** A morning of 2026, as conductors of that time note it. */
const START = Date.UTC(2026, 10, 25, 8);

/**
 * A study of the given number of steps. All but the last `inFlight` of the first steps of chains have run and
 * ended. `copy` is the age of
 * the conductor's copy of the state: as old as possible, or that of the end.
 */
export function makeStudy(
  root: string,
  steps: number,
  { inFlight = 0, copy = "last" }: { inFlight?: number; copy?: "last" | "oldest" } = {},
): Study {
  const world = leanWorld(root);
  const study = leanStudy(world, root, Math.round(steps / 3), inFlight);
  const chains = steps / 3;
  using file = Deno.openSync(studyPaths(root).journal, { append: true });
  let text = "";
  const note = (event: StudyEvent) => text += encodeEvent(event);
  note({ event: "taken", at: START, host: "bench", pid: 1 });
  study.plan.nodes.forEach(({ name: step }, i) => {
    const chain = i % chains;
    const ends = chain < chains - inFlight;
    if (!ends && i >= chains) return;
    const at = START + i;
    note({ event: "submitting", at, step, attempt: 1 });
    note({ event: "submitted", at: at + 20, step, jobId: String(1000 + i) });
    note({ event: "started", at: at + 5000, step });
    if (ends) note({ event: "ended", at: at + 35_000, step, state: "FINISHED", exitCode: 0 });
    if (text.length < 1 << 20) return;
    file.writeSync(new TextEncoder().encode(text));
    text = "";
  });
  if (inFlight === 0) note({ event: "closed", at: START + steps + 40_000, state: "finished" });
  file.writeSync(new TextEncoder().encode(text));
  leaveCopy(world, study, copy);
  return study;
}

function leaveCopy({ system }: LeanWorld, study: Study, copy: "last" | "oldest"): void {
  const { journal } = studyPaths(study.root);
  const { progress, read: { part, size } } = replay(system, study);
  const bytes = writeStateCopy(system, study, progress, { part, offset: size });
  if (copy === "last") return;
  // The journal as it was when that copy was made, for a moment.
  const whole = Deno.readFileSync(journal);
  const least = size - Math.max(LEAST_BYTES, bytes * GROWTH);
  const offset = whole.indexOf("\n".charCodeAt(0), least) + 1;
  Deno.writeFileSync(journal, whole.subarray(0, offset));
  writeStateCopy(system, study, replay(system, study).progress, { part, offset });
  Deno.writeFileSync(journal, whole);
}
