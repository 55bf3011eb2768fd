/**
 * The cost of a step for the conductor when there are a million, in chains of three scheduled steps. Scheduler and
 * time are simulated; the journal is real and on a real disk. The peer is a study a hundred
 * times smaller. A step must cost the same in both.
 *
 *     deno run -A bench/million.ts
 */

import { studyPaths } from "../lib/paths.ts";
import { replay } from "../lib/study/journal/replay.ts";
import type { Study } from "../lib/study/folder.ts";
import { conductLean, type Counts, leanStudy, leanWorld } from "../tests/world/lean.ts";
import { bench, peakMemoryMb, QUICK, ROOT, ROUNDS, type Row, run, worked } from "./measure.ts";

const STEPS = QUICK ? 100_000 : 1_000_000;
const PEER_STEPS = STEPS / 100;
const JOBS_AT_A_TIME = 10_000;

/** What one study cost: milliseconds of work, and what it left. */
interface Cost {
  readonly steps: number;
  readonly planMs: number;
  readonly conductMs: number;
  readonly replayMs: number;
  readonly peakMb: number;
  readonly journalBytes: number;
  readonly counts: Counts;
}

async function costOf(root: string, steps: number): Promise<Cost> {
  const world = leanWorld(root);
  const { system, counts } = world;
  let study: Study;
  const planMs = await worked(() => study = leanStudy(world, root, Math.round(steps / 3), JOBS_AT_A_TIME));
  const conductMs = await worked(() => conductLean(world, study));
  const peakMb = peakMemoryMb("self");
  let left = NaN;
  const replayMs = await worked(() => left = replay(system, study).progress.unended);
  if (left !== 0) throw new Error(`${left} steps have not ended`);
  const journalBytes = system.facts(studyPaths(root).journal)!.size;
  return { steps: study!.plan.nodes.length, planMs, conductMs, replayMs, peakMb, journalBytes, counts };
}

/** A study in a separate process, for separate memory. */
async function measured(folder: string, steps: number): Promise<Cost> {
  const program = [Deno.execPath(), "run", "--allow-all", "--quiet", `${ROOT}bench/million.ts`];
  const { stdout } = await run([...program, "--one", String(steps), `${folder}/study`], { keepOutput: true });
  await Deno.remove(`${folder}/study`, { recursive: true });
  return JSON.parse(stdout);
}

function row(what: string, large: readonly Cost[], small: readonly Cost[], of: (cost: Cost) => number): Row {
  return {
    what,
    unit: "us a step",
    values: large.map(of),
    against: `${PEER_STEPS} steps`,
    peer: small.map(of),
  };
}

async function measure(folder: string): Promise<readonly Row[]> {
  const large: Cost[] = [];
  const small: Cost[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    large.push(await measured(folder, STEPS));
    small.push(await measured(folder, PEER_STEPS));
  }
  const target = { ratio: 1.5 };
  return [
    row("expanded", large, small, ({ planMs, steps }) => planMs / steps * 1000),
    { ...row("conducted", large, small, ({ conductMs, steps }) => conductMs / steps * 1000), target },
    { ...row("replayed", large, small, ({ replayMs, steps }) => replayMs / steps * 1000), target },
    { what: "memory", unit: "MB", values: large.map(({ peakMb }) => peakMb) },
    { what: "journal", unit: "MB", values: large.map(({ journalBytes }) => journalBytes / 1e6) },
    { what: "syncs of the journal", unit: "", values: large.map(({ counts }) => counts.syncs) },
    { what: "queries of the scheduler", unit: "", values: large.map(({ counts }) => counts.queries) },
  ];
}

const one = Deno.args.indexOf("--one");
if (one >= 0) console.log(JSON.stringify(await costOf(Deno.args[one + 2]!, Number(Deno.args[one + 1]))));
else {await bench(
    "million",
    `${STEPS} steps, a simulated scheduler, ${JOBS_AT_A_TIME} jobs at a time`,
    measure,
  );}
