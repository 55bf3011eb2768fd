/**
 * The cost of a dependency: a chain of `true` steps, and `make` on the same chain. Both run the same scripts
 * in the same folders with logs. Only one step runs at a time, so every delay between two steps is visible.
 *
 *     deno run -A bench/chain.ts
 */

import { bench, besideMake, QUICK, type Row } from "./measure.ts";

const SIZES = QUICK ? [200] : [200, 5000];

const named = (steps: number) => Array.from({ length: steps }, (_, i) => `s${i}`);

function specText(steps: number): string {
  const items = named(steps).map((name, i) =>
    `  - {name: ${name}, description: Does nothing., run: {cmd: "true", depends: [${
      i > 0 ? `s${i - 1}` : ""
    }]}}\n`
  );
  return `description: {name: bench, description: A long chain of small steps.}\nstudy:\n${items.join("")}`;
}

/** The scripts of a study that has run, as targets of which each needs the one before. */
function makefileText(study: string, steps: number): string {
  const names = named(steps);
  const rules = names.map((name, i) =>
    `${name}: ${names[i - 1] ?? ""}\n\t@cd ${study}/${name} && ./${name}.sh </dev/null >make.out 2>make.err\n`
  );
  return `.PHONY: all ${names.join(" ")}\nall: ${names.at(-1)}\n${rules.join("")}`;
}

async function measure(folder: string, steps: number): Promise<Row> {
  const study = `${folder}/${steps}`;
  return {
    what: `${steps} steps that do nothing, one after the other`,
    unit: "ms",
    ...await besideMake(study, specText(steps), makefileText(study, steps)),
    against: "make",
    target: { ratio: 1.5 },
  };
}

await bench("chain", "A long chain of small steps on this machine", async (folder) => {
  const rows: Row[] = [];
  for (const steps of SIZES) rows.push(await measure(folder, steps));
  return rows;
});
