/**
 * Jobs on this machine. A small `sh`, the runner, claims the attempt, and runs the step's script with its
 * output directly in its files. It leaves the exit code where the next conductor finds it, and takes the next
 * step from its parent. It is a separate process group that outlives the conductor. The script itself
 * contains none of this.
 */

import { BASH, hasFunctions } from "../../starting_shell.ts";
import { between, type Consumption, TICK_MS } from "../../process_use.ts";
import type { Conversation, ProcessEnd, System } from "../../system.ts";

/**
 * $1 this host, $2 its boot, $3 more lines that identify its place, $4 the study. $5 script, $6 start
 * of the log files' names, $7 job file, $8 workspace. $9 is what this shell has used so far: CPU time in ticks, bytes read,
 * bytes written. For further steps, the last five are lines of the standard input, with
 * paths relative to the study. The output has a line for each step: its exit code and its job id, `0` if
 * it has not run.
 *
 * `set -C` makes `>` create exclusively. A second copy of an attempt finds the claim and does nothing. A log
 * of an earlier process of the same number is not overwritten. Nobody's pipe or link is a claim. A subshell becomes the script: its number is
 * the step's job id, and known before the script begins. A failure before the claim is written is not the
 * script's failure: the claim is withdrawn. A conductor may find the claim empty for a minute and make it
 * void: the first line in the file decides. A claim names this shell, which outlives the script to record how
 * it ended. Its number and start time distinguish it from all others. Signals are for the script. A signal
 * that ends it (`kill JOB_ID`) is passed on to all its children in this group.
 *
 * A script that the system does not start has not run: the runner makes its claim void. Only a missing
 * interpreter is the step's own failure.
 *
 * The conductor finds in /proc what the step used: a shell reads a file byte by byte. If the conductor is
 * gone, there is time, and the shell writes it into the job file.
 *
 * Each byte of a pipe is read separately: lines are short. All names have a prefix: the user may have
 * exported one.
 */
const RUNNER = `set -C
trap : HUP INT TERM
maestro_start=
maestro_start_of() { maestro_start=\${22}; }
maestro_group_of() { maestro_group=$3; }
read -r maestro_stat </proc/$$/stat && maestro_start_of $maestro_stat
[ "$maestro_start" ] || maestro_start=$(echo $(LC_ALL=C TZ=UTC0 ps -o lstart= -p $$) | tr ' ' _)
maestro_claim="pid $$
host $1
start $maestro_start $2
$3" maestro_root=$4
shift 4
maestro_rest() {
  for maestro_pid in $(grep -lsaxzF "MAESTRO_ATTEMPT=$2" /proc/[0-9]*/environ); do
    maestro_pid=\${maestro_pid#/proc/} maestro_pid=\${maestro_pid%/environ}
    read -r maestro_stat <"/proc/$maestro_pid/stat" || continue
    maestro_group_of \${maestro_stat##*) }
    [ "$maestro_group" != $$ ] || kill -"$1" "$maestro_pid"
  done
}
maestro_not_started() {
  case $1 in
    126) ;;
    127)
      if [ -e "$2" ]; then
        IFS= read -r maestro_word <"$2"
        maestro_word=\${maestro_word#??}
        [ -x "\${maestro_word%% *}" ] || exit 127
      fi ;;
    *) exit "$1" ;;
  esac
  while [ -e "$3" ] && ! echo void >|"$3"; do sleep 1; done
}
maestro_ticks_of() { maestro_ticks=$((\${14} + \${15})); }
maestro_used() {
  maestro_read= maestro_written=
  read -r maestro_stat </proc/$$/stat || return
  { read -r maestro_word maestro_read && read -r maestro_word maestro_written; } </proc/$$/io || return
  maestro_ticks_of \${maestro_stat##*) }
  echo "used $((maestro_ticks - $2)) $((maestro_read - $3)) $((maestro_written - $4))" >>"$1"
}
while :; do
  maestro_made= maestro_id=0
  [ -p "$3" ] || [ -h "$3" ] || {
    maestro_made=1
    (
      cd "$4" || exit
      unset OLDPWD
      for maestro_pid in /proc/self/task/*; do :; done
      maestro_pid=\${maestro_pid##*/}
      [ "$maestro_pid" != '*' ] || maestro_pid=$(exec sh -c 'echo $PPID')
      maestro_log=$2.$maestro_pid
      while [ -e "$maestro_log.out" ] || [ -e "$maestro_log.err" ]; do maestro_log=$maestro_log-; done
      exec </dev/null >"$maestro_log.out" 2>"$maestro_log.err"
      exec 3>&-
      maestro_word=
      if ! printf 'job %s\\n%s' "$maestro_pid" "$maestro_claim" >>"$3"; then
        read -r maestro_word <"$3"
        [ "$maestro_word" = void ] || : >|"$3"
        exit 1
      fi
      until read -r maestro_word <"$3"; do [ -e "$3" ] || exit 1; sleep 1; done
      [ "$maestro_word" = "job $maestro_pid" ] || exit 1
      export MAESTRO_ATTEMPT="$3"
      trap 'maestro_not_started $? "$1" "$3"' EXIT
      exec "$1"
      exit
    )
    maestro_code=$?
  } 3>"$3"
  if [ -z "$maestro_made" ]; then
    maestro_code=96
  elif [ "$maestro_code" != 0 ] && ! [ -s "$3" ]; then
    rm -f "$3"
    maestro_code=96
  elif read -r maestro_word maestro_id <"$3" && [ "$maestro_word" = void ]; then
    maestro_code=96 maestro_id=0
  else
    case $maestro_code in 129 | 130 | 131 | 137 | 143) maestro_rest "$((maestro_code - 128))" "$3" ;; esac
    kill -0 $PPID || maestro_used "$3" $5
    # On a full disk it is written as soon as there is space; if the study is gone, nobody wants it.
    while [ -e "$3" ] && ! echo "exit $maestro_code" >>"$3"; do sleep 5; done
  fi
  echo "$maestro_code $maestro_id"
  { IFS= read -r maestro_script && IFS= read -r maestro_log && IFS= read -r maestro_job && IFS= read -r maestro_folder &&
    IFS= read -r maestro_before; } || exit 0
  case $maestro_script in /*) ;; *) maestro_script=$maestro_root/$maestro_script ;; esac
  case $maestro_folder in /*) ;; *) maestro_folder=$maestro_root/$maestro_folder ;; esac
  set -- "$maestro_script" "$maestro_log" "$maestro_root/$maestro_job" "$maestro_folder" "$maestro_before"
done
`;

