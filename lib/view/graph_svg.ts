/** A placed graph as one SVG picture: for any browser, light and dark; it needs nothing else. */

import { visible } from "../cells.ts";
import { fitted, type PlacedEdge, type PlacedGraph, type PlacedNode, type Point } from "./graph_layout.ts";
import { nodeTint } from "./graph_text.ts";
import { markup } from "./markup.ts";
import { type StateCounts, stateWords } from "./graph_view.ts";
import { tintOf } from "./state_colors.ts";
import { STEP_STATES, type StepState } from "../study/states.ts";

const FONT = "font-family: system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif";
const TITLE_HEIGHT = 34;
const LEGEND_HEIGHT = 30;

export function graphSvg(graph: PlacedGraph): string {
  const states = statesOf(graph);
  const legend = states.length > 0;
  const width = Math.ceil(
    Math.max(graph.width, graph.name.length * 9 + 32, legend ? states.length * 110 + 16 : 0),
  );
  const height = Math.ceil(graph.height + TITLE_HEIGHT + (legend ? LEGEND_HEIGHT : 0));
  const left = round((width - graph.width) / 2);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `role="img" aria-labelledby="t" style="${FONT}">`,
    `<title id="t">${xml(graph.name)}: ${
      graph.nodes.filter(({ node }) => node.lines.length > 0).length
    } steps</title>`,
    "<style>",
    ".paper{fill:#ffffff}.edge{fill:none;stroke:#8a96a3;stroke-width:1.3}.late{stroke-dasharray:5 4}",
    ".joint,.head{fill:#8a96a3}.box{stroke-width:1.3}",
    "text{fill:#1c2733}.name{font-size:13px;font-weight:600}.more{font-size:11px;fill:#465564}",
    ".title{font-size:16px;font-weight:600}",
    "@media (prefers-color-scheme: dark){.paper{fill:#14191f}.title,.key{fill:#e4e9ee}}",
    "</style>",
    '<defs><marker id="a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">' +
    '<path class="head" d="M0 1 10 5 0 9z"/></marker></defs>',
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="title" x="16" y="26">${xml(graph.name)}</text>`,
    `<g transform="translate(${left} ${TITLE_HEIGHT})">`,
    ...graph.edges.map((edge) => edgeSvg(edge)),
    ...graph.nodes.map(nodeSvg),
    "</g>",
    ...legend ? [legendSvg(states, height - LEGEND_HEIGHT + 4)] : [],
    "</svg>",
    "",
  ].join("\n");
}

function nodeSvg({ node, x, y, width, height }: PlacedNode): string {
  if (node.lines.length === 0) return `<circle class="joint" cx="${round(x)}" cy="${round(y)}" r="4"/>`;
  const { fill, line } = nodeTint(node);
  const [left, top] = [round(x - width / 2), round(y - height / 2)];
  const told = node.lines.join(" ") + (node.state ? `: ${stateWords(node)}` : "");
  const texts = node.lines.map((text, i) =>
    `<text class="${i === 0 ? "name" : "more"}" text-anchor="middle" x="${round(x)}" y="${
      top + 21 + 16 * i
    }">` +
    `${xml(fitted(text, i))}</text>`
  );
  const box = `<rect class="box" x="${left}" y="${top}" width="${width}" height="${height}" rx="6" ` +
    `fill="${fill}" stroke="${line}"/>`;
  return `<g><title>${xml(told)}</title>${box}${countsSvg(node.counts, left, top + height, width)}${
    texts.join("")
  }</g>`;
}

/** At the foot of a step with combinations in several states: a strip of how many are in each. */
function countsSvg(counts: StateCounts = {}, left: number, bottom: number, width: number): string {
  const entries = Object.entries(counts) as [StepState, number][];
  if (entries.length < 2) return "";
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  let at = left + 6;
  return entries.map(([state, count]) => {
    const part = round((width - 12) * count / total);
    const strip = `<rect x="${round(at)}" y="${bottom - 6}" width="${part}" height="3" fill="${
      tintOf(state).line
    }"/>`;
    at += part;
    return strip;
  }).join("");
}

function edgeSvg({ points, after }: PlacedEdge): string {
  return `<path class="edge${after ? " late" : ""}" marker-end="url(#a)" d="${curve(points)}"/>`;
}

/** The path of a B-spline along the points: begins in the first of them, ends in the last. */
export function curve(points: readonly Point[]): string {
  const at = ({ x, y }: Point) => `${round(x)} ${round(y)}`;
  const mid = (a: Point, b: Point, part: number): Point => ({
    x: a.x + (b.x - a.x) * part,
    y: a.y + (b.y - a.y) * part,
  });
  if (points.length < 3) return `M${points.map(at).join("L")}`;
  let path = `M${at(points[0]!)}L${at(mid(points[0]!, points[1]!, 1 / 2))}`;
  for (let i = 1; i + 1 < points.length; i++) {
    path += `Q${at(points[i]!)} ${at(mid(points[i]!, points[i + 1]!, 1 / 2))}`;
  }
  return `${path}L${at(points.at(-1)!)}`;
}

function statesOf({ nodes }: PlacedGraph): StepState[] {
  const found = new Set(nodes.flatMap(({ node }) => Object.keys(node.counts ?? {})));
  return STEP_STATES.filter((state) => found.has(state));
}

function legendSvg(states: readonly StepState[], top: number): string {
  return states.map((state, i) => {
    const { fill, line } = tintOf(state);
    const x = 16 + i * 110;
    return `<rect x="${x}" y="${top}" width="14" height="14" rx="3" fill="${fill}" stroke="${line}"/>` +
      `<text class="more key" x="${x + 20}" y="${top + 11}">${state}</text>`;
  }).join("");
}

const round = (value: number) => Math.round(value * 10) / 10;

function xml(text: string): string {
  return markup(visible(text));
}
