/** Studies on a real Slurm whose daemons stop, start, crash and change: one after the other. */

import { EXIT } from "../../lib/exits.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { ROOT } from "../maestro.ts";
import { nodeIsDown } from "./slurm.ts";
import { command, SITE_OF_ROOT, specText, type StepText, type Trial, trial, until } from "./trial.ts";

const BATCH = { type: "slurm", queue: "debug", host: "localhost", bank: "ceci" };
const cluster = (...words: string[]) => command([`${ROOT}/tests/clusters/slurm.sh`, ...words]);

/** Whatever became of the body, the cluster is whole again after it. */
function trouble(
  name: string,
  steps: Readonly<Record<string, StepText>>,
  body: (study: Trial) => Promise<void>,
  batch: Readonly<Record<string, string>> = {},
): void {
  Deno.test(`slurm: ${name}`, async () => {
    try {
      await trial(SITE_OF_ROOT, specText({ ...BATCH, ...batch }, steps), body);
    } finally {
      await cluster("up");
    }
  });
}

/** A step that ends on request. */
const told = (name: string, more: Partial<StepText> = {}): StepText => ({
  cmd:
    `echo ${name} began >> $(LEDGER)\nwhile [ ! -e $(LEDGER).go ]; do sleep 0.2; done\necho ${name} >> $(LEDGER)`,
  run: ["procs: 1", "walltime: 10"],
  ...more,
});
const says = (name: string, more: Partial<StepText> = {}): StepText => ({
  cmd: `echo ${name} >> $(LEDGER)`,
  run: ["procs: 1", "walltime: 10"],
  ...more,
});
const go = (study: Trial) => Deno.writeTextFile(`${study.folder}/ledger.go`, "");
const submissions = (study: Trial) => study.events().filter(({ event }) => event === "submitting").length;
const logged = (study: Trial) =>
  [...Deno.readDirSync(`${study.study}/logs`)].map(({ name }) =>
    Deno.readTextFileSync(`${study.study}/logs/${name}`)
  ).join("");

trouble(
  "slurmctld stopped and started while jobs run, and while one is to be submitted",
  {
    one: told("one"),
    here: told("here", { run: [] }),
    two: says("two", { depends: ["one"] }),
    three: says("three", { depends: ["here"] }),
  },
  async (study) => {
    const run = study.beginRun();
    await study.wrote("one began");
    await study.wrote("here began");
    await study.jobOf("one");
    await cluster("ctld", "stop");
    await go(study);
    await study.wrote("one");
    await study.wrote("here");
    await until("the conductor has noticed", () => /cannot be asked/.test(logged(study)));
    await cluster("ctld", "start");
    study.finished(await run.ended, ["here", "here began", "one", "one began", "three", "two"]);
    assertStringIncludes(logged(study), "No longer: the scheduler cannot be asked");
  },
);

trouble(
  "slurmctld gone for good: status shows it, cancel cannot, cancel --force gives up",
  { one: told("one"), two: says("two", { depends: ["one"] }) },
  async (study) => {
    const run = study.beginRun();
    await study.wrote("one began");
    const job = await study.jobOf("one");
    await cluster("ctld", "stop");
    const summary = async () => (await study.maestro("status", "--layout", "summary", study.study)).stdout;
    await until("status shows it", async () => (await summary()).includes("trouble ") || undefined);
    assertStringIncludes(await summary(), "the scheduler cannot be asked: ");
    run.kill();
    await run.ended;
    assertEquals((await study.maestro("cancel", "-y", study.study)).code, EXIT.tryAgain);
    const forced = await study.maestro("cancel", "-y", "--force", study.study);
    assertEquals(forced.code, 0);
    assertStringIncludes(forced.stderr, `may still run: one (job ${job})`);
    assertEquals(await study.states(), { one: "CANCELLED", two: "CANCELLED" });
    await cluster("ctld", "start");
    await go(study);
    await study.wrote("one");
    assertEquals([study.ledger(), submissions(study)], [["one", "one began"], 1]);
  },
);

trouble("slurmdbd stopped", { one: told("one"), two: says("two", { depends: ["one"] }) }, async (study) => {
  const run = study.beginRun();
  await study.wrote("one began");
  await cluster("dbd", "stop");
  await go(study);
  study.finished(await run.ended, ["one", "one began", "two"]);
});

trouble(
  "a node killed with what runs on it",
  { fragile: told("fragile", { run: ["procs: 1"] }), two: says("two", { depends: ["fragile"] }) },
  async (study) => {
    const run = study.beginRun();
    await study.wrote("fragile began");
    await cluster("node", "kill", "node3");
    await go(study);
    await nodeIsDown("node3");
    await cluster("node", "start", "node3");
    // The job keeps its id, and is run once more by Slurm.
    study.finished(await run.ended, ["fragile", "fragile began", "fragile began", "two"]);
    assertEquals(submissions(study), 2);
  },
  { args: "[--nodelist=node3]" },
);

trouble(
  "accounting off, and ended jobs forgotten in seconds",
  {
    one: says("one"),
    bad: says("bad", { cmd: "echo bad >> $(LEDGER)\nexit 7" }),
    two: says("two", { depends: ["one"] }),
  },
  async (study) => {
    await cluster(
      "set",
      "AccountingStorageType=accounting_storage/none",
      "AccountingStorageEnforce=",
      "MinJobAge=2",
    );
    assertEquals((await study.run()).code, 2);
    assertEquals(await study.states(), { one: "FINISHED", bad: "FAILED", two: "FINISHED" });
    const bad = (await study.steps()).find(({ name }) => name === "bad")!;
    assertEquals(bad.exitCode, 7);
    assertEquals(study.ledger(), ["bad", "one", "two"]);
    assert(submissions(study) === 3);
  },
);
