import { dependencyPaths } from "../lib/plan/bind.ts";
import { assert, assertEquals } from "./assert.ts";
import { bind, makeSpec, named, OPTIONS, type StepWords } from "./make.ts";

const AB = { A: ["1", "2"], B: ["x", "y"] };

/** Step name to what it waits for, funnels with a star, and the keys of the parameters it uses. */
function shape(
  steps: readonly StepWords[],
  parameters: Record<string, string[]> = AB,
): Record<string, string> {
  const { study, messages } = bind({ steps, parameters });
  assert(study, messages.join("\n"));
  return Object.fromEntries(study.steps.map(({ name, depends, funnels, uses }) => {
    const waits = [
      ...depends.map((i) => study.steps[i]!.name),
      ...funnels.map((i) => `${study.steps[i]!.name}*`),
    ];
    return [name, `${waits.join(" ")}|${uses.map((use) => study.parameters[use]!.key).join(" ")}`];
  }));
}

Deno.test("a step uses the parameters its texts name, exactly", () => {
  const table: [cmd: string, uses: string][] = [
    ["$(A)", "|A"],
    ["$(A.label) $(B.name)", "|A B"],
    ["$(B) $(A)", "|A B"],
    ["$(AB) $(AxB) $(A..label) $( A ) ${A} $A $(A.b-c)", "|"],
    ["$(A.workspace.x)", "|"],
    // As in Maestro, any word behind the point will do.
    ["$(A.nonsense)", "|A"],
    ["$(echo $(A))", "|A"],
  ];
  for (const [cmd, uses] of table) assertEquals(shape([["s", cmd]]), { s: uses }, cmd);
  assertEquals(shape([["s", "true", [], { restart: "$(A)" }]]), { s: "|A" });
  assertEquals(shape([["s", "true", [], { resources: { procs: "$(B)" } }]]), { s: "|B" });
  assertEquals(shape([["s-$(A)", "true"]]), { "s-$(A)": "|A" });
  const results = [{ name: "r", file: "$(A).json", pick: { kind: "json", path: ["x"] } }] as const;
  assertEquals(shape([["s", "true", [], { results }]]), { s: "|A" });
});

Deno.test("a description counts as use, as in Maestro, with a warning where nothing else does", () => {
  const only = (key: string, parameter: string) =>
    `warning: Step "s" runs for each value of "${parameter}", because its ${key} names it`;
  const table: [step: StepWords, uses: string, warnings: string[]][] = [
    [["s", "true", [], { description: "of $(A)" }], "|A", [only("description", "A")]],
    [["s", "$(A)", [], { description: "of $(A.label)" }], "|A", []],
    [["s", "$(B)", [], { description: "of $(A)" }], "|A B", [only("description", "A")]],
    [["s", "true", [], { unused: named({ pre: "$(A)", post: "$(B)" }) }], "|A B", [
      only("pre", "A"),
      only("post", "B"),
    ]],
  ];
  for (const [step, uses, warnings] of table) {
    const { problems, messages } = bind({ steps: [step, ["t", "$(A) $(B)"]], parameters: AB });
    assertEquals([shape([step]), messages], [{ s: uses }, warnings]);
    for (const { path } of problems) assert(["description", "run"].includes(String(path[2])));
  }
  // A step that would have these nodes by what it waits for needs no warning.
  const chain: StepWords[] = [["a", "$(A)"], ["b", "true", ["a"], { description: "of $(A)" }]];
  assertEquals(bind({ steps: chain, parameters: { A: ["1"] } }).messages, []);
  // Those that wait for it have its nodes, too.
  assertEquals(shape([["a", "x", [], { description: "$(A)" }], ["b", "x", ["a"]]]), { a: "|A", b: "a|A" });
});

