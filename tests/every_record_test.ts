/**
 * A study of local and scheduled steps whose conductor dies after every record of its journal, and in the
 * middle of every record. Another conductor continues. The end is always the same, and no command runs twice.
 */

import { assert, assertEquals } from "./assert.ts";
import { studyPaths } from "../lib/paths.ts";
import { checkHistory } from "./world/checks.ts";
import { journalText, newStage, replayed, type Stage, startLife } from "./world/history.ts";
import { boundStep, boundStudy, ROOT, type Scenario, SCHEDULED, SETTINGS } from "./world/studies.ts";
import { type Fate, FINE } from "./world/truth.ts";
import { DAWN } from "./world/world.ts";

const fate = (kind: Fate["kind"], code: number): Fate => ({ ...FINE, kind, code });

/** Steps of both kinds, one after the other and side by side; a restart, a retry, a failure with steps behind it. */
const SCENARIO: Scenario = {
  study: boundStudy([
    boundStep("prepare", 0),
    boundStep("simulate", 1, { resources: SCHEDULED, depends: [0], uses: [0], restart: "again" }),
    boundStep("plot", 2, { depends: [1], uses: [0] }),
    boundStep("compare", 3, { resources: SCHEDULED, funnels: [1] }),
    boundStep("publish", 4, { depends: [3], retry: { limit: 1, delay: 5, on: ["exit"], scale: {} } }),
    boundStep("doomed", 5, { depends: [0] }),
    boundStep("behind", 6, { resources: SCHEDULED, depends: [5] }),
    boundStep("farther", 7, { depends: [6] }),
  ], 2),
  settings: { ...SETTINGS, sleep: 5 },
  fates: [
    [],
    [fate("timeout", 143)],
    [fate("hwfailure", 143)],
    [],
    [],
    [],
    [fate("exit", 3)],
    [fate("exit", 1)],
    [],
    [],
  ],
};

const HOUR = 3_600_000;
const NOTHING_ODD = {
  asked: false,
  reran: false,
  powerLost: false,
  overtaken: false,
  diskTrouble: false,
  misleading: false,
  exactTimes: true,
};

/** Lives through the study; the first conductor dies when the journal has so much text. */
async function live(size: number): Promise<Stage> {
  const stage = newStage(1, SCENARIO);
  const { world } = stage;
  const host = world.host("login1");
  const path = studyPaths(ROOT).journal;
  await world.clock.run(
    (async () => {
      let life = startLife(stage, host, { doom: { atSize: { path, size } } });
      for (let end = await life.end; typeof end !== "string"; end = await life.end) {
        if (end !== undefined) throw end;
        life = startLife(stage, host);
      }
      checkHistory(stage, NOTHING_ODD, life);
    })(),
    DAWN + HOUR,
  );
  return stage;
}

/** The ends of all steps, one a line. */
function outcome(stage: Stage): string {
  const { records, closed } = replayed(stage);
  const lines = records.map(({ state, restarts, retries, reason }, i) =>
    `${stage.study.plan.nodes[i]!.name}: ${state} ${restarts} ${retries} ${reason ?? ""}`
  );
  return [...lines, closed].join("\n");
}

Deno.test("a conductor may die after every record, and in the middle of every record", async () => {
  const undisturbed = await live(Infinity);
  assertEquals(undisturbed.lives.length, 1);
  const text = journalText(undisturbed);
  let deaths = 0;
  for (let end = text.indexOf("\n") + 1, next = 0; end > 0; end = next) {
    next = text.indexOf("\n", end) + 1;
    const middle = next > 0 ? [Math.floor((end + next) / 2), next - 1] : [];
    for (const size of [end, ...middle]) {
      const stage = await live(size);
      deaths += stage.lives.length - 1;
      assertEquals(
        outcome(stage),
        outcome(undisturbed),
        `the conductor died when the journal had ${size} bytes`,
      );
    }
  }
  assert(deaths > 120, `only ${deaths} conductors died`);
});
