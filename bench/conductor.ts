/**
 * The cost of an idle conductor: its memory, and the cost of one query of a scheduler with 10,000 jobs. The
 * study has 300,000 steps, and all jobs run before and after. Simulated scheduler and time; real journal.
 * Another process creates the study.
 *
 *     deno run -A bench/conductor.ts
 */

import { submissionToken } from "../lib/conduct/scheduler/submit.ts";
import { openStudy } from "../lib/study/folder.ts";
import { conductLean, leanWorld } from "../tests/world/lean.ts";
import { makeStudy } from "./made_study.ts";
import { bench, cpuMs, peakMemoryMb, QUICK, repeatedly, ROOT, run } from "./measure.ts";

const STEPS = QUICK ? 30_000 : 300_000;
const JOBS = QUICK ? 1000 : 10_000;
/** Looks that are measured, after some that warm up. */
const LOOKS = 20;
const WARM = 5;

interface Cost {
  readonly memoryMb: number;
  readonly peakMb: number;
  readonly ms: number;
  readonly commands: number;
  readonly bytes: number;
}

async function costOf(root: string): Promise<Cost> {
  const world = leanWorld(root);
  const study = await openStudy(world.system, root);
  const nodes = study.plan.nodes.slice(STEPS / 3 - JOBS, STEPS / 3);
  const running = nodes.map(({ index }) => `${1000 + index} ${submissionToken(study, index, 1)} RUNNING -\n`);
  const queue = { code: 0, stdout: running.join("") + "end\n", stderr: "", timedOut: false };
  const { promise: measured, resolve } = Promise.withResolvers<Cost>();
  let commands = 0;
  let bytes = 0;
  let before = { ms: 0, commands: 0, bytes: 0 };
  const system: typeof world.system = {
    ...world.system,
    run([word]) {
      if (word !== "queue") throw new Error(`what is "${word}" for?`);
      const now = { ms: cpuMs(), commands, bytes };
      if (commands === WARM) before = now;
      if (commands === WARM + LOOKS) {
        resolve({
          memoryMb: Deno.memoryUsage().rss / (1 << 20),
          peakMb: peakMemoryMb("self"),
          ms: (now.ms - before.ms) / LOOKS,
          commands: (now.commands - before.commands) / LOOKS,
          bytes: (now.bytes - before.bytes) / LOOKS,
        });
      }
      commands++;
      return new Promise((answer) => world.clock.after(20, () => answer(queue)));
    },
    writeText(path, text, mode) {
      bytes += text.length;
      world.system.writeText(path, text, mode);
    },
    replaceText(path, text, mode) {
      const whole = [...text].join("");
      bytes += whole.length;
      world.system.replaceText(path, whole, mode);
    },
    openAppend(path, mode) {
      const file = world.system.openAppend(path, mode);
      return {
        ...file,
        append(text) {
          bytes += text.length;
          file.append(text);
        },
      };
    },
  };
  conductLean({ ...world, system }, study).catch((error) => {
    console.error(error);
    Deno.exit(1);
  });
  return await measured;
}

const one = Deno.args.indexOf("--one");
if (one >= 0) {
  console.log(JSON.stringify(await costOf(Deno.args[one + 1]!)));
  // The jobs never end.
  Deno.exit();
} else {await bench("conductor", `A conductor with ${JOBS} jobs of ${STEPS} steps`, async (folder) => {
    const program = [Deno.execPath(), "run", "--allow-all", "--quiet", `${ROOT}bench/conductor.ts`];
    const flags = QUICK ? ["--quick"] : [];
    const costs: Cost[] = [];
    await repeatedly(async () => {
      const root = `${folder}/${costs.length}`;
      makeStudy(root, STEPS, { inFlight: JOBS });
      const { stdout } = await run([...program, ...flags, "--one", root], { keepOutput: true });
      return costs.push(JSON.parse(stdout));
    });
    return [
      { what: "memory", unit: "MB", values: costs.map(({ memoryMb }) => memoryMb), target: { value: 400 } },
      { what: "memory at most", unit: "MB", values: costs.map(({ peakMb }) => peakMb) },
      { what: "a look, CPU time", unit: "ms", values: costs.map(({ ms }) => ms), target: { value: 50 } },
      {
        what: "commands for it",
        unit: "",
        values: costs.map(({ commands }) => commands),
        target: { value: 1 },
      },
      {
        what: "written for it",
        unit: "bytes",
        values: costs.map(({ bytes }) => bytes),
        target: { value: 100 },
      },
    ];
  });}
