/** How soon a conductor does what it is asked, by the clock of the simulated world. */

import { makeRequest, type StudyRequest } from "../lib/study/requests.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { assert, assertEquals } from "./assert.ts";
import { journalText, newStage, startLife } from "./world/history.ts";
import { boundStep, boundStudy, ROOT, type Scenario, SCHEDULED, SETTINGS } from "./world/studies.ts";
import { newSystem } from "./world/system.ts";
import { DAWN } from "./world/world.ts";

/** Steps here and on the scheduler, and a conductor that looks at the scheduler once an hour. */
const SCENARIO: Scenario = {
  study: boundStudy([boundStep("here", 0), boundStep("there", 1, { resources: SCHEDULED })], 0),
  settings: { ...SETTINGS, sleep: 3600 },
  fates: [[], []],
};

/** Asks a conductor for something at a time; returns the events of the study. */
async function ask(request: StudyRequest, at: number): Promise<StudyEvent[]> {
  const stage = newStage(1, SCENARIO);
  const { world } = stage;
  const user = world.spawn(world.host("laptop"), ["maestro"]);
  world.clock.after(at, () => makeRequest(newSystem(world, user, { calls: 0 }), ROOT, request));
  const { end } = startLife(stage, world.host("login1"));
  await world.clock.run(end, DAWN + 10 * 3_600_000);
  return journalText(stage).split("\n").filter((line) => line.startsWith('{"event"')).map((line) =>
    JSON.parse(line)
  );
}

Deno.test("an update takes effect within a second, however long the conductor sleeps", async () => {
  for (const at of [10, 1500, 1999]) {
    const updated = (await ask({ ask: "update", settings: { sleep: 1800 } }, at))
      .find(({ event }) => event === "updated");
    assert(updated, "it was not noticed");
    const late = updated.at - DAWN - at;
    assertEquals([at, late >= 0 && late <= 1000], [at, true], `${late} ms`);
  }
});
