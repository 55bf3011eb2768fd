/**
 * Packs: several nodes of a step in one allocation. The batch script runs them, some at a time. Each has its
 * own folder, claim and exit code: a node does not notice that it is in a pack.
 */

import { quote } from "../shell_words.ts";
import { workspaceOf } from "../plan/node_text.ts";
import { guardFile, jobFile } from "../paths.ts";
import { grow } from "../plan/resources.ts";
import { armedBy, fillTemplate, shellFields, shellName } from "../plan/script.ts";
import { type Claims, OF_SIGNALS, ofSignal } from "../study/claims.ts";
import type { Sighting } from "./runner.ts";
import type { System } from "../system.ts";
import type { Adapter, JobSighting, ScriptRequest, SubmitRequest } from "../../adapters/adapter.ts";
import type { Batch, Pack } from "../spec/types.ts";
import type { Plan, PlanNode, Resources } from "../plan/types.ts";

/** A node in a pack: its script is written, and would work as a separate job. */
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

/**
 * Writes the scripts of a pack; all that its submission needs but its token, which arms it. Members ask for the same.
 */
export function writePack(
  system: System,
  plan: Plan,
  adapter: Adapter,
  members: readonly Member[],
  token: string,
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
    workspace: folder,
  };
  const script = `${folder}/${base}.sh`;
  system.makeDirectory(folder, 0o700);
  system.writeText(script, packScript(plan, adapter, pack, members, { script, token }), 0o700);
  return { ...pack, script };
}

