/** Parameters from outside: Maestro's generators without Maestro, executables, files. */

import { generate, type GeneratorRequest, parsePargs } from "../lib/spec/pgen.ts";
import type { System } from "../lib/system.ts";
import { detectFormat, parseParameters } from "../lib/spec/pgen_formats.ts";
import { UserError } from "../lib/errors.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "./assert.ts";
import { assertLinear } from "./linear.ts";
import { makePlan } from "./make.ts";
import { runIn } from "./hosted.ts";
import { inFreshFolder, type Outcome } from "./maestro.ts";

/** Values and labels of each parameter, for comparison in one line. */
async function parse(text: string, format: "csv" | "json" | "yaml" = detectFormat(text)): Promise<string[]> {
  const { parameters, problems } = await parseParameters(text, format, "it");
  assertEquals(problems, []);
  return parameters.map(({ key, values, labels }) => `${key}: ${values.join(" ")} | ${labels.join(" ")}`);
}

Deno.test("pgen: texts that hold parameters", async () => {
  const table: [text: string, format: "csv" | "json" | "yaml" | undefined, parameters: string[]][] = [
    ["A,B\n1,x\n2,y\n", undefined, ["A: 1 2 | A.1 A.2", "B: x y | B.x B.y"]],
    // A byte order mark, other ends of lines, blanks, an empty line, no end of the last line, quotes.
    ['\uFEFFA , B\r\n 1.50,"x,y"\r\n\r\n01,z', undefined, [
      "A: 1.50 01 | A.1.50 A.01",
      "B: x,y z | B.x,y B.z",
    ]],
    ["A\n1\n\n2\n", undefined, ["A: 1 2 | A.1 A.2"]],
    [' {"A": [1, 1.0, 1e3, true]}', undefined, ["A: 1 1.0 1000.0 True | A.1 A.1.0 A.1000.0 A.True"]],
    ['{"A": {"values": [1, 2], "label": "a%%"}}', undefined, ["A: 1 2 | a1 a2"]],
    ['{"A": {"values": [1, 2], "label": ["x", "y"]}}', undefined, ["A: 1 2 | x y"]],
    ['[{"A": 1, "B": "x"}, {"B": "y", "A": 12345678901234567890}]', undefined, [
      "A: 1 12345678901234567890 | A.1 A.12345678901234567890",
      "B: x y | B.x B.y",
    ]],
    ["A: {values: [1.50, no], label: a%%}", "yaml", ["A: 1.5 no | a1.5 ano"]],
    ["A: [1, 2]\nB: {range: {from: 3, to: 4}}", "yaml", ["A: 1 2 | A.1 A.2", "B: 3 4 | B.3 B.4"]],
    [
      "global.parameters: {A: [1, 2], B: [x, y]}\nglobal.combine: {product: [A, B]}",
      "yaml",
      ["A: 1 1 2 2 | A.1 A.1 A.2 A.2", "B: x y x y | B.x B.y B.x B.y"],
    ],
  ];
  for (const [text, format, parameters] of table) assertEquals(await parse(text, format), parameters, text);
});

Deno.test("pgen: texts that do not", async () => {
  const table: [text: string, why: string][] = [
    ["", "it is empty"],
    [" \n", "it is empty"],
    ["Computing samples... done\n", 'its first row contains "Computing samples... done" for a name'],
    ["A,B\n", "it has no row after the names"],
    ["A,A\n1,2\n", 'it has two columns "A"'],
    ["A,B\n1,2\n3\n", "row 3 has 1 field, the first has 2"],
    ["A,\n1,2\n", 'its first row contains "" for a name'],
    ['{"A": [1, 2}', "Expected"],
    ['{"A": 1}', '"A" is not a parameter with values'],
    ["[1, 2]", "it is a list, but not of rows with names and values"],
    ['[{"A": 1}, {"A": 2, "B": 3}]', 'row 2 has "B", the first has not'],
    ['[{"A": 1, "B": 3}, {"A": 2}]', 'row 2 has no text or number for "B"'],
    ['[{"A": [1]}]', 'row 1 has no text or number for "A"'],
  ];
  for (const [text, why] of table) {
    const error = await assertRejects(() => parse(text), UserError);
    assertStringIncludes(error.message, `it does not hold parameters: `);
    assertStringIncludes(error.message, why);
    assertStringIncludes(error.hint!, "Expected CSV");
  }
});

