/** A plan as types: steps with the environment substituted, and the nodes that they expand to. */

import type { Batch, NamedText, Pack, Parameter, ResultRule, RetryPolicy, StepBatch } from "../spec/types.ts";
import type { TextList } from "../names.ts";

/** A parameter in a plan. */
export interface BoundParameter extends Omit<Parameter, "values" | "labels" | "raws"> {
  readonly values: TextList;
  readonly labels: TextList;
}

/** What a step asks of the batch system, typed, under the spec's own key words. Absent: not asked for. */
export interface Resources {
  nodes?: number;
  procs?: number;
  gpus?: number;
  "cores per task"?: number;
  "tasks per rs"?: number;
  "rs per node"?: number;
  "cpus per rs"?: number;
  bind?: string;
  "bind gpus"?: string;
  /** As written: "00:10:00", "10", ... `units.ts` reads it. */
  walltime?: string;
  reservation?: string;
  qos?: string;
  exclusive?: boolean;
  /** `exclusive: {launcher: ...}`. */
  "exclusive launcher"?: boolean;
  nested?: boolean;
  waitable?: boolean;
  /** A word (held, minimal, low, medium, high, expedited) or a number from 0 to 1, as text. */
  priority?: string;
  /** These go before those of `batch`. */
  mem?: string;
  constraint?: string;
  gres?: string;
  args?: string;
}

/** A piece of a step's text that differs from node to node. */
export type TextSlot =
  /** What a parameter is in this combination. */
  | { readonly kind: "value" | "label" | "name"; readonly parameter: number }
  /** `$(step.workspace)`: of the same combination, or with `all` the folder above all of them. */
  | { readonly kind: "workspace"; readonly step: number; readonly all: boolean }
  /** `$(WORKSPACE)`. */
  | { readonly kind: "own" };

/** Text with slots, in order. */
export type SlottedText = readonly (string | TextSlot)[];

/**
 * A step of the study before its parameters are laid over it: the environment is substituted, names are resolved.
 * Together with the parameters this determines the whole plan, so it is what a study keeps on disk.
 */
export interface BoundStep {
  readonly name: string;
  readonly description: string;
  readonly cmd: string;
  readonly restart: string;
  readonly resources: Readonly<Record<string, string>>;
  readonly retry?: RetryPolicy;
  /** Indices into `parameters`, sorted by key. Empty: the step has one node. */
  readonly uses: readonly number[];
  /** Indices of steps whose node of the same combination must finish first. */
  readonly depends: readonly number[];
  /** Indices of steps all of whose nodes must finish first (`step_*`). */
  readonly funnels: readonly number[];
  /** Indices of steps whose node of the same combination must have ended first, however. */
  readonly after?: readonly number[];
  /** Indices of steps all of whose nodes must have ended first, however. */
  readonly afterFunnels?: readonly number[];
  /** Indices of those among the steps that must have ended which must not have been cancelled. */
  readonly uncancelled?: readonly number[];
  /** Steps of which the nodes that share some parameters come first (`step_*[SIZE]`). */
  readonly matched?: readonly MatchedFunnel[];
  readonly allowFailure?: true;
  readonly shell?: string;
  readonly env?: readonly NamedText[];
  readonly results?: readonly ResultRule[];
  readonly batch?: StepBatch;
  readonly pack?: Pack;
  /** Index in the spec's `study` list. */
  readonly position: number;
}

/** `step_*[SIZE]`: all nodes of a step that are the same in some parameters. */
export interface MatchedFunnel {
  readonly step: number;
  /** Indices into `parameters`. */
  readonly by: readonly number[];
  /** They need only have ended. */
  readonly after?: true;
}

