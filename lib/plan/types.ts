/** A plan as types: steps with the environment substituted, and the nodes that they expand to. */

import type { Batch, NamedText, Pack, Parameter, ResultRule, RetryPolicy, StepBatch } from "../spec/types.ts";
import type { TextList } from "../names.ts";

/** A parameter in a plan. */
export interface BoundParameter extends Omit<Parameter, "values" | "labels" | "raws"> {
  readonly values: TextList;
  readonly labels: TextList;
}

/** Resources that a step asks for, typed, under the spec's own key words. Absent means not asked for. */
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
  /** The original text: "00:10:00", "10", ... `units.ts` reads it. */
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
  /** These precede those of `batch`. */
  mem?: string;
  constraint?: string;
  gres?: string;
  args?: string;
}

/** A piece of a step's text that differs between nodes. */
export type TextSlot =
  /** The value, the label or the name of a parameter. */
  | { readonly kind: "value" | "label" | "name"; readonly parameter: number }
  /** `$(step.workspace)`: of the same combination, or with `all` the folder that contains all of them. */
  | { readonly kind: "workspace"; readonly step: number; readonly all: boolean }
  /** `$(WORKSPACE)`. */
  | { readonly kind: "own" };

/** Text with slots, in order. */
export type SlottedText = readonly (string | TextSlot)[];

/**
 * A step of the study before parameters are applied: the environment is substituted, and names are resolved.
 * Steps and parameters determine the whole plan, so a study keeps these on disk.
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
  /** Indices of steps of which all nodes must finish first (`step_*`). */
  readonly funnels: readonly number[];
  /** Indices of steps whose node of the same combination must end first, whatever the result. */
  readonly after?: readonly number[];
  /** Indices of steps of which all nodes must end first, whatever the result. */
  readonly afterFunnels?: readonly number[];
  /** Indices of those steps that must end, but not by cancellation. */
  readonly uncancelled?: readonly number[];
  /** Steps whose nodes with some equal parameters come first (`step_*[SIZE]`). */
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

/** `step_*[SIZE]`: all nodes of a step with equal values of some parameters. */
export interface MatchedFunnel {
  readonly step: number;
  /** Indices into `parameters`. */
  readonly by: readonly number[];
  /** They only need to have ended. */
  readonly after?: true;
}

/** A spec with its environment substituted, before expansion. Steps follow their dependencies. */
export interface BoundStudy {
  readonly name: string;
  readonly description: string;
  /** Absolute path of the study's folder. */
  readonly root: string;
  readonly batch: Batch;
  /** With `--hashws` folders are numbered. Studies of version 0.1 named them by the MD5 of the labels. */
  readonly hashWorkspaces: false | "numbered" | "md5";
  readonly parameters: readonly BoundParameter[];
  readonly steps: readonly BoundStep[];
  /**
   * Folders and files are named as in Maestro. Absent in studies of version 0.1, which shortened and hashed
   * more names.
   */
  readonly names?: "maestro";
  /** Names in the study's folder that no step's workspace may have, besides those of every study. */
  readonly reserved?: readonly string[];
}

/** Facts that were computed when a study was created. They avoid a slow comparison of many labels. */
export interface PlanFacts {
  readonly nodes: number;
  /** The folders of all nodes have the names of their labels. */
  readonly labelsAreFolders: boolean;
  /** Every node has the name of its step and labels. */
  readonly namesAreDistinct: boolean;
}

/** A step in the plan: its text split at the slots, its path, its nodes. */
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
  /** Relative to the study's folder: the parent of its nodes' workspaces, or the only workspace. */
  readonly workspace: string;
  /** Its nodes are `Plan.nodes[first]` up to, but not including, `Plan.nodes[end]`. */
  readonly first: number;
  readonly end: number;
  /** The joined labels of each node's combination. Steps that use the same parameters share one list. */
  readonly labels: TextList;
  /** The position of a label's node among the step's nodes. */
  readonly positionOf: (label: string) => number | undefined;
  /** The first combination of each node, or -1 if the step uses no parameter. */
  readonly firstCombo: Int32Array;
  /** Combination to position among the step's nodes; empty if the step uses no parameter. */
  readonly nodeOfCombo: Int32Array;
  /** Names of its nodes' folders below `workspace`. */
  readonly leaves: TextList;
  /** Folders do not have the names of labels. Scripts, logs and jobs have the names of the folders. */
  readonly hashed: boolean;
  /** The longest names of its folders and files. */
  readonly names: { readonly folder: number; readonly file: number; readonly above: boolean };
  /** Steps whose node of the same combination comes first. */
  readonly singles: { readonly depends: readonly PlanStep[]; readonly after: readonly PlanStep[] };
  readonly matchedNodes: readonly MatchedNodes[];
  /** Nodes whose names are taken by others, and their names. */
  renamed?: Map<number, string>;
}

/** The nodes that are equal to a combination in the parameters that must match. */
export interface MatchedNodes {
  readonly after: boolean;
  groupOf(combo: number): readonly number[];
}

/** One step with one combination of its parameters: the unit that runs. Its text is computed on request. */
export interface PlanNode {
  readonly index: number;
  readonly name: string;
  readonly step: PlanStep;
  /** The first combination of this node, or -1 if the step uses no parameter. */
  readonly combo: number;
  /** Below the study's folder. */
  readonly workspace: string;
  /** File names of scripts and logs start with this. */
  readonly fileBase: string;
  /** Indices of the nodes to wait for, besides all nodes of the step's funnels. */
  readonly parents: readonly number[];
  /** Indices of the nodes that must have ended, besides all nodes of the step's `afterFunnels`. */
  readonly after?: readonly number[];
}

/** The expanded graph. Parents always come before their children. */
export interface Plan {
  readonly study: BoundStudy;
  readonly steps: readonly PlanStep[];
  readonly size: number;
  /** As many as `size`; made on request. */
  readonly nodes: readonly PlanNode[];
  readonly stepNamed: ReadonlyMap<string, PlanStep>;
  /** Nodes with another name than that of their step and labels, by that name. */
  readonly renamed: ReadonlyMap<string, number>;
}
