/** What jobs of a real Slurm use: as `sacct` has it, and as a program of known appetite does. */

import { assert, assertEquals } from "../assert.ts";
import { APPETITE, assertAppetite } from "./appetite.ts";
import { command, SITE_OF_ROOT, specText, trial } from "./trial.ts";

const BATCH = { type: "slurm", queue: "debug", host: "localhost", bank: "ceci", mem: "1000M" };

Deno.test("slurm: figures are those of sacct and of the program, and come after the end", async () => {
  const spec = specText(BATCH, {
    eats: { cmd: APPETITE, run: ["procs: 1", "walltime: 10"] },
    here: { cmd: APPETITE, run: [] },
    fails: { cmd: `${APPETITE}\nexit 3`, run: ["procs: 1", "walltime: 10"] },
  });
  await trial(SITE_OF_ROOT, spec, async (study) => {
    assertEquals((await study.run()).code, 2);
    const steps = await study.steps();
    const step = (name: string) => steps.find((step) => step.name === name)!;
    for (const name of ["eats", "here", "fails"]) assertAppetite(step(name));
    assertEquals(step("here").attempts[0]!.given, null);
    for (const name of ["eats", "fails"]) {
      const { jobId, attempts: [attempt] } = step(name);
      assertEquals(attempt!.given, {
        ...{ cpus: 1, nodes: 1, nodeMemoryBytes: 1000 * 1024 ** 2, limitSeconds: 600 },
      });
      const text = await command(["sacct", "-n", "-P", "--noconvert", "-o", "TotalCPU,MaxRSS", "-j", jobId!]);
      const [job, batch] = text.trim().split("\n").map((line) => line.split("|"));
      const [minutes, seconds] = job![0]!.split(":").map(Number);
      assertEquals(attempt!.cpuSeconds, Math.round((minutes! * 60 + seconds!) * 1000) / 1000);
      assertEquals(attempt!.maxRssBytes, Number(batch![1]));
    }
    // The end of a step waits for no record.
    const events = study.events();
    for (const name of ["eats", "fails"]) {
      const at = (event: string) =>
        events.findIndex((each) => each.event === event && "step" in each && each.step === name);
      assert(at("ended") < at("used"), name);
    }
  });
});
