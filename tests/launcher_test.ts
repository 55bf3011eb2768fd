import { ADAPTERS } from "../adapters/mod.ts";
import { dropLauncher, replaceLauncher } from "../lib/plan/launcher.ts";
import type { Batch } from "../lib/spec/types.ts";
import type { Resources } from "../lib/plan/types.ts";
import { assertEquals } from "./assert.ts";

/** A launcher that shows what it was asked for. */
const shown = (nodes?: number, procs?: number) => ["run", `N=${nodes ?? "-"}`, `P=${procs ?? "-"}`];

const STEP: Resources = { nodes: 2, procs: 8 };

Deno.test("every form of $(LAUNCHER) is filled in", () => {
  const table: [string, string][] = [
    ["$(LAUNCHER) ./x", "run N=2 P=8 ./x"],
    ["$(LAUNCHER)", "run N=2 P=8"],
    ["$(LAUNCHER)[1n, 4p] ./x", "run N=1 P=4 ./x"],
    ["$(LAUNCHER)[1n,4p] ./x", "run N=1 P=4 ./x"],
    ["$(LAUNCHER)[4p,1n] ./x", "run N=1 P=4 ./x"],
    ["$(LAUNCHER)[1n 4p] ./x", "run N=1 P=4 ./x"],
    ["$(LAUNCHER)[1n4p] ./x", "run N=1 P=4 ./x"],
    ["$(LAUNCHER)[ 4 p ] ./x", "run N=- P=4 ./x"],
    ["$(LAUNCHER)[4p] ./x", "run N=- P=4 ./x"],
    ["$(LAUNCHER)[2n] ./x", "run N=2 P=- ./x"],
    ["$(LAUNCHER)[1,4] ./x", "run N=1 P=4 ./x"],
    ["$(LAUNCHER)[1, 4] ./x", "run N=1 P=4 ./x"],
    ["$(LAUNCHER)[2n, 8p] ./x", "run N=2 P=8 ./x"],
    // Several on a line; beside a bare one; a later bracket on the line.
    ["$(LAUNCHER)[1n, 2p] a & $(LAUNCHER)[1n, 3p] b", "run N=1 P=2 a & run N=1 P=3 b"],
    ["$(LAUNCHER)[4p] a\n$(LAUNCHER) b", "run N=- P=4 a\nrun N=2 P=8 b"],
    ["$(LAUNCHER)[1n, 2p] x && [ -f out ] && y", "run N=1 P=2 x && [ -f out ] && y"],
    // Each by itself within the step's, together beyond it: they may run one after the other.
    ["$(LAUNCHER)[2n, 8p] a\n$(LAUNCHER)[2n, 8p] b", "run N=2 P=8 a\nrun N=2 P=8 b"],
    // Brackets that are no size.
    ["$(LAUNCHER) [4p]", "run N=2 P=8 [4p]"],
    ["$(LAUNCHER)[ -f x ]", "run N=2 P=8[ -f x ]"],
    ['$(LAUNCHER)["$a"]', 'run N=2 P=8["$a"]'],
    ["$(LAUNCHER)[4p\n]", "run N=2 P=8[4p\n]"],
    // Not the token.
    ["$(LAUNCHER ) ${LAUNCHER} $LAUNCHER", "$(LAUNCHER ) ${LAUNCHER} $LAUNCHER"],
  ];
  for (const [cmd, text] of table) {
    assertEquals(replaceLauncher(cmd, STEP, shown), { text, problems: [] }, cmd);
  }
});

Deno.test("an invalid size is reported and remains unchanged", () => {
  const sizes = [
    "p",
    "n",
    "x",
    "",
    " ",
    "4",
    "4P",
    "2N",
    "1n, 2n",
    "1p, 4p",
    "0p",
    "0,4",
    "1,2,3",
    "4p x",
    "1pq",
    "4 procs",
  ];
  for (const bracket of [...sizes, "$(A)p", "${N}n", "$N", "1.5p", "n=1"]) {
    const token = `$(LAUNCHER)[${bracket}]`;
    const hint = "write $(LAUNCHER)[1n, 4p], [4p], [1n] or [1, 4] (nodes, procs)";
    assertEquals(
      replaceLauncher(`${token} ./x`, STEP, shown),
      { text: `${token} ./x`, problems: [`${token} has an invalid size; ${hint}`] },
      bracket,
    );
  }
});

Deno.test("a size beyond the step's is reported with both numbers, each launcher by itself", () => {
  const { text, problems } = replaceLauncher(
    "$(LAUNCHER)[3n, 9p] a\n$(LAUNCHER)[1,9] b\n$(LAUNCHER)[1,9] c\n$(LAUNCHER)[8p] d",
    STEP,
    shown,
  );
  assertEquals(text, "$(LAUNCHER)[3n, 9p] a\n$(LAUNCHER)[1,9] b\n$(LAUNCHER)[1,9] c\nrun N=- P=8 d");
  assertEquals(problems, [
    "$(LAUNCHER)[3n, 9p] asks for 3 nodes, but the step has 2",
    "$(LAUNCHER)[3n, 9p] asks for 9 procs, but the step has 8",
    "$(LAUNCHER)[1,9] asks for 9 procs, but the step has 8",
  ]);
});

Deno.test("what a step does not ask for does not bound a size", () => {
  assertEquals(replaceLauncher("$(LAUNCHER)[5n, 2p]", { procs: 4 }, shown).text, "run N=5 P=2");
  assertEquals(replaceLauncher("$(LAUNCHER)[2n, 50p]", { nodes: 2 }, shown).text, "run N=2 P=50");
  assertEquals(replaceLauncher("$(LAUNCHER)", { nodes: 0, procs: 4 }, shown).text, "run N=- P=4");
});

