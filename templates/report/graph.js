/** The graph: what waits for what, in the colours of states. A node is a way to its rows. */

import { data, markOf, partOfRow, partsOf, rows } from "./data.js";
import { byId, svg } from "./dom.js";
import { openDetail } from "./detail.js";
import { setFilter } from "./filter.js";

export function drawGraph() {
  const { graph } = data;
  byId("graph-hint").textContent = !graph
    ? "The graph has too many steps and lines for a picture: `maestro graph --format dot` gives them to programs for large graphs."
    : graph.folded
    ? "One box for each step. Its parts show the states of its combinations. A click shows them below."
    : "Click for details.";
  if (!graph) return byId("graph").remove();
  const { width, height, nodes, edges } = graph;
  byId("graph").append(svg(
    "svg",
    {
      ...{
        viewBox: `0 0 ${width} ${height}`,
        width,
        height,
        role: "group",
        "aria-label": "Graph of the steps",
      },
      // Small enough to be seen whole, as long as it can be read.
      style: { "min-width": `${Math.round(Math.min(width, Math.max(width * 0.62, 280)))}px` },
    },
    svg(
      "defs",
      {},
      svg(
        "marker",
        {
          id: "tip",
          viewBox: "0 0 10 10",
          refX: 9,
          refY: 5,
          markerWidth: 7,
          markerHeight: 7,
          orient: "auto",
        },
        svg("path", { class: "head", d: "M0 1 10 5 0 9z" }),
      ),
    ),
    edges.map(([d, late]) =>
      svg("path", { class: late ? "edge late" : "edge", d, "marker-end": "url(#tip)" })
    ),
    nodes.map((node, i) => graphNode(node, i, graph.folded)),
  ));
}

function graphNode([x, y, width, height, lines], index, folded) {
  if (lines.length === 0) return svg("circle", { class: "head", cx: x, cy: y, r: 4 });
  const parts = folded ? partsOf(data.steps[index]) : [partOfRow(rows[index])];
  const mark = markOf(parts)?.className ?? "s-INITIALIZED";
  const [left, top] = [x - width / 2, y - height / 2];
  const told = parts.map(({ count, word }) => folded ? `${count} ${word}` : word).join(", ");
  const open = () => {
    if (!folded) return openDetail(rows[index]);
    setFilter({ step: index });
    byId("steps-title").scrollIntoView();
    byId("steps-title").focus();
  };
  return svg(
    "g",
    {
      ...{
        class: `node ${mark}`,
        tabindex: 0,
        role: "button",
        "aria-label": `${lines.join(" ")}: ${told}`,
      },
      onclick: open,
      onkeydown: (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        open();
      },
    },
    svg("title", {}, `${lines.join(" ")}: ${told}`),
    svg("rect", { class: "box", x: left, y: top, width, height, rx: 7 }),
    folded ? areas(parts, { x: left, y: top, width, height }) : [],
    svg("rect", { class: "box frame", x: left, y: top, width, height, rx: 7 }),
    lines.map((line, i) =>
      svg(
        "text",
        { class: i === 0 ? "name" : "more", x, y: top + 21 + 16 * i, "text-anchor": "middle" },
        short(line, i),
      )
    ),
  );
}

/** As long as fits the box, which was made for it. */
const short = (line, i) => {
  const most = i === 0 ? 36 : 44;
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
};

/** The box in parts, for a step with combinations in several states. */
function areas(parts, { x, y, width, height }) {
  if (parts.length < 2) return [];
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  // However few failed of many, they are seen.
  const widths = parts.map(({ count }) => Math.max(4, width * count / total));
  const scale = width / widths.reduce((sum, part) => sum + part);
  let at = x;
  return parts.flatMap(({ className }, i) => {
    const part = { x: at, width: widths[i] * scale };
    at += part.width;
    return [
      svg("rect", { class: `area ${className}`, ...part, y: y + 1, height: height - 2 }),
      svg("rect", { class: `strip ${className}`, ...part, y: y + height - 5, height: 4 }),
    ];
  });
}
