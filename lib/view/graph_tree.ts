/** A graph as lines for a terminal: each step below the one that it waits for longest, with the others named. */

import { cutTo, visible } from "../cells.ts";
import { type GraphNode, type GraphView, markOf, stateWords } from "./graph_view.ts";
import type { Look } from "./render_table.ts";
import { paint, stateStyle, STYLE } from "./terminal.ts";

/** Before a step that others follow, before the last one, and below each of them; for `after`, in place of the first two. */
const BRANCHES = {
  unicode: { more: "├─ ", last: "└─ ", below: "│  ", none: "   ", late: ["├┄ ", "└┄ "] },
  ascii: { more: "|- ", last: "`- ", below: "|  ", none: "   ", late: ["|. ", "`. "] },
} as const;

/** Cells at the left that a line may need: a number of whole branches. */
const DEEPEST = 240;
/** Other parents in a line. */
const MOST_NAMED = 3;

interface Parent {
  readonly from: number;
  readonly after: boolean;
}

export function graphTree(view: GraphView, look: Look): string {
  const parents = parentsOf(view);
  const main = mainParents(view, parents);
  const children: number[][] = view.nodes.map(() => []);
  const roots: number[] = [];
  view.nodes.forEach(({ lines }, i) => {
    if (lines.length === 0) return;
    const parent = main[i];
    if (parent === undefined) roots.push(i);
    else children[parent.from]!.push(i);
  });
  const branches = look.unicode ? BRANCHES.unicode : BRANCHES.ascii;
  const lines = [cutTo(visible(view.name), look.width)];
  // Deep graphs are no recursion.
  const stack = roots.toReversed().map((node) => ({ node, prefix: "", last: true, top: true }));
  while (stack.length > 0) {
    const { node, prefix, last, top } = stack.pop()!;
    const late = main[node]?.after ?? false;
    const branch = top ? "" : late ? branches.late[last ? 1 : 0] : last ? branches.last : branches.more;
    const others = othersOf(groupsOf(view, parents[node]!), main[node]);
    lines.push(lineOf(view.nodes[node]!, shortened(prefix, look) + branch, others, look));
    // Of a deep step, only the end is shown.
    const below = top ? "" : (prefix + (last ? branches.none : branches.below)).slice(-DEEPEST);
    const own = children[node]!;
    for (let i = own.length - 1; i >= 0; i--) {
      stack.push({ node: own[i]!, prefix: below, last: i === own.length - 1, top: false });
    }
  }
  const text = lines.map((line) => `${line}\n`).join("");
  return look.unicode ? text : text.replaceAll("×", "x");
}

/** A joint of lines is all that lead to it. Steps that wait for one joint alone share its list. */
function parentsOf({ nodes, edges }: GraphView): (readonly Parent[])[] {
  const direct: Parent[][] = nodes.map(() => []);
  for (const { from, to, after = false } of edges) direct[to]!.push({ from, after });
  const isJoint = ({ from }: Parent) => nodes[from]!.lines.length === 0;
  return direct.map((parents) => {
    if (!parents.some(isJoint)) return parents;
    if (parents.length === 1) return direct[parents[0]!.from]!;
    return parents.flatMap((parent) => isJoint(parent) ? direct[parent.from]! : [parent]);
  });
}

/** Parents of one step of the spec. */
interface ParentGroup {
  readonly step: string;
  readonly after: boolean;
  count: number;
  /** One of them. */
  readonly node: GraphNode;
}

const knownGroups = new WeakMap<readonly Parent[], ParentGroup[]>();

function groupsOf({ nodes }: GraphView, parents: readonly Parent[]): readonly ParentGroup[] {
  const known = knownGroups.get(parents);
  if (known) return known;
  const groups = new Map<string, ParentGroup>();
  for (const { from, after } of parents) {
    const node = nodes[from]!;
    const step = node.lines[0] ?? "";
    const group = groups.get(`${after} ${step}`);
    if (group) group.count++;
    else groups.set(`${after} ${step}`, { step, after, count: 1, node });
  }
  knownGroups.set(parents, [...groups.values()]);
  return knownGroups.get(parents)!;
}

interface Main extends Parent {
  readonly step: string;
}

/** The parent below which a node is shown: the last one of those with most steps before them. */
function mainParents({ nodes }: GraphView, parents: readonly (readonly Parent[])[]): (Main | undefined)[] {
  const depth = new Int32Array(parents.length);
  const known = new Map<readonly Parent[], Parent>();
  return parents.map((own, i) => {
    let main = known.get(own);
    for (const parent of main ? [] : own) {
      if (main === undefined || depth[parent.from]! >= depth[main.from]!) main = parent;
    }
    if (main === undefined) return undefined;
    known.set(own, main);
    depth[i] = depth[main.from]! + 1;
    return { ...main, step: nodes[main.from]!.lines[0] ?? "" };
  });
}

function lineOf(node: GraphNode, prefix: string, others: string, { width, styled }: Look): string {
  const mark = markOf(node);
  const words = mark === undefined ? "" : `  ${stateWords(node)}`;
  const name = nameOf(node);
  const also = others === "" ? "" : `  (also ${others})`;
  const plain = cutTo(`${prefix}${name}${words}${also}`, width);
  if (!styled || mark === undefined || plain.length < prefix.length + name.length + words.length) {
    return plain;
  }
  const start = prefix.length + name.length;
  const end = start + words.length;
  return plain.slice(0, start) + paint(plain.slice(start, end), stateStyle(mark.state)) +
    paint(plain.slice(end), STYLE.dim);
}

const nameOf = ({ lines: [name = "", ...more] }: GraphNode) =>
  visible([name, ...more.map((text) => `(${text})`)].join(" "));

/** The parents beside the one above a step. */
function othersOf(groups: readonly ParentGroup[], main: Main | undefined): string {
  const words = groups.flatMap(({ step, after, count, node }) => {
    const own = main !== undefined && main.step === step && main.after === after ? count - 1 : count;
    if (own === 0) return [];
    const name = own > 1 ? `${own} × ${visible(step)}` : count > 1 ? `1 × ${visible(step)}` : nameOf(node);
    return [after ? `after ${name}` : name];
  });
  const more = words.length - MOST_NAMED;
  return words.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more steps` : "");
}

/** Of a deep step, only the last lines at its left. */
function shortened(prefix: string, { width, unicode }: Look): string {
  const most = Math.max(6, Math.floor(Math.min(width, DEEPEST) / 2));
  if (prefix.length <= most) return prefix;
  const sign = unicode ? "… " : "..";
  return sign + prefix.slice(prefix.length - (most - (most % 3)));
}
