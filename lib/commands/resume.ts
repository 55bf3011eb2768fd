/**
 * `maestro resume`: continues a study whose conductor is gone. Does nothing if there is nothing to continue.
 */

import { counted, EXIT, notTaken } from "../errors.ts";
import { awaitsUser } from "../study/state/ready.ts";
import { otherServers } from "../study/launch_environment.ts";
import { type ConductorView, conductorView, isSchedulerGone } from "../study/lease.ts";
import { waitingRequests } from "../study/requests.ts";
import { readState } from "../study/journal/replay.ts";
import { openStudy, type Study } from "../study/folder.ts";
import { STUDY_STATE } from "../study/states.ts";
import { ask } from "../app/ask.ts";
import { type Context, guarded } from "../app/context.ts";
import { adapterToRead, trustAdapterOf } from "../app/own_adapter.ts";
import { conductForeground } from "./foreground.ts";
import { launchDetached } from "../app/launch.ts";

export interface ResumeFlags {
  readonly fg?: boolean;
  readonly "trust-adapter"?: boolean;
}

/** A conductor looks for requests twice a second. */
const LEAVE_TIMEOUT_MS = 60_000;

export default guarded<ResumeFlags, [string]>(async (context, flags, directory) => {
  const { system } = context;
  const study = await openStudy(system, directory);
  const { root, plan } = study;
  const conductor = conductorView(system, root);
  const others = otherServers(system, root, adapterToRead(system, root, plan.study.batch).scheduler);
  if (conductor.alive && !conductor.brief) {
    const isGone = conductor.troubles?.some(isSchedulerGone);
    if (!isGone || others.length === 0) {
      if (await tryAgain(context, study)) return EXIT.ok;
      system.stderr.write(
        `${root} has a conductor, process ${conductor.pid} on ${conductor.host}: nothing to do.\n`,
      );
      return EXIT.ok;
    }
    await takeOver(context, study, conductor);
  }
  const progress = readState(system, study);
  // A request may still wait because its conductor died: a rerun of a study that had ended.
  const { closed } = progress;
  // Otherwise the end may not be recorded yet: that is left to do.
  if (closed && waitingRequests(system, study.root).length === 0) {
    system.stderr.write(`${study.root} is ${closed}: nothing to do.\n`);
    if (closed !== "finished") system.stderr.write(`\`maestro rerun\` runs failed steps again.\n`);
    return flags.fg ? STUDY_STATE[closed].exit : EXIT.ok;
  }
  if (others.length > 0) system.stderr.write(`${otherScheduler(others.join(", "))}\n`);
  if (flags["trust-adapter"]) await trustAdapterOf(system, study.root);
  return flags.fg ? await conductForeground(context, study) : await launchDetached(context, study, "resumed");
});

/** Has a conductor try steps again that wait for the user; whether there are any. */
async function tryAgain(context: Context, study: Study): Promise<boolean> {
  const { records, plan } = readState(context.system, study);
  const steps = plan.nodes.filter(({ index }) => !records[index]!.over && awaitsUser(records[index]!));
  if (steps.length === 0) return false;
  await ask(context, study, { ask: "release", steps: steps.map(({ name }) => name) });
  context.system.stderr.write(`${counted(steps.length, "waiting step")} will be tried again.\n`);
  return true;
}

/** Has a conductor leave whose scheduler is gone. */
async function takeOver(context: Context, study: Study, { pid, host }: ConductorView): Promise<void> {
  const { system } = context;
  await ask(context, study, { ask: "leave" });
  const deadline = system.now() + LEAVE_TIMEOUT_MS;
  while (conductorView(system, study.root).alive) {
    if (system.now() > deadline) throw notTaken(study.root);
    await system.sleep(100);
  }
  const left = `Process ${pid} on ${host} has left ${study.root}: its scheduler does not answer.`;
  system.stderr.write(`${left}\n`);
}

const otherScheduler = (names: string) =>
  // deno-fmt-ignore
  `Another ${names} than before: the study continues with the scheduler of this one. Jobs that this scheduler does not know count as lost.`;
