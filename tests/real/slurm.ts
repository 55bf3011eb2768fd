/** Commands of the tests for Slurm. */

import { command, until } from "./trial.ts";

/** Slurm's shortest limit is a minute: this is that minute. It must not be the very second in which the job began. */
export function outOfTime(jobId: string): Promise<true> {
  const limit = () => command(["scontrol", "update", `jobid=${jobId}`, "endtime=now"]);
  return until(`job ${jobId} is out of time`, () => limit().then(() => true as const, () => undefined));
}

/** Waits until Slurm has noticed that a node is not there. */
export function nodeIsDown(node: string): Promise<true> {
  const state = () => command(["scontrol", "-o", "show", "node", node]);
  return until(`${node} is down`, async () => /\bState=DOWN/.test(await state()) || undefined);
}
