/** A graph as text for Graphviz and for Mermaid. */

import { visible } from "../cells.ts";
import { type GraphNode, type GraphView, stateWords } from "./graph_view.ts";
import { PLAIN_TINT, tintOf } from "./state_colors.ts";
import type { StepState } from "../study/states.ts";

/** For `dot`. */
export function graphDot(view: GraphView): string {
  const quoted = (text: string) => `"${visible(text).replace(/[\\"]/g, "\\$&")}"`;
  const nodes = view.nodes.map((node, i) => {
    if (node.lines.length === 0) return `  n${i} [shape=point, width=0.08];`;
    const { fill, line } = nodeTint(node);
    const label = node.lines.map((text) => quoted(text).slice(1, -1)).join("\\n");
    const tip = node.state ? `, tooltip=${quoted(stateWords(node))}` : "";
    return `  n${i} [label="${label}", fillcolor="${fill}", color="${line}"${tip}];`;
  });
  const edges = view.edges.map(({ from, to, after }) =>
    `  n${from} -> n${to}${after ? " [style=dashed]" : ""};`
  );
  return [
    `digraph ${quoted(view.name)} {`,
    "  rankdir=TB;",
    '  node [shape=box, style="rounded,filled", fontname="Helvetica,Arial,sans-serif", fontsize=11];',
    '  edge [color="#7b8794", arrowsize=0.7];',
    ...nodes,
    ...edges,
    "}",
    "",
  ].join("\n");
}

/** For Markdown on GitHub, GitLab and others. */
export function graphMermaid(view: GraphView): string {
  const nodes = view.nodes.map((node, i) => {
    if (node.lines.length === 0) return `  n${i}(( ))`;
    const label = node.lines.map(mermaidText).join("<br>");
    return `  n${i}("${label}")${node.state ? `:::${node.state}` : ""}`;
  });
  const edges = view.edges.map(({ from, to, after }) => `  n${from} ${after ? "-.->" : "-->"} n${to}`);
  const states = [...new Set(view.nodes.flatMap(({ state }) => state ?? []))];
  const classes = states.map((state: StepState) => {
    const { fill, line } = tintOf(state);
    return `  classDef ${state} fill:${fill},stroke:${line},color:#1c2733`;
  });
  return ["flowchart TB", ...nodes, ...edges, ...classes, ""].join("\n");
}

/** Mermaid reads markup and Markdown in its labels; it knows characters by number. */
function mermaidText(text: string): string {
  return visible(text).replace(/[^\w .,=×+/-]/gu, (odd) => `#${odd.codePointAt(0)};`);
}

export function nodeTint({ state }: GraphNode) {
  return state === undefined ? PLAIN_TINT : tintOf(state);
}
