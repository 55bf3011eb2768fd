/** The line that `run` prints before it asks: what will run. By table. */

import { findAdapter } from "../adapters/mod.ts";
import { outlineOf } from "../lib/plan/outline.ts";
import type { SpecStep } from "../lib/spec/types.ts";
import { assertEquals } from "./assert.ts";
import { makePlan } from "./make.ts";

type Words = readonly [type: string, steps: readonly Partial<SpecStep>[], line: string];

const HOUR = { nodes: "2", walltime: "01:00:00" };

const TABLE: readonly Words[] = [
  ["local", [{}], "1 step: 1 on this machine."],
  ["local", [{ cmd: "$(A)" }, {}], "2 steps, 7 with their combinations: 7 on this machine."],
  ["local", [{ resources: HOUR }], "1 step: 1 on this machine."],
  ["slurm", [{ resources: HOUR }], "1 step: 1 job of slurm in queue q (at most 2 node-hours per attempt)."],
  [
    "slurm",
    [{ cmd: "$(A)", resources: HOUR }, {}],
    "2 steps, 7 with their combinations: 6 jobs of slurm in queue q (at most 12 node-hours per attempt); " +
    "1 on this machine.",
  ],
  // Resources that depend on a parameter: 1 + 2 + ... + 6 nodes for ten minutes.
  [
    "slurm",
    [{ cmd: "true", resources: { nodes: "$(A)", walltime: "10:00" } }],
    "1 step, 6 with their combinations: 6 jobs of slurm in queue q (at most 3.5 node-hours per attempt).",
  ],
  [
    "slurm",
    [{ resources: { nodes: "1" } }],
    "1 step: 1 job of slurm in queue q, all without a walltime.",
  ],
  [
    "slurm",
    [{ resources: { procs: "4", walltime: "60" } }, {
      resources: HOUR,
      batch: { type: "slurm", queue: "big" },
    }],
    "2 steps: 2 jobs of slurm in queue q or big (at most 2 node-hours and 4 task-hours per attempt).",
  ],
  // Two packs of at most four, two at a time: two rounds each.
  [
    "slurm",
    [{ cmd: "$(A)", resources: { procs: "1", walltime: "01:00:00" }, pack: { most: 4, atOnce: 2 } }],
    "1 step, 6 with their combinations: 2 jobs of slurm in queue q (at most 4 node-hours per attempt).",
  ],
];

Deno.test("outline: steps, jobs, queues, node-hours and local steps of a plan", () => {
  for (const [type, steps, line] of TABLE) {
    const plan = makePlan({
      steps: steps.map((step, i) => [`s${i}`, step.cmd ?? "true", [], step]),
      parameters: { A: ["1", "2", "3", "4", "5", "6"] },
      more: { batch: { type, queue: "q" } },
    });
    assertEquals(outlineOf(plan, findAdapter(type)!), `Will run ${line}`);
  }
});
