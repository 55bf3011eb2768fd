/** The runner of local steps: what it makes of what the processes of steps report. */

import { assertEquals } from "./assert.ts";
import { intent } from "../lib/conduct/decide.ts";
import { type LocalEnd, NOT_RUN } from "../lib/conduct/local/jobs.ts";
import { localRunner } from "../lib/conduct/local/runner.ts";
import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import type { Study } from "../lib/study/folder.ts";
import { jobFile, jobFolder } from "../lib/paths.ts";
import { realSystem } from "../lib/system.ts";
import { inFreshFolder } from "./maestro.ts";
import { makePlan, SETTINGS } from "./make.ts";

/** Sightings after a runner has reported that it ran nothing, 4 and 6 seconds after the start and 61 seconds after it. */
async function afterNotRun(claim: string | undefined): Promise<string[][]> {
  return await inFreshFolder(async (root) => {
    let now = 1_000_000;
    const system = { ...realSystem([]), now: () => now };
    const plan = makePlan({ steps: [["a", "x"]] }, { root });
    const progress = newProgress(plan, SETTINGS, () => false);
    applyEvent(progress, intent(progress, 0, now));
    const ended: Promise<LocalEnd> = Promise.resolve({ code: NOT_RUN });
    const quiet = () => {};
    const runner = localRunner({
      ...{ system, study: { root, plan } as unknown as Study, progress, wake: quiet },
      jobs: { start: () => ({ pid: 1, ended }), close: quiet },
      log: { debug: quiet, info: quiet, warning: quiet, error: quiet, close: quiet },
      writeScript: () => "",
    });
    system.makeDirectory(jobFolder(root, 0));
    runner.start(plan.nodes[0]!, 1);
    if (claim !== undefined) system.writeText(jobFile(root, 0, 1), claim);
    await ended;
    const seen = () => runner.sightings().map(({ see }) => see);
    return [0, 4000, 6000, 61_000].map((ms) => {
      now = 1_000_000 + ms;
      const age = (Date.now() - ms) / 1000;
      if (claim !== undefined) Deno.utimeSync(jobFile(root, 0, 1), age, age);
      return seen();
    });
  });
}

Deno.test("local runner: a step that could not be started, and that nobody claimed, is tried again after a pause", async () => {
  assertEquals(await afterNotRun(undefined), [[], [], ["refused"], []]);
});

Deno.test("local runner: a claim that another is making has a minute", async () => {
  assertEquals(await afterNotRun(""), [[], [], [], ["refused"]]);
});

Deno.test("local runner: the end of a step that another has claimed is the other's", async () => {
  assertEquals(await afterNotRun("pid 1\nhost h\nexit 0\n"), [["ended"], [], [], []]);
});
