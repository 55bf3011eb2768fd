/**
 * Runs steps through a scheduler: hands them over (`submissions.ts`), asks about all jobs in one go (`job_watch.ts`).
 * Commands run in the background; what they tell becomes sightings.
 */

import { poll } from "./watch.ts";
import { type Member, packsOf } from "../pack.ts";
import { jobFolder } from "../../paths.ts";
import type { Runner, Sighting } from "../runner.ts";
import { cancelJobs, type Desk, deskOf, type SchedulerRunnerOptions } from "./client.ts";
import { submissionToken } from "./lookups.ts";
import type { System } from "../../system.ts";

export { submissionToken };

export function schedulerRunner(options: SchedulerRunnerOptions): Runner {
  const { system, study, progress } = options;
  const seen: Sighting[] = [];
  const tasks = new Set<Promise<void>>();
  const clock = { nextPoll: 0, polling: false };
  const desk = deskOf(options, seen, tasks, clock);
  const { submissions } = desk;
  /** Nodes that are to go into packs; those that start together go together. */
  const gathered: Member[] = [];
  const startPoll = () => {
    clock.polling = true;
    clock.nextPoll = system.now() + pause(system, progress.settings.sleep * 1000, desk.silences);
    desk.task(poll(desk).finally(() => clock.polling = false));
  };
  const answerFor = () => {
    if (desk.failure) throw desk.failure;
  };
  return {
    start(node, attempt) {
      system.makeDirectory(jobFolder(study.root, node.index));
      const request = options.prepare(node, new Set(desk.lacks));
      if (node.step.pack && options.preparePack) gathered.push({ node, attempt, request });
      else {
        const token = submissionToken(study, node.index, attempt);
        const again = (lacks: ReadonlySet<string>) => ({ ...options.prepare(node, lacks), token });
        submissions.add([node], { ...request, token }, again);
      }
    },
    room: submissions.round,
    async makesRoom() {
      for (;;) {
        answerFor();
        const held = submissions.goOn();
        if (submissions.round() > 0) {
          clock.nextPoll = Infinity;
          return true;
        }
        if (held > 0) await system.sleep(held, Promise.race(tasks));
        else if (tasks.size > 0) await Promise.race(tasks);
        else return false;
      }
    },
    recover() {
      for (const node of progress.inFlight.scheduled) {
        if (progress.records[node]!.jobId === undefined) submissions.doubt(node);
      }
      clock.nextPoll = system.now();
    },
    sightings() {
      answerFor();
      submitPacks(desk, gathered.splice(0));
      submissions.goOn();
      const anything = progress.inFlight.scheduled.size > 0;
      if (!clock.polling && anything && system.now() >= clock.nextPoll) startPoll();
      return seen.splice(0);
    },
    // What goes wrong is told as `task` tells it; nobody waits here.
    cancel: (nodes) => void cancelJobs(desk, new Set(nodes)).catch(() => {}),
    async idle() {
      submitPacks(desk, gathered.splice(0));
      for (let held = 1; held > 0;) {
        while (tasks.size > 0) await Promise.all(tasks);
        held = submissions.goOn();
        if (held > 0 && tasks.size === 0) await system.sleep(held);
        else held += tasks.size;
      }
      submissions.giveBack();
      answerFor();
    },
    get unreachable() {
      return desk.unreachable;
    },
  };
}

/** Conductors that were started together are not to ask together: pauses differ by so much. */
const JITTER = 0.1;
/** A scheduler that does not answer is asked ever more seldom, but this often at least. */
const LONGEST_PAUSE_MS = 300_000;

/** Until the next look, after so many in a row that got no answer. */
export function pause(system: Pick<System, "token">, sleepMs: number, silences: number): number {
  const longest = Math.max(sleepMs, LONGEST_PAUSE_MS);
  const plain = Math.min(sleepMs * 2 ** Math.min(silences, 20), longest);
  const chance = parseInt(system.token().slice(0, 4), 16) / 0xffff;
  return plain * (1 - JITTER + 2 * JITTER * chance);
}

function submitPacks(desk: Desk, members: readonly Member[]): void {
  for (const pack of packsOf(members)) {
    const { node, attempt } = pack[0]!;
    const nodes = pack.map((member) => member.node);
    try {
      const token = submissionToken(desk.study, node.index, attempt);
      const again = (lacks: ReadonlySet<string>) => {
        const members = pack.map((member) => ({ ...member, request: desk.prepare(member.node, lacks) }));
        return { ...desk.preparePack!(members), token };
      };
      desk.submissions.add(nodes, { ...desk.preparePack!(pack), token }, again);
    } catch (error) {
      const { message: reason } = error as Error;
      const at = desk.system.now();
      for (const { index } of nodes) desk.see({ see: "refused", node: index, at, reason, again: true });
    }
  }
}
