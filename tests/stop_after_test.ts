/** `stop-after`: how long a conductor submits anything new, counted by a clock that nobody sets. */

import { decodeJournal } from "../lib/study/journal/format.ts";
import { makeRequest, type StudyRequest } from "../lib/study/requests.ts";
import { readState } from "../lib/study/journal/replay.ts";
import { statusView } from "../lib/view/status.ts";
import { factLines, stalledNote } from "../lib/view/render.ts";
import { formatLocalTime } from "../lib/times.ts";
import type { StudyEvent } from "../lib/study/events.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "./assert.ts";
import { inFreshFolder, ROOT as PROJECT, runIn } from "./maestro.ts";
import { checkHistory } from "./world/checks.ts";
import { journalText, newStage, type Stage, startLife } from "./world/history.ts";
import { boundStep, boundStudy, ROOT, type Scenario, SCHEDULED, SETTINGS } from "./world/studies.ts";
import { newSystem } from "./world/system.ts";
import { FINE } from "./world/truth.ts";
import { DAWN } from "./world/world.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Steps of ten minutes, one after the other, here and on the scheduler in turns. */
const STEPS = 6;
const scenario = (stopAfter: number): Scenario => ({
  study: boundStudy(
    Array.from(
      { length: STEPS },
      (_, i) =>
        boundStep(`s${i}`, i, {
          ...(i > 0 ? { depends: [i - 1] } : {}),
          ...(i % 2 ? { resources: SCHEDULED } : {}),
        }),
    ),
    0,
  ),
  settings: { ...SETTINGS, stopAfter },
  fates: Array.from({ length: STEPS }, () => [{ ...FINE, ms: 10 * MINUTE }]),
});

const eventsOf = (stage: Stage) => decodeJournal(journalText(stage)).events;
const timesOf = (events: readonly StudyEvent[], name: string) =>
  events.filter(({ event }) => event === name).map(({ at }) => at - DAWN);

async function conductOnce(stage: Stage) {
  const { world } = stage;
  const life = startLife(stage, world.host("login1"));
  return await world.clock.run(life.end, world.clock.now() + DAY);
}

Deno.test("stop-after: nothing new is submitted after it, what runs ends, and each conductor has its own period", async () => {
  const stage = newStage(1, scenario(15 * 60));
  const { world } = stage;
  const periods: number[] = [];
  let end;
  for (let i = 0; i < 10 && end !== "finished"; i++) {
    const from = world.clock.now();
    const before = eventsOf(stage).length;
    end = await conductOnce(stage);
    const events = eventsOf(stage).slice(before);
    const submitted = timesOf(events, "submitting").map((at) => at + DAWN - from);
    assert(submitted.every((at) => at < 15 * MINUTE + 1000), `submitted after the period: ${submitted}`);
    if (end !== "finished") {
      assertEquals(end, "unfinished");
      const [stopped] = timesOf(events, "stopped");
      assert(stopped! + DAWN - from >= 15 * MINUTE && stopped! + DAWN - from < 16 * MINUTE);
      assertEquals(
        timesOf(events, "ended").length,
        timesOf(events, "submitting").length,
        "it waited for them",
      );
    }
    periods.push(submitted.length);
  }
  assertEquals(end, "finished");
  assert(periods.length > 2 && periods.every((steps) => steps > 0), `${periods}`);
  checkHistory(stage, {
    ...{ asked: false, reran: false, powerLost: false, overtaken: false, diskTrouble: false },
    ...{ misleading: false, exactTimes: true },
  }, stage.lives.at(-1)!);
});

Deno.test("stop-after: without it nobody stops; update begins and ends a period", async () => {
  const changed = async (stopAfter: number, changes: readonly (readonly [at: number, seconds: number])[]) => {
    const stage = newStage(1, scenario(stopAfter));
    const { world } = stage;
    const user = newSystem(world, world.spawn(world.host("desk"), ["maestro"]), { calls: 0 });
    for (const [at, seconds] of changes) {
      const request: StudyRequest = { ask: "update", settings: { stopAfter: seconds } };
      world.clock.after(at * MINUTE, () => makeRequest(user, ROOT, request));
    }
    const end = await conductOnce(stage);
    return [end, timesOf(eventsOf(stage), "submitting").length, timesOf(eventsOf(stage), "stopped").length];
  };
  assertEquals(await changed(0, []), ["finished", STEPS, 0]);
  // Set while it runs: counted from its start.
  assertEquals(await changed(0, [[5, 60]]), ["unfinished", 1, 1]);
  // Taken back before and after the time was up, while a step runs.
  assertEquals(await changed(15 * 60, [[5, 0]]), ["finished", STEPS, 0]);
  assertEquals(await changed(15 * 60, [[16, 0]]), ["finished", STEPS, 1]);
  assertEquals(await changed(15 * 60, [[16, 25 * 60]]), ["unfinished", 3, 2]);
});

