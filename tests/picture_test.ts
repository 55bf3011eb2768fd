/** Graphs: what is drawn, that odd names are escaped, and that the picture holds what it should. */

import { placeGraph } from "../lib/view/graph_layout.ts";
import { graphSvg } from "../lib/view/graph_svg.ts";
import { graphDot, graphMermaid } from "../lib/view/graph_text.ts";
import { graphView, markOf, stateWords } from "../lib/view/graph_view.ts";
import type { StepState } from "../lib/study/states.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { makePlan, type StepWords } from "./make.ts";
import { statusStep } from "./status_rows.ts";

const STEPS: StepWords[] = [
  ["first", "x"],
  ["sweep", "$(N)", ["first"]],
  ["again", "$(N)", ["sweep_*"]],
  ["last", "x", ["again_*", "first"]],
];
const PLAN = makePlan({ steps: STEPS, parameters: { N: ["1", "2", "3"] } });
const arrows = ({ edges }: ReturnType<typeof graphView>) =>
  edges.map(({ from, to }) => `${from}>${to}`).join(" ");

Deno.test("graph: steps, or all their combinations; where all wait for all the lines meet", () => {
  const folded = graphView(PLAN, true);
  assertEquals(folded.nodes.map(({ lines }) => lines.join("/")), [
    "first",
    "sweep/3 × N",
    "again/3 × N",
    "last",
  ]);
  assertEquals(arrows(folded).split(" ").sort(), ["0>1", "0>3", "1>2", "2>3"]);
  const whole = graphView(PLAN, false);
  assertEquals(whole.nodes.length, 9);
  assertEquals(whole.nodes.at(-1)!.lines, []);
  assertEquals(whole.edges.length, 3 + 3 + 3 + 3 + 1);
  assert(!arrows(whole).includes("1>4"), "a line from each to each");
});

Deno.test("graph: a step is in the worst state of its combinations", () => {
  const states: StepState[] = [
    "FINISHED",
    "FINISHED",
    "FAILED",
    "RUNNING",
    "PENDING",
    "RUNNING",
    "FINISHED",
    "INITIALIZED",
  ];
  const { nodes } = graphView(PLAN, true, states.map((state, i) => statusStep(String(i), state)));
  assertEquals(nodes.map((node) => markOf(node)!.state), ["FINISHED", "FAILED", "RUNNING", "INITIALIZED"]);
  assertEquals(nodes.map(stateWords), [
    "FINISHED",
    "1 FINISHED, 1 RUNNING, 1 FAILED",
    "1 FINISHED, 1 PENDING, 1 RUNNING",
    "INITIALIZED",
  ]);
});

Deno.test("graph: a partly failed step is drawn in parts; what did not run, or will run again, is distinct", async () => {
  const rows =
    (["FINISHED", "FINISHED", "FINISHED", "FAILED", "FAILED", "FAILED", "HWFAILURE", "FAILED"] as const)
      .map((state, i) =>
        statusStep(String(i), state, {
          ...(i === 4 || i === 5 || i === 7 ? { skipped: true } : {}),
          ...(i === 6 ? { ended: undefined } : {}),
        })
      );
  const view = graphView(PLAN, true, rows);
  assertEquals(view.nodes.map(stateWords), [
    "FINISHED",
    "2 FINISHED, 1 FAILED",
    "1 HWFAILURE (will run again), 2 FAILED (did not run)",
    "FAILED (did not run)",
  ]);
  const dot = graphDot(view);
  assertStringIncludes(dot, 'style="striped", fillcolor="#d8f1de;0.6667:#fbdcda;0.3333"');
  assertStringIncludes(dot, 'tooltip="FAILED (did not run)"');
  const mermaid = graphMermaid(view);
  assertStringIncludes(mermaid, '2 FINISHED, 1 FAILED"):::FAILED\n');
  assertStringIncludes(mermaid, "classDef FAILED_skipped fill:#f4f6f8,stroke:#c0392b");
  const svg = graphSvg(await placeGraph(view));
  for (const words of ["FAILED (did not run)", "HWFAILURE (will run again)"]) {
    assertStringIncludes(svg, `>${words}</text>`);
  }
  // Two steps in two parts each; only what did not run at all has a dashed frame.
  assertEquals(svg.match(/<clipPath/g)!.length, 2);
  // However few failed of many, they are seen.
  const plan = makePlan({
    steps: [["a", "$(N)"]],
    parameters: { N: Array.from({ length: 5000 }, (_, i) => String(i)) },
  });
  const many = plan.nodes.map(({ index }) => statusStep(String(index), index < 2 ? "FAILED" : "FINISHED"));
  const one = graphSvg(await placeGraph(graphView(plan, true, many)));
  const width = Number(
    /<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)" height="\d+" fill="#fbdcda"/.exec(one)![1],
  );
  assert(width > 3, String(width));
});

const ODD = makePlan({ steps: [['a"b<c>&d\\e', "x"], ["#1; end", "x"], ["ünï", "x", ["#1; end"]]] });

Deno.test("graph: odd names are escaped in every format", async () => {
  const view = graphView(ODD, true);
  const node = (text: string, name: string) => text.split("\n").find((line) => line.includes(name))!.trim();
  assertStringIncludes(node(graphDot(view), "n0 ["), 'label="a\\"b<c>&d\\\\e"');
  assertEquals(node(graphMermaid(view), "n0("), 'n0("a#34;b#60;c#62;#38;d#92;e")');
  assertEquals(node(graphMermaid(view), "n1("), 'n1("#35;1#59; end")');
  const svg = graphSvg(await placeGraph(view));
  assertStringIncludes(svg, "<title>a&#34;b&#60;c&#62;&#38;d\\e</title>");
  assertStringIncludes(svg, "ünï");
});

Deno.test("graph: in the picture no two steps lie upon each other, and all lie within", async () => {
  for (const folded of [true, false]) {
    for (const count of [1, 3, 40]) {
      const values = Array.from({ length: count }, (_, i) => String(i));
      const placed = await placeGraph(
        graphView(makePlan({ steps: STEPS, parameters: { N: values } }), folded),
      );
      const { nodes } = placed;
      for (const a of nodes) {
        assert(a.x - a.width / 2 >= 0 && a.x + a.width / 2 <= placed.width, a.node.lines.join());
        assert(a.y - a.height / 2 >= 0 && a.y + a.height / 2 <= placed.height, a.node.lines.join());
        for (const b of nodes) {
          const apart = Math.abs(a.x - b.x) * 2 >= a.width + b.width ||
            Math.abs(a.y - b.y) * 2 >= a.height + b.height;
          assert(a === b || apart, `${a.node.lines} and ${b.node.lines}`);
        }
      }
      // In the order of their values.
      const [first, second] = nodes.filter(({ node }) => node.lines[0] === "sweep");
      if (second) assert(placed.sideways ? first!.y < second.y : first!.x < second.x);
    }
  }
});

Deno.test("graph: one that is empty or long is drawn as well", async () => {
  assertStringIncludes(graphSvg(await placeGraph({ name: "none", nodes: [], edges: [] })), "none: 0 steps");
  const [node] = (await placeGraph({ name: "x", nodes: [{ lines: ["界".repeat(500)] }], edges: [] })).nodes;
  assert(node!.width < 400);
});
