/** A scheduler that is gone: what `status` shows, how a study ends, and who continues it. */

import { EXIT } from "../lib/exits.ts";
import { makeRequest, type StudyRequest } from "../lib/study/requests.ts";
import { conductorView } from "../lib/study/lease.ts";
import { assertEquals, assertStringIncludes } from "./assert.ts";
import { inFreshFolder, type Outcome, ROOT, runIn } from "./maestro.ts";
import { newStage, replayed, type Stage, startLife } from "./world/history.ts";
import { boundStep, boundStudy, ROOT as STUDY, SCHEDULED, SETTINGS } from "./world/studies.ts";
import { newSystem } from "./world/system.ts";

const MINUTE = 60_000;

/** Two jobs, of which the scheduler runs one at a time; nobody conducts the study yet. */
function staged(): Stage {
  const steps = ["runs", "waits"].map((name, i) => boundStep(name, i, { resources: SCHEDULED }));
  const long = { kind: "ok", code: 0, ms: 60 * MINUTE, requeues: 0, leavesCode: true } as const;
  const stage = newStage(1, { study: boundStudy(steps, 0), settings: SETTINGS, fates: [[long], [long]] });
  stage.world.scheduler.habits = { ...stage.world.scheduler.habits, slots: 1 };
  return stage;
}

async function pass({ world: { clock } }: Stage, ms: number): Promise<void> {
  await clock.run(new Promise<void>((resolve) => clock.after(ms, resolve)), clock.now() + ms);
}

function ask({ world }: Stage, request: StudyRequest): void {
  const user = world.spawn(world.host("laptop"), ["maestro"]);
  makeRequest(newSystem(world, user, { calls: 0 }), STUDY, request);
}

const ends = (stage: Stage) =>
  replayed(stage).records.map(({ state, reason }) => `${state} ${reason ?? ""}`.trim());

for (const alive of [true, false]) {
  Deno.test(`cancel --force: ${alive ? "a conductor" : "the command itself"} gives up what cannot be asked, and nothing of it runs again`, async () => {
    const stage = staged();
    const { scheduler, truth } = stage.world;
    const first = startLife(stage, stage.world.host("login1"));
    await pass(stage, 5 * MINUTE);
    assertEquals(ends(stage), ["RUNNING", "PENDING"]);
    scheduler.down = true;
    if (!alive) first.process.onSignal!("SIGKILL");
    await pass(stage, 10 * MINUTE);
    ask(stage, { ask: "cancel" });
    if (!alive) startLife(stage, stage.world.host("login1"), { mode: "requests" });
    await pass(stage, 10 * MINUTE);
    assertEquals(ends(stage), ["RUNNING", "PENDING"]);
    ask(stage, { ask: "cancel", force: true });
    if (!alive) startLife(stage, stage.world.host("login1"), { mode: "requests" });
    await pass(stage, 10 * MINUTE);
    assertEquals(ends(stage), [
      `CANCELLED given up: job ${replayed(stage).records[0]!.jobId} may still run`,
      "CANCELLED given up before it began",
    ]);
    assertEquals(replayed(stage).closed, "cancelled");
    // The job that waited begins after all, and finds its attempt void.
    scheduler.down = false;
    await pass(stage, 180 * MINUTE);
    assertEquals(truth.executions.map(({ node, attempt }) => [node, attempt]), [[0, 1]]);
    assertEquals(scheduler.tried.length, 2);
  });
}

Deno.test("cancel --force: a scheduler that answers is asked as always", async () => {
  const stage = staged();
  startLife(stage, stage.world.host("login1"));
  await pass(stage, 5 * MINUTE);
  ask(stage, { ask: "cancel", force: true });
  await pass(stage, 10 * MINUTE);
  assertEquals(ends(stage).map((end) => end.split(" ")[0]), ["CANCELLED", "CANCELLED"]);
  assertEquals(ends(stage).filter((end) => end.includes("given up")), []);
});

Deno.test("passes from cron: what they show of a scheduler that is gone is as old as the first pass that met it", async () => {
  const stage = staged();
  const { world } = stage;
  const tick = async () => {
    startLife(stage, world.host("login1"), { mode: "once" });
    await pass(stage, 10 * MINUTE);
    const reader = world.spawn(world.host("laptop"), []);
    return conductorView(newSystem(world, reader, { calls: 0 }), STUDY).troubles ?? [];
  };
  assertEquals(await tick(), []);
  world.scheduler.down = true;
  // Each failure that has other words is another trouble; this one answers at once.
  world.scheduler.silent = false;
  const [first] = await tick();
  assertEquals(first!.what, "the scheduler cannot be asked: Unable to contact controller");
  await tick();
  assertEquals(await tick(), [first!]);
  world.scheduler.down = false;
  assertEquals(await tick(), []);
});