Deno.test("a launcher without words vanishes with the blank behind it", () => {
  const table: [string, string][] = [
    ["$(LAUNCHER) ./x", "./x"],
    ["time $(LAUNCHER)[1n, 4p]  ./x", "time ./x"],
    ["$(LAUNCHER)[p] ./x; $(LAUNCHER)\t./y", "./x; ./y"],
    ["a\n$(LAUNCHER)\nb", "a\n\nb"],
    ["$(LAUNCHER)[ -f x ]", "[ -f x ]"],
  ];
  for (const [cmd, text] of table) assertEquals(dropLauncher(cmd), text, cmd);
  assertEquals(replaceLauncher("$(LAUNCHER)[4p] ./x", STEP, () => []).text, "./x");
});

Deno.test("launcher words are quoted where the shell would take them apart; variables still work", () => {
  const words = ["flux", "run", "-o", "a=b c,d=$X,e=it's"];
  assertEquals(
    replaceLauncher("$(LAUNCHER) x", {}, () => words).text,
    "flux run -o 'a=b c,d=$X,e=it'\\''s' x",
  );
  assertEquals(replaceLauncher("$(LAUNCHER) x", {}, () => ["-o", "d=${X}"]).text, "-o d=${X} x");
});

Deno.test("what each scheduler's launcher becomes", () => {
  const args = { mpi: "spectrum", x: "1", flag: null, list: ["no"] };
  const table: [string, Resources, Omit<Batch, "type">, string][] = [
    ["slurm", { nodes: 2, procs: 8, "cores per task": 4, gpus: 1 }, {}, "srun -n 8 -N 2 -c 4"],
    ["slurm", { procs: 4 }, { nodes: "3", procs: "12" }, "srun -n 4"],
    ["slurm", { nodes: 2 }, { procs: "12" }, "srun -N 2"],
    ["lsf", { nodes: 1, procs: 3 }, {}, "jsrun --nrs 3 -b rs -a 1 -r 1 -c 1"],
    ["lsf", { procs: 3 }, {}, "jsrun --nrs 3 -b rs -a 1 -r 1 -c 1"],
    ["lsf", { nodes: 2 }, {}, "jsrun --nrs 2 -b rs -a 1 -r 1 -c 1"],
    ["lsf", { nodes: 2, "rs per node": 4 }, {}, "jsrun --nrs 8 -b rs -a 1 -r 4 -c 1"],
    [
      "lsf",
      {
        nodes: 2,
        procs: 8,
        "rs per node": 4,
        "tasks per rs": 1,
        "cpus per rs": 10,
        gpus: 1,
        bind: "packed:7",
        "bind gpus": "none",
      },
      {},
      "jsrun --nrs 8 -b packed:7 -g 1 -B none -a 1 -r 4 -c 10",
    ],
    ["flux", { nodes: 2, procs: 8, "cores per task": 4, gpus: 1 }, {}, "flux run -N 2 -n 8 -c 4 -g 1"],
    ["flux", { procs: 3 }, { nodes: "3" }, "flux run -n 3"],
    ["flux", { nodes: 2 }, {}, "flux run -N 2"],
    [
      "flux",
      { nodes: 1, procs: 1 },
      { args },
      'flux run -N 1 -n 1 --setopt=mpi=spectrum --setopt=x=1 --setopt=flag --setopt=list=["no"]',
    ],
    [
      "flux",
      { nodes: 1, procs: 1 },
      { args, version: "0.26.0" },
      "flux mini run -n 1 -N 1 -o mpi=spectrum,x=1,flag",
    ],
    ["flux", { nodes: 2, procs: 8 }, { version: "0.26.0" }, "flux mini run -n 8 -N 2"],
    ["flux", { nodes: 2, procs: 8 }, { version: "0.47.0" }, "flux mini run -n 8 -N 2"],
    ["flux", { nodes: 2, procs: 8 }, { version: "0.48.0" }, "flux run -N 2 -n 8"],
    ["flux", { nodes: 2, procs: 8 }, { version: "0.49.0" }, "flux run -N 2 -n 8"],
    ["flux", { nodes: 2, procs: 8 }, { version: "1.0.0" }, "flux run -N 2 -n 8"],
    [
      "flux",
      { nodes: 2, procs: 8, gpus: 1, "cores per task": 2, "exclusive launcher": true },
      {},
      "flux run -N 2 -n 8 --exclusive",
    ],
    [
      "flux",
      { procs: 1 },
      { launcher_args: { x: null, o: { mpi: { a: "1", b: "True" } }, "a.b": { c: "" }, S: { "d.e": "0" } } },
      "flux run -n 1 --exclusive --setattr=d.e=0 --setopt=mpi.a=1 --setopt=mpi.b=true --a.b=c",
    ],
    ["pbs", { nodes: 2, procs: 8 }, {}, "mpiexec -n 8"],
    ["pbs", { procs: 8 }, { launcher: "mpirun -v" }, "mpirun -v -n 8"],
    ["sge", { nodes: 2, procs: 8 }, {}, "mpirun -np 8"],
    ["sge", { procs: 8 }, { launcher: "none" }, ""],
    ["local", { nodes: 2, procs: 8 }, {}, ""],
  ];
  for (const [type, resources, batch, words] of table) {
    const { nodes, procs } = resources;
    const launched = ADAPTERS[type]!.launcher({ nodes, procs, resources, batch: { ...batch, type } });
    assertEquals(launched.join(" "), words, `${type} ${JSON.stringify(resources)}`);
  }
});
