/** Scripts on a real Slurm: directives in commands, scripts by hand, signals, a requeue, an environment that is not passed on. */

import { assertEquals, assertMatch } from "../assert.ts";
import { byHand, SHOW } from "./guard.ts";
import { command, SITE_OF_ROOT, specText, type StepText, type Trial, trial, until } from "./trial.ts";

const BATCH = { type: "slurm", queue: "debug", bank: "ceci" };
const onSlurm = (one: StepText, body: (study: Trial) => Promise<void>, batch: Record<string, string> = {}) =>
  trial(SITE_OF_ROOT, specText({ ...BATCH, ...batch }, { one }), body);
const DIRECTIVES = "#SBATCH --time=7\n#SBATCH --cpus-per-task=3";
const text = (path: string) => Deno.readTextFileSync(path);

Deno.test("slurm: directives at the head of commands are read, and go before the spec", () =>
  onSlurm(
    {
      cmd: `${DIRECTIVES}\n\n# a note\nscontrol show job $SLURM_JOB_ID > $(SPECROOT)/job`,
      run: ["procs: 1", "nodes: 1", "walltime: 10"],
    },
    async (study) => {
      const outcome = await study.run();
      assertEquals(outcome.code, 0, outcome.stderr);
      const job = text(`${study.folder}/job`);
      assertMatch(job, /TimeLimit=00:07:00[^]*NumCPUs=3[^]*CPUs\/Task=3/);
      // What Slurm's own parser reads is what it reads in the script that Maestro writes of this step.
      const maestros = `#!/bin/bash
#SBATCH --nodes=1
#SBATCH --partition=debug
#SBATCH --account=ceci
#SBATCH --time=10
#SBATCH --job-name="one"
#SBATCH --output="one.out"
#SBATCH --error="one.err"
#SBATCH --comment "d"

${DIRECTIVES}

# a note
hostname
`;
      await Deno.writeTextFile(`${study.folder}/maestros.sh`, maestros);
      const read = async (script: string, more: readonly string[] = []) => {
        const { stderr } = await new Deno.Command("sbatch", { args: ["-vv", "--test-only", ...more, script] })
          .output();
        return new TextDecoder().decode(stderr).split("\n").filter((line) =>
          /^sbatch: [a-z-]+ *: /.test(line)
        )
          .map((line) => line.replace(/^sbatch: /, ""));
      };
      const [theirs, ours] = [
        await read(`${study.folder}/maestros.sh`, ["-D", `${study.study}/one`]),
        await read(`${study.study}/one/one.slurm.sh`),
      ];
      // Logs by hand have the job's id, and the description is this spec's.
      const differ = (lines: readonly string[], others: readonly string[]) =>
        lines.filter((line) => !others.includes(line)).map((line) => line.split(" ")[0]!).sort();
      assertEquals(differ(ours, theirs), ["comment", "error", "open-mode", "output"]);
      assertEquals(differ(theirs, ours), ["comment", "error", "output"]);
      assertMatch(ours.join("\n"), /^time +: 00:07:00$/m);
    },
  ));

Deno.test("slurm: sbatch of a step's script by hand is the same job, and leaves the study alone", () =>
  onSlurm({ cmd: `${SHOW}; exit 3`, run: ["procs: 1", "walltime: 10"] }, async (study) => {
    assertEquals((await study.run()).code, 2);
    const more = await byHand(study, "one", ["sbatch", "--wait-all-nodes=0"]);
    assertEquals(more.map((name) => name.replace(/\d+/, "N")).sort(), ["one.N.err", "one.N.out"]);
  }));

Deno.test("slurm: a guard is armed where no variable is passed on, and when its job runs again", () =>
  onSlurm(
    {
      cmd:
        `echo "$MINE" >> $(LEDGER); [ -e again ] || { touch again; scontrol requeue $SLURM_JOB_ID; sleep 60; }`,
      run: ["procs: 1", "walltime: 10"],
    },
    async (study) => {
      const outcome = await study.run();
      assertEquals(outcome.code, 0, outcome.stderr);
      assertEquals(text(`${study.folder}/ledger`), "\n\n");
      assertMatch(text(`${study.study}/.maestro/jobs/0/0.1`), /\nagain\n[^]*\nexit 0\n$/);
    },
    { args: "[--export=NONE, --requeue]" },
  ));

Deno.test("slurm: a signal reaches a trap once, sent to the batch shell or to the whole job", async () => {
  const cmd = "trap 'echo usr1 >> $(LEDGER)' USR1\ntrap 'echo term >> $(LEDGER); exit 7' TERM\n" +
    "trap 'echo int >> $(LEDGER)' INT\ntouch $(LEDGER).on\nwhile :; do sleep 0.1; done";
  await onSlurm({ cmd, run: ["procs: 1", "walltime: 10"] }, async (study) => {
    const run = study.begin("run", "-fg", "-y", "-s", "1", "-o", study.study, `${study.folder}/spec.yaml`);
    const names = () => [...Deno.readDirSync(study.folder)].map(({ name }) => name);
    await until("the step runs", () => names().includes("ledger.on"));
    const id = /\njob (\d+)/.exec(text(`${study.study}/.maestro/jobs/0/0.1`))![1]!;
    const ledger = () => text(`${study.folder}/ledger`);
    const send = async (wanted: string, ...words: string[]) => {
      await command(["scancel", ...words, id]);
      await until(wanted, () => ledger() === wanted);
    };
    await send("usr1\n", "--batch", "--signal=USR1");
    await send("usr1\nusr1\n", "--full", "--signal=USR1");
    await send("usr1\nusr1\nint\n", "--full", "--signal=INT");
    await send("usr1\nusr1\nint\nterm\n", "--full", "--signal=TERM");
    await run.ended;
    assertEquals(ledger(), "usr1\nusr1\nint\nterm\n");
    assertMatch(text(`${study.study}/.maestro/jobs/0/0.1`), /\nexit 7\n$/);
  });
});
