/**
 * The cost of measuring what a step on this machine used: counters of its runner, which the conductor reads at its end.
 * The peer is a step that does nothing.
 *
 *     deno run -A bench/usage.ts
 */

import { realSystem } from "../lib/system.ts";
import { runScripts } from "../tests/run_scripts.ts";
import { bench, QUICK, repeatedly, type Row } from "./measure.ts";

const READS = QUICK ? 500 : 5000;
const STEPS = QUICK ? 50 : 300;

/** Microseconds of one reading. */
async function reading(): Promise<number> {
  const process = realSystem([]).converse(["/bin/cat"], "/", () => {});
  const start = performance.now();
  for (let i = 0; i < READS; i++) process.used();
  const each = (performance.now() - start) / READS * 1000;
  process.hangUp();
  await process.ended;
  return each;
}

/** Microseconds of one step, one after the other. */
async function step(folder: string): Promise<number> {
  await Deno.mkdir(folder);
  const start = performance.now();
  await runScripts(folder, Array.from({ length: STEPS }, () => "true"));
  return (performance.now() - start) / STEPS * 1000;
}

await bench("usage", "The cost of measuring a small step", async (folder): Promise<Row[]> => {
  const values = await repeatedly(reading);
  const peer = await repeatedly((turn) => step(`${folder}/${turn}`), values.length);
  return [{
    what: "reading what a step used",
    unit: "µs",
    values,
    against: "a step of `true`",
    peer,
    target: { ratio: 0.03 },
  }];
});