Deno.test("pgen: what is wrong with parameters is placed in their file", async () => {
  const { problems } = await parseParameters('{\n "A": [1, 2],\n "B": [1]\n}', "json", "p.json");
  assertEquals(problems.map(({ file, line, column, message }) => [file, line, column, message]), [
    ["p.json", 3, 2, 'Parameter "B" has 1 value, but "A" has 2'],
  ]);
});

Deno.test("pargs are read as by Maestro", () => {
  assertEquals(parsePargs(["X: 1:2 ", "Y:", " Z : a", "Y:b"]), { X: "1:2", Y: "b", Z: "a" });
  const error = assertThrows(() => parsePargs(["A:1", "B=2"]), UserError);
  assertEquals([error.exitCode, error.message.slice(0, 54)], [
    64,
    "'B=2' is not capable of being split by the token ':'. ",
  ]);
});

const SPEC = `description: {name: demo, description: d}
env:
  variables: {TRIALS: 4, SMIN: "10", SMAX: 12, ITER: 5, SEED: 3, SCALE: 1.50, WHERE: $(SPECROOT)/data}
study:
  - name: run
    description: d
    run: {cmd: "echo $(A) $(B)"}
`;

const python = await runIn("/", ["/bin/sh", "-c", "command -v python3"]).then(({ code }) => code === 0);

/** Plans a spec with a generator in Python; the outcome, and `KEY: values | labels | name` of each parameter. */
async function plan(
  generator: string,
  words: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<{ outcome: Outcome; parameters: string[] }> {
  return await inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC);
    await Deno.writeTextFile(`${folder}/gen.py`, generator);
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
    const outcome = await runIn(folder, ["maestro", "plan", "--json", "-p", "gen.py", ...words, "spec.yaml"]);
    const plain = { ...outcome, stderr: outcome.stderr.replaceAll(folder, "@DIR@") };
    const found: { name: string; values: string[]; labels: string[] }[] = outcome.code === 0
      ? JSON.parse(outcome.stdout).parameters
      : [];
    const parameters = found.map(({ name, values, labels }) =>
      `${name}: ${values.join(" ")} | ${labels.join(" ")}`
    );
    return { outcome: plain, parameters };
  });
}

const HEAD = "from maestrowf.datastructures.core import ParameterGenerator\n";

