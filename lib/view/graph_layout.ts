/** Places the nodes and lines of a graph, in layers. The library that does it is loaded when it is needed. */

import { cellWidth, visible } from "../cells.ts";
import type { GraphNode, GraphView } from "./graph_view.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A node in the picture; x and y of its middle. */
export interface PlacedNode extends Point {
  readonly node: GraphNode;
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge {
  readonly points: readonly Point[];
  readonly after?: true;
}

export interface PlacedGraph {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  /** Whether lines run from left to right; else from top to bottom. */
  readonly sideways: boolean;
}

/** Pixels of a character in the first line of a node, and in those below it. */
const CHAR = [8.3, 6.8];
/** Of a text as long as anyone reads. */
const WIDEST = 300;

/** Text that fits a node. The tooltip has longer text. */
export function fitted(text: string, line: number): string {
  const shown = visible(text);
  const most = Math.floor(WIDEST / CHAR[Math.min(line, 1)]!);
  if (cellWidth(shown) <= most) return shown;
  let cut = shown.slice(0, most - 1);
  while (cellWidth(cut) > most - 1) cut = cut.slice(0, -1);
  return `${cut}…`;
}

function sizeOf({ lines }: GraphNode): { width: number; height: number } {
  if (lines.length === 0) return { width: 8, height: 8 };
  const widths = lines.map((text, i) => cellWidth(fitted(text, i)) * CHAR[Math.min(i, 1)]!);
  return { width: Math.round(Math.max(56, ...widths) + 24), height: 18 + 16 * lines.length };
}

export async function placeGraph(view: GraphView): Promise<PlacedGraph> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const sizes = view.nodes.map(sizeOf);
  const sideways = isBetterSideways(view, sizes);
  const graph = new Graph();
  graph.setGraph({
    // The mean of all alignments, its default, tears long layers apart.
    ...(sideways ? { rankdir: "LR", align: "UL" } : { rankdir: "TB" }),
    nodesep: sideways ? 10 : 24,
    ranksep: sideways ? 60 : 40,
    edgesep: 8,
    marginx: 16,
    marginy: 16,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  sizes.forEach((size, i) => graph.setNode(String(i), { ...size }));
  for (const { from, to } of view.edges) graph.setEdge(String(from), String(to));
  layout(graph);
  const size = graph.graph() as { width?: number; height?: number };
  // A graph without nodes has no size.
  const finite = (length = 32) => Number.isFinite(length) ? length : 32;
  const [width, height] = [finite(size.width), finite(size.height)];
  const places = view.nodes.map((_, i) => graph.node(String(i)) as Point);
  const turned = turner(places, { width, height }, sideways);
  return {
    name: view.name,
    width,
    height,
    sideways,
    nodes: view.nodes.map((node, i) => ({ node, ...turned(places[i]!), ...sizes[i]! })),
    edges: view.edges.map(({ from, to, after }) => {
      const { points } = graph.edge(String(from), String(to)) as { points: Point[] };
      return { points: points.map(turned), ...(after ? { after } : {}) };
    }),
  };
}

/** The library tends to place the last node of a layer first: then the picture is mirrored. */
function turner(
  places: readonly Point[],
  { width, height }: { width: number; height: number },
  sideways: boolean,
): (point: Point) => Point {
  let ordered = 0;
  for (let i = 1; i < places.length; i++) {
    const [a, b] = [places[i - 1]!, places[i]!];
    const sameLayer = Math.abs(sideways ? a.x - b.x : a.y - b.y) < 1;
    if (sameLayer) ordered += Math.sign(sideways ? b.y - a.y : b.x - a.x);
  }
  if (ordered >= 0) return ({ x, y }) => ({ x, y });
  return ({ x, y }) => sideways ? { x, y: height - y } : { x: width - x, y };
}

/** Many nodes side by side make a picture that is too wide; from left to right it is as long as they are high. */
function isBetterSideways(view: GraphView, sizes: readonly { width: number; height: number }[]): boolean {
  const rank = new Int32Array(view.nodes.length);
  // Lines lead from what is before to what is behind it; a joint is the exception, so twice.
  for (let round = 0; round < 2; round++) {
    for (const { from, to } of view.edges) rank[to] = Math.max(rank[to]!, rank[from]! + 1);
  }
  const layers: { count: number; long: number }[] = [];
  rank.forEach((at, i) => {
    const layer = layers[at] ??= { count: 0, long: 0 };
    layer.count++;
    layer.long += sizes[i]!.width + 24;
  });
  const wide = Math.max(0, ...layers.filter(Boolean).map(({ long }) => long));
  const upright = Math.max(wide, layers.length * 90);
  const broad = Math.max(0, ...layers.filter(Boolean).map(({ count }) => count));
  const widest = Math.max(0, ...sizes.map(({ width }) => width));
  return wide > 1200 && Math.max(broad * 60, layers.length * (widest + 60)) < upright;
}
