/**
 * Runs steps through a scheduler: hands them over (`submissions.ts`), asks about all jobs in one go (`job_watch.ts`).
 * Commands run in the background; what they tell becomes sightings.
 */

import { poll } from "./job_watch.ts";
import { jobFolder } from "./paths.ts";
import type { Runner } from "./runner.ts";
import { cancelJobs, deskOf, type SchedulerRunnerOptions } from "./scheduler_desk.ts";
import { submissionToken } from "./submissions.ts";
import type { Sighting } from "./types.ts";

export { submissionToken };

export function schedulerRunner(options: SchedulerRunnerOptions): Runner {
  const { system, study, progress } = options;
  const seen: Sighting[] = [];
  const tasks = new Set<Promise<void>>();
  const clock = { nextPoll: 0, polling: false };
  const desk = deskOf(options, seen, tasks, clock);
  const { submissions } = desk;
  const startPoll = () => {
    clock.polling = true;
    clock.nextPoll = system.now() + progress.settings.sleep * 1000 * (desk.troubled ? 2 : 1);
    desk.task(poll(desk).finally(() => clock.polling = false));
  };
  return {
    start(node, attempt) {
      system.makeDirectory(jobFolder(study.root, node.index), 0o700);
      const token = submissionToken(study, node.index, attempt);
      submissions.add(node, { ...options.prepare(node), token });
    },
    takesMore: submissions.takesMore,
    recover() {
      for (const node of progress.inFlight.scheduled) {
        if (progress.records[node]!.jobId === undefined) submissions.doubt(node);
      }
      clock.nextPoll = system.now();
    },
    sightings() {
      const anything = progress.inFlight.scheduled.size > 0;
      if (!clock.polling && anything && system.now() >= clock.nextPoll) startPoll();
      return seen.splice(0);
    },
    cancel: (nodes) => cancelJobs(desk, new Set(nodes)),
    async idle() {
      if (!clock.polling && progress.inFlight.scheduled.size > 0) startPoll();
      while (tasks.size > 0) await Promise.all(tasks);
    },
    get unreachable() {
      return desk.unreachable;
    },
  };
}
