/**
 * The memory of a conductor that polls for weeks: the real program and real processes. Its study has one job that waits.
 * The scheduler is a Slurm of three shell scripts, which answer as Slurm 22.05 does for such a job. The documented option
 * `--sleeptime 0` removes the pause between polls, so 10,000 polls take minutes in place of a week.
 *
 *     deno run -A bench/polls.ts
 */

import { bench, MAESTRO, median, QUICK, type Row } from "./measure.ts";

const EARLY = QUICK ? 200 : 1000;
const LATE = QUICK ? 1000 : 10_000;
/** What memory may grow by between these two polls. */
const GROWTH_MB = 5;
/** The collector runs when it likes: a figure is the median of so many looks from that poll on. */
const LOOKS = 21;
const LOOK_MS = 50;
/** The whole may take this long. */
const LIMIT_MS = 30 * 60_000;

const SPEC = `description: {name: polls, description: One job that waits.}
batch: {type: slurm, queue: debug, bank: ceci}
study:
  - {name: s, description: Waits., run: {cmd: "true", procs: 1, walltime: 1}}
`;

/** A poll adds a byte to the file of polls. `%i|%T|%r|%k`: adapters/slurm/recorded. */
const COMMANDS = {
  sbatch:
    `for word; do case $word in --comment=*) echo "\${word#*=}" >"$POLLS.token" ;; esac; done; echo 207`,
  squeue: `printf . >>"$POLLS"; read -r token <"$POLLS.token"; echo "207|PENDING|Priority|$token"`,
  sacct: "",
  scancel: "",
};

function residentMb(pid: number): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s*(\d+)/.exec(text)![1]) / 1024;
}

const pause = () => new Promise<void>((done) => setTimeout(done, LOOK_MS));

async function measure(folder: string): Promise<Row[]> {
  for (const [name, text] of Object.entries(COMMANDS)) {
    Deno.writeTextFileSync(`${folder}/${name}`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  const polls = `${folder}/polls`;
  Deno.writeTextFileSync(polls, "");
  Deno.writeTextFileSync(`${folder}/spec.yaml`, SPEC);
  const [word, ...args] = [...MAESTRO, "run", "-y", "-fg", "--sleeptime", "0", "-o", "out", "spec.yaml"];
  const env = { PATH: `${folder}:${Deno.env.get("PATH")}`, POLLS: polls };
  const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
  const child = new Deno.Command(word!, { args, cwd: folder, env, ...streams }).spawn();
  let isOver = false;
  child.status.then(() => isOver = true);
  const deadline = Date.now() + LIMIT_MS;
  const memoryAt = async (poll: number) => {
    while (Deno.statSync(polls).size < poll) {
      if (isOver || Date.now() > deadline) {
        throw new Error(`the conductor made ${Deno.statSync(polls).size} polls`);
      }
      await pause();
    }
    const looks: number[] = [];
    for (let look = 0; look < LOOKS; look++) {
      looks.push(residentMb(child.pid));
      await pause();
    }
    return median(looks);
  };
  try {
    const early = await memoryAt(EARLY);
    const late = await memoryAt(LATE);
    return [
      { what: `memory at poll ${EARLY}`, unit: "MB", values: [early] },
      { what: `at poll ${LATE}`, unit: "MB", values: [late], target: { value: early + GROWTH_MB } },
    ];
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
}

await bench("polls", `A conductor at poll ${EARLY} and at poll ${LATE}`, measure);
