/**
 * The suite that every adapter passes: what it is made of, what it makes of answers, and studies on its commands. A case
 * returns if it passes, and throws a `Failure` that names what is missing.
 */

import type { Adapter } from "../../../adapters/adapter.ts";
import type { System } from "../../system.ts";
import { commandCases } from "./commands.ts";
import { descriptionCases } from "./description.ts";
import { endToEndCases } from "./end_to_end.ts";
import { recordedCases, recordingsIn } from "./recorded.ts";
import { scriptCases } from "./scripts.ts";

/** How a scheduler reads directives in a script. */
export interface DirectiveReader {
  /** What a directive begins with: `#SBATCH`. */
  readonly mark: string;
  /** The directives that the scheduler reads, without the mark. */
  read(script: string): string[];
}

/** A command that was run on a real scheduler. */
export interface Transcript {
  readonly command: string;
  readonly result: {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
    readonly timedOut: boolean;
  };
}

export interface SuiteOptions {
  readonly system: System;
  /** The words that start `maestro`. */
  readonly maestro: readonly string[];
  /** `batch` of the studies: the adapter's name or file as `type`, and what the scheduler wants beside it. */
  readonly batch: Readonly<Record<string, string>>;
  /** A folder with commands like the scheduler's. */
  readonly fake?: string | undefined;
  /** Whether the studies run on the scheduler that PATH leads to. */
  readonly real?: boolean | undefined;
  /** Whether the fake ends a job at its walltime, a second for a minute. */
  readonly limits?: boolean | undefined;
  /** A folder with a folder of recordings for each version of the scheduler. */
  readonly recorded?: string | undefined;
  /** Whether `expected.txt` of recordings is written anew. */
  readonly update?: boolean | undefined;
  readonly directives?: DirectiveReader | undefined;
  /** Changes a recording whose command had other options than the adapter's. */
  readonly prepare?: ((transcript: Transcript) => Transcript) | undefined;
}

export interface SuiteCase {
  readonly name: string;
  run(): void | Promise<void>;
}

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
