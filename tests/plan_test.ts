import { createHash } from "node:crypto";
import {
  allParents,
  commandOf,
  descriptionOf,
  paramsOf,
  resourceTexts,
  restartOf,
} from "../lib/plan/node_text.ts";
import { createStudy, openStudy } from "../lib/study/folder.ts";
import { listOf, parameterOf, storedParameter } from "../lib/plan/parameters.ts";
import { expand } from "../lib/plan/plan.ts";
import { nodeIndex, nodeNamed } from "../lib/plan/plan_nodes.ts";
import { realSystem } from "../lib/system.ts";
import type { Plan } from "../lib/plan/types.ts";
import { assert, assertEquals } from "./assert.ts";
import { inFreshFolder } from "./maestro.ts";
import { bind, makePlan, SETTINGS, type SpecWords, type StepWords } from "./make.ts";

const names = ({ nodes }: Plan) => nodes.map(({ name }) => name);
const parents = (plan: Plan, name: string) =>
  allParents(plan, plan.nodes.find((node) => node.name === name)!).map((i) => plan.nodes[i]!.name);

Deno.test("every step with every combination it uses, in spec order", () => {
  const plan = makePlan({
    steps: [["a", "$(A)"], ["b", "$(B) $(A)", ["a"]], ["all", "x", ["b_*"]], ["c", "x"], ["d", "x", [
      "all",
      "a",
    ]]],
    parameters: { A: ["1", "2"], B: ["x", "y"] },
  });
  assertEquals(names(plan), ["a_A.1", "a_A.2", "b_A.1.B.x", "b_A.2.B.y", "all", "c", "d_A.1", "d_A.2"]);
  assertEquals(plan.nodes.map(({ workspace }) => workspace), [
    "a/A.1",
    "a/A.2",
    "b/A.1.B.x",
    "b/A.2.B.y",
    "all",
    "c",
    "d/A.1",
    "d/A.2",
  ]);
  assertEquals(parents(plan, "b_A.2.B.y"), ["a_A.2"]);
  assertEquals(parents(plan, "all"), ["b_A.1.B.x", "b_A.2.B.y"]);
  assertEquals(parents(plan, "d_A.2"), ["all", "a_A.2"]);
  assertEquals(plan.steps.map(({ first, end }) => [first, end]), [[0, 2], [2, 4], [4, 5], [5, 6], [6, 8]]);
  plan.nodes.forEach((node, i) => {
    assertEquals(node.index, i);
    assert(allParents(plan, node).every((parent) => parent < i), "parents stand before their children");
  });
});

Deno.test("names are in the order of the parameters' keys, not of the spec", () => {
  const plan = makePlan({ steps: [["s", "$(Z) $(B) $(a)"]], parameters: { Z: ["1"], a: ["2"], B: ["3"] } });
  assertEquals(names(plan), ["s_B.3.Z.1.a.2"]);
  assertEquals(Object.entries(paramsOf(plan, plan.nodes[0]!)), [["B", "3"], ["Z", "1"], ["a", "2"]]);
});

Deno.test("combinations of equal labels are one node, with the first one's values", () => {
  const plan = makePlan({
    steps: [["a", "$(A) $(B)"], ["b", "$(A)"], ["c", "x", ["a"]], ["f", "x", ["b_*"]]],
    parameters: { A: ["1", "1", "2"], B: ["x", "x", "x"] },
    labels: { B: ["same", "same", "same"] },
  });
  assertEquals(names(plan), ["a_A.1.same", "a_A.2.same", "b_A.1", "b_A.2", "c_A.1.same", "c_A.2.same", "f"]);
  assertEquals(parents(plan, "f"), ["b_A.1", "b_A.2"]);
  const [step] = plan.steps;
  assertEquals([0, 1, 2].map((combo) => nodeIndex(step!, combo)), [0, 0, 1]);
  // Labels that only look the same in a row.
  const joined = makePlan({
    steps: [["a", "$(A) $(B)"]],
    parameters: { A: ["1", "2"], B: ["1", "2"] },
    labels: { A: ["a.b", "a"], B: ["c", "b.c"] },
  });
  assertEquals(names(joined), ["a_a.b.c"]);
  assertEquals(commandOf(joined, joined.nodes[0]!), "1 1");
});

