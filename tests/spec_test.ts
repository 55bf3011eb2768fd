import { LEVELS } from "../lib/spec/spec_keys.ts";
import { checkSpec, funnelTarget, isFunnel, type KnownScheduler } from "../lib/spec/spec.ts";
import type { Problem, Spec } from "../lib/spec/types.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { assert, assertEquals } from "./assert.ts";

const SCHEDULERS: KnownScheduler[] = [
  { name: "local", batchKeys: ["shell"] },
  { name: "slurm", batchKeys: ["host", "bank", "queue", "wckey"] },
  { name: "lsf", batchKeys: ["host", "bank", "queue"] },
  { name: "flux", batchKeys: ["version"] },
];

function check(text: string): { spec?: Spec; problems: Problem[] } {
  const { value, problems } = parseYaml(text);
  const checked = checkSpec(value, SCHEDULERS);
  return { ...checked, problems: [...problems, ...checked.problems] };
}

/** The checked spec of a text with nothing wrong or odd. */
function good(text: string): Spec {
  const { spec, problems } = check(text);
  assertEquals(problems, []);
  return spec!;
}

/** `error message` of each problem, with its hint in brackets. */
function complaints(text: string): string[] {
  const { problems } = check(text);
  return problems.map(({ level, message, hint }) =>
    `${level}: ${message}${hint === undefined ? "" : ` [${hint}]`}`
  );
}

const HEAD = "description: {name: n, description: d}\n";
/** A spec of one step whose `run` has these lines of flow YAML beside its command. */
const withRun = (run: string) => `${HEAD}study:\n- {name: a, description: d, run: {cmd: "true", ${run}}}\n`;
const withEnv = (env: string) => `${HEAD}env: ${env}\nstudy:\n- {name: a, description: d, run: {cmd: x}}\n`;
const withParameters = (parameters: string) => withRun("") + `global.parameters: ${parameters}\n`;
const withBatch = (batch: string) => withRun("") + `batch: ${batch}\n`;
/** Steps by their `depends`, named a, b, c ... */
const withDepends = (...depends: string[]) =>
  `${HEAD}study:\n` +
  depends.map((item, i) => `- {name: ${"abcdef"[i]}, description: d, run: {cmd: x, depends: ${item}}}\n`)
    .join("");

Deno.test("checkSpec gives the whole spec", () => {
  const spec = good(`
description: {name: n, description: d, author: someone}
env:
  variables: {A: 1.0, B: yes}
  labels: {L: $(A)/$(SIZE)}
  sources: [". x"]
  dependencies:
    paths: [{name: P, path: /p}]
    git: [{name: G, path: $(OUTPUT_PATH), url: u, tag: t}]
batch: {type: SLURM, bank: b, queue: "", host: , args: {x: [1]}}
study:
- name: a
  description: d
  run: {cmd: echo, nodes: 1, procs: $(SIZE)0, exclusive: Yes, walltime: 00:10:00, cores per task: 2.0}
- {name: b, description: e, run: {cmd: x, restart: y, depends: [a_*]}}
global.parameters:
  SIZE: {values: [1.0, 2.50], label: SIZE.%%}
  NAME: {values: [x, y], label: [first, "%% %%"], name: Name}
`);
  assertEquals(spec, {
    name: "n",
    description: "d",
    variables: [{ name: "A", text: "1.0" }, { name: "B", text: "yes" }],
    labels: [{ name: "L", text: "$(A)/$(SIZE)" }],
    sources: [". x"],
    pathDependencies: [{ name: "P", text: "/p" }],
    gitDependencies: [{ name: "G", path: "$(OUTPUT_PATH)", url: "u", tag: "t" }],
    batch: { type: "slurm", bank: "b", args: { x: ["1"] } },
    steps: [
      {
        name: "a",
        description: "d",
        cmd: "echo",
        restart: "",
        depends: [],
        resources: {
          nodes: "1",
          procs: "$(SIZE)0",
          exclusive: "Yes",
          walltime: "00:10:00",
          "cores per task": "2.0",
        },
        position: 0,
      },
      { name: "b", description: "e", cmd: "x", restart: "y", depends: ["a_*"], resources: {}, position: 1 },
    ],
    parameters: [
      { key: "SIZE", name: "SIZE", values: ["1.0", "2.5"], labels: ["SIZE.1.0", "SIZE.2.5"] },
      { key: "NAME", name: "Name", values: ["x", "y"], labels: ["first", "y y"] },
    ],
  });
});

