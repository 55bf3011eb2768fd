/** The states of a step and of a study. */

/** Maestro's words for the state of a step. */
export type StepState =
  | "INITIALIZED"
  | "PENDING"
  | "RUNNING"
  | "FINISHED"
  | "FAILED"
  | "TIMEDOUT"
  | "HWFAILURE"
  | "CANCELLED"
  | "DRYRUN"
  | "UNKNOWN";

/** How a study stands. `stalled`: unfinished, and no conductor is alive. */
export type StudyState = "initialized" | "running" | "finished" | "failed" | "cancelled" | "stalled";

/** How a step runs again: its restart command, or the same command once more. */
export type Again = "restart" | "retry";

/** Ways in which an attempt may fail; what `retry.on` lists, beside `exit:N` and `any`. */
export type FailureKind = "timeout" | "hwfailure" | "preempted" | "oom" | "exit" | "lost";

/** States that a step does not leave by itself. */
export type EndState = "FINISHED" | "FAILED" | "TIMEDOUT" | "HWFAILURE" | "CANCELLED";