Deno.test("parameters run down dependencies and workspaces, not through funnels", () => {
  const table: [steps: StepWords[], shapes: Record<string, string>][] = [
    [[["a", "$(A)"], ["b", "true", ["a"]], ["c", "true", ["b"]]], { a: "|A", b: "a|A", c: "b|A" }],
    [[["a", "$(A)"], ["b", "true", ["a_*"]], ["c", "true", ["b"]]], { a: "|A", b: "a*|", c: "b|" }],
    [[["a", "$(A)"], ["b", "$(B)", ["a_*"]], ["c", "true", ["b"]]], { a: "|A", b: "a*|B", c: "b|B" }],
    // A diamond.
    [
      [["a", "x"], ["l", "$(A)", ["a"]], ["r", "$(B)", ["a"]], ["z", "x", ["l", "r"]]],
      { a: "|", l: "a|A", r: "a|B", z: "l r|A B" },
    ],
    // The workspace of an ancestor below a funnel brings its parameters back.
    [
      [["a", "$(A)"], ["b", "x", ["a_*"]], ["c", "ls $(a.workspace)", ["b"]]],
      { a: "|A", b: "a*|", c: "b|A" },
    ],
    // A funnelled step's own workspace is the folder of all: no parameters.
    [[["a", "$(A)"], ["b", "ls $(a.workspace)", ["a_*"]]], { a: "|A", b: "a*|" }],
    // Both a plain and a funnel dependency on one step.
    [[["a", "$(A)"], ["b", "x", ["a", "a_*"]]], { a: "|A", b: "a a*|A" }],
  ];
  for (const [steps, shapes] of table) assertEquals(shape(steps), shapes, JSON.stringify(steps));
});

Deno.test("steps may be in any order", () => {
  assertEquals(shape([["c", "x", ["b"]], ["b", "x", ["a"]], ["a", "$(A)"], ["d", "x"]]), {
    a: "|A",
    b: "a|A",
    c: "b|A",
    d: "|",
  });
});

Deno.test("funnels in every spelling", () => {
  for (const item of ["a_*", "a*"]) {
    assertEquals(shape([["a", "$(A)"], ["b", "x", [item]]])["b"], "a*|", item);
  }
  assertEquals(shape([["a_", "$(A)"], ["b", "x", ["a__*"]]])["b"], "a_*|");
});

Deno.test("problems of dependencies are reported, with a solution", () => {
  const table: [steps: StepWords[], message: string, hint: string | undefined, path: (string | number)[]][] =
    [
      [
        [["first", "x"], ["b", "x", ["frist"]]],
        'error: Step "b" depends on "frist", but there is no step "frist"',
        'Did you mean "first"?',
        ["study", 1, "run", "depends", 0],
      ],
      [
        [["first", "x"], ["b", "x", ["first", "frist_*"]]],
        'error: Step "b" depends on "frist_*", but there is no step "frist"',
        'Did you mean "first"?',
        ["study", 1, "run", "depends", 1],
      ],
      [
        [["a", "x", ["c"]], ["b", "x", ["a"]], ["c", "x", ["b"]]],
        "error: Steps depend on each other in a circle: a -> c -> b -> a",
        'Remove one of these from its step\'s "depends".',
        ["study", 0, "run", "depends", 0],
      ],
      // Through a funnel too; `x` merely leads there.
      [
        [["x", "x", ["a"]], ["a", "x", ["b_*"]], ["b", "x", ["a"]]],
        "error: Steps depend on each other in a circle: a -> b -> a",
        'Remove one of these from its step\'s "depends".',
        ["study", 1, "run", "depends", 0],
      ],
      [
        [["first", "x"], ["b", "ls $(frist.workspace)", ["first"]]],
        'error: Step "b" uses $(frist.workspace), but there is no step "frist"',
        'Did you mean "first"?',
        ["study", 1, "run", "cmd"],
      ],
    ];
  for (const [steps, message, hint, path] of table) {
    const { study, problems, messages } = bind({ steps });
    assertEquals(study, undefined);
    assertEquals(messages, [message]);
    assertEquals(problems[0]!.hint, hint);
    assertEquals(problems[0]!.path, path);
  }
});

