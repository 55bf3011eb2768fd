/** Packs on a real Slurm: several combinations of a step in one job. */

import { assert, assertEquals } from "../assert.ts";
import { outOfTime } from "./slurm.ts";
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
const numbers = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);
const sweep = (count: number) =>
  `global.parameters:\n  N: {values: [${Array.from({ length: count }, (_, i) => i + 1)}], label: N.%%}`;
const packed = (
  steps: Readonly<Record<string, StepText>>,
  count: number,
  body: (study: Trial) => Promise<void>,
) => trial(SITE_OF_ROOT, specText(BATCH, steps, sweep(count)), body);
const jobsOf = (study: Trial) =>
  new Set(study.events().flatMap((event) => event.event === "submitted" ? [event.jobId] : []));

const forty = () =>
  packed(
    {
      each: {
        cmd: "echo each$(N) >> $(LEDGER)\n[ $(N) != 7 ] || exit 5",
        run: ["procs: 1", "walltime: 1", "pack: 20", "pack at once: 8", "allow-failure: true"],
      },
      all: { cmd: "echo all >> $(LEDGER)", run: ["procs: 1"], depends: ["each_*"] },
    },
    40,
    async (study) => {
      study.finished(await study.run(), ["all", ...numbers("each", 40)]);
      assertEquals(jobsOf(study).size, 3);
      const states = await study.states();
      assertEquals(states["each_N.7"], "FAILED");
      assertEquals(Object.values(states).filter((state) => state === "FINISHED").length, 40);
      const [job] = jobsOf(study);
      // Three rounds of a minute, on eight processors.
      assertEquals(await command(["squeue", "-h", "-t", "all", "-j", job!, "-o", "%l %C"]), "3:00 8\n");
    },
  );

const launched = () =>
  packed(
    {
      each: {
        cmd: "$(LAUNCHER) sh -c 'sleep 1; echo each$(N).$SLURM_PROCID >> $(LEDGER)'",
        run: ["procs: 2", "walltime: 1", "pack: 4"],
      },
    },
    4,
    async (study) => {
      const lines = numbers("each", 4).flatMap((name) => [`${name}.0`, `${name}.1`]);
      study.finished(await study.run(), lines);
      assertEquals(jobsOf(study).size, 1);
    },
  );

const SLOW = {
  cmd: "echo each$(N) >> $(LEDGER)\nexec sleep 600",
  run: ["procs: 1", "walltime: 1", "pack: 4", "pack at once: 2"],
};

/** The time limit ends the first round. The steps of the second then get a separate job. */
const timeout = () =>
  packed(
    {
      each: {
        cmd: "echo each$(N) >> $(LEDGER)\n[ $(N) -gt 2 ] || exec sleep 600",
        run: [...SLOW.run, 'restart: "echo again$(N) >> $(LEDGER)"'],
      },
    },
    4,
    async (study) => {
      const run = study.beginRun();
      await until("two began", () => study.ledger().length === 2);
      const [job] = jobsOf(study);
      await outOfTime(job!);
      study.finished(await run.ended, ["again1", "again2", ...numbers("each", 4)]);
    },
  );

const cancelled = () =>
  packed({ each: SLOW }, 4, async (study) => {
    const run = study.beginRun();
    await until("two began", () => study.ledger().length === 2);
    assertEquals((await study.maestro("cancel", "-y", study.study)).code, 0);
    assertEquals((await run.ended).code, 3);
    assertEquals(new Set(Object.values(await study.states())), new Set(["CANCELLED"]));
    assertEquals(study.ledger().length, 2);
  });

/** `sbatch` takes the pack, and nobody hears of it. */
const killed = () =>
  packed(
    {
      each: {
        cmd: "sleep 1\necho each$(N) >> $(LEDGER)",
        run: ["procs: 1", "walltime: 1", "pack: 6", "pack at once: 3"],
      },
    },
    6,
    async (study) => {
      await study.wrap("sbatch", `#!/bin/sh\n/usr/bin/sbatch "$@" >/dev/null && exec sleep 20\n`);
      const run = study.beginRun();
      await until("one is done", () => study.ledger().length > 0);
      run.kill();
      await run.ended;
      study.unwrap();
      study.finished(await study.maestro("resume", "-fg", study.study), numbers("each", 6));
    },
  );

const requeued = () =>
  packed(
    {
      each: {
        cmd: "echo each$(N) >> $(LEDGER)\n[ $(N) = 1 ] || [ -e mark ] || { touch mark; exec sleep 600; }",
        run: ["procs: 1", "walltime: 1", "pack: 2"],
      },
    },
    2,
    async (study) => {
      const run = study.beginRun();
      await until("both began", () => study.ledger().length === 2);
      const [job] = jobsOf(study);
      await until("the first has ended", () => study.events().some(({ event }) => event === "ended"));
      await command(["scontrol", "requeue", job!]);
      // The one that had ended does not run again.
      study.finished(await run.ended, ["each1", "each2", "each2"]);
    },
  );

const throttled = () =>
  packed(
    { each: { cmd: "sleep 1\necho each$(N) >> $(LEDGER)", run: ["procs: 1", "walltime: 1", "pack: 5"] } },
    20,
    async (study) => {
      const run = study.beginRun("-t", "2");
      let [most, over] = [0, false];
      run.ended.then(() => over = true);
      await until("the study has ended", async () => {
        const living = (await command(["squeue", "-h", "-o", "%Z"])).split("\n").filter((line) =>
          line.startsWith(study.folder)
        );
        most = Math.max(most, living.length);
        return over;
      });
      assert(most <= 2, String(most));
      study.finished(await run.ended, numbers("each", 20));
      assertEquals(jobsOf(study).size, 4);
    },
  );

sideBySide("slurm: packs", {
  "forty combinations in two jobs": forty,
  "with srun": launched,
  "over its time in the first round": timeout,
  "cancelled": cancelled,
  "conductor killed between sbatch and its record": killed,
  "requeued": requeued,
  "two jobs at a time": throttled,
});
