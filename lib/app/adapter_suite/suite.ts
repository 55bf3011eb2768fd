/**
 * The suite that every adapter passes: what it is made of, what it makes of answers, and studies on its commands. A case
 * returns if it passes, and throws a `Failure` that names what is missing.
 */

import type { Adapter } from "../../../adapters/adapter.ts";
import type { SuiteCase, SuiteOptions } from "./cases.ts";
import { commandCases } from "./commands.ts";
import { descriptionCases } from "./description.ts";
import { endToEndCases } from "./end_to_end.ts";
import { recordedCases, recordingsIn } from "./recorded.ts";
import { scriptCases } from "./scripts.ts";

/** All cases for an adapter. */
export function suiteOf(adapter: Adapter, options: SuiteOptions): SuiteCase[] {
  return [
    ...descriptionCases(adapter),
    ...scriptCases(adapter, options),
    ...commandCases(adapter),
    ...recordedCases(adapter, options),
    ...endToEndCases(adapter, options),
  ];
}

/** The cases that need no process, no file and no time. */
export function quickSuiteOf(adapter: Adapter): SuiteCase[] {
  return [...descriptionCases(adapter), ...commandCases(adapter)];
}

/** What the suite cannot prove with these options, as sentences; none if all is proven. */
export function unproven({ scheduler }: Adapter, options: SuiteOptions): string[] {
  if (scheduler === undefined) return [];
  const { fake, recorded, real, limits, system } = options;
  return [
    ...(recorded !== undefined && recordingsIn(system, recorded).length > 0
      ? []
      : ["No answer of the real scheduler is recorded: the adapter and its fake follow the manual alone."]),
    ...(fake === undefined && !real ? ["There is no fake: no study ran on its commands."] : []),
    ...(limits || fake === undefined ? [] : ["The fake has no time limits: no step ran over its walltime."]),
  ];
}