Deno.test("text is filled in for each node", () => {
  const plan = makePlan({
    steps: [
      ["a", "$(A) $(A.label) $(A.name) $(WORKSPACE) $(a.workspace)", [], {
        restart: "again $(A) $(WORKSPACE)",
        description: "for $(A), in $(WORKSPACE)",
        resources: { procs: "$(A)", nodes: "1" },
      }],
      ["b", "$(a.workspace):$(b.workspace) $(LAUNCHER) $(date) $(B) $(A.x)", ["a"]],
      ["f", "ls $(a.workspace) $(A)", ["a_*"]],
      ["n", "$(AB) $(a)"],
      ["g", "ls $(a.workspace)/*", ["b_*"]],
    ],
    parameters: { A: ["1", "2"], B: ["x", "y"] },
    labels: { A: ["one", "two"] },
  });
  const node = (name: string) => plan.nodes.find((node) => node.name === name)!;
  const two = node("a_two");
  assertEquals(commandOf(plan, two), "2 two A /out/a/two /out/a/two");
  assertEquals(restartOf(plan, two), "again 2 /out/a/two");
  assertEquals(descriptionOf(plan, two), "for 2, in $(WORKSPACE)");
  assertEquals(resourceTexts(plan, two), { procs: "2", nodes: "1" });
  assertEquals(paramsOf(plan, two), { A: "2" });
  assertEquals(
    commandOf(plan, node("b_two.B.y")),
    "/out/a/two:/out/b/two.B.y $(LAUNCHER) $(date) y $(A.x)",
  );
  // The folder above all combinations of a funnelled step.
  assertEquals(commandOf(plan, node("f_two")), "ls /out/a 2");
  // Below a funnel a workspace is that of the combination again.
  assertEquals(commandOf(plan, node("g_two")), "ls /out/a/two/*");
  assertEquals(commandOf(plan, node("n")), "$(AB) $(a)");
  assertEquals(restartOf(plan, node("b_two.B.y")), "");
});

Deno.test("what a value holds is filled in, but never round in a circle", () => {
  const plan = makePlan({
    steps: [["s", "$(A) $(B) $(C) $(C.label)"]],
    parameters: {
      A: ["a=$(B)", "$(A) $(WORKSPACE)"],
      B: ["b=$(C) $(A)", "$(B.name)"],
      C: ["$(LAUNCHER) $& $1 $$", "plain"],
    },
    labels: { A: ["1", "2"], B: ["1", "2"], C: ["$(A)", "l"] },
  });
  assertEquals(
    commandOf(plan, plan.nodes[0]!),
    "a=b=$(LAUNCHER) $& $1 $$ $(A) b=$(LAUNCHER) $& $1 $$ $(A) $(LAUNCHER) $& $1 $$ " +
      // Labels come first, so theirs may be of any parameter.
      "a=b=$(LAUNCHER) $& $1 $$ $(A)",
  );
  assertEquals(commandOf(plan, plan.nodes[1]!), "$(A) /out/s/2.2.l B plain l");
});

