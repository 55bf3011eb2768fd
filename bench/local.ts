/**
 * The cost of many small steps on this machine. Studies have independent `true` steps, and `make -j2` runs the same
 * scripts in the same folders with logs.
 *
 *     deno run -A bench/local.ts
 */

import { bench, besideMake, QUICK, type Row } from "./measure.ts";

const SIZES = QUICK ? [200] : [200, 1000];
const JOBS = 2;

function specText(steps: number): string {
  const values = Array.from({ length: steps }, (_, i) => i).join(", ");
  return `description: {name: bench, description: Many small steps.}
study:
  - {name: s, description: Does nothing., run: {cmd: "true # $(N)"}}
global.parameters:
  N: {values: [${values}], label: N.%%}
`;
}

/** The scripts of a study that has run, as targets that need nothing. */
function makefileText(study: string, steps: number): string {
  const names = Array.from({ length: steps }, (_, i) => `N.${i}`);
  const rules = names.map((name) =>
    `${name}:\n\t@cd ${study}/s/${name} && ./s_${name}.sh </dev/null >make.out 2>make.err\n`
  );
  return `.PHONY: all ${names.join(" ")}\nall: ${names.join(" ")}\n${rules.join("")}`;
}

async function measure(folder: string, steps: number): Promise<Row> {
  const study = `${folder}/${steps}`;
  return {
    what: `${steps} steps that do nothing`,
    unit: "ms",
    ...await besideMake(study, specText(steps), makefileText(study, steps), JOBS),
    against: `make -j${JOBS}`,
    target: { ratio: 1.5 },
  };
}

await bench("local", "Many small steps on this machine", async (folder) => {
  const rows: Row[] = [];
  for (const steps of SIZES) rows.push(await measure(folder, steps));
  return rows;
});
