/**
 * The cost of a plan of which nothing is written: 100,000 combinations of a chain of three steps, expanded in
 * a separate process. Memory is the most that the process ever held, less what it held before.
 *
 *     deno run -A bench/plan.ts
 */

import { expand } from "../lib/plan/plan.ts";
import { boundStep, boundStudy } from "../tests/world/studies.ts";
import { bench, peakMemoryMb, QUICK, repeatedly, ROOT, run, worked } from "./measure.ts";

const CHAINS = QUICK ? 10_000 : 100_000;
const NODES = 3 * CHAINS;
const MOST_US = 5;
const MOST_KB = 1.5;

async function costOf(): Promise<{ us: number; kb: number }> {
  const step = (name: string, position: number, depends: number[]) =>
    boundStep(name, position, { uses: [0], depends, cmd: "simulate --size $(X) > out" });
  const study = boundStudy([step("make", 0, []), step("change", 1, [0]), step("look", 2, [1])], CHAINS);
  const before = peakMemoryMb("self");
  let length = 0;
  const ms = await worked(() => {
    const { nodes } = expand(study, () => "");
    // Each is asked for its name and its parents once, as a dry run does.
    for (const { name, parents } of nodes) length += name.length + parents.length;
  });
  if (length < NODES) throw new Error("there are no nodes");
  return { us: ms / NODES * 1000, kb: (peakMemoryMb("self") - before) / NODES * 1024 };
}

if (Deno.args.includes("--one")) console.log(JSON.stringify(await costOf()));
else {await bench("plan", `A plan of ${NODES} nodes, nothing written`, async () => {
    const program = [Deno.execPath(), "run", "--allow-all", "--quiet", `${ROOT}bench/plan.ts`, "--one"];
    const costs: { us: number; kb: number }[] = [];
    await repeatedly(async () => {
      const argv = [...program, ...(QUICK ? ["--quick"] : [])];
      return costs.push(JSON.parse((await run(argv, { keepOutput: true })).stdout));
    });
    return [
      { what: "CPU time", unit: "us a node", values: costs.map(({ us }) => us), target: { value: MOST_US } },
      { what: "memory", unit: "KB a node", values: costs.map(({ kb }) => kb), target: { value: MOST_KB } },
    ];
  });}