/** Generators as Maestro's users write them. */
const GENERATORS: readonly {
  readonly what: string;
  readonly text: string;
  readonly words?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly parameters: readonly string[];
}[] = [
  {
    what: "a function from a module beside it, and a file in the current folder named like one of Python's",
    text: "from helper import *\n",
    files: {
      "helper.py": `${HEAD}
def get_custom_generator(env, **kwargs):
    p_gen = ParameterGenerator()
    p_gen.add_parameter("A", [1, 2])
    return p_gen
`,
      "json.py": "raise SystemExit('not the one that is meant')\n",
    },
    parameters: ["A: 1 2 | A.1 A.2"],
  },
  {
    what: "itertools and tuples",
    text: `${HEAD}import itertools as iter
def get_custom_generator(env, **kwargs):
    p_gen = ParameterGenerator()
    rows = list(iter.product((10, 20), (1.50, 1e16)))
    params = {"A": {"values": [row[0] for row in rows], "label": "A.%%"},
              "B": {"values": tuple(row[1] for row in rows), "label": "B.%%"}}
    for key, value in params.items():
        p_gen.add_parameter(key, value["values"], value["label"])
    return p_gen
`,
    parameters: [
      "A: 10 10 20 20 | A.10 A.10 A.20 A.20",
      "B: 1.5 1e+16 1.5 1e+16 | B.1.5 B.1e+16 B.1.5 B.1e+16",
    ],
  },
  {
    what: "a key added again and again, with single texts for values",
    text: `${HEAD}
def get_custom_generator(env, **kwargs):
    p_gen = ParameterGenerator()
    names = ["test1", "test2", "test3"]
    for i in range(0, len(names)):
        p_gen.add_parameter("A", str(i + 1), "A.{}", names[i])
    return p_gen
`,
    parameters: ["test3: 3 | A.{}"],
  },
  {
    what: "names of env, pargs before them, random numbers by a seed",
    text: `${HEAD}from random import randint, seed
def get_custom_generator(env, **kwargs):
    p_gen = ParameterGenerator()
    trials = int(kwargs.get("trials", env.find("TRIALS").value))
    least = int(kwargs.get("smin", env.find("SMIN").value))
    most = int(kwargs.get("smax", env.find("SMAX").value))
    seed(a=kwargs.get("seed", env.find("SEED").value))
    p_gen.add_parameter("A", [i for i in range(1, trials)], "A.%%")
    p_gen.add_parameter("B", [randint(least, most) for i in range(1, trials)], "B.%%")
    return p_gen
`,
    words: ["--pargs", "smax:10", "--pargs", "trials: 3 "],
    parameters: ["A: 1 2 | A.1 A.2", "B: 10 10 | B.10 B.10"],
  },
  {
    what: "a CSV file by pargs, rich for printing, rows from an offset",
    text: `${HEAD}import csv
import rich.pretty as rp
def get_custom_generator(env, **kwargs):
    p_gen = ParameterGenerator()
    name = kwargs.get('CSV').strip()
    count = int(kwargs.get('NROWS', '-1').strip())
    start = int(kwargs.get('START', '0').strip())
    index = kwargs.get('INDEX', '').strip()
    rows = []
    with open(name, 'r') as csvfile:
        data = csv.DictReader(csvfile)
        for row in data:
            rp.pprint(row)
            rows.append(row)
        names = data.fieldnames
    for key in names:
        if key != index:
            p_gen.add_parameter(key.strip().upper(), [row[key].strip() for i, row in enumerate(rows)
                                if i >= start and (count > i - start or count < 0)], f"{key.strip().upper()}.%%")
    rp.pprint(p_gen.parameters)
    return p_gen
`,
    words: ["--pargs", "CSV:rows.csv", "--pargs", "NROWS:2", "--pargs", "START:1", "--pargs", "INDEX:id"],
    files: { "rows.csv": "id, a,b\n0,1,x\n1,2,y\n2,3,z\n3,4,w\n" },
    parameters: ["A: 2 3 | A.2 A.3", "B: y z | B.y B.z"],
  },
  {
    what:
      "other import paths, numbers and texts of env, a list of labels, no label, OUTPUT_PATH and SPECROOT",
    text: `import os.path
import maestrowf.datastructures.core.parameters as core
from maestrowf.datastructures import core as other
from maestrowf.datastructures.core.parameters import Combination
def get_custom_generator(env, **kwargs):
    assert other.ParameterGenerator is core.ParameterGenerator
    assert env.find("NOTHING") is None
    assert env.find("TRIALS").value * 2 == 8 and env.find("SCALE").value + 1 == 2.5
    assert env.find("SMIN").value.strip() == "10" and str(env.find("SCALE").value) == "1.5"
    root = str(kwargs["SPECROOT"])
    assert root == kwargs["SPECROOT"].value == env.find("SPECROOT").value == os.getcwd()
    assert kwargs["OUTPUT_PATH"] == env.find("OUTPUT_PATH").value and os.path.isabs(kwargs["OUTPUT_PATH"])
    assert env.find("WHERE").value == os.path.join(kwargs["SPECROOT"], "data")
    gen = core.ParameterGenerator()
    gen.add_parameter("A", [True, None], ["yes", "no"])
    gen.add_parameter("B", [[1, "x"], -0.0], name="bee")
    assert bool(gen) and [str(one) for one in gen] == ["yes.B.[1, 'x']", "no.B.-0.0"]
    assert [one.apply("$(A) $(B.label) $(B.name)") for one in gen][1] == "None B.-0.0 bee"
    assert next(iter(gen)).get_param_string({"A", "B"}) == "yes.B.[1, 'x']"
    return gen
`,
    parameters: ["A: True None | yes no", "bee: [1, 'x'] -0.0 | B.[1, 'x'] B.-0.0"],
  },
  {
    what: "the spec itself, as text, with what was defined, and where it is",
    text: `${HEAD}import os
def get_custom_generator(env, **kwargs):
    spec = kwargs["SPEC"]
    assert os.environ["MAESTRO_SPEC"] == os.path.join(kwargs["SPECROOT"], "spec.yaml")
    gen = ParameterGenerator()
    gen.add_parameter("A", [spec["env"]["variables"]["SCALE"], spec["env"]["variables"]["ITER"]])
    gen.add_parameter("B", [len(spec["study"]), spec["description"]["name"]])
    return gen
`,
    words: ["--define", "ITER=6"],
    parameters: ["A: 1.5 6 | A.1.5 A.6", "B: 1 demo | B.1 B.demo"],
  },
  {
    what: "keywords by name, with no place for more",
    text: `${HEAD}
def get_custom_generator(env, OUTPUT_PATH, SPECROOT, least="1"):
    gen = ParameterGenerator()
    gen.add_parameter("A", [least])
    return gen
`,
    words: ["--pargs", "least:7"],
    parameters: ["A: 7 | A.7"],
  },
  {
    what: "a parg with the name of the spec",
    text: `${HEAD}
def get_custom_generator(env, **kwargs):
    gen = ParameterGenerator()
    gen.add_parameter("A", [kwargs["SPEC"]])
    return gen
`,
    words: ["--pargs", "SPEC:mine"],
    parameters: ["A: mine | A.mine"],
  },
];