Deno.test("no two nodes share a name, a workspace or a folder", () => {
  const odd = [
    "a b",
    "a_b",
    "a/b",
    "ab",
    "é",
    "日本",
    "..",
    ".",
    "/",
    "a\nb",
    "x".repeat(5000),
    "x".repeat(5001),
  ];
  const plan = makePlan({
    steps: [
      ["s", "$(V)"],
      // Names that are, or become, names of other nodes.
      ["s_a b", "x"],
      ["s_ab", "x"],
      ["t", "x"],
      ["../t", "x"],
      ["t ", "x"],
      [".maestro", "x"],
      ["status.csv", "x"],
    ],
    parameters: { V: odd },
    labels: { V: odd },
  });
  for (const key of ["name", "workspace"] as const) {
    assertEquals(new Set(plan.nodes.map((node) => node[key])).size, plan.nodes.length, key);
  }
  for (const { name, index } of plan.nodes) assertEquals(nodeNamed(plan, name), index, name);
  for (const name of ["s", "", "_", "nobody", "s_nothing"]) assertEquals(nodeNamed(plan, name), undefined);
  for (const { workspace, fileBase } of plan.nodes) {
    for (const part of [...workspace.split("/"), fileBase]) {
      assert(part.length <= 255 && part.length > 0 && part !== "." && part !== "..", part);
      assertEquals(/[^-_.()A-Za-z0-9]/.test(part), false, part);
    }
  }
  const taken = plan.nodes.map(({ workspace }) => workspace);
  assertEquals(taken.includes(".maestro") || taken.includes("status.csv"), false);
  assertEquals(plan.nodes.find(({ name }) => name === "s_a_b")!.workspace, "s/a_b");
});

Deno.test("a node that got another name is found by it, and the first of the name by the name", () => {
  const plan = makePlan({
    steps: [["s_X.2", "x"], ["s", "$(X)"], ["s_X.1", "x"]],
    parameters: { X: ["1", "2"] },
  });
  // A step may have the very name that was given.
  const given = makePlan({
    steps: [["s_X.2", "x"], ["s", "$(X)"], [plan.nodes[2]!.name, "x"]],
    parameters: { X: ["1", "2"] },
  });
  assertEquals(given.nodes[2]!.name, plan.nodes[2]!.name);
  assertEquals(given.nodes.map(({ name }) => nodeNamed(given, name)), [0, 1, 2, 3]);
  const names = plan.nodes.map(({ name }) => name.replace(/-[0-9a-f]{8}$/, "-HASH"));
  assertEquals(names, ["s_X.2", "s_X.1", "s_X.2-HASH", "s_X.1-HASH"]);
  assertEquals(plan.nodes.map(({ name }) => nodeNamed(plan, name)), [0, 1, 2, 3]);
  assertEquals([nodeNamed(plan, "s_X.1"), nodeNamed(plan, "s_X.2")], [1, 0]);
});

Deno.test("a name with nothing safe in it is the folder above, as in Maestro, where only one has it", () => {
  const workspaces = (steps: StepWords[], values: string[], version?: "0.1") => {
    const { study } = bind({ steps, parameters: { A: values }, labels: { A: values } });
    const { names: _, ...first } = study!;
    return expand(version ? first : study!, () => "").nodes.map(({ workspace }) => workspace);
  };
  const swept: StepWords = ["a", "$(A)"];
  assertEquals(workspaces([swept], ["x", "é"]), ["a/x", "a/"]);
  assertEquals(workspaces([swept], ["x", "."]), ["a/x", "a/."]);
  assertEquals(workspaces([swept], ["x", "", "é"])[1], "a/");
  assertEquals(new Set(workspaces([swept], ["é", "日", "", ".", "..", "/"])).size, 6);
  assertEquals(workspaces([["日本", "true"], swept], ["x"]), ["", "a/x"]);
  assertEquals(workspaces([["日本", "$(A)"]], ["x"]), ["x"]);
  // Neither the study's files nor another step's folder.
  const beside = workspaces([["日本", "$(A)"], ["b", "true"]], ["x", "b", "logs", "status.csv"]);
  assertEquals(new Set(beside).size, 5);
  for (const taken of ["logs", "status.csv"]) assertEquals(beside.includes(taken), false);
  const long = "x".repeat(255);
  assertEquals(workspaces([swept], [long]), [`a/${long}`]);
  // A study of version 0.1 that is opened again.
  const old = workspaces([["日本", "true"], swept], ["é", long], "0.1");
  for (const [i, pattern] of [/^_-\w{8}$/, /^a\/_-\w{8}$/, /^a\/x{191}-\w{8}$/].entries()) {
    assert(pattern.test(old[i]!), old[i]);
  }
});

