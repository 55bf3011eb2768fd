/** A program of known appetite: 300 MB of memory, 2 s of CPU time, 50 MB written. */

import { assert } from "../assert.ts";
import type { StepJson } from "../../lib/view/render_json.ts";

const MEGABYTE = 1024 ** 2;

/** As the command of a step. Perl is wherever Debian is. */
export const APPETITE = [
  `perl -e 'my $held = "x" x (300 << 20); open(my $out, ">", "written") or die;`,
  `print $out "y" x 1000000 for 1 .. 50; close($out); my $n = 0; $n++ while (times)[0] + (times)[1] < 2;`,
  `print length($held)'`,
].join(" ");

/** What was found of it, within what other processes of its job add. */
export function assertAppetite({ attempts }: StepJson, writes = true): void {
  const { cpuSeconds, maxRssBytes, writtenBytes } = attempts.at(-1)!;
  const found = JSON.stringify(attempts);
  assert(cpuSeconds !== null && cpuSeconds >= 1.9 && cpuSeconds < 4, found);
  assert(maxRssBytes !== null && maxRssBytes >= 299 * MEGABYTE && maxRssBytes < 700 * MEGABYTE, found);
  if (writes) assert(writtenBytes !== null && writtenBytes >= 50e6 && writtenBytes < 51e6, found);
}
