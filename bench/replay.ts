/**
 * The cost of a conductor's start after a kill: reading a study of 300,000 steps, each with four events. In a
 * separate process, for separate memory.
 *
 *     deno run -A bench/replay.ts
 */

import { replay } from "../lib/study/journal/replay.ts";
import { openStudy } from "../lib/study/folder.ts";
import { realSystem } from "../lib/system.ts";
import { makeStudy } from "./made_study.ts";
import { bench, cpuMs, peakMemoryMb, QUICK, repeatedly, ROOT, run, timed } from "./measure.ts";

const STEPS = QUICK ? 30_000 : 300_000;
const MOST_MS = 3000;
const MOST_MB = 400;

interface Cost {
  readonly ms: number;
  readonly cpu: number;
  readonly mb: number;
}

async function costOf(root: string): Promise<Cost> {
  const system = realSystem(["maestro"]);
  let left = NaN;
  const before = cpuMs();
  const ms = await timed(async () => {
    left = replay(system, await openStudy(system, root), () => true).progress.unended;
  });
  if (left !== 0) throw new Error(`${left} steps have not ended`);
  return { ms, cpu: cpuMs() - before, mb: peakMemoryMb("self") };
}

const one = Deno.args.indexOf("--one");
if (one >= 0) console.log(JSON.stringify(await costOf(Deno.args[one + 1]!)));
else {await bench("replay", `${STEPS} steps with four events each, read back`, async (folder) => {
    const root = `${folder}/study`;
    makeStudy(root, STEPS);
    const program = [Deno.execPath(), "run", "--allow-all", "--quiet", `${ROOT}bench/replay.ts`];
    const costs: Cost[] = [];
    await repeatedly(async () => {
      const { stdout } = await run([...program, "--one", root], { keepOutput: true });
      return costs.push(JSON.parse(stdout));
    });
    return [
      { what: "time", unit: "ms", values: costs.map(({ ms }) => ms), target: { value: MOST_MS } },
      { what: "CPU time of all threads", unit: "ms", values: costs.map(({ cpu }) => cpu) },
      { what: "memory after it", unit: "MB", values: costs.map(({ mb }) => mb), target: { value: MOST_MB } },
    ];
  });}