for (const { what, text, words, files, parameters } of GENERATORS) {
  Deno.test({
    name: `pgen in Python: ${what}`,
    ignore: !python,
    async fn() {
      const found = await plan(text, words, files);
      assertEquals(found.outcome.code, 0, found.outcome.stderr);
      assertEquals(found.parameters, parameters);
    },
  });
}

Deno.test({
  name: "pgen in Python: errors are reported with Python's message about the generator's lines",
  ignore: !python,
  async fn() {
    const table: [text: string, said: string[]][] = [
      ["import nothere\ndef get_custom_generator(env, **k): pass\n", [
        'File "@DIR@/gen.py", line 1',
        "ModuleNotFoundError: No module named 'nothere'",
        "error: The parameter generator gen.py failed with exit code 1",
      ]],
      ["def get_custom_generator(env, **k): return [1]\n", [
        "error: gen.py is not a parameter generator: get_custom_generator must return a ParameterGenerator, not list",
      ]],
      ["# get_custom_generator is missing\n", [
        "error: gen.py is not a parameter generator: it does not define get_custom_generator(env, **kwargs)",
      ]],
      ["x = 1\n", [
        "error: gen.py is not a parameter generator: it does not define get_custom_generator(env, **kwargs)",
      ]],
      ["from maestrowf.interfaces import ScriptAdapterFactory\ndef get_custom_generator(env, **k): pass\n", [
        "ModuleNotFoundError: No module named 'maestrowf.interfaces'",
        "Of maestrowf, maestro offers to generators: Combination, ParameterGenerator, StudyEnvironment, Study, StudyStep,",
        "and of maestrowf.utils: apply_function, create_dictionary,",
      ]],
      [
        `${HEAD}def get_custom_generator(env, **k):\n    g = ParameterGenerator()\n` +
        `    g.add_parameter("A", [])\n    return g\n`,
        ["error: gen.py is not a parameter generator: its parameter A has no values"],
      ],
      [`${HEAD}import sys\ndef get_custom_generator(env, **k): sys.exit(0)\n`, [
        "error: gen.py is not a parameter generator: it ended without a result",
      ]],
      [
        `${HEAD}def get_custom_generator(env, **k):\n    print("seen")\n    g = ParameterGenerator()\n` +
        `    g.add_parameter("A", [1, 2])\n    g.add_parameter("B", [1])\n    return g\n`,
        ["seen\n", "Length of 'B' is 1", "error: The parameter generator gen.py failed with exit code 1"],
      ],
    ];
    for (const [text, said] of table) {
      const { outcome } = await plan(text);
      assertEquals(outcome.code, 65);
      const printed = `${outcome.stderr}error: ${JSON.parse(outcome.stdout).error.message}`;
      for (const words of said) assertStringIncludes(printed, words);
      assert(!outcome.stderr.includes("<string>"), outcome.stderr);
    }
  },
});

