/** A placed graph as one SVG picture: for any browser, light and dark; it needs nothing else. */

import { visible } from "../cells.ts";
import { fitted, type PlacedEdge, type PlacedGraph, type PlacedNode, type Point } from "./graph_layout.ts";
import { nodeTint } from "./graph_text.ts";
import { markup } from "./markup.ts";
import { markOf, partWords, type StatePart, stateWords } from "./graph_view.ts";
import { tintOfPart } from "./state_colors.ts";
import { STEP_STATES } from "../study/states.ts";

const FONT = "font-family: system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif";
const TITLE_HEIGHT = 34;
const LEGEND_HEIGHT = 30;

export function graphSvg(graph: PlacedGraph): string {
  const states = legendOf(graph);
  const legend = states.length > 0;
  const width = Math.ceil(
    Math.max(
      graph.width,
      graph.name.length * 9 + 32,
      legend ? states.reduce((sum, part) => sum + legendWidth(part), 16) : 0,
    ),
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
    ...graph.nodes.map((node, i) => nodeSvg(node, i)),
    "</g>",
    ...legend ? [legendSvg(states, height - LEGEND_HEIGHT + 4)] : [],
    "</svg>",
    "",
  ].join("\n");
}

function nodeSvg({ node, x, y, width, height }: PlacedNode, index: number): string {
  if (node.lines.length === 0) return `<circle class="joint" cx="${round(x)}" cy="${round(y)}" r="4"/>`;
  const { fill, line } = nodeTint(node);
  const [left, top] = [round(x - width / 2), round(y - height / 2)];
  const title = node.lines.join(" ") + (node.parts ? `: ${stateWords(node)}` : "");
  const texts = node.lines.map((text, i) =>
    `<text class="${i === 0 ? "name" : "more"}" text-anchor="middle" x="${round(x)}" y="${
      top + 21 + 16 * i
    }">` +
    `${xml(fitted(text, i))}</text>`
  );
  const shape = `x="${left}" y="${top}" width="${width}" height="${height}" rx="6"`;
  const { parts = [] } = node;
  const dashed = markOf(node)?.fate === "skipped" ? ' stroke-dasharray="4 3"' : "";
  const frame = (area: string) => `<rect class="box" ${shape} fill="${area}" stroke="${line}"${dashed}/>`;
  const box = parts.length < 2
    ? frame(fill)
    : partsSvg(parts, { left, top, width, height }, `p${index}`, shape) + frame("none");
  return `<g><title>${xml(title)}</title>${box}${texts.join("")}</g>`;
}

/** Pixels of a part, however small it is. */
const LEAST_PART = 4;

/** A box in parts: how many of the step's combinations are in each state. */
function partsSvg(
  parts: readonly StatePart[],
  { left, top, width, height }: { left: number; top: number; width: number; height: number },
  id: string,
  shape: string,
): string {
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const widths = parts.map(({ count }) => Math.max(LEAST_PART, width * count / total));
  const scale = width / widths.reduce((sum, part) => sum + part);
  let at = left;
  const areas = parts.map((part, i) => {
    const wide = widths[i]! * scale;
    const { fill, line } = tintOfPart(part);
    const area =
      `<rect x="${round(at)}" y="${top}" width="${round(wide)}" height="${height}" fill="${fill}"/>` +
      `<rect x="${round(at)}" y="${round(top + height - 5)}" width="${
        round(wide)
      }" height="5" fill="${line}"` +
      `${part.fate === undefined ? "" : ' fill-opacity="0.4"'}/>`;
    at += wide;
    return area;
  });
  return `<clipPath id="${id}"><rect ${shape}/></clipPath><g clip-path="url(#${id})">${areas.join("")}</g>`;
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

/** The states that occur, in the order of their table. */
function legendOf({ nodes }: PlacedGraph): StatePart[] {
  const found = new Map(
    nodes.flatMap(({ node }) => node.parts ?? []).map((part) => [partWords(part), part]),
  );
  return [...found.values()].sort((a, b) =>
    STEP_STATES.indexOf(a.state) - STEP_STATES.indexOf(b.state) || partWords(a).length - partWords(b).length
  );
}

const legendWidth = (part: StatePart) => 40 + 7 * Math.max(10, partWords(part).length);

function legendSvg(parts: readonly StatePart[], top: number): string {
  let x = 16;
  return parts.map((part) => {
    const { fill, line } = tintOfPart(part);
    const dashed = part.fate === "skipped" ? ' stroke-dasharray="4 3"' : "";
    const item =
      `<rect x="${x}" y="${top}" width="14" height="14" rx="3" fill="${fill}" stroke="${line}"${dashed}/>` +
      `<text class="more key" x="${x + 20}" y="${top + 11}">${partWords(part)}</text>`;
    x += legendWidth(part);
    return item;
  }).join("");
}

const round = (value: number) => Math.round(value * 10) / 10;

function xml(text: string): string {
  return markup(visible(text));
}
