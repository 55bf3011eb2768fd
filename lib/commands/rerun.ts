/** `maestro rerun`: runs failed or chosen steps again, in the same study. First prints what it will do. */

import { badSetting, EXIT } from "../errors.ts";
import { conductorView } from "../study/lease.ts";
import { type RerunReason, rerunReasons } from "../conduct/requested.ts";
import { readState } from "../study/journal/replay.ts";
import { openStudy, type Study } from "../study/folder.ts";
import { ask, findNodes } from "../app/ask.ts";
import { type Context, guarded } from "../app/context.ts";
import { launchDetached } from "../app/launch.ts";

export interface RerunFlags {
  readonly failed?: boolean;
  readonly step?: readonly string[];
  readonly downstream?: boolean;
  readonly only?: boolean;
  readonly dry?: boolean;
  readonly json?: boolean;
}

export default guarded<RerunFlags, [string]>(async (context, flags, directory) => {
  const { system } = context;
  const named = flags.step ?? [];
  if (flags.failed && named.length > 0) throw badSetting("--failed and --step cannot be given together");
  if (flags.downstream && flags.only) throw badSetting("--downstream and --only cannot be given together");
  const study = await openStudy(system, directory);
  const progress = readState(system, study);
  const chosen = named.length > 0
    ? findNodes(progress, named)
    : progress.records.flatMap(({ over, state }, i) =>
      over && state !== "FINISHED" && state !== "DRYRUN" ? [i] : []
    );
  const again = [...rerunReasons(progress, chosen, !flags.only)].filter(([node]) =>
    progress.records[node]!.over
  );
  const nameOf = (node: number) => progress.plan.nodes[node]!.name;
  const steps = again.map(([node]) => nameOf(node));
  if (steps.length === 0) system.stderr.write("No step to run again.\n");
  else if (!flags.json) {
    const lines = again.map(([node, reason]) =>
      `  ${nameOf(node)} (${progress.records[node]!.state})${whyText(reason, nameOf)}\n`
    );
    const what = flags.dry ? "Would run" : "Running";
    system.stderr.write(`${what} again; earlier logs remain:\n${lines.join("")}`);
  }
  const exitCode = flags.dry || steps.length === 0 ? EXIT.ok : await runAgain(context, study, steps);
  if (flags.json) {
    const rows = again.map(([node, reason]) => ({
      ...{ name: nameOf(node), state: progress.records[node]!.state, why: reason.why },
      by: reason.why === "chosen" ? null : nameOf(reason.by),
    }));
    const json = { version: 1, directory: study.root, dry: flags.dry === true, steps: rows };
    system.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  }
  return exitCode;
});

/** Asks the conductor, or starts one. */
async function runAgain(context: Context, study: Study, steps: readonly string[]): Promise<number> {
  await ask(context, study, { ask: "rerun", steps });
  const conductor = conductorView(context.system, study.root);
  return conductor.alive && !conductor.brief ? EXIT.ok : await launchDetached(context, study, "resumed");
}

/** Behind steps that the user did not name. */
function whyText(reason: RerunReason, nameOf: (node: number) => string): string {
  if (reason.why === "chosen") return "";
  const by = nameOf(reason.by);
  return reason.why === "behind" ? `: it depends on ${by}` : `: ${by} depends on it`;
}
