/**
 * The intended differences between this program and LLNL's Maestro. A rule states what differs for every
 * spec, why, and who is better off. Rules in `ORIGINAL_RULES` change the original while it runs
 * (`original.py`). The others convert its results into ours. A difference that no rule predicts is a bug of
 * ours.
 */

import { ACCEPTANCE_RULES } from "./acceptance_rules.ts";
import { COLLISIONS } from "./collisions.ts";
import { LINE_RULES } from "./line_rules.ts";
import type { NodePicture, Picture, Script } from "./picture.ts";
import { type Rule, withNodes } from "./rule.ts";

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
  {
    name: "launchers",
    reason:
      "Each $(LAUNCHER) counts by itself: bare or with a size, several on a line, one after the other; sizes fit the step's",
    betterFor: "who runs several programs in one step, or sweeps over procs; the original's conductor dies",
  },
  {
    name: "lsf sizes",
    reason: "A step for LSF may have nodes or procs alone, and a walltime in minutes",
    betterFor: "who asks LSF for one of both; the original's conductor dies",
  },
  {
    name: "restart files",
    reason: "The file of a restart script has a safe name, like the file of the script",
    betterFor: "who restarts steps with odd names; for a slash the original's conductor dies",
  },
];

export const ORIGINAL_RULES: readonly string[] = PATCHES.map(({ name }) => name);

function filtered(
  names: readonly string[],
  keep: (name: string) => boolean,
  add: readonly string[] = [],
): string[] {
  return [...names.filter(keep), ...add].sort();
}

/** What a file of `meta` holds, with values as Python prints them. */
function printed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(printed);
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0] === "float") return entries[0]![1];
  return Object.fromEntries(entries.map(([key, item]) => [key, printed(item)]));
}

/** Whether `meta/parameters.yaml` has a parameter with two values that print alike and are not the same. */
function mixesTypes(file: unknown): boolean {
  const types = new Map<string, string>();
  let mixed = false;
  const look = (value: unknown): void => {
    if (!Array.isArray(value)) {
      if (typeof value === "object" && value !== null) Object.values(value).forEach(look);
      return;
    }
    const [key, item] = value;
    if (typeof key === "string" && key.startsWith("$(") && value.length === 2) {
      const name = JSON.stringify([key, printed(item)]);
      mixed ||= (types.get(name) ?? JSON.stringify(item)) !== JSON.stringify(item);
      types.set(name, JSON.stringify(item));
    } else value.forEach(look);
  };
  look(file);
  return mixed;
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
    name: "no step name is special",
    reason: "A step may be named _source",
    betterFor: "who names a step _source: the original never runs it",
    apply: (theirs, ours) =>
      theirs.refused === null && ours.nodes.some(({ name }) => /^_source(_|$)/.test(name)) ? ours : theirs,
  },
  {
    name: "circles of names",
    reason: "Names of env that refer to each other in a circle are reported, and stay as they are",
    betterFor: "who has a circle by mistake: what the original makes of it depends on the order of the names",
    apply: (theirs, ours) =>
      theirs.refused === null && /refer to each other in a circle/.test(ours.warnings) ? ours : theirs,
  },
  {
    name: "no pickles",
    reason: "State is a journal that can be read and outlives versions of Python",
    betterFor: "who looks at a study later, or from elsewhere",
    apply: (theirs) => {
      if (!theirs.top.some((name) => name.endsWith(".pkl"))) return theirs;
      const top = filtered(theirs.top, (name) => !/\.pkl$|^\.status\.lock$/.test(name), [".maestro"]);
      return { ...theirs, top };
    },
  },
  {
    name: "metadata for everybody",
    reason: "meta/parameters.yaml has plain mappings, where the original writes Python's own",
    betterFor: "who reads it with yaml.safe_load, or without Python",
    apply: (theirs) => {
      const file = theirs.files["meta/parameters.yaml"] as { safe?: boolean } | undefined;
      if (!file || file.safe !== false) return theirs;
      return { ...theirs, files: { ...theirs.files, "meta/parameters.yaml": { ...file, safe: true } } };
    },
  },
  {
    name: "values that print alike",
    reason:
      "Of values of a parameter that print alike, 1.5 and '1.5', all have the type of the last one in meta",
    betterFor: "nobody: folders and scripts are the same, and no study needs both",
    apply: (theirs, ours) => {
      const [file, own] = [theirs, ours].map(({ files }) => files["meta/parameters.yaml"]);
      if (JSON.stringify(file) === JSON.stringify(own)) return theirs;
      if (JSON.stringify(printed(file)) !== JSON.stringify(printed(own))) return theirs;
      return mixesTypes(file)
        ? { ...theirs, files: { ...theirs.files, "meta/parameters.yaml": own } }
        : theirs;
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
  const rewrite = (
    script: Script | null,
    node: NodePicture,
    ours: Script | null | undefined,
  ): Script | null => {
    // One that the original did not write is ours already.
    if (script === null || script === ours) return script;
    const lines = script.lines.flatMap((text, index) => line(text, { node, index, script, ours }) ?? []);
    return lines.length === script.lines.length && lines.every((text, i) => text === script.lines[i])
      ? script
      : { ...script, lines };
  };
  return {
    ...words,
    apply: (theirs, ours) =>
      withNodes(theirs, (node) => {
        const counterpart = ours.nodes.find(({ name }) => name === node.name);
        const script = rewrite(node.script, node, counterpart?.script);
        const restart = rewrite(node.restart, node, counterpart?.restart);
        return script === node.script && restart === node.restart ? node : { ...node, script, restart };
      }),
  };
}

export const RULES: readonly Rule[] = [
  ...PATCHES,
  ...ACCEPTANCE_RULES,
  ...RESULTS,
  ...LINE_RULES.map(lineRule),
  COLLISIONS,
];

/** The original's picture after all rules; notes those that changed something. */
export function underRules(theirs: Picture, ours: Picture, fired: Set<string>): Picture {
  let picture = theirs;
  for (const { name, apply } of RULES) {
    // A spec that only we take: there is nothing to compare.
    if (!apply || picture === ours) continue;
    const changed = apply(picture, ours);
    if (changed === picture) continue;
    fired.add(name);
    picture = changed;
  }
  return picture;
}
