/**
 * Studies with one damaged file: commands end with a message, in bounded time, and no step runs a second time.
 * WHOLE=1 damages 1,000 studies, an ordinary run a few; SEED=N replays a run, CASE=I one of it.
 */

import { assertEquals } from "./assert.ts";
import { inFreshFolder } from "./maestro.ts";
import { DAMAGES } from "./faults/damage.ts";
import type { Before, Scene } from "./faults/scenes.ts";
import { noneLeft, processesOf, stages, tryTo } from "./faults/stage.ts";
import { seededRandom } from "./world/random.ts";

const CASES = Deno.env.get("WHOLE") ? 1000 : 40;
const SEED = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 1e6));
const ONLY = Deno.env.get("CASE");
const LIMIT_MS = 120_000;

const BEFORE: readonly Before[] = ["finished", "begun", "failed", "asked", "held", "laid out"];
const READERS = [["status", "--json"], ["events"], ["report"], ["results"], ["logs"], [
  "export",
  "-o",
  "crate",
]];

/** Files of a study, without the folder. */
function filesOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory, isFile }) =>
    isDirectory ? filesOf(`${folder}/${name}`).map((path) => `${name}/${path}`) : isFile ? [name] : []
  );
}

const isBug = (text: string) => /This is a bug|\n\s+at .*\.[jt]s:\d+/.test(text);

Deno.test(`${CASES} studies with one damaged file: no bug, no hang, no second run`, () =>
  inFreshFolder(async (folder) => {
    const stage = stages(folder);
    const failed: string[] = [];
    const tried = new Map<string, number>();
    let next = 0;
    const tryCase = async (i: number) => {
      const random = seededRandom(SEED * 1000 + i);
      const before = BEFORE[i % BEFORE.length]!;
      const there = await stage({ before, scheduler: "local" } as Scene, `${folder}/${i}`);
      const root = `${there.folder}/out`;
      const files = filesOf(root).filter((path) =>
        /^\.maestro\/|^status\.csv|^meta\/|^[^/]*\.yaml/.test(path)
      ).sort();
      const file = random.pick(files);
      const names = Object.keys(DAMAGES);
      const name = names[Math.floor(i / BEFORE.length) % names.length]!;
      const bytes = DAMAGES[name]!(Deno.readFileSync(`${root}/${file}`), random);
      // An empty claim is one that its job never wrote: see docs/reliability.md.
      if (bytes.length === 0 && file.includes("/jobs/")) return;
      Deno.writeFileSync(`${root}/${file}`, bytes);
      tried.set(name, (tried.get(name) ?? 0) + 1);
      const wrong: string[] = [];
      // A pass each: a study may wait for a host or a time that only the damage names.
      for (const words of [random.pick(READERS), ["conduct", "--once"], ["conduct", "--once"], ["status"]]) {
        const started = there.start([words[0]!, ...words.slice(1), "out"]);
        const late = setTimeout(() => {
          wrong.push(`${words} hangs`);
          started.kill("SIGKILL");
        }, LIMIT_MS);
        const { code, said } = await started.ended;
        clearTimeout(late);
        if (code === 70 || isBug(said)) {
          wrong.push(`${words.join(" ")}: exit code ${code}\n    ${said.trimEnd()}`);
        }
      }
      await noneLeft(there.folder, LIMIT_MS);
      for (const { pid } of processesOf(there.folder)) tryTo(() => Deno.kill(pid, "SIGKILL"));
      const ran = (tryTo(() => Deno.readTextFileSync(`${there.folder}/ledger`)) ?? "").split("\n").filter(
        Boolean,
      );
      if (new Set(ran).size < ran.length) wrong.push(`steps ran twice: ${ran}`);
      if (wrong.length > 0) failed.push(`CASE=${i} ${before}: ${name} in ${file}\n  ${wrong.join("\n  ")}`);
      if (wrong.length > 0 && Deno.env.get("SHOW")) console.log(failed.at(-1));
      if (ONLY === undefined) await Deno.remove(there.folder, { recursive: true });
    };
    const work = async () => {
      while (next < CASES) {
        const i = next++;
        if (ONLY === undefined || i === Number(ONLY)) await tryCase(i);
      }
    };
    await Promise.all(Array.from({ length: 6 }, work));
    const kinds = [...tried].map(([name, times]) => `${times} ${name}`).join(", ");
    Deno.stderr.writeSync(new TextEncoder().encode(`SEED=${SEED}: ${kinds}\n`));
    assertEquals(failed.length, 0, `SEED=${SEED}\n${failed.join("\n")}`);
  }));
