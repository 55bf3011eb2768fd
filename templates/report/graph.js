/** The graph: what waits for what, in the colours of states. A node is a way to its rows. */

import { data, rows } from "./data.js";
import { byId, svg } from "./dom.js";
import { openDetail } from "./detail.js";
import { setFilter } from "./filter.js";

export function drawGraph() {
  const { graph } = data;
  byId("graph-hint").textContent = !graph
    ? "The graph has too many steps and lines for a picture: `maestro graph --format dot` gives them to programs for large graphs."
    : graph.folded
    ? "One box for each step. The strip at its foot shows the states of its combinations. A click shows them below."
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
  const counts = folded
    ? data.steps[index].counts
    : data.states.map((state) => Number(rows[index].state === state));
  const state = data.byWeight.find((word) => counts[data.states.indexOf(word)] > 0) ?? "INITIALIZED";
  const [left, top] = [x - width / 2, y - height / 2];
  const told = data.states.flatMap((word, i) =>
    counts[i] === 0 ? [] : [folded ? `${counts[i]} ${word}` : word]
  ).join(", ");
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
        class: `node s-${state}`,
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
    folded ? strip(counts, left + 8, top + height - 6, width - 16) : [],
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

function strip(counts, left, top, width) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts.filter((count) => count > 0).length < 2) return [];
  let at = left;
  return counts.flatMap((count, i) => {
    if (count === 0) return [];
    const part = width * count / total;
    at += part;
    return [
      svg("rect", {
        class: `strip s-${data.states[i]}`,
        x: at - part,
        y: top,
        width: Math.max(part, 1.5),
        height: 3,
      }),
    ];
  });
}
