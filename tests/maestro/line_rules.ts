/** Lines of scripts in which we differ on purpose. */

import type { NodePicture, Script } from "./picture.ts";

export interface LineContext {
  readonly node: NodePicture;
  readonly script: Script;
  readonly index: number;
}

export interface LineRule {
  readonly name: string;
  readonly reason: string;
  readonly betterFor: string;
  /** The line as we write it; null where we write none. */
  readonly line: (line: string, context: LineContext) => string | readonly string[] | null;
}

const isFlux = ({ file }: Script) => file.endsWith(".flux.sh");
const isLsf = ({ file }: Script) => file.endsWith(".lsf.sh");

/** Whether a line is within the header, which ends with an empty line. */
function inHeader({ script, index }: LineContext): boolean {
  return !script.lines.slice(0, index + 1).includes("");
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
    reason: "#BSUB -W and srun -n are not left without a value",
    betterFor: "who gives LSF no walltime, or Slurm no procs",
    line: (line, context) => {
      if (line === "#BSUB -W " && inHeader(context)) return null;
      return line.replaceAll(/\bsrun -n {2}-N /g, "srun -N ");
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
    reason: "Restart scripts for Flux begin with #!",
    betterFor: "who restarts a local step beside Flux",
    line: (line, { script, index }) =>
      index === 0 && isFlux(script) && line.startsWith("/") ? `#!${line}` : line,
  },
];

export { isLsf };