Deno.test("stop-after: status shows when it stops, that it has, and why nobody conducts", async () => {
  const stage = newStage(1, scenario(15 * 60));
  const { world } = stage;
  const reader = newSystem(world, world.spawn(world.host("desk"), ["maestro"]), { calls: 0 });
  const look = (alive: boolean) =>
    statusView(
      readState(reader, stage.study),
      { alive, ...(alive ? { host: "h", pid: 1 } : {}) },
      reader.now(),
    );
  const seen: unknown[] = [];
  const see = () => {
    const view = look(true);
    seen.push([view.facts.map(({ field, at }) => [field, at && at - DAWN]), factLines(view)]);
  };
  world.clock.after(MINUTE, see);
  world.clock.after(17 * MINUTE, see);
  await conductOnce(stage);
  const events = eventsOf(stage);
  const [stopped] = timesOf(events, "stopped");
  const [taken] = timesOf(events, "taken");
  const stopsAt = taken! + 15 * MINUTE;
  assertEquals(seen, [
    [[["stopsAt", stopsAt]], [
      `stops      at ${formatLocalTime(DAWN + stopsAt)} (stop-after 15m): nothing new is submitted then`,
    ]],
    [[["stopsAt", stopped]], [
      `stopped    since ${formatLocalTime(DAWN + stopped!)} nothing new is submitted (stop-after 15m); ` +
      "running steps continue to their end",
    ]],
  ]);
  const left = look(false);
  assertEquals(left.state, "stalled");
  assertEquals(
    stalledNote(left),
    `stalled: its conductor submitted nothing new after ${
      formatLocalTime(DAWN + stopped!)
    } (stop-after 15m) ` +
      `and left; \`maestro resume ${ROOT}\` continues`,
  );
});

const SPEC = (conductor: string, cmd: string) =>
  `description: {name: long, description: d}
conductor: ${conductor}
study:
  - {name: first, description: d, run: {cmd: ${JSON.stringify(cmd)}}}
  - {name: second, description: d, run: {cmd: "true", depends: [first]}}
`;

Deno.test("stop-after: the program leaves with exit code 4, and resume begins a new period", () =>
  inFreshFolder(async (folder) => {
    // The step itself lets the time run out, so that the speed of the machine does not matter.
    const cmd =
      "touch began; for i in $(seq 600); do grep -q stopped ../.maestro/journal.jsonl && exit 0; sleep 0.1; done; exit 1";
    await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC("{stop-after: 2h}", cmd));
    const running = runIn(folder, ["maestro", "run", "-y", "-fg", "-o", "out", "spec.yaml"]);
    await until(() => exists(`${folder}/out/first/began`));
    const update = await runIn(folder, ["maestro", "update", "--stop-after", "0.001s", "out"]);
    assertEquals(update.code, 0, update.stderr);
    const { code, stderr } = await running;
    assertEquals(code, 4, stderr);
    const status = await runIn(folder, ["maestro", "status", "--json", "--exit-code", "out"]);
    const { state, stopsAt, counts } = JSON.parse(status.stdout);
    assertEquals([status.code, state, counts], [4, "stalled", { INITIALIZED: 1, FINISHED: 1 }]);
    assertMatch(stopsAt, /^\d{4}-\d\d-\d\dT/);
    assertStringIncludes(
      (await runIn(folder, ["maestro", "status", "out"])).stderr,
      "submitted nothing new after",
    );
    assertEquals((await runIn(folder, ["maestro", "update", "--stop-after", "1d", "out"])).code, 0);
    const resumed = await runIn(folder, ["maestro", "resume", "--fg", "out"]);
    assertEquals(resumed.code, 0, resumed.stderr);
    assertEquals(
      JSON.parse((await runIn(folder, ["maestro", "status", "--json", "out"])).stdout).stopsAt,
      null,
    );
  }));

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 3000 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  assert(holds());
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

Deno.test("stop-after: lint reports what is no length of time, the options refuse it", () =>
  inFreshFolder(async (folder) => {
    const table: [value: string, good: boolean][] = [
      ["2h", true],
      ["90", true],
      ["'1:30:00'", true],
      ["1-12", true],
      ["0", true],
      ["soon", false],
      ["-1h", false],
      ["[2h]", false],
      ["", false],
    ];
    for (const [value, good] of table) {
      await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC(`{stop-after: ${value}}`, "true"));
      const { code, stderr } = await runIn(folder, ["maestro", "lint", "spec.yaml"]);
      assertEquals([value, code], [value, good ? 0 : 65], stderr);
      if (!good) {
        assertMatch(
          stderr,
          /Key "stop-after" in "conductor" must be a length of time.*\n {2}at spec\.yaml:2:/,
        );
      }
    }
    const refused = await runIn(folder, [
      "maestro",
      "run",
      "-n",
      "--stop-after",
      "soon",
      `${PROJECT}/samples/hello_world.yaml`,
    ]);
    assertEquals(refused.code, 2, refused.stderr);
    assertStringIncludes(
      refused.stderr,
      '--stop-after takes a length of time such as 90s, 30m, 2h or 1-12:00:00, not "soon"',
    );
  }));
