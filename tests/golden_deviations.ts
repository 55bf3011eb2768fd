/**
 * Where we differ from the goldens on purpose. They are what LLNL's Maestro 1.1.12 made; where 1.2.1 makes something else,
 * we follow that. `golden_test.ts` fails on a difference that no rule here has, and on an entry that nothing needs.
 * `tests/maestro` compares with 1.2.1 itself.
 */

import type { Batch } from "../lib/spec/types.ts";
import type { Resources } from "../lib/plan/types.ts";

/** Each rule, and who is better off by it. */
export const REASONS = {
  "Maestro 1.2.1 does so, too": "those who come from it",
  "text that YAML 1.1 takes for something else stays": "who writes a time, an id with a leading zero, or yes",
  "names resolve in any order": "who sorts or merges the names of env",
  "names with blanks are names": "who names a step in two words, and refers to its workspace",
  "colliding names get a hash":
    "whose values differ in odd characters only: no step overwrites another's files",
  "no step name is special": "who names a step _source",
  "silent nothings are refused": "whose steps would vanish without a word",
  "a restart's file is named like its script": "whose values hold a slash: Maestro's conductor dies",
  "no $(LAUNCHER) in a step that runs here": "whose step runs locally: a shell has no such command",
  "a launcher's bracket is its own": "who has several launchers, or a bracket further on in the line",
  "no empty option": "whose script the scheduler would refuse",
  "no notes on Flux's version": "who compares scripts of two machines",
  "notes only where they are read": "who reads the script of a local step",
  "no limit in the scheduler's own word": "who asks for no limit: Slurm and LSF refuse inf",
  "false is false": "who sweeps over exclusive",
  "batch.shell holds everywhere": "whose commands need another shell: LSF, and restarts with Flux",
  "quotes make odd text safe": "whose description or name holds a quote",
  "odd names become safe names": "whose values hold what a scheduler reads as a pattern",
  "by hand a script has logs of its own": "who submits a script again to see what it does",
  "what is asked for is passed on": "who writes gres",
  "an attempt runs once and leaves its exit code": "whose scheduler starts a job twice",
} as const;

export type Reason = keyof typeof REASONS;

/** Specs that Maestro expands and we refuse, with the problem we report. */
export const REFUSED: Readonly<Record<string, readonly [Reason, message: string]>> = {
  "quirk-param-empty": ["silent nothings are refused", 'Parameter "A" has no values'],
  "quirk-steps-same-name": ["silent nothings are refused", 'Two steps have the name "a"'],
};

/**
 * What Maestro prints for a plain scalar that here keeps its text. Authors of `1:30`, `012`, `yes` or a time
 * mean that text. Undefined for all others.
 */
export function brokenByMaestro(written: string): string | undefined {
  const [, sign = "", digits = ""] = /^([-+]?)(.*)$/.exec(written)!;
  const minus = sign === "-" ? "-" : "";
  if (/^0[0-7_]+$/.test(digits)) return minus + parseInt(digits.replaceAll("_", ""), 8);
  if (
    /^[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/.test(digits) && (digits[0] !== "0" || digits.includes("."))
  ) {
    return minus + digits.split(":").reduce((sum, field) => sum * 60 + Number(field.replaceAll("_", "")), 0);
  }
  if (/^(yes|on)$/i.test(written)) return "True";
  if (/^(no|off)$/i.test(written)) return "False";
  const [, day, time] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)Z$/.exec(written) ?? [];
  return day === undefined ? undefined : `${day} ${time}+00:00`;
}

/** A node of ours beside the node of Maestro that does the same; what is not given is the same. */
export interface OtherNode {
  readonly ours: string;
  /** Undefined: Maestro has nothing like it. */
  readonly theirs?: string;
  readonly workspace: string;
  readonly parents?: readonly string[];
  /** Parameters that the node does not use with us. */
  readonly without?: readonly string[];
}

/** Cases with other nodes. `gone`: nodes of Maestro that we have no need of. */
export const OTHER_NODES: Readonly<
  Record<
    string,
    { readonly reason: Reason; readonly nodes: readonly OtherNode[]; readonly gone?: readonly string[] }
  >