/** Generators beside equal plain parameters: Maestro's result is the same for both. */
const SIDE_BY_SIDE: readonly { readonly what: string; readonly plain: string; readonly lines: string }[] = [
  {
    what: "one parameter, values of several types",
    plain: "  A: {values: [Pam, 7, 2.50, '010'], label: A.%%}",
    lines: `g.add_parameter("A", ["Pam", 7, 2.50, "010"], "A.%%")`,
  },
  {
    what: "two parameters from a table, in its order",
    plain:
      "  B: {values: [Hello, Ciao, Hey], label: G.%%}\n  A: {values: [Pam, Jim, Dwight], label: NAME.%%}",
    lines: `table = {"B": {"values": ["Hello", "Ciao", "Hey"], "label": "G.%%"},
             "A": {"values": ["Pam", "Jim", "Dwight"], "label": "NAME.%%"}}
    for key, one in table.items():
        g.add_parameter(key, one["values"], one["label"])`,
  },
  {
    what: "a product, written out by itertools and by rule",
    plain: "  A: {range: {from: 10, to: 30, step: 10}}\n  B: {values: [x, y], label: B.%%}\n" +
      "global.combine: {product: [A, B]}",
    lines: `import itertools
    rows = list(itertools.product(range(10, 31, 10), "xy"))
    g.add_parameter("A", [a for a, b in rows])
    g.add_parameter("B", [b for a, b in rows])`,
  },
  {
    what: "labels and names of their own, equal values",
    plain:
      "  A: {values: [1, 1, 2], label: [a, b, c], name: alpha}\n  B: {values: [3, 3, 3], label: '%%-%%'}",
    lines: `g.add_parameter("A", [1, 1, 2], ["a", "b", "c"], "alpha")
    g.add_parameter("B", [3, 3, 3], "%%-%%")`,
  },
  {
    what: "lists and mappings as values, odd characters",
    plain: "  A: {values: [[1, x], 'a/b c', ''], label: A.%%}",
    lines: `g.add_parameter("A", [[1, "x"], "a/b c", ""], "A.%%")`,
  },
];

for (const { what, plain, lines } of SIDE_BY_SIDE) {
  Deno.test({
    name: `pgen in Python makes the plan of the plain spec: ${what}`,
    ignore: !python,
    async fn() {
      await inFreshFolder(async (folder) => {
        const generator = `${HEAD}def get_custom_generator(env, **kwargs):\n    g = ParameterGenerator()\n` +
          `    ${lines}\n    return g\n`;
        await Deno.writeTextFile(`${folder}/gen.py`, generator);
        const planOf = async (parameters: string, words: readonly string[]) => {
          const spec = SPEC.replace("$(B)", "$(B) $(A.label) $(B.name)");
          await Deno.writeTextFile(`${folder}/spec.yaml`, `${spec}${parameters}`);
          const all = ["maestro", "plan", "--json", "-o", "out", ...words, "spec.yaml"];
          const { code, stdout, stderr } = await runIn(folder, all);
          assertEquals(code, 0, stderr);
          return JSON.parse(stdout);
        };
        const expected = await planOf(`global.parameters:\n${plain}\n`, []);
        assert(expected.parameters.length > 0);
        assertEquals(await planOf("", ["-p", "gen.py"]), expected);
      });
    },
  });
}

Deno.test("pgen: an executable can read the spec, from standard input too", () =>
  inFreshFolder(async (folder) => {
    const generator =
      '#!/bin/sh\necho "A,B"; echo "\\"$MAESTRO_SPEC\\",$(tr , "\\n" | grep -c SCALE.:.1.5)"\n';
    await Deno.writeTextFile(`${folder}/gen`, generator, { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC);
    const values = async (words: string) => {
      const { code, stdout, stderr } = await runIn(folder, ["/bin/sh", "-c", words]);
      assertEquals(code, 0, stderr);
      return JSON.parse(stdout).parameters.map((one: { values: string[] }) => one.values[0]);
    };
    // Once in the names of env, and once in the spec.
    assertEquals(await values("maestro plan --json -p gen spec.yaml"), [`${folder}/spec.yaml`, "2"]);
    assertEquals(await values("maestro plan --json -p ./gen - <spec.yaml"), ["", "2"]);
  }));

Deno.test("pgen: the study keeps the generator and what it gave", () =>
  inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/gen`, "#!/bin/sh\necho A,B; echo 1,2; echo 3,4\n", { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC);
    const { code, stderr } = await runIn(folder, [
      "maestro",
      "run",
      "-n",
      "-o",
      "out",
      "-p",
      "gen",
      "spec.yaml",
    ]);
    assertEquals(code, 0, stderr);
    assertEquals(Deno.readTextFileSync(`${folder}/out/gen`), Deno.readTextFileSync(`${folder}/gen`));
    assertEquals(Deno.readTextFileSync(`${folder}/out/meta/pgen_output.csv`), "A,B\n1,2\n3,4\n");
    assertStringIncludes(Deno.readTextFileSync(`${folder}/out/meta/parameters.yaml`), "A.3.B.4");
  }));

const manyRows = (count: number) =>
  `A,B\n${Array.from({ length: count }, (_, i) => `${i},${i * 0.5}\n`).join("")}`;

Deno.test("pgen: 20,000 combinations from standard input are planned", () =>
  inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/big.csv`, manyRows(20_000));
    await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC);
    const { code, stdout } = await runIn(folder, ["/bin/sh", "-c", "maestro plan -p - spec.yaml <big.csv"]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "run: 20000 by A, B");
  }));

