/** What jobs of Grid Engine used: qacct(1), accounting(5). */

import { type Usage, usageOf } from "../../lib/study/usage.ts";
import { bytesIn } from "../../lib/units.ts";
import { inSeconds, millisecondsIn, numberIn } from "../usage.ts";

/**
 * From a record of qacct; `text`: its field of a name. `io` is not divided into reads and writes. `maxvmem` is what the
 * limit `h_vmem` is about.
 */
export function sgeUsage(text: (name: string) => string): Usage {
  const slots = numberIn(text("slots"));
  const [, limit] = /\bh_rt=([\d:]+)/.exec(text("category")) ?? [];
  const [, memory] = /\bh_vmem=([\w.]+)/.exec(text("category")) ?? [];
  const ofSlot = bytesIn(memory);
  const peak = bytesIn(text("maxvmem"));
  return usageOf({
    cpuMs: millisecondsIn(text("cpu")),
    maxRssBytes: maxRss(text("ru_maxrss")),
    // Of a job that ended at once it has no figure.
    nodePeakBytes: peak === 0 ? undefined : peak,
    cpus: slots,
    nodeMemoryBytes: ofSlot === undefined || slots === undefined ? undefined : ofSlot * slots,
    limitSeconds: inSeconds(millisecondsIn(limit)),
    wallSeconds: inSeconds(millisecondsIn(text("ru_wallclock"))),
  });
}

/** getrusage(2) counts kilobytes. Son of Grid Engine shows them as if they were bytes: `308.742KB` are 309 MB. */
function maxRss(text: string): number | undefined {
  const count = bytesIn(text);
  return count === undefined ? undefined : count * 1024;
}