Deno.test("checkSpec takes sections with nothing in them for empty ones", () => {
  const spec = good(withRun("depends: ") + "env:\nglobal.parameters: ~\nbatch:\n");
  assertEquals([spec.variables, spec.parameters, spec.batch], [[], [], { type: "local" }]);
  assertEquals(spec.steps[0]!.depends, []);
  good(withEnv("{variables: , labels: null, sources: , dependencies: {paths: , git: }}"));
});

Deno.test("checkSpec reports everything at once", () => {
  const text = `
description: {name: n}
env: {vars: {}}
study:
- {name: a, run: {cmd: [x], nodes: 0, depend: [b]}}
- {name: a, description: d}
global.parameter: {}
`;
  assertEquals(complaints(text), [
    'warning: Unknown key "global.parameter" in the spec is ignored [Did you mean "global.parameters"?]',
    'error: Missing key "description" in "description" [Add description: A sweep over sizes.]',
    'error: Unknown key "vars" in "env" [Known keys: variables, labels, sources, dependencies.]',
    'error: Missing key "description" in step "a" [Add description: Compress the results.]',
    'error: Key "cmd" in step "a" must be text, but is a list',
    'error: Key "nodes" in step "a" must be a whole number of at least 1, but is "0"',
    'error: Unknown key "depend" in step "a" [Did you mean "depends"?]',
    'error: Missing key "run" in step "a"',
    'error: Two steps have the name "a" [The other one is step number 1. Rename one of them.]',
  ]);
});

Deno.test("checkSpec refuses what is no spec", () => {
  assertEquals(complaints(""), ["error: The spec must be a mapping, but is nothing"]);
  assertEquals(complaints("- a"), ["error: The spec must be a mapping, but is a list"]);
  assertEquals(complaints("hello"), ['error: The spec must be a mapping, but is "hello"']);
  assertEquals(complaints("x-keep: {}"), [
    'error: Missing key "description" in the spec',
    'error: Missing key "study" in the spec',
  ]);
  const hint = 'Start each item with "- ".';
  assertEquals(complaints(HEAD + "study: {a: {}}"), [
    `error: Key "study" in the spec must be a list, but is a mapping [${hint}]`,
  ]);
  assertEquals(complaints(HEAD + "study:"), [
    `error: Key "study" in the spec must be a list, but is nothing [${hint}]`,
  ]);
  assertEquals(complaints(HEAD + "study: []"), [
    'error: The study has no steps [Add at least one to "study".]',
  ]);
  assertEquals(complaints(HEAD + "study: [a]"), [
    'error: Step 1 must be a mapping, but is "a" [Begin it with "- name: ".]',
  ]);
});

Deno.test("checkSpec puts each problem at its place", () => {
  const paths = (text: string) => check(text).problems.map(({ path, at }) => [...path, at].join("/"));
  assertEquals(paths(withRun("depend: [b]")), ["study/0/run/depend/key"]);
  assertEquals(paths(withRun("nodes: 0")), ["study/0/run/nodes/value"]);
  assertEquals(paths(withDepends("[]", "[a, a]")), ["study/1/run/depends/1/value"]);
  assertEquals(paths(HEAD + "study: [{name: a, description: d}]"), ["study/0/value"]);
  assertEquals(paths(withEnv("{variables: {A: 1}, labels: {A: 2}}")), ["env/labels/A/key"]);
});

/** `run` lines and their problems; empty if they are valid. */
const EXCLUSIVE = "[Write exclusive: true, or exclusive: {allocation: true, launcher: false}.]";

