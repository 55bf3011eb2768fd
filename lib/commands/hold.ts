/**
 * `maestro hold` and `maestro release`: keep steps that have not started from starting, and let them start
 * again.
 */

import { isUnderWay } from "../study/states.ts";
import { EXIT } from "../errors.ts";
import { readState } from "../study/journal/replay.ts";
import { openStudy } from "../study/folder.ts";
import { awaitsUser } from "../study/state/ready.ts";
import { ask, findNodes } from "../app/ask.ts";
import { type Context, guarded } from "../app/context.ts";

export interface HoldFlags {
  readonly step?: readonly string[];
}

export const hold = guarded<HoldFlags, [string]>((context, flags, directory) =>
  request(context, "hold", flags.step, directory)
);

export const release = guarded<HoldFlags, [string]>((context, flags, directory) =>
  request(context, "release", flags.step, directory)
);

async function request(
  context: Context,
  what: "hold" | "release",
  names: readonly string[] | undefined,
  directory: string,
): Promise<number> {
  const { system } = context;
  const study = await openStudy(system, directory);
  const progress = readState(system, study);
  const all = progress.records.map((_, i) => i);
  const nodes = (names === undefined || names.length === 0 ? all : findNodes(progress, names)).filter(
    (node) => {
      const record = progress.records[node]!;
      const { state, over, held } = record;
      return what === "release"
        ? !over && (held || awaitsUser(record))
        : !over && !held && !isUnderWay(state);
    },
  );
  if (nodes.length === 0) {
    system.stderr.write(what === "hold" ? "No step is waiting to start.\n" : "No step is held.\n");
    return EXIT.ok;
  }
  await ask(context, study, { ask: what, steps: nodes.map((node) => progress.plan.nodes[node]!.name) });
  system.stderr.write(
    `${nodes.length} step${nodes.length === 1 ? "" : "s"} ${what === "hold" ? "held" : "released"}.\n`,
  );
  return EXIT.ok;
}