Deno.test("pgen: rows are read and planned in linear time", () =>
  assertLinear(50_000, async (count) => {
    const { parameters } = await parseParameters(manyRows(count), "csv", "it");
    const values = Object.fromEntries(parameters.map(({ key, values }) => [key, [...values]]));
    assertEquals(makePlan({ steps: [["run", "x $(A) $(B)"]], parameters: values }).nodes.length, count);
  }));

Deno.test("pgen: a generator that takes too long is ended", () =>
  inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/gen`, "#!/bin/sh\nsleep 60\n", { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC);
    const words = `MAESTRO_PGEN_TIMEOUT=2.5 maestro run -y -o out -p gen spec.yaml`;
    const { code, stderr } = await runIn(folder, ["/bin/sh", "-c", words]);
    assertEquals([code, stderr.split("\n").slice(0, 2)], [65, [
      "Waiting for the parameter generator gen.",
      "error: The parameter generator gen did not end in 2.5 seconds",
    ]]);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["gen", "spec.yaml"]);
  }));

/** What the environment of a generator offers, as Maestro's: each line is printed by the generator. */
const ASKING = `import os
from maestrowf.datastructures.core import (
    Combination, ExecutionGraph, ParameterGenerator, Study, StudyEnvironment, StudyStep)
from maestrowf.datastructures.core.study import Study as SameStudy
from maestrowf.datastructures.environment import GitDependency, PathDependency, Script, Variable
from maestrowf.specification import YAMLSpecification
from maestrowf.utils import apply_function, create_dictionary, create_parentdir, make_safe_path
import maestrowf


def get_custom_generator(env, **kwargs):
    assert isinstance(env, StudyEnvironment) and SameStudy is Study
    print("apply", env.apply_environment("$(WHERE)|$(TAG)|$(MESH)|$(TOOLS)|$(A)|$(NONE)"))
    print("empty", env.apply_environment(""), env.apply_environment(None))
    print("labels", list(env.labels), env.labels["TAG"].value)
    print("dependencies", list(env.dependencies), env.dependencies["TOOLS"].url, env.dependencies["TOOLS"].tag)
    print("kinds", [type(env.find(name)).__name__ for name in ("N", "TAG", "MESH", "TOOLS", "SPECROOT")])
    print("sources", [one.source for one in env.sources])
    print("find", env.find("N").value + 1, env.find("nothing"))
    env.add(Variable("MORE", "x$(N)y"))
    print("added", env.apply_environment("$(MORE)"), env.remove("MORE").name, env.find("MORE"))
    for wrong in (Variable("N", 1), 3):
        try:
            env.add(wrong)
        except (TypeError, ValueError) as error:
            print(type(error).__name__, error)
    print("path", make_safe_path("/base", "a b/c", "d:e"))
    print("pairs", create_dictionary(["A: 1:2", "B:"]))
    print("function", apply_function({"a": ["x", {"b": "y"}], "c": 3, "d": ""}, str.upper))
    step = StudyStep()
    step.name = "make"
    step.run["cmd"] = "echo $(A) $(A.label)"
    p_gen = ParameterGenerator()
    p_gen.add_parameter("A", [1, "10"], "A.%%")
    study = Study("s", "d", env, p_gen, [step], kwargs["OUTPUT_PATH"])
    print("study", study.name, list(study.values), os.path.basename(study.output_path), maestrowf.__version__)
    changed, first = step.apply_parameters(next(iter(p_gen)))
    print("step", changed, first.real_name, first.run["cmd"], step == first)
    try:
        study.stage()
    except AttributeError as error:
        print(error)
    return p_gen
`;

const ASKED_SPEC = `description: {name: demo, description: d}
env:
  variables: {N: 4, WHERE: $(SPECROOT)/data}
  labels: {TAG: n$(N)}
  sources: [module load x]
  dependencies:
    paths: [{name: MESH, path: /dev/null}]
    git: [{name: TOOLS, path: /tools, url: https://example.org/x.git, tag: v1}]
study:
  - {name: run, description: d, run: {cmd: "echo $(A)"}}
`;

Deno.test({
  name: "pgen in Python: environment, studies and helpers of Maestro's API",
  ignore: !python,
  async fn() {
    await inFreshFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/spec.yaml`, ASKED_SPEC);
      await Deno.writeTextFile(`${folder}/gen.py`, ASKING);
      const { code, stderr } = await runIn(folder, [
        "maestro",
        "plan",
        "--json",
        "-p",
        "gen.py",
        "spec.yaml",
      ]);
      assertEquals(
        stderr.replaceAll(folder, "@DIR@").replace(/demo_[-\d]+/, "demo_@TIME@"),
        `apply @DIR@/data|n4|/dev/null|/tools/TOOLS|$(A)|$(NONE)
empty  None
labels ['TAG'] n4
dependencies ['MESH', 'TOOLS'] https://example.org/x.git v1
kinds ['Variable', 'Variable', 'PathDependency', 'GitDependency', 'Variable']
sources ['module load x']
find 5 None
added x4y MORE None
ValueError A duplicate name 'N' has been detected. All names must be unique. Aborting.
TypeError An environment takes variables, dependencies and scripts, not int
path /base/a_bc/de
pairs {'A': '1:2', 'B': ''}
function {'a': ['X', {'b': 'Y'}], 'c': 3, 'd': ''}
study s ['make'] demo_@TIME@ 1.2.1
step True make echo 1 A.1 False
maestro offers no Study.stage to generators: it makes and runs the study itself
`,
      );
      assertEquals(code, 0);
    });
  },
});