> = {
  "quirk-step-named-source": {
    reason: "no step name is special",
    nodes: [{ ours: "_source", workspace: "_source", parents: [] }],
  },
  // $(AB) is no use of A.
  "quirk-prefix-param": {
    reason: "Maestro 1.2.1 does so, too",
    nodes: [{ ours: "s_AB.x", theirs: "s_A.1.AB.x", workspace: "s/AB.x", without: ["A"] }],
    gone: ["s_A.2.AB.x"],
  },
  // $(AxB) is no use of A.B.
  "quirk-regex-param": {
    reason: "Maestro 1.2.1 does so, too",
    nodes: [{ ours: "s", theirs: "s_A.B.1", workspace: "s", without: ["A.B"] }],
    gone: ["s_A.B.2"],
  },
};

/** How many nodes of a case get a hash, because Maestro puts several into one workspace. */
export const COLLISIONS: Readonly<Record<string, number>> = {
  "quirk-values-collide": 3,
  "quirk-values-special": 28,
  "rand-056": 4,
};

/** Tokens that Maestro leaves in the text of a node (undefined: of every node), and our replacement. */
export const TEXTS: readonly (readonly [
  name: string,
  node: string | undefined,
  theirs: string,
  ours: string,
  Reason,
])[] = [
  ["quirk-labels-order", undefined, "$(V2)+one", "one/two+one", "names resolve in any order"],
  ["quirk-labels-order", undefined, "2:l2-$(L1)", "2:l2-l1-one", "names resolve in any order"],
  ["quirk-labels-order", "a_A.1", "l4-$(L3)-$(V2)", "l4-1-plain-one/two", "names resolve in any order"],
  ["quirk-labels-order", "a_A.2", "l4-$(L3)-$(V2)", "l4-2-plain-one/two", "names resolve in any order"],
  ["rand-013", undefined, "$(GREETING)", "@OUT@/data", "names resolve in any order"],
  ["quirk-ws-spaced-name", "b", "$(my step.workspace)", "@OUT@/my_step", "names with blanks are names"],
];

/** Single lines of scripts; ours is null where there is none. */
export const LINES: readonly (readonly [
  name: string,
  type: string,
  theirs: string,
  ours: string | null,
  Reason,
])[] = [
  [
    "quirk-walltimes",
    "slurm",
    "#SBATCH --time=inf",
    "#SBATCH --time=0",
    "no limit in the scheduler's own word",
  ],
  ["quirk-walltimes", "lsf", "#BSUB -W inf", null, "no limit in the scheduler's own word"],
  [
    "quirk-walltimes",
    "slurm",
    "#SBATCH --time=5400",
    "#SBATCH --time=1:30:00",
    "text that YAML 1.1 takes for something else stays",
  ],
  [
    "quirk-walltimes",
    "flux",
    "#INFO (walltime) 324000",
    "#INFO (walltime) 5400.0",
    "text that YAML 1.1 takes for something else stays",
  ],
  [
    "quirk-launcher-junk",
    "slurm",
    "srun -n None ./x",
    "$(LAUNCHER)[p] ./x",
    "a launcher's bracket is its own",
  ],
  [
    "quirk-launcher-junk",
    "flux",
    "flux run -n None -N 1 -c 1 ./x",
    "$(LAUNCHER)[p] ./x",
    "a launcher's bracket is its own",
  ],
  [
    "quirk-launcher-later-bracket",
    "slurm",
    "srun -n 2 -N 1 && echo ok",
    "srun -n 2 -N 1 ./x && [ -f out ] && echo ok",
    "a launcher's bracket is its own",
  ],
  [
    "quirk-launcher-later-bracket",
    "lsf",
    "jsrun --nrs 2 -b rs -a 1 -r 1 -c 1 && echo ok",
    "jsrun --nrs 2 -b rs -a 1 -r 1 -c 1 ./x && [ -f out ] && echo ok",
    "a launcher's bracket is its own",
  ],
  [
    "quirk-launcher-later-bracket",
    "flux",
    "flux run -n 2 -N 1 -c 1 && echo ok",
    "flux run -n 2 -N 1 -c 1 ./x && [ -f out ] && echo ok",
    "a launcher's bracket is its own",
  ],
  [
    "quirk-launcher-mixed",
    "slurm",
    "$(LAUNCHER) ./y",
    "srun -n 4 -N 2 ./y",
    "a launcher's bracket is its own",
  ],
  [
    "quirk-launcher-mixed",
    "lsf",
    "$(LAUNCHER) ./y",
    "jsrun --nrs 4 -b rs -a 1 -r 1 -c 1 ./y",
    "a launcher's bracket is its own",
  ],
  [
    "quirk-launcher-mixed",
    "flux",
    "$(LAUNCHER) ./y",
    "flux run -n 4 -N 2 -c 1 ./y",
    "a launcher's bracket is its own",
  ],
];

