/**
 * Runs scripts as local steps of a real runner, one after the other, in a folder with an awkward name.
 *
 * `deno run --allow-all tests/run_scripts.ts FOLDER TEXT…`: in the environment of this process; prints what they
 * left behind as JSON.
 */

import { type LocalEnd, localJobs } from "../lib/conduct/local/jobs.ts";
import type { Consumption } from "../lib/process_use.ts";
import { realSystem } from "../lib/system.ts";
import { textOf } from "./real_study.ts";

/** What a script left behind. */
export interface Left {
  readonly end: LocalEnd;
  readonly job: number | undefined;
  readonly used: Consumption | undefined;
  readonly out: string;
  /** Its job file. */
  readonly file: string;
  readonly pid: number;
}

export async function runScripts(folder: string, texts: readonly string[]): Promise<Left[]> {
  const jobs = localJobs(realSystem([]), folder);
  // Runners alone keep no program from ending.
  const awake = setInterval(() => {}, 1000);
  const left: Left[] = [];
  for (const [i, text] of texts.entries()) {
    const workspace = `${folder}/it's a "\\n" $(folder) ${i}`;
    const script = `${workspace}/run.sh`;
    await Deno.mkdir(workspace);
    await Deno.writeTextFile(script, text.startsWith("#!") ? text : `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const jobFile = `${folder}/${i}.1`;
    const { pid, ended } = jobs.start({ script, logs: "run", jobFile, workspace });
    const { job, used, ...end } = await ended as { code: number; job?: number; used?: Consumption };
    left.push({ end, job, used, out: textOf(`${workspace}/run.${job}.out`), file: textOf(jobFile), pid });
  }
  jobs.close();
  clearInterval(awake);
  return left;
}

if (import.meta.main) {
  const [folder, ...texts] = Deno.args;
  console.log(JSON.stringify(await runScripts(folder!, texts)));
}
