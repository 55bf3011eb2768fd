/** All schedulers by the word in `batch.type`. A new one is a folder beside this file, a template, and a row here. */

import type { Adapter } from "./adapter.ts";
import { flux } from "./flux/mod.ts";
import { htcondor } from "./htcondor/mod.ts";
import { local } from "./local/mod.ts";
import { lsf } from "./lsf/mod.ts";
import { pbs } from "./pbs/mod.ts";
import { sge } from "./sge/mod.ts";
import { slurm } from "./slurm/mod.ts";

/** Adapters by name. */
export const ADAPTERS: Readonly<Record<string, Adapter>> = { local, slurm, lsf, flux, pbs, sge, htcondor };

/** What `batch.type` may be, in the order in which messages list it. */
export const adapterNames: readonly string[] = Object.keys(ADAPTERS);

/** The adapter of a name; undefined for any other word, those that every object knows (`constructor`) included. */
export function findAdapter(name: string): Adapter | undefined {
  return Object.hasOwn(ADAPTERS, name) ? ADAPTERS[name] : undefined;
}
