/** Odd submissions on a real Slurm, and settings of a site. */

import { EXIT } from "../../lib/exits.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import {
  command,
  sideBySide,
  SITE_OF_ROOT,
  specText,
  type StepText,
  type Trial,
  trial,
  until,
} from "./trial.ts";

const BATCH = { type: "slurm", queue: "debug", bank: "ceci" };
const says = (line: string, more: Partial<StepText> = {}): StepText => ({
  cmd: `echo ${line} >> $(LEDGER)`,
  run: ["procs: 1", "walltime: 10"],
  ...more,
});
const onSlurm = (
  steps: Readonly<Record<string, StepText>>,
  body: (study: Trial) => Promise<void>,
  batch: Readonly<Record<string, string>> = {},
) => trial(SITE_OF_ROOT, specText({ ...BATCH, ...batch }, steps), body);
const jobsOf = (study: Trial) =>
  study.events().flatMap((event) => event.event === "submitted" ? [event.jobId] : []);

/** The job that we hear of finds its attempt claimed by the one that we do not. */
const twice = () =>
  onSlurm({
    one: says("one", { cmd: "echo one >> $(LEDGER)\nsleep 4" }),
    two: says("two", { depends: ["one"] }),
  }, async (study) => {
    await study.wrap(
      "sbatch",
      `#!/bin/sh\nfirst=$(/usr/bin/sbatch "$@")
until [ "$(squeue -h -t all -j "\${first%%;*}" -o %T)" != PENDING ]; do sleep 0.1; done\nsleep 0.5\nexec /usr/bin/sbatch "$@"\n`,
    );
    study.finished(await study.run(), ["one", "two"]);
    const jobs = jobsOf(study);
    assert(jobs.length >= 3 && Number(jobs[1]) < Number(jobs[0]), jobs.join());
    assertEquals(study.events().filter(({ event }) => event === "submitting").length, 2);
  });

/** A folder has the path of the claim: the guard ends with 97, and the step does not run. */
const unwritable = () =>
  onSlurm(
    { one: says("one", { run: ["procs: 1", "retry: {limit: 1, delay: 1, on: [hwfailure]}"] }) },
    async (study) => {
      const claim = `${study.study}/.maestro/jobs/0/0.1`;
      await study.wrap(
        "sbatch",
        `#!/bin/sh\nmkdir -p '${claim}'\njob=$(/usr/bin/sbatch "$@")
until squeue -h -t all -j "$job" -o %T | grep -qE 'FAILED|COMPLETED'; do sleep 0.1; done\nrmdir '${claim}'\necho "$job"\n`,
      );
      study.finished(await study.run(), ["one"]);
      const relapsed = study.events().filter((event) => event.event === "relapsed");
      assertEquals(relapsed.map(({ state }) => state), ["HWFAILURE"]);
    },
  );

/** An account that is not there: a plain refusal, tried as often as the user wants. */
const refused = () =>
  onSlurm({ one: says("one") }, async (study) => {
    const calls = `${study.folder}/calls`;
    await study.wrap("sbatch", `#!/bin/sh\necho call >>'${calls}'\nexec /usr/bin/sbatch "$@"\n`);
    assertEquals((await study.run("--attempts", "3")).code, EXIT.studyFailed);
    assertEquals(Deno.readTextFileSync(calls), "call\n".repeat(3));
    const [{ state, reason }] = await study.steps() as unknown as [{ state: string; reason: string }];
    assertEquals(state, "FAILED");
    assertStringIncludes(reason, "Invalid account");
  }, { bank: "nosuch" });

