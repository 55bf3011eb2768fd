/** A graph as text for Graphviz and for Mermaid. */

import { visible } from "../cells.ts";
import { type GraphNode, type GraphView, markOf, type StatePart, stateWords } from "./graph_view.ts";
import { PLAIN_TINT, tintOfPart } from "./state_colors.ts";

/** For `dot`. */
export function graphDot(view: GraphView): string {
  const quoted = (text: string) => `"${visible(text).replace(/[\\"]/g, "\\$&")}"`;
  const nodes = view.nodes.map((node, i) => {
    if (node.lines.length === 0) return `  n${i} [shape=point, width=0.08];`;
    const { line } = nodeTint(node);
    const label = node.lines.map((text) => quoted(text).slice(1, -1)).join("\\n");
    const tip = node.parts ? `, tooltip=${quoted(stateWords(node))}` : "";
    return `  n${i} [label="${label}", ${dotFill(node)}, color="${line}"${tip}];`;
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

/** A step with combinations in several states has a stripe for each. */
function dotFill(node: GraphNode): string {
  const { parts = [] } = node;
  if (parts.length < 2) return `fillcolor="${nodeTint(node).fill}"`;
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const stripes = parts.map((part) => `${tintOfPart(part).fill};${(part.count / total).toFixed(4)}`);
  return `style="striped", fillcolor="${stripes.join(":")}"`;
}

/** For Markdown on GitHub, GitLab and others. */
export function graphMermaid(view: GraphView): string {
  const nodes = view.nodes.map((node, i) => {
    if (node.lines.length === 0) return `  n${i}(( ))`;
    // It has one colour for a node: the numbers are in words.
    const words = (node.parts?.length ?? 0) > 1 ? [stateWords(node)] : [];
    const label = [...node.lines, ...words].map(mermaidText).join("<br>");
    const mark = markOf(node);
    return `  n${i}("${label}")${mark ? `:::${className(mark)}` : ""}`;
  });
  const edges = view.edges.map(({ from, to, after }) => `  n${from} ${after ? "-.->" : "-->"} n${to}`);
  const marks = new Map(
    view.nodes.flatMap((node) => markOf(node) ?? []).map((mark) => [className(mark), mark]),
  );
  const classes = [...marks].map(([name, mark]) => {
    const { fill, line } = tintOfPart(mark);
    return `  classDef ${name} fill:${fill},stroke:${line},color:#1c2733`;
  });
  return ["flowchart TB", ...nodes, ...edges, ...classes, ""].join("\n");
}

const className = ({ state, fate }: StatePart) => fate === undefined ? state : `${state}_${fate}`;

/** Mermaid reads markup and Markdown in its labels; it knows characters by number. */
function mermaidText(text: string): string {
  return visible(text).replace(/[^\w .,=×+/-]/gu, (odd) => `#${odd.codePointAt(0)};`);
}

export function nodeTint(node: GraphNode) {
  const mark = markOf(node);
  return mark === undefined ? PLAIN_TINT : tintOfPart(mark);
}
