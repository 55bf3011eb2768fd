/** Studies on a real Slurm (`tests/clusters/slurm.sh`), side by side: what neither stops a daemon nor needs it changed. */

import { parseJobFile } from "../../lib/study/claims.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { ROOT } from "../maestro.ts";
import { outOfTime } from "./slurm.ts";
import { command, sideBySide, SITE_OF_ROOT, specText, until } from "./trial.ts";
import { type StepText, type Trial, trial } from "./trial.ts";

const BATCH = { type: "slurm", queue: "debug", host: "localhost", bank: "ceci" };

/** A step that records its run in the ledger. */
const says = (line: string, more: Partial<StepText> = {}): StepText => ({
  cmd: `echo ${line} >> $(LEDGER)`,
  run: ["procs: 1", "walltime: 10"],
  ...more,
});
const onSlurm = (
  steps: Readonly<Record<string, StepText>>,
  body: (trial: Trial) => Promise<void>,
  batch: Readonly<Record<string, string>> = {},
  rest = "",
) => trial(SITE_OF_ROOT, specText({ ...BATCH, ...batch }, steps, rest), body);
const sweep = (name: string, from: number, to: number) => {
  const values = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  return `global.parameters:\n  ${name}: {values: [${values.join(", ")}], label: ${name}.%%}`;
};
const squeue = (...words: string[]) => command(["squeue", "-h", "-r", "-t", "all", ...words]);
const numbers = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);

const SEED = `description: {name: Build archive, description: A simple archive building study}
batch:
  type: slurm
  queue: debug
  host: localhost
  bank: ceci
study:
  - name: generate
    description: Generate the directory
    run: {cmd: "mkdir -p directory; touch directory/file1.txt"}
  - name: build
    description: Build the archive
    run: {cmd: "tar cvf archive.tar ../generate/directory", depends: [generate]}
  - name: compress
    description: compress the archive with gzip
    run:
      cmd: |
        ml gzip
        gzip -k $(compression) ../../build/archive.tar
      depends: [build]
      nodes: 1
      procs: 2
      walltime: "10:00"
global.parameters:
  compression:
    values: ['--fast', '--best']
    label: COPT.%%
`;

async function seed(): Promise<void> {
  await trial(SITE_OF_ROOT, SEED, async (study) => {
    // Both combinations write one file: in the course, too, the second finds it there and fails.
    assertEquals((await study.run()).code, 2);
    const steps = await study.steps();
    const compress = steps.filter(({ step }) => step === "compress");
    assertEquals(compress.map(({ state }) => state).sort(), ["FAILED", "FINISHED"]);
    const text = Deno.readTextFileSync(`${compress[0]!.workspace}/${compress[0]!.name}.slurm.sh`);
    for (const line of ["--nodes=1", "--partition=debug", "--account=ceci", "--time=10:00"]) {
      assertStringIncludes(text, `#SBATCH ${line}\n`);
    }
    const cpus = await squeue("-j", compress.map(({ jobId }) => jobId).join(), "-o", "%C");
    assertEquals(cpus, "2\n2\n");
  });
}

async function helloBye(): Promise<void> {
  const name = "samples-hello_world-hello_bye_parameterized_slurm";
  const spec = (await Deno.readTextFile(`${ROOT}/tests/golden/${name}/spec.yaml`))
    .replace("wbronze", "ceci").replace("pdebug", "debug");
  await trial(SITE_OF_ROOT, spec, async (study) => {
    const outcome = await study.run();
    assertEquals(outcome.code, 0, outcome.stderr);
    const steps = await study.steps();
    assertEquals(steps.map(({ state }) => state), Array(8).fill("FINISHED"));
    for (const { step, workspace } of steps) {
      const file = step === "bye_world"
        ? "bye.txt"
        : [...Deno.readDirSync(workspace)].find(({ name }) => name.endsWith(".txt"))!.name;
      assert(/^(Bye, World|\w+, \w+)!\n$/.test(Deno.readTextFileSync(`${workspace}/${file}`)));
    }
  });
}

const hundred = () =>
  onSlurm(
    {
      one: says("one$(N)", { run: ["procs: 1", "walltime: 5"] }),
      all: says("all", { depends: ["one_*"] }),
    },
    async (study) => study.finished(await study.run(), ["all", ...numbers("one", 100)]),
    {},
    sweep("N", 1, 100),
  );

const timeout = () =>
  onSlurm({
    long: {
      cmd: "echo began >> $(LEDGER)\nexec sleep 600",
      run: ["procs: 1", "walltime: 1", 'restart: "echo again >> $(LEDGER)"'],
    },
    next: says("next", { depends: ["long"] }),
  }, async (study) => {
    const run = study.beginRun();
    await study.wrote("began");
    await outOfTime(await study.jobOf("long"));
    study.finished(await run.ended, ["again", "began", "next"]);
    const relapsed = study.events().filter((event) => event.event === "relapsed");
    assertEquals(relapsed.map(({ state, again }) => [state, again]), [["TIMEDOUT", "restart"]]);
  });

