/** What really happened in a world, whatever conductors and schedulers report. */

/** How a run of a step goes. */
export interface Fate {
  /** `killed`: a local step's processes are gone at once; `lost`: a job is, and its scheduler forgets it. */
  readonly kind:
    | "ok"
    | "exit"
    | "killed"
    | "timeout"
    | "hwfailure"
    | "preempted"
    | "oom"
    | "cancelled"
    | "lost";
  readonly code: number;
  readonly ms: number;
  /** How often its scheduler runs the same job once more before it comes to this end. */
  readonly requeues: number;
  /** Whether the script could still leave an exit code, where its end does not come from itself. */
  readonly leavesCode: boolean;
}

/** One live copy of a step's command. */
export interface Execution {
  readonly node: number;
  readonly attempt: number;
  readonly host: string;
  /** Whether it is the restart command. */
  readonly restart: boolean;
  readonly from: number;
  to: number | undefined;
  /** Whether the scheduler ran the same job once more. */
  readonly again: boolean;
  /** Undefined while it runs, and where it was cut short. */
  fate: Fate | undefined;
}

export interface Truth {
  readonly executions: Execution[];
  /** Jobs that a scheduler accepted and then lost before they began. */
  readonly vanished: Map<number, number>;
  /**
   * Steps that were cut short by a cancellation, a kill of their host and the like: any report is allowed.
   */
  readonly cutShort: Set<number>;
  /** What the next run of a node will be like. */
  nextFate(node: number): Fate;
}

export const FINE: Fate = { kind: "ok", code: 0, ms: 3000, requeues: 0, leavesCode: true };

export function newTruth(fates: readonly (readonly Fate[])[]): Truth {
  const used = fates.map(() => 0);
  return {
    executions: [],
    vanished: new Map(),
    cutShort: new Set(),
    nextFate(node) {
      return fates[node]?.[used[node]!++] ?? FINE;
    },
  };
}