Deno.test("oddities are reported, and the study continues", () => {
  const table: [steps: StepWords[], messages: string[]][] = [
    [[["a", "x"], ["b", "ls $(a.workspace)"]], [
      'warning: Step "b" uses $(a.workspace) but does not depend on step "a"',
    ]],
    [[["a", "ls $(b.workspace)"], ["b", "x"]], [
      'warning: Step "a" uses $(b.workspace) but does not depend on step "b"',
    ]],
    // Waiting from afar is waiting; so is a step's own workspace.
    [[["a", "x"], ["b", "x", ["a_*"]], ["c", "ls $(a.workspace) $(c.workspace)", ["b"]]], []],
    [[["a", "$(TYPO) $(typo) $(date) $(LAUNCHER) $(WORKSPACE) $(OUTPUT_PATH) $(SPECROOT)"]], [
      'warning: $(TYPO) in step "a" is not defined in this spec',
    ]],
    // Names of steps that only look like commands are left to the shell.
    [[["a", "$(cat x.workspace) $(ls $PWD.workspace)"]], []],
  ];
  for (const [steps, messages] of table) {
    const bound = bind({ steps });
    assert(bound.study);
    assertEquals(bound.messages, messages, JSON.stringify(steps));
  }
  const unused = bind({ steps: [["a", "$(A) $(A.lable)"]], parameters: AB });
  assertEquals(unused.messages, [
    'warning: No step uses parameter "B"',
    'warning: $(A.lable) in step "a" is not defined in this spec',
  ]);
});

Deno.test("the environment is laid over every text of a step", () => {
  const { study, messages } = bind({
    variables: { WHO: "world", N: "4", STEP: "one", OUTPUT_PATH: "/elsewhere", DIR: "$(OUTPUT_PATH)/d" },
    more: {
      labels: named({ HELLO: "hello $(WHO) $(A)" }),
      pathDependencies: named({ LIB: "lib", TOP: "/opt/x", VAR: "$(DIR)/sub/" }),
      gitDependencies: [{ name: "CODE", path: "$(OUTPUT_PATH)", url: "u" }, {
        name: "G",
        path: "git",
        url: "u",
      }],
    },
    steps: [
      ["$(STEP)", "$(HELLO) $(SPECROOT) $(LIB) $(TOP) $(VAR) $(CODE) $(G)", [], {
        restart: "$(DIR)",
        description: "for $(WHO)",
        resources: { procs: "$(N)", nodes: "2" },
      }],
      ["two", "ls $(one.workspace) $($(STEP).workspace)", ["$(STEP)_*"]],
    ],
    parameters: { A: ["1"] },
  });
  assertEquals(messages, []);
  const [one, two] = study!.steps;
  assertEquals(one!.name, "one");
  assertEquals(one!.cmd, "hello world $(A) /specs /cwd/lib /opt/x /out/d/sub /out/CODE /cwd/git/G");
  assertEquals([one!.restart, one!.description], ["/out/d", "for world"]);
  assertEquals(one!.resources, { procs: "4", nodes: "2" });
  assertEquals(two!.cmd, "ls $(one.workspace) $(one.workspace)");
  assertEquals(two!.funnels, [0]);
});

Deno.test("two steps of one name, once variables are filled in", () => {
  const { study, messages } = bind({ variables: { X: "one" }, steps: [["one", "x"], ["$(X)", "y"]] });
  assertEquals([study, messages], [undefined, ['error: Two steps have the name "one"']]);
});

Deno.test("a circle in the environment is reported", () => {
  const variables = { A: "$(B)", B: "$(A)" };
  const { study, messages } = bind({ variables, steps: [["s", "echo $(B)"]] });
  assert(study);
  assertEquals(messages, ['warning: Names in "env" refer to each other in a circle: A -> B -> A']);
  assertEquals(bind({ variables, steps: [["s", "true"]] }).messages, []);
});

Deno.test("a name of env that refers to the parameter of the same name hides nothing", () => {
  const words = {
    variables: { A: "$(A)" },
    steps: [["s", "echo $(A)"]] as StepWords[],
    parameters: { A: ["1", "2"] },
  };
  const { study, messages } = bind(words);
  assertEquals([messages, study!.steps[0]!.uses], [[], [0]]);
  const hidden = bind({ ...words, variables: { A: "5" } });
  assertEquals(hidden.messages, ['warning: Parameter "A" has the name of a variable']);
  assertEquals(hidden.problems[0]!.path, ["global.parameters", "A"]);
});

