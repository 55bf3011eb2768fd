/** Graphs as trees of lines. */

import { graphTree } from "../lib/view/graph_tree.ts";
import { type GraphView, graphView, type NodeStatus } from "../lib/view/graph_view.ts";
import { cellWidth } from "../lib/cells.ts";
import { assert, assertEquals } from "./assert.ts";
import { makePlan } from "./make.ts";
import { assertLinear } from "./linear.ts";

const LOOK = { width: 80, styled: false, unicode: true };

const diamond = makePlan({
  parameters: { N: ["1", "2"] },
  steps: [
    ["prepare", "x"],
    ["run", "$(N)", ["prepare"]],
    ["check", "x", ["run_*"]],
    ["plot", "x", ["prepare", "check"]],
    ["alone", "x"],
  ],
});

const STATES: NodeStatus[] = [
  { state: "FINISHED", ended: "itself" },
  { state: "FINISHED", ended: "itself" },
  { state: "FAILED", ended: "itself" },
  { state: "FAILED", ended: "skipped" },
  { state: "FAILED", ended: "skipped" },
  { state: "INITIALIZED", ended: undefined },
];

Deno.test("graph as a tree: steps with several parents are below the last one", () => {
  assertEquals(
    graphTree(graphView(diamond, true, STATES), LOOK),
    `study
prepare  FINISHED
└─ run (2 × N)  1 FINISHED, 1 FAILED
   └─ check  FAILED (did not run)
      └─ plot  FAILED (did not run)  (also prepare)
alone  INITIALIZED
`,
  );
});

Deno.test("graph as a tree: of combinations, in ASCII", () => {
  assertEquals(
    graphTree(graphView(diamond, false), { ...LOOK, unicode: false }),
    `study
prepare
|- run (N=1)
\`- run (N=2)
   \`- check  (also 1 × run)
      \`- plot  (also prepare)
alone
`.replaceAll("×", "x"),
  );
});

Deno.test("graph as a tree: no line is wider than the terminal, however deep and odd the graph is", () => {
  const count = 300;
  const odd = "名前\u202e\n".repeat(30);
  const view: GraphView = {
    name: odd,
    nodes: Array.from({ length: count }, (_, i) => ({ lines: [i % 50 === 7 ? odd : `step${i}`] })),
    edges: Array.from({ length: count - 1 }, (_, i) => ({ from: i, to: i + 1 })),
  };
  for (const width of [20, 80]) {
    const lines = graphTree(view, { ...LOOK, width }).trimEnd().split("\n");
    assertEquals(lines.length, count + 1);
    for (const line of lines) assert(cellWidth(line) <= width, `${width}: ${line}`);
    assert(lines.at(-1)!.includes(width < 80 ? "step" : "step299"), lines.at(-1));
  }
});

/** Each of the second half waits for all of the first, by a joint. */
function funnels(half: number): GraphView {
  const joint = 2 * half;
  const steps = Array.from({ length: 2 * half }, (_, i) => ({ lines: [i < half ? "a" : "b", `N=${i}`] }));
  return {
    name: "n",
    nodes: [...steps, { lines: [] }],
    edges: steps.map((_, i) => i < half ? { from: i, to: joint } : { from: joint, to: i }),
  };
}

Deno.test("graph as a tree: steps that wait for one joint do not multiply", async () => {
  assert(graphTree(funnels(3), LOOK).includes("├─ b (N=3)  (also 2 × a)\n"));
  await assertLinear(20_000, (size) => graphTree(funnels(size), LOOK));
});
