/** The files in which jobs claim their attempts, as whoever conducts the study reads and settles them. */

import { dirname } from "@std/path";
import { type JobFacts, parseJobFile, voidAttempt } from "./local_jobs.ts";
import { jobFile } from "../paths.ts";
import type { Progress } from "./study_state.ts";
import type { Study } from "./study_folder.ts";
import type { System } from "../system.ts";

/** After this time a claim that is still empty will stay so. No other claim is ever taken for void. */
const EMPTY_CLAIM_MS = 120_000;

export interface Claims {
  /** What the job of a node's latest attempt has said of itself. */
  read(node: number): JobFacts;
  /**
   * The job that has the claim to an attempt; `begun` where a job has it that does not tell its id; `void` after making
   * sure that none ever will.
   */
  settle(node: number, at: number): { readonly job: string } | "begun" | "void" | "unclear";
}

export function claimsOf(system: System, study: Study, progress: Progress): Claims {
  const fileOf = (node: number) => jobFile(study.root, node, progress.records[node]!.attempt);
  const read = (node: number): JobFacts => {
    const path = fileOf(node);
    // Listing the folder makes a network file system look again before it says that there is no such file.
    if (system.facts(dirname(path)) !== undefined) system.list(dirname(path));
    return parseJobFile(system.readTextIfAny(path) ?? "");
  };
  return {
    read,
    settle(node, at) {
      if (voidAttempt(system, fileOf(node))) return "void";
      const { job, claimed } = read(node);
      if (job !== undefined) return { job };
      // Whatever is in it, a job wrote it, and may have run.
      if (claimed) return "begun";
      // An empty claim is one that is being made, or that came to nothing.
      const { changedAt } = system.facts(fileOf(node)) ?? { changedAt: at };
      return at - changedAt > EMPTY_CLAIM_MS ? "void" : "unclear";
    },
  };
}
