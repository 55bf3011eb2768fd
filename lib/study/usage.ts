/** What attempts used, and what they were given. */

import { clockText } from "../units.ts";

/** Of one attempt. What is not known is absent. */
export interface Usage {
  /** CPU time of all its processes, user and system, in milliseconds. */
  readonly cpuMs?: number;
  /**
   * The most memory that it held, in bytes: on this machine all its processes, at a scheduler what that reports
   * (`docs/json.md`).
   */
  readonly maxRssBytes?: number;
  /** What its processes read and wrote, in bytes, from caches and pipes too. */
  readonly readBytes?: number;
  readonly writtenBytes?: number;
  /** The most memory that it held on one node, as its limit counts it, if that is not `maxRssBytes`. */
  readonly nodePeakBytes?: number;
  /** What the scheduler gave: CPUs of all its nodes, nodes, memory of each node. */
  readonly cpus?: number;
  readonly nodes?: number;
  readonly nodeMemoryBytes?: number;
  /** Its time limit, and the time that it took by the scheduler's clock, in seconds. */
  readonly limitSeconds?: number;
  readonly wallSeconds?: number;
}

/** In the order in which they are shown. */
export const USAGE_FIELDS = [
  "cpuMs",
  "maxRssBytes",
  "readBytes",
  "writtenBytes",
  "nodePeakBytes",
  "cpus",
  "nodes",
  "nodeMemoryBytes",
  "limitSeconds",
  "wallSeconds",
] as const satisfies readonly (keyof Usage)[];

/** Without what is not known, or makes no sense as a number. */
export function usageOf(fields: { readonly [FIELD in keyof Usage]?: number | undefined }): Usage {
  return Object.fromEntries(
    USAGE_FIELDS.flatMap((field) => {
      const value = fields[field];
      return typeof value === "number" && value >= 0 && value < Infinity ? [[field, value]] : [];
    }),
  );
}

/** Whether it shows anything about what was used, beside what was given. */
export function isMeasured({ cpuMs, maxRssBytes, readBytes, writtenBytes }: Usage): boolean {
  return [cpuMs, maxRssBytes, readBytes, writtenBytes].some((value) => value !== undefined);
}

/** `1.2G`: three digits at most, in powers of 1024. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  for (; value >= 1000 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${value < 9.95 && unit > 0 ? Math.round(value * 10) / 10 : Math.round(value)}${UNITS[unit]}`;
}

const UNITS = ["B", "K", "M", "G", "T", "P"];

/** `5.13s`, or `1:02:03` from a minute on. */
export function cpuText(ms: number): string {
  return ms < 59_995 ? `${Math.round(ms / 10) / 100}s` : clockText(ms / 1000);
}

/** What was used, in words; empty if nothing was measured. */
export function usageText({ cpuMs, maxRssBytes, readBytes, writtenBytes }: Usage): string {
  return [
    ...(cpuMs === undefined ? [] : [`${cpuText(cpuMs)} of CPU time`]),
    ...(maxRssBytes === undefined ? [] : [`${bytesText(maxRssBytes)} of memory`]),
    ...(readBytes === undefined ? [] : [`${bytesText(readBytes)} read`]),
    ...(writtenBytes === undefined ? [] : [`${bytesText(writtenBytes)} written`]),
  ].join(", ");
}