const ENDLESS = { cmd: "echo began >> $(LEDGER)\nsleep 600", run: ["procs: 1", "walltime: 10"] };

const cancelledByUs = () =>
  onSlurm({ long: ENDLESS, behind: says("behind", { depends: ["long"] }), side: ENDLESS }, async (study) => {
    const run = study.beginRun();
    await until("both began", () => study.ledger().length === 2);
    const jobs = [await study.jobOf("long"), await study.jobOf("side")];
    assertEquals((await study.maestro("cancel", "-y", study.study)).code, 0);
    assertEquals((await run.ended).code, 3);
    assertEquals(await study.states(), { long: "CANCELLED", behind: "CANCELLED", side: "CANCELLED" });
    await until(
      "Slurm has ended them",
      async () => (await squeue("-j", jobs.join(), "-o", "%T")) === "CANCELLED\nCANCELLED\n",
    );
  });

const cancelledOutside = () =>
  onSlurm({ long: ENDLESS, other: says("other") }, async (study) => {
    const run = study.beginRun();
    await study.wrote("began");
    await command(["scancel", await study.jobOf("long")]);
    assertEquals((await run.ended).code, 3);
    assertEquals(await study.states(), { long: "CANCELLED", other: "FINISHED" });
  });

const rejected = (key: string, value: string, words: RegExp, run = ["procs: 1"]) => () =>
  onSlurm(
    { impossible: says("never", { run }), behind: says("never", { depends: ["impossible"] }) },
    async (study) => {
      assertEquals((await study.run()).code, 2);
      const [step] = await study.steps();
      assertEquals(step!.state, "FAILED");
      assert(words.test(step!.reason ?? ""), `${step!.reason}`);
      assertEquals(study.ledger(), []);
      assertEquals(study.events().filter(({ event }) => event === "submitting").length, 1);
    },
    key === "" ? {} : { [key]: value },
  );

const requeued = () =>
  onSlurm({
    twice: {
      cmd: "echo began >> $(LEDGER)\n[ -e mark ] || { touch mark; exec sleep 600; }\necho ended >> $(LEDGER)",
      run: ["procs: 1"],
    },
  }, async (study) => {
    const run = study.beginRun();
    await study.wrote("began");
    const job = await study.jobOf("twice");
    await command(["scontrol", "requeue", job]);
    // Slurm holds a requeued job back until its old credential has expired (cred_expire, 10 s here).
    study.finished(await run.ended, ["began", "began", "ended"]);
    assertEquals(study.events().filter(({ event }) => event === "submitting").length, 1);
  });

/** `sbatch` takes the job, and nobody hears of it. */
const killedAfterSbatch = () =>
  onSlurm({ one: says("one"), two: says("two", { depends: ["one"] }) }, async (study) => {
    await study.wrap("sbatch", `#!/bin/sh\n/usr/bin/sbatch "$@" >"$0.took" && exec sleep 20\n`);
    const run = study.beginRun();
    await study.wrote("one");
    run.kill();
    await run.ended;
    assertEquals(study.events().filter(({ event }) => event === "submitted").length, 0);
    study.unwrap();
    study.finished(await study.maestro("resume", "-fg", study.study), ["one", "two"]);
  });

/** The command fails after Slurm took the job. */
const unclearAnswer = () =>
  onSlurm({ one: says("one"), two: says("two", { depends: ["one"] }) }, async (study) => {
    await study.wrap(
      "sbatch",
      `#!/bin/sh\n/usr/bin/sbatch "$@" >/dev/null
echo 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation' >&2\nexit 1\n`,
    );
    study.finished(await study.run(), ["one", "two"]);
    assertEquals(study.events().filter(({ event }) => event === "submitting").length, 2);
  });

const outOfMemory = () =>
  onSlurm({
    greedy: {
      cmd: "echo began >> $(LEDGER)\nhead -c 400M /dev/zero | tail >/dev/null\nexit 0",
      run: ["procs: 1"],
    },
  }, async (study) => {
    assertEquals((await study.run()).code, 2);
    const [step] = await study.steps();
    assertEquals(step!.state, "FAILED");
    assert(/memory|signal|KILL|137/i.test(step!.reason ?? ""), `${step!.reason}`);
    assertEquals(study.ledger(), ["began"]);
  }, { mem: "50M" });

const ticks = () =>
  onSlurm(
    { one: says("one"), two: says("two", { depends: ["one"] }), here: says("here", { run: [] }) },
    async (study) => {
      assertEquals((await study.maestro("run", "-n", "-s", "1", "-o", study.study, "spec.yaml")).code, 0);
      const codes: number[] = [];
      const last = await until("a tick ends it", async () => {
        const outcome = await study.maestro("conduct", "--once", study.study);
        codes.push(outcome.code);
        return outcome.code === 4 ? undefined : outcome;
      });
      assert(codes.length > 1);
      study.finished(last, ["here", "one", "two"]);
    },
  );