const RUNS: [string, string?][] = [
  ["nodes: 2"],
  ["nodes: $(N)"],
  ["nodes: $(N.label)"],
  ["nodes: $(N)0"],
  ["gpus: 0"],
  ["cmd: 5"],
  ["bind gpus: none"],
  ["reservation: ''", 'Key "reservation" in step "a" is empty [Give it a value, or remove it.]'],
  ["restart: ", 'Key "restart" in step "a" must be text, but is nothing'],
  ["restart: ~", 'Key "restart" in step "a" must be text, but is nothing'],
  ["qos: {a: b}", 'Key "qos" in step "a" must be text, but is a mapping'],
  ["gpus: -1", 'Key "gpus" in step "a" must be a whole number of at least 0, but is "-1"'],
  ["procs: $(N) x", 'Key "procs" in step "a" must be a whole number of at least 1, but is "$(N) x"'],
  ["procs: ''", 'Key "procs" in step "a" must be a whole number of at least 1, but is empty'],
  ["procs: ", 'Key "procs" in step "a" must be a whole number of at least 1, but is nothing'],
  ["procs: [1]", 'Key "procs" in step "a" must be a whole number of at least 1, but is a list'],
  ["nested: off"],
  ["waitable: TRUE"],
  ["exclusive: $(X)"],
  ["exclusive: {allocation: true, launcher: $(X)}"],
  ["exclusive: $(X)0", `Key "exclusive" in step "a" must be true or false, but is "$(X)0" ${EXCLUSIVE}`],
  ["exclusive: 1", `Key "exclusive" in step "a" must be true or false, but is "1" ${EXCLUSIVE}`],
  [
    "exclusive: {launch: true}",
    `Key "exclusive" in step "a" must be true or false, but is a mapping ${EXCLUSIVE}`,
  ],
  ["walltime: 10"],
  ["walltime: 1-12:00"],
  ["walltime: inf"],
  ["walltime: $(H):00:00"],
  [
    "walltime: soon",
    'Key "walltime" in step "a" must be a length of time, but is "soon" ' +
    "[Write minutes (90), HH:MM:SS (01:30:00) or D-HH:MM:SS (1-12:00:00).]",
  ],
  ["priority: Expedited"],
  ["priority: expedite"],
  ["priority: LOW"],
  ["priority: 0.25"],
  ["priority: 1"],
  [
    "priority: 1.5",
    'Key "priority" in step "a" must be a priority, but is "1.5" ' +
    "[Write a number from 0 to 1, or one of held, minimal, low, medium, high, expedited, expedite.]",
  ],
];

Deno.test("checkSpec checks what a step asks for", () => {
  for (const [run, message] of RUNS) {
    // A second cmd would be a repeated key.
    const text = run.startsWith("cmd") ? withRun("").replace('cmd: "true"', run) : withRun(run);
    assertEquals(complaints(text), message === undefined ? [] : [`error: ${message}`], run);
  }
});

Deno.test("checkSpec warns of commands that are never run", () => {
  assertEquals(complaints(withRun("pre: x, post: y")), [
    'warning: Key "pre" in step "a" is never used [Move its commands to "cmd".]',
    'warning: Key "post" in step "a" is never used [Move its commands to "cmd".]',
  ]);
  assertEquals(check(withRun("pre: x")).spec!.steps[0]!.resources, {});
});

Deno.test("checkSpec checks depends", () => {
  const list = "[Write it in brackets: [a, b]]";
  const table: [string[], string?][] = [
    [["[]", "[a]", "[a_*, b]"]],
    [["[]", '["a*"]', '["*a"]']],
    [["[b]", "[]"]],
    [["[]", "[a, a_*]"]],
    [["[]", "[$(V)]"]],
    [["[]", "a"], `Key "depends" in step "b" must be a list, but is "a" ${list}`],
    [["[]", "{steps: a}"], `Key "steps" in "depends" of step "b" must be a list, but is "a" ${list}`],
    [["[]", "[a, a]"], 'Step "a" occurs twice in "depends" of step "b" [Remove one of them.]'],
    [["[]", "[~]"], 'Item 1 of "depends" in step "b" must be the name of a step, but is nothing'],
    [["[]", "[[a]]"], 'Item 1 of "depends" in step "b" must be the name of a step, but is a list'],
    [["[]", "['']"], 'Item 1 of "depends" in step "b" must be the name of a step, but is empty'],
    [["[a]"], 'Step "a" depends on itself [Remove it from this list.]'],
    [["[a_*]"], 'Step "a" depends on itself [Remove it from this list.]'],
    [["[]", "[nope]"], 'Unknown step "nope" in "depends" of step "b" [Known: a, b.]'],
    [["[]", "[ab]"], 'Unknown step "ab" in "depends" of step "b" [Did you mean "a"?]'],
    [["[]", "[ab_*]"], 'Unknown step "ab" in "depends" of step "b" [Did you mean "a_*"?]'],
  ];
  for (const [depends, message] of table) {
    assertEquals(complaints(withDepends(...depends)), message === undefined ? [] : [`error: ${message}`]);
  }
});

