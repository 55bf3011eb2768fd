/** Draws the report. */

import { byId } from "./dom.js";
import { drawTables, printTables } from "./columns.js";
import { armDetail, openDetail } from "./detail.js";
import { drawFailures } from "./failures.js";
import { applyFilter, drawFilters } from "./filter.js";
import { drawGraph } from "./graph.js";
import { drawPictures } from "./pictures.js";
import { drawPlot } from "./plot.js";
import { drawResources } from "./resources.js";
import { drawProvenance, drawSummary } from "./summary.js";
import { drawTimeline, printTimeline } from "./timeline.js";

drawSummary();
drawFailures();
drawGraph();
drawFilters();
drawTimeline();
drawResources();
drawPlot();
drawPictures(openDetail);
drawTables();
drawProvenance();
armDetail();
applyFilter();

byId("theme").addEventListener("change", (event) => {
  document.documentElement.dataset.theme = event.target.value;
});

addEventListener("beforeprint", () => {
  printTables(true);
  printTimeline(true);
});
addEventListener("afterprint", () => {
  printTables(false);
  printTimeline(false);
});

addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || byId("detail").open) return;
  event.preventDefault();
  byId("search").focus();
});