/** The runner under bash, which keeps exported functions where sh may drop them; what BASH_ENV names is the script's. */
const UNDER_BASH = `shopt -s execfail
BASH_ENV=$1 SHLVL=$((SHLVL - 1))
[ -n "$BASH_ENV" ] || unset BASH_ENV
shift
`;

/** The words that start a runner. */
function runnerWords({ env, facts }: System): string[] {
  if (!hasFunctions(env) || facts(BASH) === undefined) return ["/bin/sh", "-c", RUNNER, "maestro-step"];
  const words = ["/usr/bin/env", "BASH_ENV=", BASH, "-c", UNDER_BASH + RUNNER, "maestro-step"];
  return [...words, env["BASH_ENV"] ?? ""];
}

/** In the environment of a step on this machine: its job file. By it the step's processes are recognised. */
export const ATTEMPT_VARIABLE = "MAESTRO_ATTEMPT";

/** What a runner reports of a step that it has not run: another copy has its claim, or it could not be made. */
export const NOT_RUN = 96;

export interface LocalJob {
  readonly script: string;
  /** Log files are named `<logs>.<job id>.out` and `.err`, in the workspace. */
  readonly logs: string;
  /** This and the workspace are in the study's folder. */
  readonly jobFile: string;
  readonly workspace: string;
}

/** How a step ended, its job id, and what it used. Or how the runner itself ended, which shows nothing about the step. */
export type LocalEnd =
  | { readonly code: number; readonly job?: number; readonly used?: Consumption }
  | { readonly runner: ProcessEnd };

export interface StartedJob {
  /** The runner. */
  readonly pid: number;
  readonly ended: Promise<LocalEnd>;
}

export interface LocalJobs {
  start(job: LocalJob): StartedJob;
  /** Idle runners end; those at work end with their step. */
  close(): void;
}

interface JobRunner {
  readonly process: Conversation;
  /** What its steps have used so far. */
  used: Consumption;
  /** Called when the step in hand is over. */
  report: (end: LocalEnd) => void;
}

const NOTHING_USED: Consumption = { cpuMs: 0, readBytes: 0, writtenBytes: 0 };

/** As the runner counts. */
const counted = ({ cpuMs, readBytes, writtenBytes }: Consumption) =>
  `${Math.round(cpuMs / TICK_MS)} ${readBytes} ${writtenBytes}`;

/** Runs steps one after the other in as few runners as it takes: a new process costs more than a small step. */
export function localJobs(system: System, root: string): LocalJobs {
  const idle: JobRunner[] = [];
  const runners = new Set<JobRunner>();
  let closed = false;

  const begin = ({ script, logs, jobFile, workspace }: LocalJob): JobRunner => {
    const { boot, namespace, machine, uid } = system.place();
    const place = `namespace ${namespace}\nmachine ${machine}\nuid ${uid}\n`;
    const step = [script, logs, jobFile, workspace, counted(NOTHING_USED)];
    const argv = [...runnerWords(system), system.host, boot, place, root, ...step];
    const process = system.converse(argv, "/", (line) => {
      const [code, job] = line.split(" ").map(Number);
      const used = process.used();
      const ofStep = job && used ? { job, used: between(runner.used, used) } : job ? { job } : {};
      runner.report({ code: code!, ...ofStep });
      runner.used = used ?? runner.used;
      if (!closed) idle.push(runner);
    });
    const runner: JobRunner = { process, report: () => {}, used: NOTHING_USED };
    runners.add(runner);
    process.ended.then((end) => {
      runners.delete(runner);
      if (idle.includes(runner)) idle.splice(idle.indexOf(runner), 1);
      runner.report({ runner: end });
    });
    return runner;
  };
  const pass = (runner: JobRunner, lines: string[]): JobRunner => {
    runner.process.say(lines.map((line) => `${line}\n`).join(""));
    return runner;
  };
  return {
    start(job) {
      const short = (path: string) => path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
      const lines = [short(job.script), job.logs, short(job.jobFile), short(job.workspace)];
      // What is no line is passed as an argument, to a new runner.
      const waiting = lines.some((line) => line.includes("\n")) ? undefined : idle.pop();
      const runner = waiting ? pass(waiting, [...lines, counted(waiting.used)]) : begin(job);
      const ended = new Promise<LocalEnd>((resolve) => runner.report = resolve);
      return { pid: runner.process.pid, ended };
    },
    close() {
      closed = true;
      for (const runner of runners) runner.process.hangUp();
    },
  };
}
