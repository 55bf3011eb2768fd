/**
 * A spec as a tree whose leaves are source text, so that a generator can choose spellings and a shrinker can
 * drop parts.
 */

export type Tree = MapTree | ListTree | RawTree | BlockTree;

export interface MapTree {
  readonly kind: "map";
  readonly entries: readonly (readonly [key: string, value: Tree])[];
  readonly anchor?: string;
  readonly flow?: boolean;
}

export interface ListTree {
  readonly kind: "list";
  readonly items: readonly Tree[];
  readonly anchor?: string;
  readonly flow?: boolean;
}

/** A scalar or an alias, exactly as it is written. */
export interface RawTree {
  readonly kind: "raw";
  readonly text: string;
}

/** `|` or `>` with its chomping and indentation marks. */
export interface BlockTree {
  readonly kind: "block";
  readonly head: string;
  readonly lines: readonly string[];
}

export const raw = (text: string): RawTree => ({ kind: "raw", text });
export const map = (entries: readonly (readonly [string, Tree])[], more: Partial<MapTree> = {}): MapTree => ({
  kind: "map",
  entries,
  ...more,
});
export const list = (items: readonly Tree[], more: Partial<ListTree> = {}): ListTree => ({
  kind: "list",
  items,
  ...more,
});

/** The text of a document. */
export function specText(tree: Tree): string {
  return `${blockText(tree, 0).replace(/^\n/, "")}\n`;
}

const isEmpty = (tree: Tree) =>
  (tree.kind === "map" && tree.entries.length === 0) || (tree.kind === "list" && tree.items.length === 0);

/** A value behind `key:` or `-`: begins with a blank or a line break. */
function blockText(tree: Tree, indent: number): string {
  const pad = " ".repeat(indent);
  const anchor = "anchor" in tree && tree.anchor !== undefined ? ` &${tree.anchor}` : "";
  if (tree.kind === "raw") return ` ${tree.text.replaceAll("\n", `\n${pad}`)}`;
  if (tree.kind === "block") {
    const lines = tree.lines.map((line) => line === "" ? "" : `${pad}${line}`);
    return ` ${tree.head}\n${lines.join("\n")}`;
  }
  if (tree.flow || isEmpty(tree)) return ` ${flowText(tree)}`;
  const parts = tree.kind === "map"
    ? tree.entries.map(([key, value]) => `${pad}${key}:${blockText(value, indent + 2)}`)
    : tree.items.map((item) => `${pad}-${itemText(item, indent + 2)}`);
  return `${anchor}\n${parts.join("\n")}`;
}

/** An item of a list; a mapping begins on the line of its dash. */
function itemText(tree: Tree, indent: number): string {
  const text = blockText(tree, indent);
  return text.startsWith("\n") ? ` ${text.slice(1).trimStart()}` : text;
}

function flowText(tree: Tree): string {
  if (tree.kind === "raw") return tree.text;
  if (tree.kind === "block") throw new Error("a block scalar cannot be in a flow collection");
  const anchor = tree.anchor === undefined ? "" : `&${tree.anchor} `;
  return tree.kind === "map"
    ? `${anchor}{${tree.entries.map(([key, value]) => `${key}: ${flowText(value)}`).join(", ")}}`
    : `${anchor}[${tree.items.map(flowText).join(", ")}]`;
}

/** Every tree with one part less, large parts first. */
export function* smaller(tree: Tree): Generator<Tree> {
  if (tree.kind === "map") {
    for (let i = 0; i < tree.entries.length; i++) {
      yield { ...tree, entries: tree.entries.filter((_, j) => j !== i) };
    }
    for (let i = 0; i < tree.entries.length; i++) {
      const [key, value] = tree.entries[i]!;
      for (const less of smaller(value)) {
        yield { ...tree, entries: tree.entries.map((entry, j) => j === i ? [key, less] : entry) };
      }
    }
  } else if (tree.kind === "list") {
    for (let i = 0; i < tree.items.length; i++) {
      yield { ...tree, items: tree.items.filter((_, j) => j !== i) };
    }
    for (let i = 0; i < tree.items.length; i++) {
      for (const less of smaller(tree.items[i]!)) {
        yield { ...tree, items: tree.items.map((item, j) => j === i ? less : item) };
      }
    }
  } else if (tree.kind === "block") {
    for (let i = 0; tree.lines.length > 1 && i < tree.lines.length; i++) {
      yield { ...tree, lines: tree.lines.filter((_, j) => j !== i) };
    }
  }
}
