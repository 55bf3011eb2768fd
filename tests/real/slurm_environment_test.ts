/** The environment of jobs on a real Slurm. */

import { assertEquals, assertStringIncludes } from "../assert.ts";
import { beside, MINE, seenIn, step } from "./environment.ts";
import { type Site, SITE_OF_ROOT, specText, trial } from "./trial.ts";

const site = (env: Record<string, string>): Site => ({ ...SITE_OF_ROOT, env: { ...env, NO_COLOR: "1" } });

Deno.test("slurm: a job sees what one that is submitted by hand sees", () => {
  const spec = specText({ type: "slurm", queue: "debug", bank: "ceci" }, { one: step() });
  return trial(site(MINE), spec, async (study) => {
    const hand = [
      "sbatch",
      "--parsable",
      "-n1",
      "-pdebug",
      "-Aceci",
      "-t10",
      `--output=${study.folder}/hand.log`,
    ];
    await beside(study, hand, { ...MINE, NO_COLOR: "1" });
    const lines = seenIn(`${study.folder}/ours.out`);
    assertStringIncludes(lines.join("\n"), 'LC_CTYPE="C.UTF-8"\nLC_NUMERIC');
    assertEquals(lines.filter((line) => /^\d+$/.test(line)), ["1"]);
    assertEquals(lines.find((line) => line.startsWith("PATH=")), `PATH=${MINE.PATH}`);
  });
});

Deno.test("slurm: the site's and the user's SBATCH_ variables hold as with plain sbatch", () => {
  const env = { SBATCH_ACCOUNT: "ceci", SBATCH_QOS: "standby", SBATCH_PARTITION: "batch", SBATCH_WAIT: "1" };
  const spec = specText({ type: "slurm", queue: "debug", bank: "other" }, {
    one: { cmd: "scontrol show job $SLURM_JOB_ID > $(SPECROOT)/job", run: ["procs: 1", "walltime: 10"] },
  });
  return trial(site(env), spec, async (study) => {
    const outcome = await study.run();
    assertEquals(outcome.code, 0, outcome.stderr);
    const job = Deno.readTextFileSync(`${study.folder}/job`);
    for (const word of ["Account=ceci", "QOS=standby", "Partition=batch"]) assertStringIncludes(job, word);
    assertStringIncludes(outcome.stderr, 'Note: SBATCH_ACCOUNT=ceci in the environment overrides "bank"');
    assertStringIncludes(
      outcome.stderr,
      'Note: SBATCH_PARTITION=batch in the environment overrides "queue"',
    );
  });
});

Deno.test("slurm: a step's job inside an allocation is no part of it", () => {
  const spec = specText({ type: "slurm", queue: "debug", bank: "ceci" }, { one: step() });
  // What an allocation of two nodes leaves in the environment.
  const inside = {
    SLURM_JOB_ID: "1",
    SLURM_NTASKS: "7",
    SLURM_MEM_PER_CPU: "1",
    SLURM_MEM_PER_NODE: "2",
    SLURM_NNODES: "2",
  };
  return trial(site(inside), spec, async (study) => {
    const outcome = await study.run();
    assertEquals(outcome.code, 0, outcome.stderr);
    const lines = seenIn(`${study.folder}/ours.out`).filter((line) =>
      /^SLURM_(NTASKS|MEM_PER_NODE|NNODES)/.test(line)
    );
    assertEquals(lines, ["SLURM_NNODES=1", "SLURM_NTASKS=1"]);
  });
});