Deno.test("--hashws numbers the folders of a step, with as many digits as its last one needs", () => {
  const words = (values: string[]) => ({
    steps: [["a b", "$(A)"], ["c", "x", ["a b_*"]]] as StepWords[],
    parameters: { A: values },
  });
  const plan = makePlan(words(["x", "y", "x"]), { hashWorkspaces: true });
  assertEquals(plan.nodes.map(({ name, workspace, fileBase }) => [name, workspace, fileBase]), [
    ["a b_A.x", "a_b/a_b_instance_0", "a_b_instance_0"],
    ["a b_A.y", "a_b/a_b_instance_1", "a_b_instance_1"],
    ["c", "c", "c"],
  ]);
  const eleven = makePlan(words(Array.from({ length: 11 }, (_, i) => String(i))), { hashWorkspaces: true });
  assertEquals(eleven.nodes[7]!.workspace, "a_b/a_b_instance_07");
});

Deno.test("studies of version 0.1 keep workspaces that are named by the MD5 of the labels", () => {
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");
  const { study } = bind({ steps: [["a", "$(A) $(B)"], ["b", "x"]], parameters: { A: ["1"], B: ["x"] } });
  const plan = expand({ ...study!, hashWorkspaces: "md5" }, md5);
  const hash = md5("A.1.B.x");
  assertEquals(plan.nodes.map(({ name, workspace, fileBase }) => [name, workspace, fileBase]), [
    ["a_A.1.B.x", `a/${hash}`, hash],
    ["b", "b", "b"],
  ]);
});

/** A sweep: a chain of steps over all combinations, gathered at its end, and what was done to expand it. */
function sweep(combos: number): { plan: Plan; hashes: number } {
  const steps: StepWords[] = [
    ["s0", "$(I)"],
    ...Array.from({ length: 9 }, (_, i): StepWords => [`s${i + 1}`, `ls $(s${i}.workspace)`, [`s${i}`]]),
    ["gather", "x", ["s9_*"]],
    ["after", "$(I)", ["gather"]],
  ];
  const { study } = bind(
    { steps, parameters: { I: Array.from({ length: combos }, (_, i) => String(i)) } },
  );
  let hashes = 0;
  const plan = expand({ ...study!, hashWorkspaces: "md5" }, (text) => {
    hashes++;
    return text;
  });
  return { plan, hashes };
}

Deno.test("a plan costs what its nodes and edges cost: twice the combinations, twice the work", () => {
  const small = sweep(500);
  const large = sweep(1000);
  const edges = ({ nodes }: Plan) => nodes.reduce((sum, node) => sum + node.parents.length, 0);
  assertEquals([small.plan.nodes.length, large.plan.nodes.length], [11 * 500 + 1, 11 * 1000 + 1]);
  // Steps that use the same parameters share what their nodes' folders are named.
  assertEquals([small.hashes, large.hashes], [500, 1000]);
  // A funnel is one edge of its step, not one for each node.
  assertEquals([edges(small.plan), edges(large.plan)], [10 * 500, 10 * 1000]);
  // Text is kept by step: no node has a copy.
  assertEquals(large.plan.nodes.every(({ step }) => step === large.plan.steps[step.index]), true);
});

Deno.test("100,000 nodes", () => {
  const { plan } = sweep(10_000);
  const last = plan.nodes.at(-1)!;
  assertEquals(last.name, "after_I.9999");
  assertEquals(allParents(plan, plan.nodes[100_000]!).length, 10_000);
  assertEquals(new Set(names(plan)).size, 110_001);
});