Deno.test("checkSpec reads depends with a condition", () => {
  const waits = (depends: string) => {
    const text = withRun("").replace(/^study:/m, "study:\n- {name: x, description: d, run: {cmd: x}}") +
      `- {name: b, description: d, run: {cmd: x, depends: ${depends}}}\n`;
    const { steps } = good(text);
    const { depends: succeeded, completed } = steps.at(-1)!;
    return { succeeded, completed };
  };
  assertEquals(waits("{steps: [x], condition: all-succeeded}"), { succeeded: ["x"], completed: undefined });
  assertEquals(waits("{steps: [x]}"), { succeeded: ["x"], completed: undefined });
  assertEquals(waits("{steps: [x, a_*], condition: all-completed}"), {
    succeeded: [],
    completed: ["x", "a_*"],
  });
  assertEquals(waits("{steps: ['a_*[P]'], condition: all-completed}").completed, ["a_*[P]"]);
  const bad = (depends: string) =>
    complaints(withRun("") + `- {name: b, description: d, run: {cmd: x, depends: ${depends}}}\n`);
  assertEquals(bad("{steps: [a], condition: some}"), [
    'error: Unknown value "some" in "depends" of step "b" [Known: all-succeeded, all-completed.]',
  ]);
  assertEquals(bad("{steps: [c, b], condition: all-completed}"), [
    'error: Unknown step "c" in "depends" of step "b" [Known: a, b.]',
    'error: Step "b" depends on itself [Remove it from this list.]',
  ]);
});

Deno.test("a pack has as many at once as it may, never more than it holds", () => {
  const table: [run: string, pack: object | undefined][] = [
    ["", undefined],
    ["pack: 4", { most: 4, atOnce: 4 }],
    ["pack: 4, pack at once: 2", { most: 4, atOnce: 2 }],
    ["pack: 4, pack at once: 4", { most: 4, atOnce: 4 }],
    ["pack: 4, pack at once: 9", { most: 4, atOnce: 4 }],
    ["pack: 1", { most: 1, atOnce: 1 }],
  ];
  for (const [run, pack] of table) assertEquals(check(withRun(run)).spec!.steps[0]!.pack, pack as never, run);
});

Deno.test("retry: every unit of delay, and what is there where nothing is written", () => {
  const rest = { limit: 1, on: ["any"], scale: {} };
  const table: [retry: string, policy: object][] = [
    ["{}", { ...rest, delay: 0 }],
    ["{delay: 30}", { ...rest, delay: 30 }],
    ["{delay: 30s}", { ...rest, delay: 30 }],
    ["{delay: 1.5m}", { ...rest, delay: 90 }],
    ["{delay: 2h}", { ...rest, delay: 7200 }],
    ["{delay: 1d}", { ...rest, delay: 86_400 }],
    ["{delay: 0}", { ...rest, delay: 0 }],
    // As in a walltime, but for the bare number.
    ["{delay: '1:30'}", { ...rest, delay: 90 }],
    ["{delay: '01:00:05'}", { ...rest, delay: 3605 }],
    ["{delay: 1-12}", { ...rest, delay: 129_600 }],
    ["{limit: 0}", { ...rest, limit: 0, delay: 0 }],
    ["{limit: 3, on: [oom, 'exit:7'], scale: {procs: 2, walltime: 0.5}}", {
      ...{ limit: 3, delay: 0, on: ["oom", "exit:7"], scale: { procs: 2, walltime: 0.5 } },
    }],
  ];
  for (const [retry, policy] of table) {
    assertEquals(good(withRun(`retry: ${retry}`)).steps[0]!.retry, policy as never, retry);
  }
  const kinds = "Known: any, timeout, hwfailure, preempted, oom, exit, lost, exit:N.";
  assertEquals(complaints(withRun("retry: {on: [oom, 'exit:x', ever], delay: 5y, scale: {mem: 2}}")), [
    'error: Key "delay" in "retry" of step "a" must be a length of time, but is "5y" [' +
    "Write seconds (30), or 30s, 5m, 1h, 2d, HH:MM:SS; a hundred years at most.]",
    `error: Unknown value "exit:x" in "on" of step "a" [Did you mean "exit:N"? ${kinds}]`,
    `error: Unknown value "ever" in "on" of step "a" [${kinds}]`,
    'error: Unknown key "mem" in "scale" of step "a" [Known keys: walltime, nodes, procs, gpus, cores per task.]',
  ]);
  const scale = (factor: string) => complaints(withRun(`retry: {scale: {procs: ${factor}}}`)).length;
  assertEquals(["0", "-1", "x", "0.1"].map(scale), [1, 1, 1, 0]);
});