/**
 * Header lines that Maestro lacks: it reads the key and ignores it. `when` returns whether the key is set.
 */
export const ADDED: readonly {
  readonly type: string;
  readonly line: RegExp;
  readonly when: (resources: Resources, batch: Batch) => boolean;
}[] = [
  { type: "slurm", line: /^#SBATCH --gres=ignore$/, when: (_, { gres }) => gres === "ignore" },
  // The header contains all options: `sbatch` by hand submits the same job.
  { type: "slurm", line: /^#SBATCH --(?:mincpus|cpus-per-task)=\d+$/, when: () => true },
  { type: "slurm", line: /^#SBATCH --(?:chdir=".+"|open-mode=append)$/, when: () => true },
];

/** What a rule for a line may depend on. */
export interface LineContext {
  readonly type: string;
  readonly scheduled: boolean;
  readonly first: boolean;
  readonly shell: string | undefined;
  /** The node's name in Maestro, blanks replaced, and what our headers call it. */
  readonly theirName: string;
  readonly ourName: string;
  /** The value of X in quirk-resources-param, whose `exclusive` is $(X). */
  readonly exclusive: string | undefined;
}

/** A rule makes Maestro's line ours: the same line where it does not apply, null where we have none. */
export interface LineRule {
  readonly reason: Reason;
  readonly apply: (line: string, context: LineContext) => string | null;
}

const NAMING_LINE = /^#(SBATCH --(job-name|output|error)=|BSUB -[Joe] )/;

/** Rules for the lines of all scripts, applied one after the other. */
export const LINE_RULES: readonly LineRule[] = [
  {
    reason: "no notes on Flux's version",
    apply: (line, { type }) =>
      type === "flux" && /^#INFO \(flux (adapter )?version\) /.test(line) ? null : line,
  },
  {
    reason: "notes only where they are read",
    apply: (line, { type, scheduled }) =>
      type === "flux" && !scheduled && line.startsWith("#INFO ") ? null : line,
  },
  { reason: "no empty option", apply: (line) => line === "#BSUB -W " ? null : line },
  { reason: "no empty option", apply: (line) => line.replace("srun -n  -N ", "srun -N ") },
  {
    reason: "no empty option",
    apply: (line) => line.replace(/flux run -n {2}-N (\d+)/, "flux run -n $1 -N $1"),
  },
  {
    reason: "no $(LAUNCHER) in a step that runs here",
    apply: (line, { scheduled }) => scheduled ? line : line.replace(/\$\(LAUNCHER\)(\[[^\]]*\])?[ \t]*/g, ""),
  },
  {
    reason: "batch.shell holds everywhere",
    // Restart scripts for Flux begin with the shell's bare path, scripts for LSF always with bash.
    apply: (line, { type, first, shell }) => {
      if (!first) return line;
      if (type === "flux" && line === (shell ?? "/bin/bash")) return `#!${line}`;
      return type === "lsf" && shell !== undefined && line === "#!/bin/bash" ? `#!${shell}` : line;
    },
  },
  {
    reason: "false is false",
    apply: (line, { exclusive }) => line === "#SBATCH --exclusive" && exclusive === "False" ? null : line,
  },
  {
    reason: "odd names become safe names",
    apply: (line, { theirName, ourName }) =>
      NAMING_LINE.test(line) && isOdd(theirName) ? line.replace(theirName, () => ourName) : line,
  },
  {
    reason: "by hand a script has logs of its own",
    apply: (line, { type }) =>
      type === "slurm" ? line.replace(/^(#SBATCH --(?:output|error)=".*)(\.(?:out|err)")$/, "$1.%j$2") : line,
  },
  {
    reason: "quotes make odd text safe",
    apply: (line) => {
      const comment = /^#SBATCH --comment "(.*)"$/.exec(line)?.[1];
      if (comment !== undefined) {
        return `#SBATCH --comment "${comment.replaceAll("\\", "\\\\").replaceAll('"', "'")}"`;
      }
      const word = /^(#BSUB -[Joe] )(.*[^\w.,:+=@%/-].*)$/.exec(line);
      return word ? `${word[1]}'${word[2]}'` : line;
    },
  },
];

/** Characters that schedulers or file systems read something into. */
export function isOdd(name: string): boolean {
  return /[/%\\"'`]/.test(name);
}