Deno.test("parameters: stored and read again, values and labels are what they were", () => {
  const cases: [values: string[], labels: string[], stored?: "label" | "labels"][] = [
    [["1", "22", ""], ["X.1", "X.22", "X."], "label"],
    [["1"], ["1"], "label"],
    [[""], ["X"], "label"],
    [["a", "b"], ["a-1", "b-1"], "label"],
    [["1", "2"], ["1.1", "2.2"], "labels"],
    [["1", "2"], ["one", "two"], "labels"],
    [["a\nb", "c"], ["X.a\nb", "X.c"], "label"],
    [["\n"], ["other"], "labels"],
    [["é🎉", "\r", "\u2028"], ["é🎉é", "\ré", "\u2028é"], "label"],
    [[], [], "labels"],
  ];
  for (const [values, labels, kind] of cases) {
    const stored = JSON.parse(JSON.stringify(storedParameter({ key: "X", name: "x", values, labels })));
    const read = parameterOf(stored);
    const seen = [read.key, read.name, listOf(read.values), listOf(read.labels)];
    assertEquals(seen, ["X", "x", values, labels], JSON.stringify(stored));
    assert(kind! in stored, JSON.stringify(stored));
    assertEquals([read.values.at(values.length), read.labels.at(labels.length)], [undefined, undefined]);
    assertEquals(JSON.parse(JSON.stringify(read)), { key: "X", name: "x", values, labels });
  }
});

Deno.test("a plan that version 0.1 wrote with --hashws keeps its folders", async () => {
  await inFreshFolder(async (root) => {
    const system = realSystem([]);
    const plan = makePlan({ steps: [["a", "$(P)"]], parameters: { P: ["x"] } }, { root });
    createStudy(system, plan, { maestro: "1", id: "m", createdAt: 0, spec: "s", settings: SETTINGS });
    const path = `${root}/.maestro/plan.json`;
    const { study, ...file } = JSON.parse(system.readText(path));
    system.writeText(path, JSON.stringify({ ...file, study: { ...study, hashWorkspaces: true } }));
    const read = (await openStudy(system, root)).plan;
    assertEquals(read.nodes[0]!.workspace, `a/${createHash("md5").update("P.x").digest("hex")}`);
  });
});

Deno.test("a plan read again is the plan that was made, with what was noted of it and without", async () => {
  const many = Array.from({ length: 50 }, (_, i) => String(i));
  const studies: SpecWords[] = [
    {
      steps: [["a", "$(P)"], ["b", "x", ["a_*"]], ["c", "$(P)$(Q)", ["a"]]],
      parameters: { P: many, Q: many },
    },
    { steps: [["a", "$(P) $(Q)"], ["b", "$(P)", ["a_*"]]], parameters: { P: ["1", "1"], Q: ["x", "y"] } },
    { steps: [["a", "$(P)"], ["a_P.x", "x"], ["logs", "$(P)"]], parameters: { P: ["x", "a/b", "..", "é"] } },
    { steps: [["a", "x"]] },
  ];
  await inFreshFolder(async (folder) => {
    const system = realSystem([]);
    for (const [i, words] of studies.entries()) {
      for (const hashWorkspaces of [false, true]) {
        const root = `${folder}/${i}${hashWorkspaces}`;
        const md5 = (text: string) => createHash("md5").update(text).digest("hex");
        const plan = makePlan(words, { root, hashWorkspaces }, md5);
        system.makeDirectory(root);
        createStudy(system, plan, { maestro: "1", id: "m", createdAt: 0, spec: "s", settings: SETTINGS });
        const wordsOf = (plan: Plan) => [
          plan.nodes.map((node) => [
            node.name,
            node.workspace,
            node.fileBase,
            node.parents,
            node.step.name,
            paramsOf(plan, node),
            commandOf(plan, node),
            nodeNamed(plan, node.name),
          ]),
          [...plan.renamed],
          ["a", "a_", "b_P.x.y", "a_P.0", ""].map((name) => nodeNamed(plan, name)),
        ];
        const read = async () => (await openStudy(system, root)).plan;
        assertEquals(wordsOf(await read()), wordsOf(plan));
        // As the first release wrote it.
        const path = `${root}/.maestro/plan.json`;
        const { facts, ...file } = JSON.parse(system.readText(path));
        const { parameters } = plan.study;
        const study = { ...file.study, parameters };
        system.writeText(path, JSON.stringify({ ...file, version: 1, study }));
        assertEquals(wordsOf(await read()), wordsOf(plan));
        assertEquals(facts.nodes, plan.size);
        assertEquals(file.version, 3);
      }
    }
  });
});
