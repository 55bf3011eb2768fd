/** What docs/schedulers.md shows of an adapter beside what the adapter itself shows. It is not part of the program. */

/** Cells of a table: Markdown, options of the scheduler in backquotes. What a cell cites must be given: a test checks it. */
export interface AdapterDocs {
  /** How people call the scheduler. */
  readonly title: string;
  /** Manuals: a name and an address. */
  readonly manuals: readonly (readonly [name: string, address: string])[];
  /** What each key of `batch` sets. Keys of which the first counts are one row: `queue or partition`. */
  readonly batch: Readonly<Record<string, string>>;
  /** What each key of `run` sets for the job. A key that is not here is ignored. */
  readonly run: Readonly<Record<string, string>>;
  /** The command that `run` sets options of, if it is not plain from the options. */
  readonly job?: string;
  /** The launcher, and what keys of `run` set for it, where that is more than the number of processes. */
  readonly launcher?: { readonly program: string; readonly run: Readonly<Record<string, string>> };
  /** What a job has that plain submission does not give it. */
  readonly added?: string;
  /** How its jobs are submitted, watched and ended. */
  readonly jobs: {
    readonly submitted: string;
    readonly token: string;
    readonly asked: string;
    /** What the answer has of why a job waits, and of when it will start. */
    readonly waits: string;
    readonly ended: string;
    readonly again: string;
    readonly memory: string;
    readonly time: string;
  };
  /** What a version may lack, and what is used instead. */
  readonly older?: readonly (readonly [missing: string, instead: string])[];
}
