/**
 * What a relative of LSF does not have, learnt from what its commands answer. IBM Spectrum LSF with Job Step Manager
 * has all of it. OpenLava 2.2 and 4.0 are recorded beside this file.
 */

import type { CommandResult } from "../adapter.ts";

/** `bjobs -o` with all the fields that are asked for. */
export const NO_FORMAT = "bjobs -o";
/** The field of `bjobs -o` for why a job waits. */
export const NO_REASONS = "bjobs -o pend_reason";
/** `bsub -nnodes`, and with it jsrun. A getopt that takes prefixes reads it as `-n nodes`. */
export const NO_NODES = "bsub -nnodes";
export const NO_GROUP = "bsub -G";
/** OpenLava 2.2 takes 127 bytes. */
export const NO_LONG_NAMES = "bsub -J of more than 127 bytes";

export function lacking({ code, stdout, stderr }: CommandResult): string | undefined {
  if (code === 0) return undefined;
  const bjobs = /^bjobs: (?:invalid|illegal|unknown) option/mi.test(stderr);
  // OpenLava 4.0 has the option, and not every field; it reports that on standard output.
  if (/^Invalid field specs pend_reason\b/m.test(stdout)) return NO_REASONS;
  if (bjobs || /^Invalid field specs\b/m.test(stdout)) return NO_FORMAT;
  if (/^The number of processors must be a positive integer\b/m.test(stderr)) return NO_NODES;
  if (/^Bad job name\b/m.test(stderr)) return NO_LONG_NAMES;
  const option = /^bsub: (?:invalid|illegal|unknown) option(?: --)? '?-?(\w+)/mi.exec(stderr)?.[1];
  return option === "nnodes" ? NO_NODES : option === "G" ? NO_GROUP : undefined;
}
