/** Lines of scripts in which we differ on purpose. */

import type { NodePicture, Script } from "./picture.ts";

export interface LineContext {
  readonly node: NodePicture;
  readonly script: Script;
  readonly index: number;
  /** Our script, if a rule states that we write more. */
  readonly ours: Script | null | undefined;
}

export interface LineRule {
  readonly name: string;
  readonly reason: string;
  readonly betterFor: string;
  /** The line as we write it; null where we write none. */
  readonly line: (line: string, context: LineContext) => string | readonly string[] | null;
}

const isFlux = ({ file }: Script) => file.endsWith(".flux.sh");
const isSlurm = ({ file }: Script) => file.endsWith(".slurm.sh");
const isLsf = ({ file }: Script) => file.endsWith(".lsf.sh");

/** What Maestro gives on the command line alone, or not at all. */
const IN_HEADER = [
  ...["#SBATCH --cpus-per-task=", "#SBATCH --mincpus=", "#SBATCH --chdir=", "#SBATCH --open-mode=append"],
  ...["#flux: --cwd=", "#flux: --requires=", "#flux: --urgency=", "#flux: --flags=waitable"],
];

/** Characters in which schedulers or file systems read something. */
const ODD = /[/%\\"'`]|\{\{/;
/** A line of a header with the name of a job or a log: before, name, behind. */
const NAMED = new RegExp(
  '^(#(?:SBATCH --(?:job-name|output|error)=|BSUB -[Joe] |flux: --(?:job-name|output|error)=)"?)' +
    '(.*?)((?:\\.%[jJ]|\\.\\{\\{id\\}\\})?(?:\\.out|\\.err)?"?)$',
);

/** Whether a line is within the header, which ends with an empty line. */
function inHeader({ script, index }: LineContext): boolean {
  return !script.lines.slice(0, index + 1).includes("");
}

/** Whether a line is the empty one that ends the header. */
function endsHeader({ script, index }: LineContext): boolean {
  return script.lines[index] === "" && !script.lines.slice(0, index).includes("");
}

/** Lines of our header that match, to be written at the end of the original's. */
function addedLines(pattern: RegExp, context: LineContext): string[] {
  const { ours } = context;
  if (!ours || !endsHeader(context)) return [];
  return ours.lines.slice(0, ours.lines.indexOf("")).filter((line) => pattern.test(line));
}

export const LINE_RULES: readonly LineRule[] = [
  {
    name: "no notes on Flux's version",
    reason: "Which Flux was there when a script was written helps nobody who reads it",
    betterFor: "who compares scripts of two machines",
    line: (line, context) =>
      isFlux(context.script) && inHeader(context) &&
        /^#MAESTRO-INFO \(flux (adapter )?version\) |^#$/.test(line)
        ? null
        : line,
  },
  {
    name: "headers only where they are read",
    reason: "A step that runs here has no header for Flux",
    betterFor: "who reads the scripts of local steps",
    line: (line, context) =>
      isFlux(context.script) && !context.node.scheduled && inHeader(context) &&
        /^#(flux:|MAESTRO-INFO|$)/.test(line)
        ? null
        : line,
  },
  {
    name: "no option without a value",
    reason:
      "#BSUB -W, -G and -nnodes, #flux: --bank=, srun -n and flux mini run -c are not left without a value",
    betterFor: "who leaves out a walltime, a bank or procs: LSF and Flux refuse such lines",
    line: (line, context) => {
      if (/^#BSUB -[WGq] $|^#flux: (--bank=|-q )$/.test(line) && inHeader(context)) return null;
      // The batch section's nodes, or LSF's own default.
      if (line === "#BSUB -nnodes " && inHeader(context)) {
        return context.ours?.lines.find((own) => /^#BSUB -nnodes \d+$/.test(own)) ?? line;
      }
      if (inHeader(context)) return line;
      return line.replaceAll(/\bsrun -n {2}-N /g, "srun -N ")
        .replaceAll(/(flux mini run -n \d* -N \d+) -c (?!\d)/g, "$1")
        .replaceAll(/flux mini run -n {2}-N (\d+)/g, "flux mini run -n $1 -N $1");
    },
  },
  {
    name: "the whole header for Flux",
    reason:
      "Cores and GPUs are in the header, too, so that a script that is submitted by hand asks for the same",
    betterFor: "who submits a script by hand with flux batch",
    line: (line, context) =>
      isFlux(context.script) && context.node.scheduled
        ? [...addedLines(/^#flux: -[cg] \d+$/, context), line]
        : line,
  },
  {
    name: "what is asked for is passed on",
    reason: "gres of the batch section is an option of Slurm",
    betterFor: "who writes gres for Slurm, which the original ignores",
    line: (line, context) => {
      if (!inHeader(context) && !endsHeader(context)) return line;
      const added = context.ours?.lines.find((own) => own.startsWith("#SBATCH --gres="));
      if (added === undefined || !isSlurm(context.script)) return line;
      if (line.startsWith("#SBATCH --gres=")) return added;
      const place = /^#SBATCH --(ntasks=|exclusive|qos=)|^$/;
      const has = context.script.lines.some((own) => own.startsWith("#SBATCH --gres="));
      const first = context.script.lines.findIndex((own) => place.test(own));
      return !has && context.index === first ? [added, line] : line;
    },
  },
  {
    name: "all options are in the header",
    reason: "Maestro gives the folder on the command line, and no CPUs where nodes are shared",
    betterFor:
      "who submits a script again by hand: it is the same job, and the study's logs stay as they are",
    line: (line, context) => {
      const { script, node, index } = context;
      if (!node.scheduled || !(isSlurm(script) || isFlux(script))) return line;
      // Behind all others of the header.
      if (line === "" && script.lines.indexOf("") === index) {
        const own = (text: string) => IN_HEADER.some((words) => text.startsWith(words));
        return [...(context.ours?.lines ?? []).filter(own), line];
      }
      if (!isSlurm(script) || !inHeader(context)) return line;
      return line.replace(/^(#SBATCH --(?:output|error)=".*)(\.(?:out|err)")$/, "$1.%j$2");
    },
  },
  {
    name: "no launcher in a step that runs here",
    reason:
      "$(LAUNCHER) in a step without nodes and procs vanishes; the shell would look for a command LAUNCHER",
    betterFor: "who takes nodes and procs out of a step to try it here",
    line: (line, { node }) => node.scheduled ? line : line.replace(/\$\(LAUNCHER\)(\[[^\]]*\])?[ \t]*/g, ""),
  },
  {
    name: "a shell for every script",
    reason: "Restart scripts for Flux begin with #!, and scripts for LSF have the shell of the batch section",
    betterFor: "who restarts a local step beside Flux, or has another shell with LSF",
    line: (line, { script, index, ours }) => {
      if (index !== 0) return line;
      if (isFlux(script) && line.startsWith("/")) return `#!${line}`;
      return isLsf(script) && line === "#!/bin/bash" && ours?.lines[0]?.startsWith("#!/")
        ? ours.lines[0]
        : line;
    },
  },
  {
    name: "odd names become safe names",
    reason: "Names of jobs and logs have no slash, quote, percent sign or backslash",
    betterFor:
      "who sweeps over paths or quoted words: the scheduler refuses such a job, or its logs are lost",
    line: (line, context) => {
      const [, start, name, end] = NAMED.exec(line) ?? [];
      if (name === undefined || !ODD.test(name) || !inHeader(context)) return line;
      return start + name.replace(/[^-_.() A-Za-z0-9]/g, "") + end;
    },
  },
  {
    name: "no job arrays by accident",
    reason: "Brackets in a job's name for LSF become round ones: square ones make an array of jobs",
    betterFor: "who sweeps over lists, or has brackets in names",
    line: (line, context) =>
      isLsf(context.script) && inHeader(context) && line.startsWith("#BSUB -J ")
        ? line.replaceAll("[", "(").replaceAll("]", ")")
        : line,
  },
  {
    name: "whole numbers",
    reason: "A whole number that a parameter writes as 5.0 is 5 to the scheduler",
    betterFor: "whose values come from Python: schedulers refuse --nodes=5.0",
    line: (line) => line.replaceAll(/(--(?:nodes|ntasks)=|-nnodes |--nrs | -[nNc] )(\d+)\.0(?!\d)/g, "$1$2"),
  },
  {
    name: "fractions of minutes",
    reason: "A walltime of 2.5 minutes is written as the scheduler reads it",
    betterFor: "who computes walltimes: schedulers refuse --time=2.5",
    line: (line, context) => {
      const [, start, minutes] = /^(#SBATCH --time=|#BSUB -W )(\d+\.\d+)$/.exec(line) ?? [];
      if (minutes === undefined || !inHeader(context)) return line;
      const seconds = start === "#BSUB -W "
        ? 60 * Math.ceil(Number(minutes))
        : Math.ceil(60 * Number(minutes));
      const parts = [seconds / 3600, (seconds / 60) % 60, ...(start === "#BSUB -W " ? [] : [seconds % 60])];
      return start + parts.map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
    },
  },
  {
    name: "quotes make odd text safe",
    reason: "Quotes and backslashes in a description or a name do not end the quotes of their line",
    betterFor: "who writes quotes in a description: sbatch refuses an odd number of them",
    line: (line, context) => {
      if (!inHeader(context)) return line;
      const slurm = /^(#SBATCH --(?:comment |[a-z-]+=))"(.*)"$/.exec(line);
      if (slurm) return `${slurm[1]}"${slurm[2]!.replaceAll("\\", "\\\\").replaceAll('"', "'")}"`;
      const lsf = /^(#BSUB -[JoeUqG] )(.*[^\w.,:+=@%/-].*)$/.exec(line);
      if (lsf) return `${lsf[1]}'${lsf[2]}'`;
      const flux = /^(#flux: (?:--output=|--error=|--bank=|-q ))(.*[\s"'\\#].*)$/.exec(line);
      return flux ? `${flux[1]}"${flux[2]!.replace(/["\\]/g, "\\$&")}"` : line;
    },
  },
  {
    name: "a job runs once",
    reason: "A line under the header hands the script to the guard when the conductor submitted it",
    betterFor: "everybody: nothing runs twice, and the exit code is kept",
    line: (line, context) => [line, ...guardLines(context)],
  },
];

/** The guard's lines of our script, where they come behind this line. */
function guardLines({ script, index, ours }: LineContext): readonly string[] {
  if (!ours) return [];
  const at = ours.lines.findIndex((line) => line.startsWith("# maestro: "));
  if (at < 0) return [];
  const end = ours.lines.indexOf("", at);
  const block = ours.lines.slice(at, end + 1);
  return block.length > 0 && index === at - 1 && script.lines[at] !== block[0] ? block : [];
}
