/** Where two pictures differ. */

import type { NodePicture, Picture, Script } from "./picture.ts";

export interface Difference {
  /** What differs, in one word: differences of one word are of one kind for the shrinker. */
  readonly part: string;
  readonly where: string;
  readonly theirs: string;
  readonly ours: string;
}

const text = (value: unknown) => typeof value === "string" ? value : JSON.stringify(value);

/** All differences; empty where the programs agree. */
export function differences(theirs: Picture, ours: Picture): Difference[] {
  const found: Difference[] = [];
  const compare = (part: string, where: string, theirs: unknown, ours: unknown) => {
    if (text(theirs) !== text(ours)) found.push({ part, where, theirs: text(theirs), ours: text(ours) });
  };
  if (theirs.refused !== null || ours.refused !== null) {
    if (theirs.refused === null || ours.refused === null) {
      compare("accepted", "", theirs.refused ?? "accepted", ours.refused ?? "accepted");
    }
    return found;
  }
  const names = (picture: Picture) => picture.nodes.map(({ name }) => name);
  compare("nodes", "", names(theirs), names(ours));
  const byName = new Map(ours.nodes.map((node) => [node.name, node]));
  for (const node of theirs.nodes) {
    const counterpart = byName.get(node.name);
    if (counterpart) compareNode(node, counterpart, compare);
  }
  for (const file of new Set([...Object.keys(theirs.files), ...Object.keys(ours.files)])) {
    compare("files", file, theirs.files[file], ours.files[file]);
  }
  compare("status", "header", theirs.status.header, ours.status.header);
  compare("status", "rows", theirs.status.rows, ours.status.rows);
  compare("top", "", theirs.top, ours.top);
  compare("exit", "", theirs.exit, ours.exit);
  compare("stdout", "", theirs.stdout, ours.stdout);
  return found;
}

type Compare = (part: string, where: string, theirs: unknown, ours: unknown) => void;

function compareNode(theirs: NodePicture, ours: NodePicture, compare: Compare): void {
  const { name } = theirs;
  compare("workspaces", name, theirs.workspace, ours.workspace);
  compare("parents", name, theirs.parents, ours.parents);
  compare("params", name, theirs.params, ours.params);
  compare("died", name, theirs.died, ours.died);
  if (theirs.died !== null) return;
  compare("scheduled", name, theirs.scheduled, ours.scheduled);
  for (const kind of ["script", "restart"] as const) {
    const [a, b] = [theirs[kind], ours[kind]];
    compare("files of scripts", `${kind} of ${name}`, a?.file ?? null, b?.file ?? null);
    if (a && b) compareScripts(`${kind} of ${name}`, a, b, compare);
  }
}

function compareScripts(where: string, theirs: Script, ours: Script, compare: Compare): void {
  compare("modes", where, theirs.executable, ours.executable);
  const lines = Math.max(theirs.lines.length, ours.lines.length);
  for (let i = 0; i < lines; i++) {
    if (theirs.lines[i] === ours.lines[i]) continue;
    compare("lines", `${where}, line ${i + 1}`, theirs.lines[i] ?? "(none)", ours.lines[i] ?? "(none)");
    return;
  }
}
