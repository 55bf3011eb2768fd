/** What jobs of PBS used: qstat(1B), `resources_used` and `Resource_List`. Figures are the whole job's, of all its nodes. */

import { type Usage, usageOf } from "../../lib/study/usage.ts";
import { bytesIn } from "../../lib/units.ts";
import { inSeconds, millisecondsIn, numberIn } from "../usage.ts";

/** `text`: an attribute by its name, `resources_used.mem`. */
export function pbsUsage(text: (name: string) => string | undefined): Usage {
  const nodes = numberIn(text("Resource_List.nodect"));
  const memory = bytesIn(text("Resource_List.mem"));
  return usageOf({
    cpuMs: millisecondsIn(text("resources_used.cput")),
    maxRssBytes: bytesIn(text("resources_used.mem")),
    cpus: numberIn(text("resources_used.ncpus")) ?? numberIn(text("Resource_List.ncpus")),
    nodes,
    nodeMemoryBytes: memory === undefined ? undefined : Math.round(memory / (nodes || 1)),
    limitSeconds: inSeconds(millisecondsIn(text("Resource_List.walltime"))),
    wallSeconds: inSeconds(millisecondsIn(text("resources_used.walltime"))),
  });
}