/** How a pack's script runs a member, with the variables and the sign for a job's id that its scheduler has. */
function memberLines({ jobIdSign, scheduler }: Adapter): string {
  const { pack = {}, jobNameVariables = [] } = scheduler!;
  const assign = (names: readonly string[], value: string) =>
    names.length === 0 ? "" : `  for maestro_word in ${names.join(" ")}; do
    eval "[ -z \"\\\${$maestro_word-}\" ] || $maestro_word=\\$${value}"
  done
`;
  const named = jobIdSign === undefined
    ? ""
    : ` | sed ${quote(`s/${jobIdSign.replace(/[.[\\*^$/]/g, "\\$&")}/`)}"$maestro_job/"`;
  return `maestro_armed=$2 maestro_job=$3 maestro_env=$4
[ -z "\${BASH_VERSION-}" ] || SHLVL=$((SHLVL - 2))
# run FOLDER JOB_FILE SCRIPT OUT ERR NAME: once for an attempt, and not again if it had ended before a requeue.
run() {
  cd "$1" || exit
${assign(pack.folders ?? [], "1")}${
    assign([...jobNameVariables, ...pack.names ?? []], "6")
  }  if [ -z "$maestro_armed" ]; then
    if [ -n "$maestro_env" ]; then BASH_ENV=$maestro_env; else unset BASH_ENV; fi
    exec "$3" </dev/null
  fi
  case $(sed -n 's/^exit //p' "$2" 2>/dev/null | tail -n 1) in
    '' | ${OF_SIGNALS.join(" | ")}) ;;
    *) return ;;
  esac
  exec "\${BASH:-/bin/sh}" "$maestro_guard" "$2" "$3" "$1" "=$maestro_job" '' "$maestro_env" >>"$(named "$4")" 2>>"$(named "$5")"
}
named() { printf '%s\\n' "$1"${named}; }
`;
}

/**
 * The script of a pack. It starts itself once for each member, which gets the folder, the name and the logs
 * of a separate job. The effects of the header are not assumed there. If its submission armed it, it runs
 * members under the guard. Started by hand, it runs their scripts.
 */
function packScript(
  plan: Plan,
  adapter: Adapter,
  pack: ScriptRequest,
  members: readonly Member[],
  { script: self, token }: { script: string; token: string },
): string {
  const { root } = plan.study;
  const { jobIdVariables } = adapter.scheduler!;
  const batch = { ...pack.batch, shell: packShell(pack.batch) };
  const header = fillTemplate(adapter.template, shellFields(adapter, { ...pack, batch })).trimEnd();
  const { atOnce } = members[0]!.node.step.pack!;
  const cases = members.map(({ node, attempt, request: { script, out, err, jobName } }, i) => {
    const words = [workspaceOf(plan, node), jobFile(root, node.index, attempt), script, out, err, jobName];
    return `  ${i + 1}) run ${words.map(quote).join(" ")} ;;`;
  });
  const numbers = members.map((_, i) => i + 1).join(" ");
  return `${header}

# maestro: ${members.length} steps in one job, ${Math.min(atOnce, members.length)} at a time.
if [ "\${1-}" != member ]; then
  maestro_armed='' maestro_job=''
  case ${armedBy(adapter.scheduler!, token)} maestro_armed=armed ;; esac
  for maestro_word in ${jobIdVariables.join(" ")}; do
    [ -n "$maestro_job" ] || eval "maestro_job=\\\${$maestro_word-}"
  done
${
    Object.entries(adapter.scheduler!.pack?.set ?? {})
      .map(([name, value]) => `  ${name}=${quote(value)}\n  export ${name}\n`).join("")
  }  maestro_env=\${BASH_ENV-}
  printf '%s\\n' ${numbers} |
    BASH_ENV='' xargs -n 1 -P ${atOnce} "\${BASH:-/bin/sh}" ${
    quote(self)
  } member "$maestro_armed" "$maestro_job" "$maestro_env"
  exit 0
fi
maestro_guard=${quote(guardFile(root))}
${memberLines(adapter)}case $5 in
${cases.join("\n")}
esac
exit 0
`;
}

/** A pack's script is for sh; bash keeps exported functions, where the steps are for bash. */
function packShell(batch: Batch): string {
  const shell = typeof batch.shell === "string" ? batch.shell.trim() : "/bin/bash";
  return shellName(batch) === "bash" ? shell.replace(/(bash)\s.*$/, "$1") : "/bin/sh";
}

/** What the scheduler knows of one job: a sighting, `absent` when asked and not there, undefined when it was not asked. */
export type Answer = JobSighting | "absent" | undefined;

/** A pack may end this often before a member's turn comes. */
const MOST_PASSED_OVER = 3;

/** What the state of a pack's job means for each of its members. */
export class PackMembers {
  /** How often a node's pack has ended before its turn came. */
  private readonly passedOver = new Map<number, number>();

  constructor(
    private readonly options: {
      readonly system: Pick<System, "now">;
      readonly claims: Claims;
      readonly see: (sighting: Sighting) => void;
    },
  ) {}

  /** Nothing while the job lives, for the member's own file shows more. `over`: it has been dealt with. */
  answerFor(node: number, answer: Answer): Answer | "over" {
    if (answer === undefined || answer === "absent") return answer;
    if (["pending", "running", "unknown"].includes(answer.phase)) return undefined;
    const { claimed, exitCode } = this.options.claims.read(node);
    if (!claimed) {
      this.passOver(node, answer);
      return "over";
    }
    if (exitCode !== undefined && !ofSignal(exitCode)) return undefined;
    // The job has ended with all its members, and this one has not written how it ended.
    return answer.phase === "finished" && exitCode === undefined ? "absent" : answer;
  }

  /** A member that never began when its job ended is submitted again. */
  private passOver(node: number, { phase, word }: JobSighting): void {
    const { system, claims, see } = this.options;
    const at = system.now();
    if (claims.settle(node) !== "void") return;
    const reason = `its job ended (${word}) before its turn came`;
    const times = (this.passedOver.get(node) ?? 0) + 1;
    this.passedOver.set(node, times);
    if (phase === "cancelled") {
      see({ see: "ended", node, at, end: { kind: "cancelled", reason, elsewhere: true } });
    } else if (times > MOST_PASSED_OVER) see({ see: "ended", node, at, end: { kind: "lost", reason } });
    else see({ see: "refused", node, at, reason, why: "passing" });
  }
}
