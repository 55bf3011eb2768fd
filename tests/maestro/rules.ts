/**
 * Where this program differs from LLNL's Maestro on purpose. A rule says what differs for every spec, why, and who is
 * better off. Rules in `ORIGINAL_RULES` change the original while it runs (`original.py`); the others change what it
 * made into what we make. A difference that no rule predicts is a fault of ours.
 */

import { LINE_RULES } from "./line_rules.ts";
import type { NodePicture, Picture, Script } from "./picture.ts";

export interface Rule {
  readonly name: string;
  readonly reason: string;
  /** Who is better off. */
  readonly betterFor: string;
  /** What the original made, as we make it; the same object where the rule does not apply. */
  readonly apply?: (theirs: Picture, ours: Picture) => Picture;
}

/** Rules that `original.py` applies, by the names it has for them. */
const PATCHES: readonly Rule[] = [
  {
    name: "scalars",
    reason:
      "What YAML 1.1 reads as something else than its writer means stays as written: 1:30, 012, yes, no, on, off, dates",
    betterFor: "who writes a walltime, an id with a leading zero, a date or a plain word",
  },
  {
    name: "order",
    reason: "Names of env are replaced whatever their order in the file",
    betterFor: "who sorts or merges the variables of a spec",
  },
  {
    name: "workspaces",
    reason: "$(x.workspace) works for names with blanks and right beside other tokens",
    betterFor: "who writes $(a.workspace):$(b.workspace), for which the original's conductor dies",
  },
];

export const ORIGINAL_RULES: readonly string[] = PATCHES.map(({ name }) => name);

/** The same picture with other nodes, or the very same where none changed. */
function withNodes(picture: Picture, change: (node: NodePicture) => NodePicture): Picture {
  let changed = false;
  const nodes = picture.nodes.map((node) => {
    const result = change(node);
    changed ||= result !== node;
    return result;
  });
  return changed ? { ...picture, nodes } : picture;
}

function filtered(
  names: readonly string[],
  keep: (name: string) => boolean,
  add: readonly string[] = [],
): string[] {
  return [...names.filter(keep), ...add].sort();
}

/** Errors over which the original's conductor dies, after "Study launched successfully.", and we write a script. */
const DEATHS: readonly (Omit<Rule, "apply"> & { readonly error: RegExp })[] = [
  {
    name: "lsf without procs",
    reason: "A step for LSF may have nodes alone or procs alone",
    betterFor: "who asks LSF for nodes or procs only",
    error: /invalid literal for int\(\) with base 10: ''|int\(\) argument must be .* not 'NoneType'/,
  },
  {
    name: "lsf walltime in minutes",
    reason: "A walltime may be a whole number",
    betterFor: "who writes walltime: 60 for LSF",
    error: /'int' object has no attribute 'split'/,
  },
  {
    name: "sizes of a launcher and parameters",
    reason: "A launcher may have a size where the step's nodes or procs come from a token, or are not given",
    betterFor: "who sweeps over procs",
    error: /'>' not supported between instances of 'int' and '(str|NoneType)'/,
  },
  {
    name: "several launchers",
    reason:
      "Each $(LAUNCHER)[...] is a call of its own: several on a line, one after the other, each within the step's size",
    betterFor: "who runs several programs in one step",
    error: /Number of nodes and\/or procs must only be specified once|Total (processors|nodes) \(/,
  },
  {
    name: "slashes in names",
    reason: "The file of a restart script has a safe name",
    betterFor: "who sweeps over paths",
    error: /FileNotFoundError|IsADirectoryError/,
  },
  {
    name: "long names of files",
    reason: "A name that a file system cannot hold is cut",
    betterFor: "who has long labels",
    error: /File name too long/,
  },
];

/** The original's error, and how we deal with it. */
function deathRule({ error, ...words }: typeof DEATHS[number]): Rule {
  return {
    ...words,
    apply: (theirs, ours) =>
      withNodes(theirs, (node) => {
        const counterpart = ours.nodes.find(({ name }) => name === node.name);
        if (node.died === null || !counterpart || !error.test(node.died)) return node;
        const { script, restart, scheduled } = counterpart;
        return { ...node, died: null, script, restart, scheduled };
      }),
  };
}

const RESULTS: readonly Rule[] = [
  {
    name: "problems first",
    reason: "What ends the original's conductor later is reported before anything is created",
    betterFor: "everybody whose spec has a mistake",
    apply: (theirs, ours) => {
      const death = theirs.nodes.find(({ died }) => died !== null);
      return death && ours.refused !== null ? { ...theirs, refused: death.died } : theirs;
    },
  },
  {
    name: "no pickles",
    reason: "State is a journal that can be read and outlives versions of Python",
    betterFor: "who looks at a study later, or from elsewhere",
    apply: (theirs) => {
      if (!theirs.top.includes("status.csv")) return theirs;
      const top = filtered(theirs.top, (name) => !/\.pkl$|^\.status\.lock$/.test(name), [".maestro"]);
      return { ...theirs, top };
    },
  },
  {
    name: "no debug lines of Flux",
    reason: "The original prints a line of debugging for each line of a Flux header",
    betterFor: "who reads or compares the output of run",
    apply: (theirs) =>
      /^INFO: processing header: /m.test(theirs.stdout)
        ? { ...theirs, stdout: theirs.stdout.replace(/^INFO: processing header: .*\n/gm, "") }
        : theirs,
  },
];

/** Lines of scripts, rule after rule. */
function lineRule({ line, ...words }: typeof LINE_RULES[number]): Rule {
  const rewrite = (script: Script | null, node: NodePicture): Script | null => {
    if (script === null) return null;
    const lines = script.lines.flatMap((text, index) => line(text, { node, index, script }) ?? []);
    return lines.length === script.lines.length && lines.every((text, i) => text === script.lines[i])
      ? script
      : { ...script, lines };
  };
  return {
    ...words,
    apply: (theirs) =>
      withNodes(theirs, (node) => {
        const [script, restart] = [rewrite(node.script, node), rewrite(node.restart, node)];
        return script === node.script && restart === node.restart ? node : { ...node, script, restart };
      }),
  };
}

export const RULES: readonly Rule[] = [
  ...PATCHES,
  ...DEATHS.map(deathRule),
  ...RESULTS,
  ...LINE_RULES.map(lineRule),
];

/** The original's picture after all rules; notes those that changed something. */
export function underRules(theirs: Picture, ours: Picture, fired: Set<string>): Picture {
  let picture = theirs;
  for (const { name, apply } of RULES) {
    if (!apply) continue;
    const changed = apply(picture, ours);
    if (changed === picture) continue;
    fired.add(name);
    picture = changed;
  }
  return picture;
}
