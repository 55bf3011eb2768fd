import type { PlotModel } from "./plot_model.d.ts";

export interface PictureText {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly anchor: "start" | "middle" | "end";
  readonly kind: "axis" | "tick" | "key";
}

export interface PlotPicture {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly frame: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
  readonly texts: readonly PictureText[];
  /** The path of all lines behind the points. */
  readonly grid: string;
  readonly keys: readonly { readonly x: number; readonly y: number; readonly series: number }[];
  readonly lines: readonly { readonly series: number; readonly d: string }[];
  readonly marks: readonly {
    readonly at: readonly [number, number];
    readonly series: number;
    readonly row: number;
  }[];
  /** Instead of marks if there are many points. */
  readonly clouds: readonly { readonly series: number; readonly d: string }[];
}

export const SERIES_COLORS: number;
export function signPath(series: number, at: readonly [number, number], size?: number): string;
export function plotPicture(
  model: PlotModel,
  options: {
    readonly width: number;
    readonly height: number;
    readonly names: { readonly x: string; readonly y: string; readonly by: string };
  },
): PlotPicture;
