/** What a job of a study sees of the world, beside what a job that is submitted by hand sees. */

import { assertEquals } from "../assert.ts";
import { type StepText, type Trial, until } from "./trial.ts";

const SHOW =
  "env -0 | sort -z | tr '\\0\\n' '\\n ' > OUT; locale >> OUT 2>&1; printf 'é' | wc -m >> OUT; ulimit -a >> OUT";

/** A user's environment, with what sites set and what often goes wrong. */
export const MINE = {
  LC_ALL: "C.UTF-8",
  SBATCH_QOS: "standby",
  SBATCH_COMMENT: "billing",
  SLURM_CPU_BIND: "none",
  MY_LIST: "a b'c\"d$HOME",
  PATH: "relative:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/bin:.",
};

/** Names that differ from job to job, and those that docs/schedulers.md lists. */
const OF_THE_JOB =
  /^(?:SLURM_(?:OPEN_MODE|JOBID|JOB_ID|JOB_NAME|TASK_PID|SUBMIT_DIR|NODELIST|JOB_NODELIST|NODE_ALIASES|JOB_CPUS_PER_NODE|TOPOLOGY_ADDR)|SLURMD_NODENAME|HOSTNAME|JOB_ID|JOB_NAME|JOB_SCRIPT|SGE_STD\w+_PATH|SGE_O_WORKDIR|SGE_JOB_SPOOL_DIR|SGE_CWD_PATH|REQUEST|REQNAME|PWD|TMP|TMPDIR|_)=/;

export const seenIn = (path: string) =>
  Deno.readTextFileSync(path).split("\n").filter((line) => line !== "" && !OF_THE_JOB.test(line));

/** Submits by hand what a study's step does, and compares what the two saw. */
export async function beside(
  study: Trial,
  submit: readonly string[],
  env: Record<string, string>,
): Promise<void> {
  const { folder, site: { prefix } } = study;
  await Deno.writeTextFile(
    `${folder}/hand.sh`,
    `#!/bin/bash\n${SHOW.replaceAll("OUT", `${folder}/hand.out`)}; : > ${folder}/hand.done\n`,
  );
  const [word, ...words] = [...prefix, "env", "-C", folder, ...submit, `${folder}/hand.sh`];
  const { code, stderr } = await new Deno.Command(word!, { args: words, env }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const outcome = await study.run();
  assertEquals(outcome.code, 0, outcome.stderr);
  await until("the job by hand has ended", () => exists(`${folder}/hand.done`));
  assertEquals(seenIn(`${folder}/ours.out`), seenIn(`${folder}/hand.out`));
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

export const step = (run: readonly string[] = []): StepText => ({
  cmd: SHOW.replaceAll("OUT", "$(SPECROOT)/ours.out"),
  run: ["procs: 1", "walltime: 10", ...run],
});