Deno.test("tokens in what no shell looks into are no slips, unless they look like one", () => {
  const table: [cmd: string, warned: string[]][] = [
    ["sed -i 's/$(CXX) x/y/' Makefile", []],
    ['sed -i "s/$(CXX) x/y/" Makefile', ["$(CXX)"]],
    ["echo \"it's $(CXX)\" '$(CC)'", ["$(CXX)"]],
    ["# it's $(CXX)\necho $(CC) # $(LD)", ["$(CC)"]],
    ["echo a#b $(CXX)", ["$(CXX)"]],
    ["cat >Makefile <<'EOF'\na: $(CXX)\nEOF\necho $(CC)", ["$(CC)"]],
    ["cat >Makefile <<EOF\na: $(CXX)\nEOF\necho '$(CC)'", ["$(CXX)"]],
    ["cat <<-\\EOF >Makefile\n\ta: $(CXX)\n\tEOF\necho $(CC)", ["$(CC)"]],
    ["echo \"$(echo '$(CXX)' $(CC))\" '$(LD)'", ["$(CC)"]],
    ["awk '{ print $(NF) }' # $(NF)", []],
    ["echo '$(SIEZ)'", ["$(SIEZ)"]],
    ["echo '$(CXX)' $(CXX)", ["$(CXX)"]],
    ["echo \\'$(CXX)\\'", ["$(CXX)"]],
  ];
  for (const [cmd, warned] of table) {
    const { messages } = bind({ steps: [["s", cmd], ["t", "$(SIZE)"]], parameters: { SIZE: ["1"] } });
    const wanted = warned.map((token) => `warning: ${token} in step "s" is not defined in this spec`);
    assertEquals(messages, wanted, cmd);
  }
});

Deno.test("an unknown token of a spec without parameters may be a generator's", () => {
  const hints = (cmd: string, parameters: Record<string, string[]> = {}) =>
    bind({ steps: [["s", cmd]], parameters }).problems.map(({ hint }) => hint);
  const shell = "The shell would run it as a command.";
  assertEquals(hints("$(PARAM1)"), [
    `${shell} If a parameter generator defines it, name the generator with -p.`,
  ]);
  assertEquals(hints("$(PARAM1) $(SIZE)", { SIZE: ["1"] }), [shell]);
});

Deno.test("dependencies are found where $(NAME) points", () => {
  const spec = makeSpec({
    steps: [],
    variables: { DIR: "/data", REL: "rel" },
    more: {
      pathDependencies: named({ A: "a", B: "$(DIR)/b/", C: "/x/../c", D: "$(REL)/d", E: "$(A)/e" }),
      gitDependencies: [{ name: "G", path: "$(OUTPUT_PATH)/deps", url: "u" }, {
        name: "H",
        path: ".",
        url: "u",
      }],
    },
  });
  const { paths, clones } = dependencyPaths(spec, OPTIONS);
  assertEquals(Object.fromEntries(paths.map(({ name, text }) => [name, text])), {
    A: "/cwd/a",
    B: "/data/b",
    C: "/c",
    D: "/cwd/rel/d",
    E: "/cwd/a/e",
  });
  assertEquals(Object.fromEntries(clones), { G: "/out/deps/G", H: "/cwd/H" });
});

Deno.test("a chain of 100,000 steps binds, upside down too, and so do workspaces from afar", () => {
  const count = 100_000;
  const steps = Array.from({ length: count }, (_, i): StepWords => {
    const depends = i < count - 1 ? [`s${i + 1}`] : [];
    return [`s${i}`, `$(A) $(s${count - 1}.workspace)`, depends];
  });
  const { study, messages } = bind({ steps, parameters: { A: ["1"] } });
  assertEquals(messages, []);
  assertEquals(study!.steps[0]!.name, `s${count - 1}`);
  assertEquals(study!.steps.at(-1)!.uses, [0]);
});
