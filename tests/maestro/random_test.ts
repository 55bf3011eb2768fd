/**
 * Random specs through this program and through LLNL's Maestro. Every run has new specs: `MAESTRO_SEED=N`
 * replays those of one run, `MAESTRO_SPEC=I` one of them, `MAESTRO_SPECS=N` sets their number.
 * `MAESTRO_CORPUS=folder` compares the specs of a folder instead.
 */

import { assertEquals } from "../assert.ts";
import { ROOT } from "../maestro.ts";
import { compare, removeTree, type Verdict, writeCase } from "./compare.ts";
import { compareCorpus, corpusTable } from "./corpus.ts";
import { FEATURES, generate, type Generated } from "./generate.ts";
import { installed, Original } from "./original.ts";
import { seedOf } from "./random.ts";
import { RULES } from "./rules.ts";
import { shrink } from "./shrink.ts";

const bin = await installed();
const corpus = Deno.env.get("MAESTRO_CORPUS");
const count = Number(Deno.env.get("MAESTRO_SPECS") ?? 500);
const seed = Number(Deno.env.get("MAESTRO_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
const only = Deno.env.get("MAESTRO_SPEC");

/** The least share of the specs that each feature has, and from which on a rule names who is better off. */
const SHARE = 0.05;
/** Differences that are shown, each with a small spec. */
const MOST_SHOWN = 5;

interface Work {
  readonly original: Original;
  readonly folder: string;
}

async function withOriginal(body: (work: Work) => Promise<void>): Promise<void> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "maestro_original_" }));
  const original = new Original(bin!);
  try {
    await body({ original, folder });
  } finally {
    await original.close();
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A repository for git dependencies. */
async function makeRepository(folder: string): Promise<string> {
  Deno.mkdirSync(folder);
  Deno.writeTextFileSync(`${folder}/file`, "x\n");
  const who = ["-c", "user.name=n", "-c", "user.email=e@example.org"];
  for (const args of [["init", "-q"], ["add", "file"], [...who, "commit", "-qm", "x"], ["tag", "v1"]]) {
    const { success, stderr } = await new Deno.Command("git", { args, cwd: folder }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  }
  return folder;
}

function* specs(): Generator<[index: number, Generated]> {
  const indices = only === undefined ? Array.from({ length: count }, (_, i) => i) : [Number(only)];
  for (const index of indices) yield [index, generate(seedOf(seed, index))];
}

Deno.test({
  name: "random specs: both programs make the same of each, but for the rules",
  ignore: bin === undefined || corpus !== undefined,
  fn: () =>
    withOriginal(async ({ original, folder }) => {
      console.log(`MAESTRO_SEED=${seed}, ${count} specs`);
      const repository = await makeRepository(`${folder}/repository`);
      const verdicts: Verdict[] = [];
      const features = new Map<string, number>();
      const different: string[] = [];
      for (const [index, generated] of specs()) {
        for (const feature of generated.features) features.set(feature, (features.get(feature) ?? 0) + 1);
        const place = `${folder}/case`;
        const verdict = await compare(original, writeCase(place, generated, repository));
        removeTree(place);
        verdicts.push(verdict);
        if (verdict.outcome !== "different") continue;
        different.push(`spec ${index}: ${verdict.left.map(({ part }) => part).join(", ")}`);
        if (different.length > MOST_SHOWN) continue;
        const small = await shrink(original, generated, verdict.left[0]!.part, `${folder}/small`, repository);
        console.log(`\n${different.at(-1)} (MAESTRO_SEED=${seed} MAESTRO_SPEC=${index})`);
        console.log(`run ${small.options.join(" ")}\n${small.text}`);
        for (const { part, where, theirs, ours } of small.differences.slice(0, 3)) {
          console.log(`  ${part} ${where}\n    theirs: ${theirs}\n    ours:   ${ours}`);
        }
      }
      report(verdicts, features);
      assertEquals(different, []);
      if (only === undefined) checkShares(verdicts, features);
    }),
});

function report(verdicts: readonly Verdict[], features: ReadonlyMap<string, number>): void {
  const outcomes = Map.groupBy(verdicts, ({ outcome }) => outcome);
  const accepted = verdicts.filter(({ accepted }) => accepted.theirs && accepted.ours).length;
  console.log(`${accepted} of ${verdicts.length} specs are accepted by both`);
  console.log([...outcomes].map(([outcome, all]) => `${all.length} ${outcome}`).join(", "));
  console.log("specs that need each rule:");
  for (const { name, betterFor } of RULES) {
    const fired = verdicts.filter((verdict) => verdict.fired.has(name)).length;
    console.log(`${String(fired).padStart(5)}  ${name} (better for ${betterFor})`);
  }
  console.log(
    `features: ${FEATURES.map((feature) => `${feature} ${features.get(feature) ?? 0}`).join(", ")}`,
  );
}

/** Few specs may lack a feature by chance: the shares are checked on whole runs. */
function checkShares(verdicts: readonly Verdict[], features: ReadonlyMap<string, number>): void {
  if (verdicts.length < 500) return;
  const rare = FEATURES.filter((feature) => (features.get(feature) ?? 0) < SHARE * verdicts.length);
  assertEquals(rare, [], "features in too few specs");
  const silent = RULES.filter(({ name, betterFor }) =>
    betterFor === "" && verdicts.filter(({ fired }) => fired.has(name)).length > SHARE * verdicts.length
  );
  assertEquals(silent.map(({ name }) => name), [], "rules that name nobody who is better off");
}

/** Compares the specs of a folder, and shows what came out. */
async function compareFolder({ original, folder }: Work, specs: string): Promise<void> {
  const rows = await compareCorpus(original, specs, folder);
  for (const { spec, verdict } of rows) {
    const { outcome, fired, left } = verdict;
    console.log(`${outcome.padEnd(9)}  ${spec}${fired.size > 0 ? `  [${[...fired].join(", ")}]` : ""}`);
    for (const { part, where, theirs, ours } of left.slice(0, 4)) {
      console.log(
        `             ${part} ${where}\n               theirs: ${theirs}\n               ours:   ${ours}`,
      );
    }
  }
  console.log(corpusTable(rows));
  const different = rows.filter(({ verdict }) => verdict.outcome === "different").map(({ spec }) => spec);
  assertEquals(different, []);
}

Deno.test({
  name: "recorded specs: both programs make the same of each, but for the rules",
  ignore: bin === undefined || corpus !== undefined || only !== undefined,
  fn: () => withOriginal((work) => compareFolder(work, `${ROOT}/tests/golden`)),
});

Deno.test({
  name: "a folder of specs: both programs make the same of each, but for the rules",
  ignore: bin === undefined || corpus === undefined,
  fn: () => withOriginal((work) => compareFolder(work, corpus!)),
});