const mixed = () =>
  onSlurm(
    {
      here: says("here$(N)", { run: [] }),
      there: says("there$(N)", { depends: ["here"] }),
      back: { cmd: '[ -z "$SLURM_JOB_ID" ] && echo back$(N) >> $(LEDGER)', depends: ["there"] },
    },
    async (study) =>
      study.finished(
        await study.run("--local-jobs", "1"),
        ["here", "there", "back"].flatMap((name) => numbers(name, 3)),
      ),
    {},
    sweep("N", 1, 3),
  );

/** They begin and end between two looks, and begin before one and end behind it. */
const shortSteps = () =>
  onSlurm(
    { short: { cmd: "sleep 3", run: ["procs: 1"] }, longer: { cmd: "sleep 17", run: ["procs: 1"] } },
    async (study) => {
      const outcome = await study.maestro("run", "-y", "-fg", "-s", "10", "-o", study.study, "spec.yaml");
      assertEquals(outcome.code, 0, outcome.stderr);
      // The steps know best how long they took: on a busy machine longer than they slept.
      const ran = [0, 1].map((node) =>
        parseJobFile(Deno.readTextFileSync(`${study.study}/.maestro/jobs/0/${node}.1`)).ran!
      );
      assert(ran[0]! >= 2 && ran[1]! >= 16, ran.join());
      // Slurm's own times count: of its job, which begins before the script and ends after it.
      const shown = (await study.steps()).map(({ runTime }) => runTime!);
      assert(shown.every((time, i) => time >= ran[i]! - 1 && time < ran[i]! + 10), `${shown}, not ${ran}`);
    },
  );

const throttled = () =>
  onSlurm(
    {
      // Two run at a time: each waits until the other of its pair has begun.
      job: {
        cmd: `echo $(N) >> $(LEDGER).began
pair=$(( $(N) % 2 == 1 ? $(N) + 1 : $(N) - 1 ))
until grep -qx "$pair" $(LEDGER).began; do sleep 0.2; done
echo job$(N) >> $(LEDGER)`,
        run: ["procs: 1"],
      },
      here: says("here$(N)", { run: [] }),
    },
    async (study) => {
      const name = study.folder.split("_").at(-1)!;
      const run = study.beginRun("-t", "2");
      let [most, over] = [0, false];
      run.ended.then(() => over = true);
      await until("the study has ended", async () => {
        const living = (await squeue("-o", "%T %Z")).split("\n")
          .filter((line) => line.includes(name) && /^(PENDING|RUNNING|CONFIGURING)/.test(line));
        most = Math.max(most, living.length);
        return over;
      });
      assert(most <= 2, `${most} jobs at a time`);
      study.finished(await run.ended, [...numbers("job", 6), ...numbers("here", 6)]);
    },
    {},
    sweep("N", 1, 6),
  );

/** An account in which one may have two jobs. */
async function limited(): Promise<void> {
  const manage = (...words: string[]) => command(["sacctmgr", "-i", "-Q", ...words]).catch(() => "");
  await manage("add", "account", "small", "cluster=maestro", "description=small", "organization=small");
  await manage("add", "user", "root", "cluster=maestro", "account=small");
  await command([
    "sacctmgr",
    "-i",
    "-Q",
    "modify",
    "user",
    "where",
    "name=root",
    "account=small",
    "set",
    "maxsubmitjobs=2",
  ]).catch(() => "");
  const steps = { job: { cmd: "sleep 2\necho job$(N) >> $(LEDGER)", run: ["procs: 1"] } };
  await onSlurm(
    steps,
    async (study) => {
      study.finished(await study.run(), numbers("job", 4));
      const withdrawn = study.events().filter((event) => event.event === "withdrawn");
      assert(withdrawn.length > 0 && withdrawn.every(({ reason }) => /Limit|policy/.test(reason)));
    },
    { bank: "small" },
    sweep("N", 1, 4),
  );
}

sideBySide("slurm: side by side", {
  "the course's study": seed,
  "Maestro's hello_bye_parameterized_slurm": helloBye,
  "a hundred combinations and a funnel": hundred,
  "over its time, then its restart command": timeout,
  "cancelled by maestro": cancelledByUs,
  "cancelled by scancel": cancelledOutside,
  "an account that is not there": rejected("bank", "nosuch", /Invalid account/),
  "a partition that is not there": rejected("queue", "nosuch", /invalid partition/i),
  "a time limit over the partition's": rejected("", "", /time limit/i, ["procs: 1", 'walltime: "5:00:00"']),
  "requeued": requeued,
  "conductor killed between sbatch and its record": killedAfterSbatch,
  "sbatch fails after Slurm took the job": unclearAnswer,
  "out of memory with exit code 0": outOfMemory,
  "single passes": ticks,
  "steps here and there": mixed,
  "run times of steps between two looks": shortSteps,
  "two jobs at a time": throttled,
  "a limit on jobs submitted": limited,
});
