/** What a case of the suite is, and what the suite is given beside the adapter. */

import type { System } from "../../system.ts";

/** How a scheduler reads directives in a script. */
export interface DirectiveReader {
  /** What a directive begins with, such as `#MARK`. */
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
  /** Whether `batch.type` is a file, which `run` loads only if the user agrees. */
  readonly trust?: boolean | undefined;
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
