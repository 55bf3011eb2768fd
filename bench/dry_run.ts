/**
 * The cost of expanding a study and writing all of it. The study has chains of three steps for N combinations and
 * is written by `run --dry`; the peer is tar, which unpacks the same tree. Both write to the same file system. Earlier writes are on disk
 * before each starts.
 *
 *     deno run -A bench/dry_run.ts
 */

import { bench, inTurns, MAESTRO, QUICK, type Row, run } from "./measure.ts";

const SIZES = QUICK ? [100, 1000] : [100, 1000, 10_000, 100_000];
/** From here on the start of the program no longer shows. */
const AIMED_FROM = 10_000;
const RATIO = 2;

function specText(combinations: number): string {
  const values = Array.from({ length: combinations }, (_, i) => i).join(", ");
  return `description: {name: bench, description: Chains of three steps.}
study:
  - {name: make, description: Makes a file., run: {cmd: "echo $(N) > made"}}
  - name: change
    description: Changes it.
    run: {cmd: "cat $(make.workspace)/made > changed", depends: [make]}
  - name: look
    description: Looks at it.
    run: {cmd: "wc $(change.workspace)/changed", depends: [change]}
global.parameters:
  N: {values: [${values}], label: N.%%}
`;
}

async function measure(folder: string, combinations: number): Promise<Row> {
  const spec = `${folder}/${combinations}.yaml`;
  const study = `${folder}/study`;
  const tar = `${folder}/${combinations}.tar`;
  await Deno.writeTextFile(spec, specText(combinations));
  const dry = [...MAESTRO, "run", "--dry", "-o", study, spec];
  await run(dry);
  await run(["tar", "-cf", tar, "-C", folder, "study"]);
  /** One command from a clean slate: no tree, and nothing that the disk is still busy with. */
  const fresh = (argv: readonly string[]) => async () => {
    await run(["rm", "-r", study]);
    await run(["sync"]);
    return (await run(argv)).ms;
  };
  const samples = await inTurns(fresh(dry), fresh(["tar", "-xf", tar, "-C", folder]));
  await run(["rm", "-r", study, tar]);
  return {
    what: `${combinations} chains of 3 steps`,
    unit: "ms",
    ...samples,
    against: "tar -x of the same tree",
    ...(combinations >= AIMED_FROM ? { target: { ratio: RATIO } } : {}),
  };
}

await bench("dry_run", "A dry run: every folder and script of a study", async (folder) => {
  const rows: Row[] = [];
  for (const combinations of SIZES) rows.push(await measure(folder, combinations));
  return rows;
});
