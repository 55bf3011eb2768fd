/**
 * Packs: up to so many nodes of a step in one allocation. The batch script works through them, some at a time, each
 * in its own folder, under its own claim and with its own exit code: a node does not know that it is in one.
 */

import { workspaceOf } from "../plan/node_text.ts";
import { guardFile, jobFile } from "../paths.ts";
import { grow } from "../plan/resources.ts";
import { fillTemplate, quote, shellFields } from "../plan/script.ts";
import type { System } from "../system.ts";
import type { Adapter, Pack, Plan, PlanNode, Resources, ScriptRequest, SubmitRequest } from "../types.ts";

/** A node in a pack: its script is written, and would do for a job of its own. */
export interface Member {
  readonly node: PlanNode;
  readonly attempt: number;
  readonly request: Omit<SubmitRequest, "token">;
}

/** Nodes that may share a job, in packs of the size that their step has. */
export function packsOf(members: readonly Member[]): Member[][] {
  const alike = Map.groupBy(
    members,
    ({ node, request: { resources, batch } }) => JSON.stringify([node.step.index, resources, batch]),
  );
  return [...alike.values()].flatMap((group) => {
    const { most } = group[0]!.node.step.pack!;
    return Array.from(
      { length: Math.ceil(group.length / most) },
      (_, i) => group.slice(i * most, (i + 1) * most),
    );
  });
}

/** What the scheduler is asked for: room for those that run at a time, and time for all to have their turn. */
export function packResources(one: Resources, { atOnce }: Pack, members: number): Resources {
  const width = Math.min(atOnce, members);
  const all: Resources = { ...one, nodes: 1, procs: one.procs || 1 };
  grow(all, { procs: width, gpus: width, walltime: Math.ceil(members / width) }, 1);
  return all;
}

/** The folder of a study's packs. */
export const packFolder = (root: string) => `${root}/.maestro/packs`;

/** Writes the scripts of a pack; all that its submission needs but its token. Members ask for the same. */
export function writePack(
  system: System,
  plan: Plan,
  adapter: Adapter,
  members: readonly Member[],
): Omit<SubmitRequest, "token"> {
  const { root } = plan.study;
  const { node, attempt, request } = members[0]!;
  const name = `${node.step.name}.pack`.replace(/[^\w.-]/g, "_");
  const base = `${node.index}.${attempt}`;
  const folder = packFolder(root);
  const pack = {
    ...request,
    jobName: name,
    description: node.step.description,
    resources: packResources(request.resources, node.step.pack!, members.length),
    out: adapter.logName(base, "out"),
    err: adapter.logName(base, "err"),
  };
  const script = `${folder}/${base}.sh`;
  system.makeDirectory(folder, 0o700);
  system.writeText(script, packScript(plan, adapter, pack, members, script), 0o700);
  return { ...pack, script, workspace: folder };
}

function packScript(
  plan: Plan,
  adapter: Adapter,
  pack: ScriptRequest,
  members: readonly Member[],
  self: string,
): string {
  const { root } = plan.study;
  const batch = { ...pack.batch, shell: "/bin/sh" };
  const header = fillTemplate(adapter.template, shellFields(adapter, { ...pack, batch })).trimEnd();
  const { atOnce } = members[0]!.node.step.pack!;
  const cases = members.map(({ node, attempt, request: { script, out, err } }, i) => {
    const words = [workspaceOf(plan, node), jobFile(root, node.index, attempt), script, out, err];
    return `  ${i + 1}) run ${words.map(quote).join(" ")} ;;`;
  });
  const numbers = members.map((_, i) => i + 1).join(" ");
  return `${header}

# maestro: ${members.length} steps in one job, ${
    Math.min(atOnce, members.length)
  } at a time. With a number it runs that one.
if [ $# = 0 ]; then
  MAESTRO_PACK_JOB="\${${adapter.scheduler!.jobIdVariable}-}" SLURM_EXACT=1
  export MAESTRO_PACK_JOB SLURM_EXACT
  printf '%s\\n' ${numbers} | xargs -n 1 -P ${atOnce} /bin/sh ${quote(self)}
  exit 0
fi
# run FOLDER JOB_FILE SCRIPT OUT ERR: once for an attempt, and not again if it had ended before the job was requeued.
run() {
  case $(sed -n 's/^exit //p' "$2" 2>/dev/null | tail -n 1) in
    '' | 129 | 130 | 137 | 138 | 140 | 143 | 152) ;;
    *) return ;;
  esac
  out=$(named "$4") err=$(named "$5")
  cd "$1" && MAESTRO_GUARD=$2 /bin/sh ${
    quote(guardFile(root))
  } "$2" "$3" "$MAESTRO_PACK_JOB" >>"$out" 2>>"$err"
}
named() { printf '%s\\n' "$1" | sed "s/%J/$MAESTRO_PACK_JOB/; s/{{id}}/$MAESTRO_PACK_JOB/; s/[$]JOB_ID/$MAESTRO_PACK_JOB/"; }
case $1 in
${cases.join("\n")}
esac
exit 0
`;
}
