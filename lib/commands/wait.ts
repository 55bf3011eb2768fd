/** `maestro wait`: sleeps until studies have ended. */

import { EXIT } from "../errors.ts";
import { conductorView } from "../study/lease.ts";
import { patientLook } from "../patience.ts";
import { studyFollower } from "../study/follow.ts";
import { openStudyToRead, type Study } from "../study/folder.ts";
import type { System } from "../system.ts";
import { guarded } from "../app/context.ts";

export interface WaitFlags {
  readonly timeout?: number;
}

const LOOK_MS = 500;

export default guarded<WaitFlags, string[]>(async ({ system }, flags, ...directories) => {
  const deadline = flags.timeout === undefined ? Infinity : system.now() + flags.timeout * 1000;
  let exitCode: number = EXIT.ok;
  for (const directory of directories) {
    const study = await openStudyToRead(system, directory);
    const end = await waitFor(system, study, deadline);
    exitCode = worse(exitCode, end === undefined ? EXIT.stillRunning : EXIT_OF_STATE[end]);
    system.stdout.write(`${study.root}: ${end ?? "not ended"}\n`);
  }
  return exitCode;
});

type Closed = "finished" | "failed" | "cancelled";

const EXIT_OF_STATE: Readonly<Record<Closed, number>> = {
  finished: EXIT.ok,
  failed: EXIT.studyFailed,
  cancelled: EXIT.studyCancelled,
};

/** Not ended is worst, then failed, then cancelled. */
function worse(a: number, b: number): number {
  const order: number[] = [EXIT.ok, EXIT.studyCancelled, EXIT.studyFailed, EXIT.stillRunning];
  return order.indexOf(a) > order.indexOf(b) ? a : b;
}

async function waitFor(system: System, study: Study, deadline: number): Promise<Closed | undefined> {
  let told = study.original ?? false;
  const follow = studyFollower(system, study);
  const patient = patientLook(system);
  for (;;) {
    const closed = patient(follow)?.progress.closed;
    if (closed) return closed;
    if (!told && patient(() => conductorView(system, study.root).alive) === false) {
      told = true;
      system.stderr.write(`${study.root}: nobody conducts it now; waiting for somebody to.\n`);
    }
    if (system.now() >= deadline) return undefined;
    await system.sleep(Math.max(1, Math.min(LOOK_MS, deadline - system.now())));
  }
}
