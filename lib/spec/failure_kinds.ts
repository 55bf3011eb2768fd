/** Ways in which an attempt may fail: what `retry.on` lists, beside `exit:N` and `any`. */

export const FAILURE_KINDS = ["timeout", "hwfailure", "preempted", "oom", "exit", "lost"] as const;

export type FailureKind = typeof FAILURE_KINDS[number];
