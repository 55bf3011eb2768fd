/** The environment of jobs on a real Grid Engine. */

import { beside, MINE, step } from "./environment.ts";
import { siteOf, specText, trial } from "./trial.ts";

Deno.test("sge: a job sees what one that is submitted by hand sees", async () => {
  const spec = specText({ type: "sge", args: "[-V]" }, { one: step() });
  const { PATH, LC_ALL, MY_LIST } = MINE;
  const alice = await siteOf("alice");
  const env = { PATH, LC_ALL, MY_LIST, NO_COLOR: "1", ...alice.env };
  await trial({ ...alice, env }, spec, async (study) => {
    const hand = [
      "qsub",
      "-terse",
      "-V",
      "-cwd",
      "-S",
      "/bin/bash",
      "-o",
      `${study.folder}/hand.log`,
      "-j",
      "y",
      "-l",
      "h_rt=00:10:00",
    ];
    await beside(study, hand, env);
  });
});
