/** All schedulers by the word in `batch.type`. A new one is a template, a file beside this one and a row here. */

import type { Adapter } from "../lib/types.ts";
import { flux } from "./flux.ts";
import { local } from "./local.ts";
import { lsf } from "./lsf.ts";
import { pbs } from "./pbs.ts";
import { sge } from "./sge.ts";
import { slurm } from "./slurm.ts";

/** Adapters by name. */
export const ADAPTERS: Readonly<Record<string, Adapter>> = { local, slurm, lsf, flux, pbs, sge };

/** What `batch.type` may be, in the order in which messages list it. */
export const adapterNames: readonly string[] = Object.keys(ADAPTERS);

/** The adapter of a name; undefined for any other word, those that every object knows (`constructor`) included. */
export function findAdapter(name: string): Adapter | undefined {
  return Object.hasOwn(ADAPTERS, name) ? ADAPTERS[name] : undefined;
}
