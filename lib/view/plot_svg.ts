/** A plot as an SVG file: for any browser, light and dark; it needs nothing else. */

import { visible } from "../cells.ts";
// @ts-types="../../templates/report/plot_picture.d.ts"
import { plotPicture, SERIES_COLORS, signPath } from "../../templates/report/plot_picture.js";
import type { PlotPicture } from "../../templates/report/plot_picture.d.ts";
import type { PlotModel } from "../../templates/report/plot_model.d.ts";
import { markup } from "./markup.ts";

/** Of series, on white and on black: by Okabe and Ito, which people with any colour vision can distinguish. */
export const SERIES_TINTS: readonly (readonly [light: string, dark: string])[] = [
  ["#0072b2", "#56b4e9"],
  ["#d55e00", "#f0883e"],
  ["#009e73", "#3ecfa0"],
  ["#aa4499", "#e08fd0"],
  ["#8a6d00", "#e6c229"],
  ["#4b4b4b", "#b8c0c8"],
  ["#882255", "#e57b9b"],
  ["#117733", "#86c86a"],
];

const WIDTH = 800;
const HEIGHT = 480;
const FONT = "system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif";

export interface PlotNames {
  readonly x: string;
  readonly y: string;
  readonly by: string;
}

export function plotSvg(model: PlotModel, names: PlotNames): string {
  const picture = plotPicture(model, { width: WIDTH, height: HEIGHT, names });
  const { width, height, grid, lines, clouds, marks, keys, texts } = picture;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `role="img" aria-labelledby="t" font-family="${FONT}">`,
    `<title id="t">${markup(visible(picture.title))}</title>`,
    `<style>${style()}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<path class="grid" d="${grid}"/>`,
    frameSvg(picture),
    ...lines.map(({ series, d }) => `<path class="line ${colorOf(series)}" d="${d}"/>`),
    ...clouds.map(({ series, d }) => `<path class="cloud ${colorOf(series)}" d="${d}"/>`),
    ...marks.map(({ at, series }) => `<path class="mark ${colorOf(series)}" d="${signPath(series, at)}"/>`),
    ...keys.map(({ x, y, series }) =>
      `<path class="mark ${colorOf(series)}" d="${signPath(series, [x, y])}"/>`
    ),
    ...texts.map(({ x, y, text, anchor, kind }) =>
      `<text class="${kind}" x="${x}" y="${y}" text-anchor="${anchor}">${markup(visible(text))}</text>`
    ),
    "</svg>",
    "",
  ].join("\n");
}

const colorOf = (series: number) => `c${series % SERIES_COLORS}`;

function frameSvg({ frame: { left, top, right, bottom } }: PlotPicture): string {
  return `<path class="grid" d="M${left} ${top}V${bottom}H${right}"/>`;
}

function style(): string {
  const colors = (tone: 0 | 1) => SERIES_TINTS.map((tints, i) => `.c${i}{color:${tints[tone]}}`).join("");
  return [
    ".paper{fill:#ffffff}.grid{fill:none;stroke:#d5dbe1}text{fill:#1c2733;font-size:12px}",
    ".axis{font-size:14px;font-weight:600}.line{fill:none;stroke:currentColor;stroke-width:1.4;opacity:.75}",
    ".mark{fill:currentColor;fill-opacity:.85}",
    ".cloud{fill:none;stroke:currentColor;stroke-width:3;stroke-linecap:round;stroke-opacity:.6}",
    colors(0),
    `@media (prefers-color-scheme: dark){.paper{fill:#14191f}.grid{stroke:#39434d}text{fill:#e4e9ee}${
      colors(1)
    }}`,
  ].join("");
}
