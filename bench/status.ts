/**
 * The cost of `maestro status` by the size of the study: the one file, beside the bare runtime. Large studies
 * have the copy of their state that a conductor leaves. In a finished study the copy is complete; in a
 * running one it may be older.
 *
 *     deno task compile && deno run -A bench/status.ts
 */

import { makeStudy } from "./made_study.ts";
import { bench, inTurns, median, ONE_FILE, oneFileSize, QUICK, type Row, run } from "./measure.ts";

/** Steps, and what more than the bare runtime is aimed at, in ms; undefined: twice the runtime's time. */
const SIZES: readonly [steps: number, more?: number][] = QUICK
  ? [[30], [30_000, 150]]
  : [[30], [30_000, 150], [300_000, 1000]];
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  table: ["--limit", "100"],
  summary: ["--layout", "summary"],
  json: ["--json"],
  "table, the oldest copy": ["--limit", "100"],
};

await bench("status", "A look at a study", async (folder) => {
  await oneFileSize();
  const empty = `${folder}/empty.js`;
  await Deno.writeTextFile(empty, "");
  const bare = async () => (await run([Deno.execPath(), "run", "--no-config", empty])).ms;
  const rows: Row[] = [];
  for (const [steps, more] of SIZES) {
    const root = `${folder}/${steps}`;
    for (const [name, flags] of Object.entries(FORMATS)) {
      // Of a small study there is no copy.
      if (name.includes("oldest") && more === undefined) continue;
      await Deno.remove(root, { recursive: true }).catch(() => {});
      makeStudy(root, steps, { copy: name.includes("oldest") ? "oldest" : "last" });
      let peakMb = 0;
      const samples = await inTurns(async () => {
        const told = await run([ONE_FILE, "status", ...flags, root]);
        peakMb = Math.max(peakMb, told.peakMb);
        return told.ms;
      }, bare);
      const what = `${name} of ${steps} steps, ${Math.round(peakMb)} MB`;
      const peer = { against: "deno run empty.js", peer: samples.peer };
      rows.push(
        more === undefined ? { what, unit: "ms", ...peer, values: samples.values, target: { ratio: 2 } } : {
          what,
          unit: "ms",
          ...peer,
          values: samples.values,
          target: { value: more + median(samples.peer) },
        },
      );
    }
  }
  return rows;
});
