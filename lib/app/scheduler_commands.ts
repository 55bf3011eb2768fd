/** The commands of a scheduler, and whether this host has them. */

import { missingCommands } from "../errors.ts";
import { schedulingOf } from "../plan/scheduling.ts";
import type { Plan } from "../plan/types.ts";
import type { System } from "../system.ts";
import type { Adapter, SchedulerAdapter } from "../../adapters/adapter.ts";

/** The commands that the version, queries and cancellations of a scheduler call. */
export function commandsOf(scheduler: SchedulerAdapter): string[] {
  const context = { user: "", since: 0 };
  const queries = [...scheduler.queries, scheduler.find("token")].map((query) =>
    query.argv(["1"], context)[0]!
  );
  return [...new Set([scheduler.version.argv[0]!, ...queries, scheduler.cancel(["1"])[0]!])];
}

/** Those that every job needs: to submit it, to ask about it, and to cancel it. */
function essentialOf(scheduler: SchedulerAdapter): string[] {
  const submission = scheduler.submit({
    ...{ script: "/script", workspace: "/", jobName: "job", token: "token", out: "out", err: "err" },
    ...{ resources: {}, batch: { type: "" } },
  });
  const query = scheduler.queries[0]?.argv(["1"], { user: "", since: 0 }) ?? [];
  const commands = [submission, query, scheduler.cancel(["1"])].map(programOf);
  return [...new Set(commands.filter((command) => command !== undefined))];
}

/** A shell that starts a command has its name as `$0`. */
function programOf(argv: readonly string[]): string | undefined {
  return argv[0] === "/bin/sh" && argv[1] === "-c" ? argv[3] : argv[0];
}

/** The folder of PATH that has a command; of a command with its folder, that one. */
export function onPath(system: System, command: string): string | undefined {
  const slash = command.lastIndexOf("/");
  const folders = slash >= 0
    ? [command.slice(0, slash)]
    : (system.env["PATH"] ?? "").split(":").filter((folder) => folder.startsWith("/"));
  return folders.find((folder) => {
    try {
      return system.facts(`${folder}/${command.slice(slash + 1)}`)?.isDirectory === false;
    } catch {
      return false; // A folder of PATH that this user may not enter.
    }
  });
}

/** Throws if a scheduler has to run steps of a plan, and its commands are not here: nothing would ever be submitted. */
export function checkCommands(system: System, plan: Plan, adapter: Adapter): void {
  if (adapter.scheduler === undefined) return;
  const missing = essentialOf(adapter.scheduler).filter((command) => onPath(system, command) === undefined);
  if (missing.length === 0) return;
  const isScheduled = schedulingOf(plan, adapter.name);
  for (let node = 0; node < plan.size; node++) {
    if (isScheduled(node)) throw missingCommands(adapter.name, missing, plan.nodes[node]!.step.name);
  }
}