/** A spec with its environment laid over it, before expansion. Steps stand behind those they wait for. */
export interface BoundStudy {
  readonly name: string;
  readonly description: string;
  /** Absolute path of the study's folder. */
  readonly root: string;
  readonly batch: Batch;
  /** With `--hashws` folders are numbered; studies of version 0.1 named them by the MD5 of the labels. */
  readonly hashWorkspaces: false | "numbered" | "md5";
  readonly parameters: readonly BoundParameter[];
  readonly steps: readonly BoundStep[];
  /** Folders and files are named as in Maestro; absent in studies of version 0.1, which cut and hashed more names. */
  readonly names?: "maestro";
  /** Names in the study's folder that no step's workspace may have, beside those of every study. */
  readonly reserved?: readonly string[];
}

/** What was found out of a study when it was made, and need not be again: to compare many labels takes long. */
export interface PlanFacts {
  readonly nodes: number;
  /** The folders of all nodes are called by their labels. */
  readonly labelsAreFolders: boolean;
  /** No node was given another name than that of its step and labels. */
  readonly namesAreDistinct: boolean;
}

/** A step in the plan: its text split at the slots, its place on disk, its nodes. */
export interface PlanStep extends BoundStep {
  readonly index: number;
  readonly text: {
    readonly description: SlottedText;
    readonly cmd: SlottedText;
    readonly restart: SlottedText;
    readonly resources: readonly (readonly [string, SlottedText])[];
    readonly env?: readonly (readonly [string, SlottedText])[];
    /** Files of `results`, in their order. */
    readonly resultFiles?: readonly SlottedText[];
  };
  /** Below the study's folder: the parent of its nodes' workspaces, or the only one. */
  readonly workspace: string;
  /** Its nodes are `Plan.nodes[first]` up to, not including, `Plan.nodes[end]`. */
  readonly first: number;
  readonly end: number;
  /** The joined labels of each node's combination. One list for all steps that use the same parameters. */
  readonly labels: TextList;
  /** The position of a label's node among the step's nodes. */
  readonly positionOf: (label: string) => number | undefined;
  /** The first combination that makes each node, or -1 where the step uses no parameter. */
  readonly firstCombo: Int32Array;
  /** Combination to position among the step's nodes; empty where the step uses no parameter. */
  readonly nodeOfCombo: Int32Array;
  /** Names of its nodes' folders below `workspace`. */
  readonly leaves: TextList;
  /** Folders are not named by labels; scripts, logs and jobs are named like the folders. */
  readonly hashed: boolean;
  /** How long names of its folders and files may be. */
  readonly names: { readonly folder: number; readonly file: number; readonly above: boolean };
  /** Steps whose node of the same combination is waited for. */
  readonly singles: { readonly depends: readonly PlanStep[]; readonly after: readonly PlanStep[] };
  readonly matchedNodes: readonly MatchedNodes[];
  /** Nodes whose names others have taken, and what they are named instead. */
  renamed?: Map<number, string>;
}

/** The nodes that are the same as a combination in what must match. */
export interface MatchedNodes {
  readonly after: boolean;
  groupOf(combo: number): readonly number[];
}

/** One step with one combination of its parameters: what is run. Its text is computed when asked for. */
export interface PlanNode {
  readonly index: number;
  readonly name: string;
  readonly step: PlanStep;
  /** The first combination that makes this node, or -1 where the step uses no parameter. */
  readonly combo: number;
  /** Below the study's folder. */
  readonly workspace: string;
  /** File names of scripts and logs start with this. */
  readonly fileBase: string;
  /** Indices of the nodes to wait for, beside all nodes of the step's funnels. */
  readonly parents: readonly number[];
  /** Indices of the nodes that must have ended, beside all nodes of the step's `afterFunnels`. */
  readonly after?: readonly number[];
}

/** The expanded graph. Parents always stand before their children. */
export interface Plan {
  readonly study: BoundStudy;
  readonly steps: readonly PlanStep[];
  readonly size: number;
  /** As many as `size`; made when they are asked for. */
  readonly nodes: readonly PlanNode[];
  readonly stepNamed: ReadonlyMap<string, PlanStep>;
  /** Nodes that have another name than that of their step and labels, by that name. */
  readonly renamed: ReadonlyMap<string, number>;
}
