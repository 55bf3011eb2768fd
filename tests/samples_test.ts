/** Every sample does what its first line states. Maestro's own samples, unchanged, run to their end. */

import { assert, assertEquals, assertMatch } from "./assert.ts";
import { inFreshFolder, ROOT, runIn } from "./maestro.ts";

const SAMPLES = `${ROOT}/samples`;
const GOLDEN = `${ROOT}/tests/golden`;

/** Samples that need a scheduler: their scripts are written. */
const SCHEDULED = ["anchors", "launcher", "restart", "slurm"];
/** Samples that need a network: they are expanded. */
const NETWORK = ["git_dependency"];
/** Samples that fail on purpose. */
const FAILING = ["after", "build_archive_racing"];

/** Samples that run here, with files (below the study's folder) and what is in them. */
const RESULTS: Readonly<Record<string, Readonly<Record<string, string | RegExp>>>> = {
  hello_world: { "hello/hello.txt": "Hello, world\n" },
  hello_people: { "send/GREETING.Good_morning.NAME.Grace/sent.txt": "Good morning, Grace!\n" },
  build_archive: {
    "compress/COPT.--fast/archive.tar.gz": /^generate\/directory\/file1\.txt/m,
    "compress/COPT.--best/archive.tar.gz": /^generate\/directory\/file1\.txt/m,
  },
  sweep_funnel: {
    "table/table.txt":
      /^10 left 9\.833e-02\n10 midpoint .*\n100 left .*\n100 midpoint .*\n1000 left .*\n1000 midpoint 8\.333e-08\n$/,
    "compare/STRIPS.100/same_strips.txt": /left.*\n.*midpoint.*\n$/,
  },
  labels: {
    "report/small.NOTE.ab/demo_small.txt":
      "value: input/small.dat\nlabel: small\nname:  model file\nnote:  ab\n",
    "report/large.NOTE.ab-944511de/demo_large.txt": /^note: {2}a\/b$/m,
  },
  combine: {
    "table/table.txt":
      /^100 cells of 0\.8, 0\.1 s, station Brussels, noise 0\.310119416268\n(.*\n){21}800 cells of 0\.05, 0\.01 s, station Livermore, noise 0\n$/,
  },
  pgen: {
    "all/all.txt": "2 mm, squared 4\n3 mm, squared 9\n5 mm, squared 25\n7 mm, squared 49\n",
    "primes.sh": /^#!/,
  },
  pgen_python: {
    "all/all.txt":
      "0 degrees, calm\n0 degrees, storm\n45 degrees, calm\n45 degrees, storm\n90 degrees, calm\n90 degrees, storm\n",
    "grid.py": /^"""A generator/,
  },
  hooks: {
    "say/said.txt": "hello\n",
    "failures.jsonl": /"hook":"step-failed".*"step":"shaky"/,
    "finished.json": /"hook":"finished"/,
  },
  surroundings: {
    "primes/LIMIT.20/note.txt": '$HOME is not read by the shell, nor is "this"\n',
    "primes/LIMIT.20/how.txt": "ended with 0\n",
    "shell/LIMIT.20/last.csv": "19,361\n",
  },
  results: { "bisect/STEPS.4/bisect.json": /"steps": \[4\]/ },
  path_dependency: { "warmest/STATION.Livermore/warmest.csv": "Livermore,2026-06-02,33.5\n" },
};

const samples = [...Deno.readDirSync(SAMPLES)].map(({ name }) => name).filter((name) =>
  name.endsWith(".yaml")
)
  .map((name) => name.replace(/\.yaml$/, "")).sort();

Deno.test("each sample is tested, states what it shows, and is listed in docs/spec.md", async () => {
  assertEquals(samples, [...SCHEDULED, ...NETWORK, ...FAILING, ...Object.keys(RESULTS)].sort());
  const list = await Deno.readTextFile(`${ROOT}/docs/spec.md`);
  for (const name of samples) {
    assertMatch(await Deno.readTextFile(`${SAMPLES}/${name}.yaml`), /^# .{20,}\n/);
    assert(list.includes(`samples/${name}.yaml`), `docs/spec.md does not list ${name}`);
  }
});

/** A file's text; of a compressed archive its list of files. */
async function textOf(path: string): Promise<string> {
  if (!path.endsWith(".tar.gz")) return await Deno.readTextFile(path);
  return (await runIn("/", ["tar", "-tzf", path])).stdout;
}

for (const [name, files] of Object.entries(RESULTS)) {
  Deno.test(`sample ${name} runs to its end`, () =>
    inFreshFolder(async (folder) => {
      const { code, stderr } = await runIn(folder, [
        "maestro",
        "run",
        "-y",
        "-fg",
        "-o",
        "out",
        `${SAMPLES}/${name}.yaml`,
      ]);
      assertEquals(code, 0, stderr);
      for (const [file, wanted] of Object.entries(files)) {
        const text = await textOf(`${folder}/out/${file}`);
        if (typeof wanted === "string") assertEquals(text, wanted);
        else assertMatch(text, wanted);
      }
    }));
}

Deno.test("sample build_archive_racing: one of the two fails, and the study shows why", () =>
  inFreshFolder(async (folder) => {
    const run = await runIn(folder, [
      "maestro",
      "run",
      "-y",
      "-fg",
      "-o",
      "out",
      `${SAMPLES}/build_archive_racing.yaml`,
    ]);
    assertEquals(run.code, 2, run.stderr);
    const { stdout } = await runIn(folder, ["maestro", "status", "--json", "out"]);
    const { state, counts, steps } = JSON.parse(stdout);
    assertEquals([state, counts], ["failed", { FINISHED: 3, FAILED: 1 }]);
    const failed = steps.filter((step: { state: string }) => step.state === "FAILED");
    assertMatch(failed[0].name, /^compress_COPT\.--(fast|best)$/);
    assertMatch(failed[0].reason, /archive\.tar\.gz/);
  }));

Deno.test("sample after: what comes after takes what there is", () =>
  inFreshFolder(async (folder) => {
    const run = await runIn(folder, ["maestro", "run", "-y", "-fg", "-o", "out", `${SAMPLES}/after.yaml`]);
    assertEquals(run.code, 2, run.stderr);
    const { stdout } = await runIn(folder, ["maestro", "status", "--json", "out"]);
    assertEquals(JSON.parse(stdout).counts, { FINISHED: 7, FAILED: 5 });
    const plots = ["10", "20"].map((size) =>
      Deno.readTextFileSync(`${folder}/out/plot/SIZE.${size}/plot.txt`)
    );
    assertEquals(plots, ["1\n2\n", "1\n"]);
    assertEquals(Deno.readTextFileSync(`${folder}/out/count/count.txt`).trim(), "3");
  }));

for (const name of SCHEDULED) {
  Deno.test(`sample ${name}: its scripts are written`, () =>
    inFreshFolder(async (folder) => {
      const { code, stderr } = await runIn(folder, [
        "maestro",
        "run",
        "--dry",
        "-o",
        "out",
        `${SAMPLES}/${name}.yaml`,
      ]);
      assertEquals(code, 0, stderr);
    }));
}

for (const name of NETWORK) {
  Deno.test(`sample ${name}: it expands`, () =>
    inFreshFolder(async (folder) => {
      const { code, stderr } = await runIn(folder, ["maestro", "plan", `${SAMPLES}/${name}.yaml`]);
      assertEquals([code, stderr], [0, ""]);
    }));
}

/** Maestro's samples without a scheduler and without a network, by their folders in `golden/`. */
const MAESTROS = [
  "deck-build_archive",
  "samples-batched_parameters-batched_parameters_demo",
  "samples-hello_world-hello_bye_parameterized",
  "samples-hello_world-hello_bye_world",
  "samples-hello_world-hello_world",
  "samples-hello_world-hello_world_multi",
  "samples-hello_world-hello_world_multiparam",
  "samples-hello_world-hello_world_single",
  "samples-hello_world-hello_world_singleparam",
];

for (const name of MAESTROS) {
  Deno.test(`Maestro's ${name} runs to its end`, () =>
    inFreshFolder(async (folder) => {
      const { code, stderr } = await runIn(folder, [
        "maestro",
        "run",
        "-y",
        "-fg",
        "-o",
        "out",
        `${GOLDEN}/${name}/spec.yaml`,
      ]);
      // The deck's study is the one that races.
      assertEquals(code, name.startsWith("deck") ? 2 : 0, stderr);
    }));
}

Deno.test("Maestro's LULESH sample runs to its end, with a small repository in place of the real one", () =>
  inFreshFolder(async (folder) => {
    // What the sample needs of LULESH: a Makefile that its sed lines fit, and a program that takes its options.
    const makefile =
      "CXX = $(MPICXX)\nSERCXX = true\nall:\n\tprintf '#!/bin/sh\\necho \"$$@\"\\n' > lulesh2.0\n" +
      "\tchmod +x lulesh2.0\nclean:\n\trm -f lulesh2.0\n";
    await Deno.mkdir(`${folder}/code`);
    await Deno.writeTextFile(`${folder}/code/Makefile`, makefile);
    const git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", "code"];
    for (const words of [["init", "-q"], ["add", "."], ["commit", "-q", "-m", "code"], ["tag", "2.0.3"]]) {
      const { code, stderr } = await runIn(folder, [...git, ...words]);
      assertEquals(code, 0, stderr);
    }
    const spec = await Deno.readTextFile(`${GOLDEN}/samples-lulesh-lulesh_sample1_unix/spec.yaml`);
    await Deno.writeTextFile(`${folder}/spec.yaml`, spec.replace(/url: .*/, `url: ${folder}/code`));
    const { code, stderr } = await runIn(folder, ["maestro", "run", "-y", "-fg", "-o", "out", "spec.yaml"]);
    assertEquals(code, 0, stderr);
  }));
