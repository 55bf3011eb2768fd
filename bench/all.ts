/**
 * Runs every bench of this folder, one after the other, and sums up which targets are reached. `--quick` for smaller
 * sizes; names of benches to run only these.
 *
 *   deno task bench [--quick] [NAME ...]
 */

import { type Figure, type Outcome, QUICK, ROOT, table } from "./measure.ts";

/** What else is in this folder: what benches share, and what `deno bench` runs. */
const NO_PROGRAMS = ["all", "made_study", "measure", "pure"];

export function programs(): string[] {
  const names = [...Deno.readDirSync(`${ROOT}bench`)].map(({ name }) => name.replace(/\.ts$/, ""));
  return names.filter((name) => !NO_PROGRAMS.includes(name)).sort();
}

async function outcomeOf(name: string): Promise<Outcome> {
  const args = ["run", "--allow-all", "--quiet", `${ROOT}bench/${name}.ts`, ...(QUICK ? ["--quick"] : [])];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped" }).spawn();
  const text = await new Response(child.stdout).text();
  console.log(text);
  const line = text.trimEnd().split("\n").at(-1)!;
  if ((await child.status).success) return JSON.parse(line);
  return { bench: name, machine: "", load: 0, skipped: "it failed" };
}

async function main(): Promise<void> {
  const asked = Deno.args.filter((word) => !word.startsWith("-"));
  const outcomes: Outcome[] = [];
  for (const name of asked.length > 0 ? asked : programs()) outcomes.push(await outcomeOf(name));
  const file = `${ROOT}dist/bench.jsonl`;
  await Deno.mkdir(`${ROOT}dist`, { recursive: true });
  await Deno.writeTextFile(file, outcomes.map((outcome) => `${JSON.stringify(outcome)}\n`).join(""));
  const rows = outcomes.flatMap(({ bench, rows = [] }) =>
    rows.map((row): Figure => ({ ...row, what: `${bench}: ${row.what}` }))
  );
  console.log(table(rows));
  for (const { bench, skipped } of outcomes) {
    if (skipped !== undefined) console.log(`${bench}: not measured: ${skipped}`);
  }
  const aimed = rows.filter(({ reached }) => reached !== undefined);
  console.log(`${aimed.filter(({ reached }) => reached).length} of ${aimed.length} targets reached; ${file}`);
}

if (import.meta.main) await main();
