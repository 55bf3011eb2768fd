/** A spec as types: the content of a checked YAML file. */

import type { Numbers } from "./settings.ts";

/** What a YAML document holds, every scalar as text: a plain one as Maestro prints it, a quoted one as written. */
export type YamlValue = string | null | YamlValue[] | { [key: string]: YamlValue };

/** The place of a value in the spec: keys and list indices from the top. */
export type SpecPath = readonly (string | number)[];

/**
 * A mistake (or an oddity) in a spec. All problems of a spec are reported at once. A note is for `lint` only.
 */
export interface Problem {
  readonly level: "error" | "warning" | "note";
  readonly message: string;
  readonly path: SpecPath;
  /** Whether the place is the key itself or its value. */
  readonly at: "key" | "value";
  readonly hint?: string;
}

/** A problem with its place in the file: line and column count from 1. */
export interface PlacedProblem extends Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The source line, without its newline. */
  readonly source: string;
}

/** One name and its text in `env`; the order is the file's. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** `env.dependencies.git[]`: cloned into `path`/`name` before the study is launched. */
export interface GitDependency {
  readonly name: string;
  readonly path: string;
  readonly url: string;
  readonly tag?: string;
  readonly branch?: string;
  readonly hash?: string;
}

/** `batch`: how jobs are submitted. Scalars are text, as written. `type` is "local" when the spec has none. */
export interface Batch {
  readonly type: string;
  readonly [key: string]: YamlValue;
}

/** Several nodes of a step that share one job. */
export interface Pack {
  readonly most: number;
  /** Most nodes that run at a time. */
  readonly atOnce: number;
}

/** Keys of `batch` for one step. Its `type` is the study's, or "local". */
export type StepBatch = Readonly<Record<string, YamlValue>>;

/** A step as the spec has it: text that still contains tokens. */
export interface SpecStep {
  readonly name: string;
  readonly description: string;
  readonly cmd: string;
  /** Empty when the step has none. */
  readonly restart: string;
  readonly depends: readonly string[];
  /** Like `depends`, but it only waits for their end, whatever the result. */
  readonly after?: readonly string[];
  /** Like `after`, but a cancelled node never counts: `depends` with the condition all-completed. */
  readonly completed?: readonly string[];
  /** If it fails, its dependents run anyway, and the study does not fail. */
  readonly allowFailure?: true;
  /** First line of its scripts, if it differs from that of the batch. */
  readonly shell?: string;
  /** Variables that its scripts export. */
  readonly env?: readonly NamedText[];
  /** Values to extract from its output. */
  readonly results?: readonly ResultRule[];
  /** `pre` and `post`, which never run: Maestro looks for parameters in them. */
  readonly unused?: readonly NamedText[];
  /** Keys of `batch` that override those of the spec. */
  readonly batch?: StepBatch;
  readonly pack?: Pack;
  /** All other keys of `run`, as text in the spec's own key words (`nodes`, `cores per task`, ...). */
  readonly resources: Readonly<Record<string, string>>;
  readonly retry?: RetryPolicy;
  /** Index in the spec's `study` list, for messages. */
  readonly position: number;
}

/** `results` of a step: a name for a value that is extracted from a file. */
export interface ResultRule {
  readonly name: string;
  /** Relative to the workspace, may contain tokens. Empty for the script's standard output. */
  readonly file: string;
  readonly pick:
    /** The first group of the match, or all of it. */
    | { readonly kind: "regex"; readonly pattern: string; readonly take: "first" | "last" }
    | { readonly kind: "json"; readonly path: readonly (string | number)[] }
    /** The file itself, a picture. */
    | { readonly kind: "image" };
}

/** `conductor` of a spec: what `run`'s flags set, where they do not. */
export interface ConductorSection extends Partial<Numbers> {
  /** A parameter generator, relative to the spec. */
  readonly pgen?: string;
  readonly pargs?: readonly NamedText[];
  readonly on?: HookCommands;
}

/** Events that a study can run a command for: its success, its failure, and the failure of a step. */
export type HookName = "finished" | "failed" | "step-failed";

export type HookCommands = Readonly<Partial<Record<HookName, string>>>;

/** A sweep: one label and one value for each combination. Lists are of equal length across parameters. */
export interface Parameter {
  readonly key: string;
  /** The text of `$(KEY.name)`; the key itself for parameters of a spec. */
  readonly name: string;
  readonly values: readonly string[];
  readonly labels: readonly string[];
  /**
   * Types of values that differ from what their text suggests: `"10"` is text, and a list is a list. Absent
   * if there are none.
   */
  readonly raws?: ReadonlyMap<string, unknown>;
}

/** A checked spec. */
export interface Spec {
  readonly name: string;
  readonly description: string;
  readonly variables: readonly NamedText[];
  readonly labels: readonly NamedText[];
  readonly sources: readonly string[];
  readonly pathDependencies: readonly NamedText[];
  readonly gitDependencies: readonly GitDependency[];
  readonly batch: Batch;
  readonly steps: readonly SpecStep[];
  readonly parameters: readonly Parameter[];
  readonly conductor?: ConductorSection;
}

/** `run.retry`: when and how often a failed step runs again. */
export interface RetryPolicy {
  /** Runs after the first; 0 means none. */
  readonly limit: number;
  /** Seconds before each. */
  readonly delay: number;
  /** Failure kinds, `exit:N`, or `any`. */
  readonly on: readonly string[];
  /** Resource key to the factor by which it grows with each run. */
  readonly scale: Readonly<Record<string, number>>;
}
