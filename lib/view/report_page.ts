/** A report as one HTML file that needs nothing else: its page, style, program and data. */

import page from "../../templates/report/page.html" with { type: "text" };
import style from "../../templates/report/page.css" with { type: "text" };
import values from "../../templates/report/data.js" with { type: "text" };
import dom from "../../templates/report/dom.js" with { type: "text" };
import filter from "../../templates/report/filter.js" with { type: "text" };
import summary from "../../templates/report/summary.js" with { type: "text" };
import failureKind from "../../templates/report/failure_kind.js" with { type: "text" };
import failures from "../../templates/report/failures.js" with { type: "text" };
import graph from "../../templates/report/graph.js" with { type: "text" };
import timeline from "../../templates/report/timeline.js" with { type: "text" };
import lanes from "../../templates/report/lanes.js" with { type: "text" };
import table from "../../templates/report/table.js" with { type: "text" };
import columns from "../../templates/report/columns.js" with { type: "text" };
import detail from "../../templates/report/detail.js" with { type: "text" };
import plotModel from "../../templates/report/plot_model.js" with { type: "text" };
import plotPicture from "../../templates/report/plot_picture.js" with { type: "text" };
import plot from "../../templates/report/plot.js" with { type: "text" };
import resources from "../../templates/report/resources.js" with { type: "text" };
import pictures from "../../templates/report/pictures.js" with { type: "text" };
import main from "../../templates/report/main.js" with { type: "text" };
import type { ReportData, ReportPictures } from "./report_data.ts";
import { markup } from "./markup.ts";
import { SERIES_TINTS } from "./plot_svg.ts";
import { tintOf } from "./state_colors.ts";
import { STEP_STATES } from "../study/states.ts";

/** In an order in which nothing is used before it is there. */
const MODULES = [
  ...[
    values,
    dom,
    filter,
    pictures,
    detail,
    summary,
    failureKind,
    failures,
    graph,
    lanes,
    timeline,
    table,
    columns,
  ],
  ...[resources, plotModel, plotPicture, plot, main],
];

const NO_PICTURES: ReportPictures = { shown: [], left: [] };

/** `nonce`: a secret of the page, so that no text of a study can run as a program. */
export function reportPage(data: ReportData, nonce: string, pictures: ReportPictures = NO_PICTURES): string {
  const fields: Readonly<Record<string, string>> = {
    title: markup(`${data.study.name}: ${data.state}`),
    nonce,
    style: `<style nonce="${nonce}">\n${tintRules()}\n${seriesRules()}\n${style}</style>`,
    script: `<script type="application/json" id="data">${dataText(data)}</script>\n` +
      `<script type="application/json" id="pictures-data">${dataText(pictures)}</script>\n` +
      `<script type="module" nonce="${nonce}">\n${program()}</script>`,
  };
  return page.replace(
    /<!-- @(\w+)@ -->|@(\w+)@/g,
    (_, whole?: string, part?: string) => fields[whole ?? part!]!,
  );
}

/** The modules in one scope: a page that is opened from a disk can import none. */
export function program(): string {
  const text = MODULES.map((module) =>
    module.replace(/^import [^;]*;\n/gm, "").replace(/^export (?=const|let|function|class)/gm, "")
  );
  return `"use strict";\n${text.join("\n")}`;
}

/** JSON that ends no element and opens none, and is one line to any reader. */
export function dataText(data: unknown): string {
  return JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The colours of series of a plot. */
function seriesRules(): string {
  return SERIES_TINTS.map(([light, dark], i) => `.c${i}{color:light-dark(${light},${dark})}`).join("\n");
}

/** The colours of states as variables, and for each state a class that sets them. */
function tintRules(): string {
  return STEP_STATES.map((state) => [state, tintOf(state)] as const).map(([state, { fill, line }]) =>
    `.s-${state}{--fill:light-dark(${fill},color-mix(in oklab,${line} 30%,#161c22));` +
    `--line:light-dark(${line},color-mix(in oklab,${line} 68%,#ffffff))}`
  ).join("\n");
}