Deno.test("numbers of parameters: the limits of each kind", () => {
  const read = (words: string) => {
    const { spec, problems } = check(withParameters(`{N: {${words}, label: N.%%}}`));
    const error = problems.find(({ level }) => level === "error");
    return error === undefined ? spec!.parameters[0]!.values.join(" ") : error.message;
  };
  const noLog = '"from" and "to" in "logspace" of parameter "N" must be above 0';
  const table: [words: string, values: string][] = [
    ["logspace: {from: 1, to: 0, count: 2}", noLog],
    ["logspace: {from: 0, to: 1, count: 2}", noLog],
    ["logspace: {from: 1, to: 10, count: 2}", "1 10"],
    ["linspace: {from: 0, to: 0, count: 2}", "0 0"],
    ["linspace: {from: 5, to: 1, count: 3}", "5 3 1"],
    ["range: {from: 0, to: 2}", "0 1 2"],
    ["range: {from: 2, to: 0, step: -2}", "2 0"],
    ["random: {from: 3, to: 3, count: 1, whole: true}", "3"],
    ["random: {from: 2.5, to: 3, count: 1, whole: true}", "3"],
    [
      "random: {from: 2.1, to: 2.9, count: 1, whole: true}",
      '"random" of parameter "N" has no whole number between "from" and "to"',
    ],
    ["random: {from: 2, to: 1, count: 1}", '"random" of parameter "N" has no number between "from" and "to"'],
  ];
  for (const [words, values] of table) assertEquals(read(words), values, words);
});

Deno.test("checkSpec leaves depends alone where a step's name has a token", () => {
  good(`${HEAD}study:
- {name: a-$(V), description: d, run: {cmd: x}}
- {name: b, description: d, run: {cmd: x, depends: [a-1]}}`);
});

Deno.test("funnels are recognised in every spelling", () => {
  for (const item of ["a_*", "a*", "*a", "a_*_*"]) {
    assert(isFunnel(item));
    assertEquals(funnelTarget(item), "a", item);
  }
  assert(!isFunnel("a_"));
  assertEquals(funnelTarget("a_"), "a_");
});

Deno.test("checkSpec checks env", () => {
  const reserved = "[$(SPECROOT) is always the folder of the spec.]";
  const table: [string, ...string[]][] = [
    ["{variables: {A: , B: '', C: [1], D: {}, E: true, F: null}}", ...[
      'The variable "A" has no value [Give it a value, or remove it.]',
      'The variable "B" has no value [Give it a value, or remove it.]',
      'The variable "C" must be text, but is a list',
      'The variable "D" must be text, but is a mapping',
      'The variable "F" has no value [Give it a value, or remove it.]',
    ]],
    ["{variables: {'': 1}}", "A variable has an empty name [Give it a name.]"],
    ["{variables: [A]}", 'Key "variables" in "env" must be a mapping of names to texts, but is a list'],
    ["{labels: {A: }}", 'The label "A" has no value [Give it a value, or remove it.]'],
    ["{variables: {SPECROOT: /x}}", `The name "SPECROOT" is reserved ${reserved}`],
    [
      "{variables: {A: 1}, labels: {A: 2}}",
      'The name "A" of a label is already taken by a variable [Rename one of them.]',
    ],
    ["{labels: {A: 1}, dependencies: {paths: [{name: A, path: p}]}}", ...[
      'The name "A" of a path dependency is already taken by a label [Rename one of them.]',
    ]],
    ["{dependencies: {paths: [{name: A, path: p}], git: [{name: A, path: p, url: u}]}}", ...[
      'The name "A" of a git dependency is already taken by a path dependency [Rename one of them.]',
    ]],
    ["{dependencies: {paths: [{name: A, link: p}, p]}}", ...[
      'Unknown key "link" in path dependency "A" [Known keys: name, path.]',
      'Missing key "path" in path dependency "A" [Add path: /path/to/data]',
      'The path dependency 2 must be a mapping, but is "p"',
    ]],
    ["{dependencies: {git: [{name: A, path: p, url: u, tag: t, hash: t}]}}"],
    ["{dependencies: {git: [{name: A, path: p, url: u, tag: t, hash: h}]}}", ...[
      'The git dependency "A" names more than one of tag, branch and hash [Keep the one to check out.]',
    ]],
    ["{dependencies: {spack: {name: x}}}", ...[
      "Spack dependencies are not supported [Load the package in the commands of the steps.]",
    ]],
    ["{sources: [[x]]}", 'Item 1 of "sources" must be text, but is a list'],
  ];
  for (const [env, ...messages] of table) {
    assertEquals(complaints(withEnv(env)), messages.map((message) => `error: ${message}`), env);
  }
  assertEquals(
    complaints(withEnv("{dependencies: {git: [{name: A, path: p, url: u, depth: 1}], pip: []}}")),
    [
      'warning: Unknown key "pip" in "env.dependencies" is ignored',
      'warning: Unknown key "depth" in git dependency "A" is ignored',
    ],
  );
});

