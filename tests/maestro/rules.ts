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

/** Specs that the original refuses and we take. */
const ACCEPTED: readonly (Omit<Rule, "apply"> & { readonly error: RegExp })[] = [
  {
    name: "workspaces of any step",
    reason: "$(x.workspace) may name a step that this one does not depend on",
    betterFor:
      "who reads what an independent step wrote; whether the original takes it depends on the order of siblings",
    error: /^Exception: Workspace for '.*' is being used before it would be generated/,
  },
  {
    name: "steps in any order",
    reason: "A step may stand before those that it depends on",
    betterFor: "who sorts or splits a study",
    error: /^ValueError: Attempted to create edge \(.*\), but node .* does not exist/,
  },
  {
    name: "more keys",
    reason: "A step may have keys that the original does not know: shell, after, retry, env, mem and others",
    betterFor: "who needs them; no spec for the original has them",
    error:
      /^ValidationError: Unrecognized key '(shell|after|retry|env|mem|constraint|gres|args|batch|pack|results)' found in study step/,
  },
  {
    name: "long names",
    reason: "A name that is too long for a file system is cut, and gets a hash",
    betterFor: "who has long labels; the original's conductor dies",
    error: /File name too long/,
  },
];

function acceptRule({ error, ...words }: typeof ACCEPTED[number]): Rule {
  return {
    ...words,
    apply: (theirs, ours) => ours.refused === null && error.test(theirs.refused ?? "") ? ours : theirs,
  };
}

/** Specs that we refuse and the original takes. */
const REFUSED: readonly (Omit<Rule, "apply"> & { readonly problem: RegExp })[] = [
  {
    name: "numbers are numbers",
    reason: "What a token makes of nodes, procs, gpus or walltime must be a number or a time",
    betterFor: "who would wait for a job with --nodes=alpha, which no scheduler takes",
    problem: /^error: "[\w ]+" of step ".*" must be (a whole number|a time such as|true or false)/m,
  },
];

function refuseRule({ problem, ...words }: typeof REFUSED[number]): Rule {
  return {
    ...words,
    apply: (theirs, ours) =>
      theirs.refused === null && problem.test(ours.refused ?? "")
        ? { ...theirs, refused: ours.refused }
        : theirs,
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
    name: "no debug lines of Flux",
    reason: "The original prints a line of debugging for each line of a Flux header",
    betterFor: "who reads or compares the output of run",
    apply: (theirs) =>
      /^INFO: processing header: /m.test(theirs.stdout)
        ? { ...theirs, stdout: theirs.stdout.replace(/^INFO: processing header: .*\n/gm, "") }
        : theirs,
  },
];

/** A workspace that several of the original's nodes have, or that is no folder of its own; ours ends with a hash. */
const HASH = /-[0-9a-f]{8}$/;

const COLLISIONS: Rule = {
  name: "folders of their own",
  reason: "Nodes that would share a workspace have one each: its name ends with a hash",
  betterFor:
    "who sweeps over a/b and ab, or over names without an ASCII letter: results overwrote each other",
  apply: (theirs, ours) => {
    const users = Map.groupBy(theirs.nodes, ({ workspace }) => workspace);
    const moved = new Map<string, NodePicture>();
    for (const node of theirs.nodes) {
      const counterpart = ours.nodes.find(({ name }) => name === node.name);
      if (!counterpart || counterpart.workspace === node.workspace || !HASH.test(counterpart.workspace)) {
        continue;
      }
      if (users.get(node.workspace)!.length > 1 || /\/\.{0,2}$/.test(node.workspace)) {
        moved.set(node.name, counterpart);
      }
    }
    if (moved.size === 0) return theirs;
    const places = theirs.nodes.flatMap((node): [string, string][] => {
      const counterpart = moved.get(node.name);
      return counterpart ? [[node.workspace.replace(/\/$/, ""), counterpart.workspace]] : [];
    });
    const nodes = theirs.nodes.map((node) => {
      const counterpart = moved.get(node.name);
      // The original wrote several scripts to one file.
      if (counterpart) {
        const { workspace, script, restart } = counterpart;
        return { ...node, workspace, script, restart };
      }
      const mine = ours.nodes.find(({ name }) => name === node.name);
      return {
        ...node,
        script: moveLines(node.script, mine?.script, places),
        restart: moveLines(node.restart, mine?.restart, places),
      };
    });
    const rows = theirs.status.rows.map((row) => {
      const [name, { workspace }] = [...moved].find(([name]) => row.startsWith(`${name},--,`)) ??
        ["", { workspace: "" }];
      if (name === "") return row;
      const rest = row.slice(`${name},--,`.length);
      return `${name},--,${workspace.slice("@OUT@/".length)}${rest.slice(rest.indexOf(",DRYRUN,"))}`;
    });
    const files = Object.fromEntries(
      Object.entries(theirs.files).map(([file, value]) => [file, moveWorkspaces(value, moved)]),
    );
    // A workspace that is the folder above another one has scripts where we have none.
    const above = [...moved.keys()].some((name) =>
      theirs.nodes.find((node) => node.name === name)!.workspace.endsWith("/..")
    );
    return {
      ...theirs,
      nodes,
      files,
      status: { ...theirs.status, rows: rows.sort() },
      top: above ? ours.top : theirs.top,
    };
  },
};

/** Pairs of a node and its workspace, in what a file of `meta` holds. */
function moveWorkspaces(value: unknown, moved: ReadonlyMap<string, NodePicture>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (!Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, moveWorkspaces(item, moved)]));
  }
  const [name, place] = value;
  const counterpart = typeof name === "string" && typeof place === "string" ? moved.get(name) : undefined;
  if (value.length === 2 && counterpart) return [name, counterpart.workspace.slice("@OUT@/".length)];
  return value.map((item) => moveWorkspaces(item, moved));
}

/** Lines that name one of the moved folders, as ours name it. */
function moveLines(
  script: Script | null,
  ours: Script | null | undefined,
  places: readonly [string, string][],
): Script | null {
  if (!script || !ours) return script;
  const lines = script.lines.map((line, i) => {
    const mine = ours.lines[i];
    if (mine === undefined || mine === line) return line;
    const back = places.reduce((text, [from, to]) => text.replaceAll(to, () => from), mine);
    return back === places.reduce((text, [from]) => text.replaceAll(`${from}/`, () => `${from}/`), line)
      ? mine
      : line;
  });
  return { ...script, lines };
}

/** Lines of scripts, rule after rule. */
function lineRule({ line, ...words }: typeof LINE_RULES[number]): Rule {
  const rewrite = (
    script: Script | null,
    node: NodePicture,
    ours: Script | null | undefined,
  ): Script | null => {
    if (script === null) return null;
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
  ...ACCEPTED.map(acceptRule),
  ...REFUSED.map(refuseRule),
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
