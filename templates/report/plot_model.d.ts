/** The types of `plot_model.js` and `plot_picture.js`. */

export interface PlotRow {
  readonly x: string | undefined;
  readonly y: string | undefined;
  readonly by: string;
  /** Of rows with the same x, by and `once`, only the first counts. */
  readonly once?: string | number | undefined;
}

export interface Tick {
  readonly value: number;
  readonly text: string;
}

export interface Scale {
  readonly low: number;
  readonly high: number;
  at(value: number): number;
  ticks(most: number): Tick[];
}

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  /** Index into `series`. */
  readonly series: number;
  /** Index into the rows. */
  readonly row: number;
}

/** Rows that are not drawn, by the reason. */
export interface LeftOut {
  readonly missing: number;
  readonly text: number;
  readonly infinite: number;
  /** 0 or less, on a logarithmic axis. */
  readonly belowLog: number;
  /** The same value of the same step once more. */
  readonly repeated: number;
}

export interface PlotModel {
  readonly points: readonly PlotPoint[];
  readonly series: readonly string[];
  readonly left: LeftOut;
  /** Texts of x; undefined if x is numeric. */
  readonly places: readonly string[] | undefined;
  readonly x: Scale;
  readonly y: Scale;
  /** For each series the means of y; empty if x is not numeric. */
  readonly lines: readonly (readonly { readonly x: number; readonly y: number }[])[];
}

export function numberOf(text: string | undefined): number | undefined;
export function plotModel(
  rows: readonly PlotRow[],
  options?: { readonly logX?: boolean; readonly logY?: boolean },
): PlotModel;