Deno.test("checkSpec checks batch", () => {
  assertEquals(good(withBatch("{shell: /bin/sh}")).batch, { type: "local", shell: "/bin/sh" });
  assertEquals(good(withBatch("{type: Lsf, host: ~, wckey: k}")).batch, { type: "lsf", wckey: "k" });
  const known = "Known types: local, slurm, lsf, flux.";
  assertEquals(complaints(withBatch("{type: slrum}")), [
    `error: Unknown batch type "slrum" [Did you mean "slurm"? ${known}]`,
  ]);
  assertEquals(complaints(withBatch("{type: condor}")), [`error: Unknown batch type "condor" [${known}]`]);
  assertEquals(complaints(withBatch("{type: slurm, bnak: b, gres: c}")), [
    'warning: Unknown key "bnak" in "batch" is ignored [Did you mean "bank"?]',
    'warning: Unknown key "gres" in "batch" is ignored',
  ]);
  assertEquals(complaints(withBatch("[slurm]")), [
    'error: Key "batch" in the spec must be a mapping, but is a list',
  ]);
  assertEquals(complaints(withBatch("{type: [slurm]}")), [
    'error: Key "type" in "batch" must be text, but is a list',
  ]);
});

Deno.test("checkSpec checks parameters", () => {
  const table: [string, ...string[]][] = [
    ["{A: {values: [1]}}", 'Missing key "label" in parameter "A" [Add label: A.%%]'],
    ["{A: {label: x}}", 'Missing key "values" in parameter "A" [Add values: [1, 2]]'],
    ["{A: {values: 1, label: x}}", ...[
      'Key "values" in parameter "A" must be a list, but is "1" [Write it in brackets: [1, 2]]',
    ]],
    ["{A: {values: , label: x}}", ...[
      'Key "values" in parameter "A" must be a list, but is nothing [Write it in brackets: [1, 2]]',
    ]],
    ["{A: [1]}", 'Parameter "A" must be a mapping, but is a list [Give it "values" and "label".]'],
    ["{A: {values: [], label: x}}", ...[
      'Parameter "A" has no values ' +
      "[Steps that use it would never run. Remove the parameter, or add values.]",
    ]],
    ["{A: {values: [1], label: x}, B: {values: [1, 2], label: x}}", ...[
      'Parameter "B" has 2 values, but "A" has 1 ' +
      "[Values are combined by position: write the same number for every parameter.]",
    ]],
    ["{A: {values: [1, 2], label: [x]}}", ...[
      'Parameter "A" has 1 label for 2 values [Write one label for each value, or one for all: label: A.%%]',
    ]],
    ["{A: {values: [1], label: [[x]]}}", 'Label 1 of parameter "A" must be text, but is a list'],
    ["{A: {values: [1], label: {x: y}}}", ...[
      'Key "label" in parameter "A" must be text or a list of texts, but is a mapping',
    ]],
    [
      "{A: {values: [1], label: x, lable: y}}",
      'Unknown key "lable" in parameter "A" [Did you mean "label"?]',
    ],
  ];
  for (const [parameters, ...messages] of table) {
    assertEquals(
      complaints(withParameters(parameters)),
      messages.map((message) => `error: ${message}`),
      parameters,
    );
  }
});

