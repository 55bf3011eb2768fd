/**
 * Jobs on this machine. Each is a process group of its own that outlives the conductor: a small `sh` claims the
 * attempt, runs the step's script with its output straight in its files, and leaves the exit code where the next
 * conductor finds it. The script itself stays free of all this.
 */

import { dirname } from "@std/path";
import type { StartedProcess, System } from "./system.ts";

/**
 * $1 script, $2 start of the log files' names, $3 job file, $4 this host. `set -C` makes `>` create exclusively: a
 * second copy of an attempt finds the claim and ends; a log of an earlier process of the same number is not
 * overwritten. Signals go to the whole group; this shell outlives the script, to say how it ended.
 */
const RUNNER = `set -C
printf 'pid %s\\nhost %s\\n' "$$" "$4" 2>/dev/null >"$3" || exit 96
trap : HUP INT TERM
log=$2.$$
while [ -e "$log.out" ] || [ -e "$log.err" ]; do log=$log-; done
"$1" </dev/null >"$log.out" 2>"$log.err"
code=$?
# On a full disk it is written as soon as there is space; if the study is gone, nobody wants it.
while [ -e "$3" ] && ! echo "exit $code" >>"$3"; do sleep 5; done 2>/dev/null
exit $code
`;

/** The runner's own exit code when another copy holds the claim. */
export const CLAIMED_BY_ANOTHER = 96;

/** Starts a script in its workspace; log files are named `<logs>.<pid>.out` and `.err` there. */
export function startLocalJob(
  system: System,
  job: { script: string; logs: string; jobFile: string; workspace: string },
): StartedProcess {
  return system.start(
    ["/bin/sh", "-c", RUNNER, "maestro-step", job.script, job.logs, job.jobFile, system.host],
    job.workspace,
  );
}

/** What a job file tells. Nothing while the job is between claiming and writing. */
export interface JobFacts {
  readonly pid?: number;
  readonly host?: string;
  /** The scheduler's id of the job that has the claim. */
  readonly job?: string;
  readonly exitCode?: number;
  /** The scheduler ran the same job once more. */
  readonly again?: true;
  /** The claim was made by a conductor, so that the attempt can never begin. */
  readonly void?: true;
}

/**
 * Reads a job file's text: lines `pid N`, `host NAME`, `job ID`, then `exit N`; or `void`. After `again` the same job
 * runs once more, and an exit code before that no longer counts.
 */
export function parseJobFile(text: string): JobFacts {
  const pid = /^pid (\d+)$/m.exec(text)?.[1];
  const host = /^host (.+)$/m.exec(text)?.[1];
  const job = /^job (.+)$/m.exec(text)?.[1];
  const again = text.lastIndexOf("\nagain\n") + 1;
  const exitCode = [...text.slice(again).matchAll(/^exit (\d+)\n/gm)].at(-1)?.[1];
  return {
    ...(again > 0 ? { again: true as const } : {}),
    ...(host === undefined ? {} : { host }),
    ...(job === undefined ? {} : { job }),
    ...(pid === undefined ? {} : { pid: Number(pid) }),
    ...(exitCode === undefined ? {} : { exitCode: Number(exitCode) }),
    ...(text.startsWith("void") ? { void: true as const } : {}),
  };
}

/**
 * Makes sure that an attempt, of which nobody knows whether it began, never begins: true if it had not. After that a
 * late copy finds the claim taken.
 */
export function voidAttempt(system: System, jobFile: string): boolean {
  system.makeDirectory(dirname(jobFile), 0o700);
  const made = system.createText(jobFile, "void\n", 0o600);
  if (!made && !parseJobFile(system.readTextIfAny(jobFile) ?? "").void) return false;
  // A machine that loses its power must not forget it: the late copy may be on another.
  const file = system.openAppend(jobFile, 0o600);
  file.sync();
  file.close();
  return true;
}
