/** `maestro wait`: returns when studies have ended. */

import { conductorView } from "../study/lease.ts";
import { patientLook } from "../patience.ts";
import { studyFollower } from "../study/follow.ts";
import { openStudyToRead, type Study } from "../study/folder.ts";
import { STUDY_STATE, type StudyEnd, type StudyState } from "../study/states.ts";
import type { System } from "../system.ts";
import { guarded } from "../app/context.ts";

export interface WaitFlags {
  readonly timeout?: number;
  readonly json?: boolean;
}

const LOOK_MS = 500;

export default guarded<WaitFlags, string[]>(async ({ system }, flags, ...directories) => {
  const deadline = flags.timeout === undefined ? Infinity : system.now() + flags.timeout * 1000;
  let worst: StudyState = "finished";
  const ends: { directory: string; end: StudyEnd | null }[] = [];
  for (const directory of directories) {
    const study = await openStudyToRead(system, directory);
    const end = await waitFor(system, study, deadline);
    worst = worse(worst, end ?? "running");
    if (flags.json) ends.push({ directory: study.root, end: end ?? null });
    else system.stdout.write(`${study.root}: ${end ?? "not ended"}\n`);
  }
  if (flags.json) system.stdout.write(`${JSON.stringify({ version: 1, studies: ends }, null, 2)}\n`);
  return STUDY_STATE[worst].exit;
});

/** Of two states the heavier: not ended, then failed, then cancelled. */
const worse = (a: StudyState, b: StudyState) => STUDY_STATE[b].weight > STUDY_STATE[a].weight ? b : a;

async function waitFor(system: System, study: Study, deadline: number): Promise<StudyEnd | undefined> {
  let told = study.original ?? false;
  const follow = studyFollower(system, study);
  const patient = patientLook(system);
  for (;;) {
    const end = patient(follow)?.end;
    if (end) return end;
    if (!told && patient(() => conductorView(system, study.root).alive) === false) {
      told = true;
      system.stderr.write(`${study.root}: it has no conductor; still waiting.\n`);
    }
    if (system.now() >= deadline) return undefined;
    await system.sleep(Math.max(1, Math.min(LOOK_MS, deadline - system.now())));
  }
}
