/**
 * Random histories of random studies. Conductors are killed at any of their calls. Schedulers time out, lag, lie, lose,
 * requeue and forget. Disks fill. `deno task test:sim` runs 10,000; `SEED=123 deno
 * task test:sim` runs one, and prints what happened.
 */

import { liveThrough } from "./world/chronicle.ts";
import type { Stage } from "./world/history.ts";
import { journalText } from "./world/history.ts";

const SEED = Deno.env.get("SEED");
const HISTORIES = Number(Deno.env.get("HISTORIES") ?? (Deno.env.get("WHOLE") ? 10_000 : 200));
const FIRST = Number(Deno.env.get("FIRST") ?? 1);

if (SEED !== undefined) {
  Deno.test(`history ${SEED}`, async () => {
    let stage: Stage | undefined;
    try {
      await liveThrough(Number(SEED), (seen) => stage = seen);
    } finally {
      if (stage) console.log(historyText(stage));
    }
  });
} else {
  Deno.test(`${HISTORIES} random histories`, async () => {
    const failures: string[] = [];
    for (let seed = FIRST; seed < FIRST + HISTORIES; seed++) {
      try {
        await liveThrough(seed);
      } catch (error) {
        failures.push(`SEED=${seed} deno task test:sim\n    ${(error as Error).message}`);
        if (failures.length === 10) break;
      }
    }
    if (failures.length > 0) throw new Error(`histories that did not hold:\n${failures.join("\n")}`);
  });
}

/** All facts of a history, for debugging. */
function historyText(stage: Stage): string {
  const { world, study } = stage;
  world.files.readTrouble = undefined;
  const runs = world.truth.executions.map(({ node, attempt, from, to, host, again, fate }) =>
    `${study.plan.nodes[node]!.name} attempt ${attempt} on ${host} ${from}-${to} ${
      fate?.kind ?? "cut short"
    }${again ? " (again)" : ""}`
  );
  const steps = study.plan.steps.map((step) => {
    const { name, uses, depends, funnels, after, afterFunnels, uncancelled, matched } = step;
    const { allowFailure, pack, retry } = step;
    const waits = { depends, funnels, after, afterFunnels, uncancelled, matched };
    return JSON.stringify({ name, uses, ...waits, allowFailure, pack, retry, ...step.resources });
  });
  return [
    "--- steps",
    ...steps,
    JSON.stringify(stage.scenario.settings),
    "--- fates",
    ...stage.scenario.fates.map((fates, i) => `${study.plan.nodes[i]!.name} ${JSON.stringify(fates)}`),
    "--- journal",
    journalText(stage),
    "--- logs",
    ...stage.log,
    "--- runs",
    ...runs,
  ].join("\n");
}