Deno.test({
  name: "pgen in Python: values keep their types in meta/parameters.yaml",
  ignore: !python,
  async fn() {
    await inFreshFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC.replace("$(B)", ""));
      await Deno.writeTextFile(
        `${folder}/gen.py`,
        `${HEAD}def get_custom_generator(env, **kwargs):
    p_gen = ParameterGenerator()
    p_gen.add_parameter("A", [10, "20", 1.0, True, None], "A.%%")
    return p_gen
`,
      );
      const { code } = await runIn(folder, [
        "maestro",
        "run",
        "--dry",
        "-o",
        "out",
        "-p",
        "gen.py",
        "spec.yaml",
      ]);
      assertEquals(code, 0);
      const text = await Deno.readTextFile(`${folder}/out/meta/parameters.yaml`);
      const values = [...text.matchAll(/ \$\(A\): (.*)/g)].map(([, value]) => value);
      assertEquals(values, ["1.0", "10", "'20'", "null", "true"]);
    });
  },
});

Deno.test("pgen: a generator whose output stays open after its time limit is not waited for", async () => {
  const slept: number[] = [];
  const system = {
    cwd: "/",
    env: { MAESTRO_PGEN_TIMEOUT: "50" },
    facts: () => ({ isDirectory: false }),
    stderr: { write() {} },
    run: () => new Promise(() => {}),
    sleep: (ms: number) => {
      slept.push(ms);
      return Promise.resolve();
    },
  } as unknown as System;
  const request = { file: "g", path: "/g", pargs: {}, env: {}, spec: {}, specPath: "/s.yaml", bridge: "" };
  await assertRejects(
    () => generate(system, request as unknown as GeneratorRequest),
    UserError,
    "50 seconds",
  );
  // The limit, counted from the beginning, and a second more.
  assertEquals(slept.reduce((sum, ms) => sum + ms), 51_000);
});
