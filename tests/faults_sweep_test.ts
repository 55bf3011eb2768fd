/**
 * Every command and every error of the system. The real program meets an error at one of its calls: once, for
 * two seconds, or until it is resumed. Afterwards the study finishes, each step has run exactly once, and
 * nothing is left behind. `deno task test:faults` tries all classes; POINTS=N draws fewer, SEED=N replays a
 * run, POINT=I one of it.
 */

import { assert, assertEquals } from "./assert.ts";
import { errnoName } from "../lib/errno.ts";
import { inFreshFolder } from "./maestro.ts";
import { CALLS, countedIn, faultLibrary } from "./faults/library.ts";
import { drawPoints, DURATIONS, ERRNOS, type Place, type Point, pointName } from "./faults/points.ts";
import { SCENES } from "./faults/scenes.ts";
import { noneLeft, type Stage, stages } from "./faults/stage.ts";
import { faultOf, tryPoint } from "./faults/try_point.ts";
import { seededRandom } from "./world/random.ts";

const POINTS = Number(Deno.env.get("POINTS") ?? 3000);
const SEED = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 1e6));
const ONLY = Deno.env.get("POINT");
/** More than there are processors: conductors mostly wait. */
const SIDE_BY_SIDE = Number(Deno.env.get("SIDE_BY_SIDE") ?? 2 * navigator.hardwareConcurrency + 2);
/** Of each class a whole run has so many points. */
const EACH = 20;

const TRIED = new RegExp(Deno.env.get("SCENES") ?? "");
const scenes = new Map(SCENES.filter(({ name }) => TRIED.test(name)).map((scene) => [scene.name, scene]));

/** Carries out all tasks, some of them side by side. */
async function inParallel<T>(
  items: readonly T[],
  task: (item: T, i: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const i = next++;
      await task(items[i]!, i);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
}

/** The calls that each scene makes when nothing fails. */
async function placesIn(folder: string, stage: ReturnType<typeof stages>): Promise<Place[]> {
  const places: Place[] = [];
  await inParallel([...scenes.values()], async (scene) => {
    const there: Stage = await stage(scene, `${folder}/count_${scene.name.replace(/\W+/g, "_")}`);
    const fault = faultOf(scene, there.folder);
    const { code, said } = await there.run(scene.args, fault);
    assert([0, 2, 3, 4].includes(code), `${scene.name}: exit code ${code}\n${said}`);
    await noneLeft(there.folder);
    const { calls } = countedIn(fault.state);
    // Commands of the fake scheduler are shells that start others, too.
    const met = scene.meets === "shells" && scene.scheduler === "slurm"
      ? CALLS.filter((call) => call !== "fork" && call !== "exec")
      : CALLS;
    places.push(
      ...met.filter((call) => calls[call] > 0).map((call) => ({
        scene: scene.name,
        call,
        calls: calls[call],
      })),
    );
  });
  const order = [...scenes.keys()];
  const number = ({ scene, call }: Place) => order.indexOf(scene) * CALLS.length + CALLS.indexOf(call);
  return places.sort((a, b) => number(a) - number(b));
}

/** A line that the runner of tests does not keep for itself. */
const note = (text: string) => void Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));

/** How often the rarest of some classes was tried. */
function rarest(tried: readonly (string | number)[], classes: readonly (string | number)[]): string {
  const count = new Map<string | number, number>(classes.map((name) => [name, 0]));
  for (const name of tried) count.set(name, count.get(name)! + 1);
  const [name, times] = [...count].sort((a, b) => a[1] - b[1])[0]!;
  return `${times} ${typeof name === "number" ? errnoName(name, "linux") : name}`;
}

if (faultLibrary() === undefined) {
  console.error(
    "LEFT OUT: errors of the system at the calls of the program. It needs Linux and a C compiler.",
  );
  Deno.test("errors of the system are tried in CI", () => {
    assert(Deno.env.get("CI") !== "true", "CI has a C compiler");
  });
}

Deno.test({
  name: `${POINTS} errors of the system, each class as often as any other`,
  ignore: faultLibrary() === undefined || Deno.env.get("MAESTRO_UNDER_TEST") !== undefined,
  fn: () =>
    inFreshFolder(async (folder) => {
      const stage = stages(folder);
      const places = await placesIn(folder, stage);
      const points = drawPoints(places, POINTS, seededRandom(SEED));
      const failed: string[] = [];
      const tried: Point[] = [];
      let missed = 0;
      await inParallel(points, async (point, i) => {
        if (ONLY !== undefined && i !== Number(ONLY)) return;
        const scene = scenes.get(point.scene)!;
        const there = await stage(scene, `${folder}/${i}`);
        let wrong = await tryPoint(scene, there, point);
        // How often a conductor looks depends on chance: what it does once at least is met.
        if (wrong[0] === "NOT HIT") {
          const again = await stage(scene, `${folder}/${i}_first`);
          wrong = await tryPoint(scene, again, { ...point, first: 1 });
        }
        if (wrong[0] === "NOT HIT") missed++;
        else {
          tried.push(point);
          if (wrong.length > 0) failed.push(`POINT=${i} ${pointName(point)}\n  ${wrong.join("\n  ")}`);
          if (wrong.length > 0 && Deno.env.get("SHOW")) console.log(failed.at(-1));
        }
        if (ONLY === undefined) await Deno.remove(`${folder}/${i}`, { recursive: true }).catch(() => {});
      });
      const classes = [
        rarest(tried.map(({ call }) => call), [...new Set(places.map(({ call }) => call))]),
        rarest(tried.map(({ scene }) => scene), [...scenes.keys()]),
        rarest(tried.map(({ errno }) => errno), ERRNOS),
        rarest(tried.map(({ duration }) => duration), DURATIONS),
      ];
      note(`SEED=${SEED}: ${tried.length} points, ${missed} never met; at least ${classes.join(", ")}`);
      assertEquals(failed.length, 0, `SEED=${SEED}: ${failed.length} points failed\n${failed.join("\n")}`);
      if (POINTS < 2000 || ONLY !== undefined || Deno.env.get("SCENES")) return;
      for (const least of classes) assert(parseInt(least) >= EACH, `too few points: ${least}`);
    }),
});