/** An sbatch that greets, succeeds, and submits nothing: its job is looked for, and not made again at once. */
const swallowed = () =>
  onSlurm({ one: says("one") }, async (study) => {
    const calls = `${study.folder}/calls`;
    await study.wrap("sbatch", `#!/bin/sh\necho call >>'${calls}'\necho Welcome\n`);
    const maestro = study.beginRun();
    await until("its job was looked for", () => study.events().some(({ event }) => event === "withdrawn"));
    const [{ state, reason }] = await study.steps() as unknown as [{ state: string; reason: string }];
    assertEquals(state, "INITIALIZED");
    assertEquals(reason, "the scheduler never got it: unclear submission, answered by: Welcome");
    assertEquals(Deno.readTextFileSync(calls), "call\n");
    assertEquals((await study.maestro("cancel", "-y", study.study)).code, 0);
    assertEquals((await maestro.ended).code, 3);
  });

const clusters = () =>
  onSlurm(
    { one: says("one"), long: { cmd: "echo began >> $(LEDGER)\nexec sleep 600", run: ["procs: 1"] } },
    async (study) => {
      const run = study.beginRun();
      await study.wrote("one");
      await study.wrote("began");
      const submitted = study.events().find((event) => event.event === "submitted") as { cluster?: string };
      assertEquals(submitted.cluster, "maestro");
      assertEquals((await study.maestro("cancel", "-y", study.study)).code, 0);
      assertEquals((await run.ended).code, 3);
      assertEquals(await study.states(), { one: "FINISHED", long: "CANCELLED" });
    },
    { args: "[--clusters=maestro]" },
  );

/** Another partition for one step, this host for another, and a template that both of the others are made from. */
const ownBatch = () =>
  onSlurm({
    plain: says("plain $SITE"),
    other: says("other $SLURM_JOB_PARTITION", { run: ["procs: 1", "mem: 100M", "batch: {queue: batch}"] }),
    here: says("here $SLURM_JOB_ID", { run: ["procs: 1", "batch: {type: local}"] }),
  }, async (study) => {
    const { stdout } = await study.maestro("template", "slurm");
    await Deno.writeTextFile(`${study.folder}/site.sh`, `${stdout}\nexport SITE=ours\n`);
    study.finished(await study.run(), ["plain ours", "other batch", "here"]);
    const { jobId } = (await study.steps()).find(({ name }) => name === "other")!;
    assertEquals(await command(["squeue", "-h", "-t", "all", "-j", jobId!, "-o", "%P %m"]), "batch 100M\n");
    assertStringIncludes(Deno.readTextFileSync(`${study.study}/meta/template.sh`), "SITE=ours");
  }, { template: "./site.sh" });

/** Held jobs are reported once. One is released, the other cancelled, and the report names who did that. */
const stuck = () => {
  const run = ["procs: 1", "walltime: 10", "args: [--hold]"];
  return onSlurm({ freed: says("freed", { run }), dropped: says("dropped", { run }) }, async (study) => {
    const maestro = study.beginRun();
    await study.jobOf("freed");
    const reasons = async () => (await study.steps()).map(({ reason }) => reason ?? "");
    await until(
      "both are known to be held",
      async () => (await reasons()).every((reason) => reason.startsWith("JobHeld")),
    );
    assertStringIncludes(
      (await study.maestro("status", "--layout", "summary", study.study)).stdout,
      "stuck      freed and 1 more: JobHeld",
    );
    await command(["scontrol", "release", await study.jobOf("freed")]);
    await study.wrote("freed");
    await until("freed has finished", async () => (await study.states())["freed"] === "FINISHED");
    assertEquals(
      study.events().filter((event) => event.event === "stuck" && event.step === "dropped").length,
      1,
    );
    assertEquals((await study.maestro("cancel", "-y", study.study)).code, 0);
    assertEquals((await maestro.ended).code, 3);
    assertEquals(await study.states(), { freed: "FINISHED", dropped: "CANCELLED" });
    assertEquals((await reasons())[1], "the study was cancelled");
  });
};

sideBySide("slurm: odd submissions, and a site's own", {
  "sbatch makes two jobs of one": twice,
  "a claim that cannot be made": unwritable,
  "an account that is not there": refused,
  "an sbatch that submits nothing": swallowed,
  "a cluster that is named": clusters,
  "jobs that are held": stuck,
  "a step's own batch, and a site's template": ownBatch,
});