const SPEC = `description: {name: gone, description: d}
batch: {type: flux, nodes: 1}
study:
  - {name: job, description: d, run: {cmd: "echo ran >> ../../ran; until [ ! -e ../../wait ]; do sleep 0.1; done", procs: 1}}
`;
/** In the words of flux-0.88.0/down-no-uri-submit.txt. */
const FLUX = `#!/bin/sh
[ "$FLUX_URI" != local:///gone ] && [ ! -e "$FAKE.gone" ] || {
  echo "flux-$1: ERROR: Unable to connect to Flux: broker socket /gone was not found" >&2
  exit 1
}
exec ${ROOT}/adapters/flux/fake/flux "$@"
`;

/** Runs commands in a folder where an instance of Flux is gone, and a fake one is not. */
async function withFlux(
  body: (maestro: (uri: string, ...words: string[]) => Promise<Outcome>, folder: string) => Promise<void>,
): Promise<void> {
  await inFreshFolder(async (folder) => {
    await Deno.mkdir(`${folder}/bin`);
    await Deno.writeTextFile(`${folder}/bin/flux`, FLUX, { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC);
    const maestro = (uri: string, ...words: string[]) =>
      runIn(folder, [
        ...["env", `FLUX_URI=${uri}`, `FAKE=${folder}/fake`, `FAKE_ENGINE=${ROOT}/templates/fake_engine.sh`],
        ...["sh", "-c", `PATH='${folder}/bin':$PATH; export PATH; exec maestro "$@"`, "sh", ...words],
      ]);
    try {
      await body(maestro, folder);
    } finally {
      await Deno.remove(`${folder}/wait`).catch(() => {});
      await maestro(GONE, "cancel", "-y", "--force", "out");
    }
  });
}

/** Waits for what a command prints. */
async function until(what: string, look: () => Promise<string>): Promise<string> {
  for (;;) {
    const text = await look();
    if (text.includes(what)) return text;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const GONE = "local:///gone";
const TROUBLE =
  "the scheduler cannot be reached: Unable to connect to Flux: broker socket /gone was not found";

Deno.test("a Flux that is gone from the start: status names it and since when, cancel ends the study", () =>
  withFlux(async (maestro) => {
    await maestro(GONE, "run", "-y", "-s", "1", "-o", "out", "spec.yaml");
    const summary = async () => (await maestro(GONE, "status", "--layout", "summary", "out")).stdout;
    const shown = await until("trouble ", summary);
    assertStringIncludes(shown, TROUBLE);
    const { conductor } = JSON.parse((await maestro(GONE, "status", "--json", "out")).stdout);
    assertEquals(conductor.troubles.map(({ what }: { what: string }) => what), [TROUBLE]);
    assertEquals((await maestro(GONE, "cancel", "-y", "out")).code, 0);
    assertStringIncludes(await summary(), "1 CANCELLED");
  }));

Deno.test("a Flux that is gone with a job: cancel without a conductor exits 75, and --force names what may still run", () =>
  withFlux(async (maestro, folder) => {
    await Deno.writeTextFile(`${folder}/wait`, "");
    await maestro("local:///new", "run", "-y", "-s", "1", "-o", "out", "spec.yaml");
    const status = async () => JSON.parse((await maestro("", "status", "--json", "out")).stdout);
    await until("RUNNING", async () => JSON.stringify((await status()).counts));
    await Deno.writeTextFile(`${folder}/fake.gone`, "");
    const { conductor, steps: [{ jobId }] } = await status();
    Deno.kill(conductor.pid, "SIGKILL");
    const plain = await maestro("local:///new", "cancel", "-y", "out");
    assertEquals(plain.code, EXIT.tryAgain);
    assertStringIncludes(plain.stderr, "`maestro cancel --force");
    const forced = await maestro("local:///new", "cancel", "-y", "--force", "out");
    assertEquals(forced.code, 0);
    assertStringIncludes(forced.stderr, `cancelled; given up, and may still run: job (job ${jobId})`);
    const [step] = (await status()).steps;
    assertEquals([step.state, step.reason], ["CANCELLED", `given up: job ${jobId} may still run`]);
  }));

Deno.test("resume in another instance: takes the study over from a conductor whose Flux is gone, and reports it", () =>
  withFlux(async (maestro, folder) => {
    await maestro(GONE, "run", "-y", "-s", "1", "-o", "out", "spec.yaml");
    await until("trouble ", async () => (await maestro(GONE, "status", "--layout", "summary", "out")).stdout);
    const same = await maestro(GONE, "resume", "out");
    assertStringIncludes(same.stderr, "nothing to do");
    const other = await maestro("local:///new", "resume", "-fg", "out");
    assertStringIncludes(other.stderr, `has left ${folder}/out: its scheduler does not answer.`);
    assertStringIncludes(other.stderr, "Another FLUX_URI than before");
    assertEquals([other.code, await Deno.readTextFile(`${folder}/ran`)], [0, "ran\n"]);
  }));
