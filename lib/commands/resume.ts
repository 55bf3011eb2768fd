/**
 * `maestro resume`: continues a study whose conductor is gone. Does nothing if there is nothing to continue.
 */

import { EXIT } from "../errors.ts";
import { conductorView } from "../study/lease.ts";
import { waitingRequests } from "../study/requests.ts";
import { readState } from "../study/journal/replay.ts";
import { openStudy } from "../study/folder.ts";
import { guarded } from "../app/context.ts";
import { conductForeground } from "./foreground.ts";
import { launchDetached } from "../app/launch.ts";

export interface ResumeFlags {
  readonly fg?: boolean;
}

export default guarded<ResumeFlags, [string]>(async (context, flags, directory) => {
  const { system } = context;
  const study = await openStudy(system, directory);
  const conductor = conductorView(system, study.root);
  if (conductor.alive && !conductor.brief) {
    system.stderr.write(
      `${study.root} has a conductor, process ${conductor.pid} on ${conductor.host}: nothing to do.\n`,
    );
    return EXIT.ok;
  }
  const progress = readState(system, study);
  // A request may still wait because its conductor died: a rerun of a study that had ended.
  if (progress.closed && waitingRequests(system, study.root).length === 0) {
    system.stderr.write(`${study.root} is ${progress.closed}: nothing to do.\n`);
    if (progress.closed !== "finished") system.stderr.write(`\`maestro rerun\` runs failed steps again.\n`);
    return EXIT.ok;
  }
  return flags.fg ? await conductForeground(context, study) : await launchDetached(context, study, "resumed");
});
