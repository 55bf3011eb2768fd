/** The state of a study in memory: types only. `step_changes.ts` and `study_facts.ts` change it, `ready.ts` keeps its queues. */

import type { Columns } from "./step_columns.ts";
import type { Plan } from "../../plan/types.ts";
import type { QueueLook } from "../queue_look.ts";
import type { StudyFacts } from "../study_facts.ts";
import type { StepRecord } from "./step_record.ts";
import type { StepState } from "../states.ts";

/** A study's state in memory. Costs O(nodes + edges) to make and O(what it concerns) for each event. */
export interface Progress extends StudyFacts {
  readonly plan: Plan;
  /** What is known of each node: the rows of `columns`. */
  readonly records: readonly StepRecord[];
  readonly columns: Columns;
  /** Whether a scheduler runs the node; otherwise this machine does. */
  readonly isScheduled: (node: number) => boolean;
  readonly queues: Queues;
  /** Nodes in a queue: 1. */
  readonly queued: Uint8Array;
  /** Nodes submitted and not ended, by who runs them. */
  readonly inFlight: { readonly local: Set<number>; readonly scheduled: Set<number> };
  /** Nodes in the queue whose cancellation was requested one by one. */
  readonly unwanted: Set<number>;
  readonly counts: Partial<Record<StepState, number>>;
  /** Nodes that have not come to their end. */
  unended: number;
  /** Parents, and steps funnelled over, that a node still waits for. */
  readonly unmet: Int32Array;
  /** Nodes of each step that have not finished, nor failed where that is allowed. */
  readonly unfinished: Int32Array;
  /** Nodes of each step that have not ended. */
  readonly going: Int32Array;
  /** Nodes whose failure is allowed. */
  forgiven: number;
  readonly children: Children;
  /** Jobs that wait, as the scheduler reported them last. It is not from the journal. */
  look: QueueLook;
  /**
   * Steps with a failed node whose funnels have received that: 1; with a cancelled one: 2. It avoids a walk
   * over a wide funnel for every failure.
   */
  readonly funnelsTold: Uint8Array;
  /** What is ready is not known, as after a replay or a reset of steps: it must be worked out anew (`settle`). */
  unsettled: boolean;
  /** LLNL's Maestro made the study, and conducts it. */
  readonly original?: true;
}

/** First in, first out. Nodes that were taken or have ended since then are skipped when their turn comes. */
export interface Queue {
  readonly items: number[];
  head: number;
}

/** Ready nodes, by who runs them: one kind must not keep the other waiting. */
export interface Queues {
  readonly local: Queue;
  readonly scheduled: Queue;
}

/** Who waits for whom, seen from the parent. */
export interface Edges {
  /** Nodes that wait for node i alone: `list[start[i]]` up to `list[start[i + 1]]`. */
  readonly start: Int32Array;
  readonly list: Int32Array;
  /** For each step, the steps that funnel over it. */
  readonly funnels: readonly (readonly number[])[];
}

/** Who waits for a node to finish; `after`: who waits for it to end, however. */
export interface Children extends Edges {
  readonly after: Edges;
}
