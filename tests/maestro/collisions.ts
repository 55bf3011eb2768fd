/** Nodes that the original puts into one folder. */

import type { NodePicture, Script } from "./picture.ts";
import type { Rule } from "./rule.ts";

/**
 * A workspace that several of the original's nodes share, or that is not a separate folder. Ours ends with a
 * hash.
 */
const HASH = /-[0-9a-f]{8}(?=\/|$)/g;

/** The name of a node's first folder. */
const folderOf = ({ workspace }: NodePicture) => workspace.split("/")[1]!;

/** Folders in which the original puts nodes of several steps, and ours of each node there. */
function sharedFolders(
  theirs: readonly NodePicture[],
  ours: readonly NodePicture[],
): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>();
  for (const node of theirs) {
    const mine = ours.find(({ name }) => name === node.name);
    if (!mine) continue;
    const folder = folderOf(node);
    folders.set(folder, (folders.get(folder) ?? new Set()).add(folderOf(mine)));
  }
  for (const [folder, own] of folders) if (own.size < 2) folders.delete(folder);
  return folders;
}

export const COLLISIONS: Rule = {
  name: "separate folders",
  reason: "Nodes that would share a workspace have one each: its name ends with a hash",
  betterFor:
    "who sweeps over a/b and ab, or over names without an ASCII letter: results overwrote each other",
  apply: (theirs, ours) => {
    const users = Map.groupBy(theirs.nodes, ({ workspace }) => workspace);
    const shared = sharedFolders(theirs.nodes, ours.nodes);
    const moved = new Map<string, NodePicture>();
    for (const node of theirs.nodes) {
      const counterpart = ours.nodes.find(({ name }) => name === node.name);
      if (!counterpart || counterpart.workspace.replace(HASH, "") === counterpart.workspace) continue;
      if (counterpart.workspace === node.workspace) continue;
      const isShared = shared.has(folderOf(node)) &&
        counterpart.workspace.replace(HASH, "") === node.workspace;
      if (isShared) moved.set(node.name, counterpart);
      if (users.get(node.workspace)!.length > 1 || /\/\.{0,2}$/.test(node.workspace)) {
        moved.set(node.name, counterpart);
      }
    }
    if (moved.size === 0) return theirs;
    const places = theirs.nodes.flatMap((node): [string, string][] => {
      const counterpart = moved.get(node.name);
      if (!counterpart) return [];
      const folders: [string, string] = [`@OUT@/${folderOf(node)}`, `@OUT@/${folderOf(counterpart)}`];
      return [[node.workspace.replace(/\/$/, ""), counterpart.workspace], folders];
    });
    const nodes = theirs.nodes.map((node) => {
      const counterpart = moved.get(node.name);
      // The original wrote several scripts to one file.
      if (counterpart) {
        const { workspace, script, restart } = counterpart;
        return { ...node, workspace, script, restart };
      }
      const mine = ours.nodes.find(({ name }) => name === node.name);
      if (mine && users.get(node.workspace)!.length > 1) {
        return { ...node, script: mine.script, restart: mine.restart };
      }
      return {
        ...node,
        script: moveLines(node.script, mine?.script, places),
        restart: moveLines(node.restart, mine?.restart, places),
      };
    });
    const rows = theirs.status.rows.map((row) => moveRow(row, moved));
    const files = Object.fromEntries(
      Object.entries(theirs.files).map(([file, value]) => [file, moveWorkspaces(value, moved)]),
    );
    // What is in the study's folder follows from the workspaces; "..", there, leaves scripts above.
    const top = [...new Set([...ours.nodes.map(folderOf), ...theirs.top])].filter((name) =>
      ours.top.includes(name)
    );
    return {
      ...theirs,
      nodes,
      files,
      status: { ...theirs.status, rows: rows.sort() },
      top: top.sort(),
    };
  },
};

/** A row of `status.csv` with the workspace that we have. Of a name with several lines a row has the last one. */
function moveRow(row: string, moved: ReadonlyMap<string, NodePicture>): string {
  const found = [...moved].flatMap(([name, { workspace }]) => {
    const start = `${name.slice(name.lastIndexOf("\n") + 1)},--,`;
    return row.startsWith(start) ? [{ start, place: workspace.slice("@OUT@/".length) }] : [];
  });
  const { start, place } =
    found.find(({ start, place }) => row.startsWith(start + place.split("/")[0] + "/")) ??
      found[0] ?? {};
  if (start === undefined || place === undefined) return row;
  return start + place + row.slice(row.indexOf(",DRYRUN,", start.length));
}

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
