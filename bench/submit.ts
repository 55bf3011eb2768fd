/**
 * The cost of submitting many jobs to Slurm in one pass of a conductor. The study has independent steps; the
 * program is the one file. The peers are shell loops with the same sbatch calls, sequential and as parallel as the conductor. All jobs are held, so that none of them runs meanwhile.
 * `tests/clusters/slurm.sh up` starts the Slurm.
 *
 *     deno task compile && deno run -A bench/submit.ts
 */

import { decodeJournal } from "../lib/study/journal/format.ts";
import { bench, ONE_FILE, oneFileSize, QUICK, ROUNDS, type Row, run, Skipped } from "./measure.ts";

const SIZES = QUICK ? [50] : [50, 200];
/** As in `lib/conduct/scheduler/submit.ts`. */
const PARALLEL = 8;
/** No slower than the shell. */
const RATIO = 1;
const SBATCH = "sbatch --parsable --open-mode=append --comment=bench";

const specOf = (jobs: number) =>
  `description: {name: bench, description: Many small jobs.}
batch: {type: slurm, queue: debug, bank: ceci, args: [--hold]}
study:
  - {name: s, description: Does nothing., run: {cmd: "true # $(N)", procs: 1, walltime: 1}}
global.parameters:
  N: {values: [${Array.from({ length: jobs }, (_, i) => i).join(", ")}], label: N.%%}
`;

async function slurmIsUp(): Promise<boolean> {
  try {
    return (await run(["scontrol", "ping"], { keepOutput: true })).stdout.includes("is UP");
  } catch {
    return false;
  }
}

/** Submits all jobs by shell commands, and takes them back. */
async function byShell(commands: string): Promise<number> {
  const { ms, stdout } = await run(["sh", "-c", commands], { keepOutput: true });
  await run(["scancel", ...stdout.trim().split("\n")]);
  return ms;
}

/** The same by a conductor: from its first intent to its last job, and all of a single pass. */
async function byMaestro(study: string, wanted: number): Promise<{ submitting: number; pass: number }> {
  // It leaves with 4: the study is not at its end.
  const once = ["sh", "-c", '"$@"; [ $? = 4 ]', "sh", ONE_FILE, "conduct", "--once", study];
  const { ms: pass } = await run(once);
  const { events } = decodeJournal(await Deno.readTextFile(`${study}/.maestro/journal.jsonl`));
  const jobs = events.flatMap((event) => event.event === "submitted" ? [event.jobId] : []);
  if (jobs.length !== wanted) throw new Error(`${jobs.length} of ${wanted} jobs were submitted`);
  await run(["scancel", ...jobs]);
  const at = (word: string) => events.filter(({ event }) => event === word).map((event) => event.at);
  return { submitting: Math.max(...at("submitted")) - Math.min(...at("submitting")), pass };
}

async function measure(folder: string, jobs: number): Promise<Row[]> {
  const [spec, study] = [`${folder}/spec.yaml`, `${folder}/study`];
  await Deno.writeTextFile(spec, specOf(jobs));
  const scripts = `${study}/s/*/*.slurm.sh`;
  const took = { submitting: [], pass: [], loop: [], xargs: [] } as Record<string, number[]>;
  for (let round = 0; round < ROUNDS; round++) {
    await run([ONE_FILE, "run", "-n", "-o", study, spec]);
    const { submitting, pass } = await byMaestro(study, jobs);
    took["submitting"]!.push(submitting);
    took["pass"]!.push(pass);
    took["xargs"]!.push(await byShell(`ls ${scripts} | xargs -n 1 -P ${PARALLEL} ${SBATCH}`));
    took["loop"]!.push(await byShell(`for script in ${scripts}; do ${SBATCH} "$script"; done`));
    await run(["rm", "-r", study]);
  }
  const row = (what: string, values: string, against: string, peer: string) => ({
    ...{ what: `${jobs} jobs, ${what}`, unit: "ms", values: took[values]!, against, peer: took[peer]! },
    target: { ratio: RATIO },
  });
  return [
    row(`${PARALLEL} at a time`, "submitting", `xargs -P ${PARALLEL} sbatch`, "xargs"),
    row("a whole pass", "pass", "a loop of sbatch", "loop"),
  ];
}

await bench("submit", "Submitting jobs to Slurm", async (folder) => {
  if (!await slurmIsUp()) throw new Skipped("there is no Slurm here: tests/clusters/slurm.sh up starts one");
  await oneFileSize();
  const rows: Row[] = [];
  for (const jobs of SIZES) rows.push(...await measure(folder, jobs));
  return rows;
});