Deno.test("checkSpec keeps values as text", () => {
  const text = "{A: {values: [1.0, , '', yes, null, [1, b], {k: 'v', n: [true]}, '$&'], label: '%%:%%'}}"
    .replace("1.0, ,", "1.0, !!str ,");
  const [parameter] = good(withParameters(text)).parameters;
  assertEquals(parameter!.values, [
    "1.0",
    "",
    "",
    "yes",
    "None",
    "[1, 'b']",
    "{'k': 'v', 'n': [True]}",
    "$&",
  ]);
  assertEquals(parameter!.labels.at(-1), "$&:$&");
});

Deno.test("checkSpec prints nothing among the values as Maestro does", () => {
  const text = withRun("") + "global.parameters:\n  A:\n    label: A.%%\n    values:\n    - 1\n    -\n";
  assertEquals(good(text).parameters[0]!.values, ["1", "None"]);
});

Deno.test("checkSpec reads plain scalars as Maestro, and knows quoted ones", () => {
  const list =
    "[0.10, '0.10', 10, '10', true, 'true', ~, 1:30, 012, yes, 0x10, [1, '1', 1.50, null, \"it's\"]]";
  const [parameter] = good(withParameters(`{A: {values: ${list}, label: A.%%}}`)).parameters;
  assertEquals(parameter!.values, [
    ...["0.1", "0.10", "10", "10", "True", "true", "None", "1:30", "012", "yes", "16"],
    `[1, '1', 1.5, None, "it's"]`,
  ]);
  const [texts, lists] = [[], []] as [string[], string[]];
  for (const [text, raw] of parameter!.raws!) (typeof raw === "string" ? texts : lists).push(text);
  assertEquals(texts, ["0.10", "10", "012"]);
  assertEquals(lists, [`[1, '1', 1.5, None, "it's"]`]);
  // Of those that print alike the last one counts, as in Maestro.
  const rawsOf = (values: string) =>
    good(withParameters(`{A: {values: ${values}, label: A.%%}}`)).parameters[0]!.raws;
  assertEquals([rawsOf("['10', 10]"), rawsOf("[10, '10']")?.get("10")], [undefined, "10"]);
});

Deno.test("checkSpec prints a list in a label of env, as Maestro does", () => {
  const { labels } = good(withEnv("{labels: {L: [1, '2', {a: 0.50}], M: true}}"));
  assertEquals(labels, [{ name: "L", text: "[1, '2', {'a': 0.5}]" }, { name: "M", text: "True" }]);
});

Deno.test("checkSpec keeps the spelling in what Maestro does not have", () => {
  const spec = good(
    withRun("env: {K: 0.10, F: true, N: ~}, args: {mem: 1.50, flag: true}") +
      "conductor: {pargs: {N: 0.10}}\n",
  );
  assertEquals(spec.steps[0]!.env, [
    { name: "K", text: "0.10" },
    { name: "F", text: "true" },
    { name: "N", text: "" },
  ]);
  assertEquals(spec.steps[0]!.batch, { args: { mem: "1.50", flag: "true" } });
  assertEquals(spec.conductor?.pargs, [{ name: "N", text: "0.10" }]);
});

Deno.test("checkSpec does not write out values without end", () => {
  const lines = ["x-0: &a0 [x]"];
  for (let i = 1; i < 40; i++) lines.push(`x-${i}: &a${i} [*a${i - 1}, *a${i - 1}]`);
  const text = lines.join("\n") + "\n" + withParameters("{A: {values: [*a39], label: A}}");
  assertEquals(complaints(text), [
    'error: A value of parameter "A" is too large to convert to text [Write it to a file that the step reads.]',
  ]);
});

Deno.test("checkSpec does not mistake names that every object has for keys", () => {
  assertEquals(complaints(withRun("constructor: 1")), [
    `error: Unknown key "constructor" in step "a" [Known keys: ${
      LEVELS.run.keys.map(({ name }) => name).join(", ")
    }.]`,
  ]);
  assertEquals(good(withEnv("{variables: {toString: 1, __proto__: 2}}")).variables, [
    { name: "toString", text: "1" },
    { name: "__proto__", text: "2" },
  ]);
});

Deno.test("checkSpec stays quick with many steps and parameters", () => {
  const steps = Array.from({ length: 5000 }, (_, i) => (
    `- {name: s${i}, description: d, run: {cmd: x, depends: [${i === 0 ? "" : `s${i - 1}`}]}}\n`
  ));
  assertEquals(good(`${HEAD}study:\n${steps.join("")}`).steps.length, 5000);
});
