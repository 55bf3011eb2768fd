/**
 * Options for Flux without a separate key, as in Maestro 1.2: `allocation_args` for the job, and
 * `launcher_args` for its launcher. They are mappings of options to mappings of names to values. Names may be
 * nested, or written with dots.
 *
 * launcher_args: {setopt: {mpi: spectrum}, exclusive: } -> --exclusive --setopt=mpi=spectrum
 */

import type { Batch, YamlValue } from "../../lib/spec/types.ts";
import type { Resources } from "../../lib/plan/types.ts";
import { oneLine } from "../values.ts";

type Part = "allocation" | "launcher";

/** Options that hold many names each, in the order in which they are written, and their short forms. */
const GROUPS: Readonly<Record<string, string>> = {
  ...{ S: "setattr", setattr: "setattr", o: "setopt", setopt: "setopt", conf: "conf" },
};

const isMapping = (value: YamlValue | undefined): value is { [key: string]: YamlValue } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether the nodes of a job, or of a call of the launcher, are not shared: the step's word, else that of `batch`. */
export function exclusiveIn(part: Part, resources: Resources, batch: Batch): boolean {
  const own = part === "allocation" ? resources.exclusive : resources["exclusive launcher"];
  if (own !== undefined) return own;
  const args = batch[`${part}_args`];
  return isMapping(args) && ("x" in args || "exclusive" in args);
}

/** Whether a job shares its nodes: then its procs and cores count. */
export function isShared(resources: Resources, batch: Batch): boolean {
  return !exclusiveIn("allocation", resources, batch);
}

/** GPUs of each slot: those asked for are a job's, dealt out over its nodes. */
export function gpusOfSlot({ gpus, nodes }: Resources): number | undefined {
  return gpus ? Math.ceil(gpus / (nodes || 1)) : undefined;
}

/** Options of `allocation_args` or `launcher_args`. Maestro knows no others for the allocation. */
export function fluxArgs(args: YamlValue | undefined, part: Part): string[] {
  if (!isMapping(args)) return [];
  const entries = Object.entries(args).filter(([key]) => key !== "x" && key !== "exclusive");
  const grouped = ["setattr", "setopt", "conf"].flatMap((group) =>
    entries.flatMap(([key, value]) => GROUPS[key] === group ? options(group, value) : [])
  );
  const others = part === "allocation" ? [] : entries.filter(([key]) => !(key in GROUPS));
  return [...grouped, ...others.flatMap(([key, value]) => options(key, value))];
}

/** Options of the launcher: `launcher_args`, and `args` as options of the job's shell. */
export function launcherArgs(batch: Batch): string[] {
  return [
    ...fluxArgs(batch["launcher_args"], "launcher"),
    ...(isMapping(batch.args) ? options("setopt", batch.args) : []),
  ];
}

/** `--key=name=value` for each name; a name without a value is printed alone. */
function options(key: string, value: YamlValue): string[] {
  const start = key.length === 1 ? `-${key} ` : `--${oneLine(key)}=`;
  return leaves(value, "").map(([name, text]) =>
    `${start}${[name, text].filter((part) => part !== "").join("=")}`
  );
}

function leaves(value: YamlValue, name: string): [string, string][] {
  if (isMapping(value)) {
    return Object.entries(value).flatMap(([key, item]) => leaves(item, name === "" ? key : `${name}.${key}`));
  }
  if (Array.isArray(value)) return [[oneLine(name), `[${value.map(jsonItem).join(",")}]`]];
  const text = typeof value === "string" ? oneLine(value) : "";
  return [[oneLine(name), /^(true|false)$/i.test(text) ? text.toLowerCase() : text]];
}

/** An item of a list, as Flux reads it: JSON. */
function jsonItem(item: YamlValue): string {
  if (typeof item !== "string") return JSON.stringify(item);
  if (/^(?:true|false)$/i.test(item)) return item.toLowerCase();
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(item) ? item : JSON.stringify(oneLine(item));
}
