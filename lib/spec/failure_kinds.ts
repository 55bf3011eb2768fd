/** Ways in which an attempt may fail: what `retry.on` lists, beside `exit:N` and `any`. */

import type { RetryPolicy } from "./types.ts";

export const FAILURE_KINDS = ["timeout", "hwfailure", "preempted", "oom", "exit", "lost"] as const;

export type FailureKind = typeof FAILURE_KINDS[number];

/** Runs after a failure of the machine, if the step has no policy. */
const MACHINE_FAILURES: RetryPolicy = { limit: 3, delay: 60, on: ["hwfailure", "preempted"], scale: {} };

/** Which failures of a step are tried again, and how often. */
export const policyOf = ({ retry }: { readonly retry?: RetryPolicy }): RetryPolicy =>
  retry ?? MACHINE_FAILURES;
