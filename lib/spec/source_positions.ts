/**
 * Lines and columns of problems. The parser of `yaml.ts` is quick and keeps no positions. If there is a
 * problem to report, a slower parser reads the text again.
 */

import type { Alias, Document, LineCounter, Node, Pair, YAMLMap } from "yaml";
import { repeatedKey, repeatedKeys, tabIndents } from "./yaml_problems.ts";
import type { PlacedProblem, Problem, SpecPath } from "./types.ts";
import { type ParsedYaml, parseYaml, syntaxErrorPlace } from "./yaml.ts";

/** A parsed text, and the results of lookups. */
interface Source {
  readonly yaml: typeof import("yaml");
  readonly doc: Document;
  readonly lines: LineCounter;
  readonly text: readonly string[];
  /** The target of each alias. */
  readonly targets: Map<Alias, Node>;
  /** The pair of each key, including merged ones; made at the first lookup in a mapping. */
  readonly pairs: Map<YAMLMap, Map<string, Pair>>;
  readonly repeated: { readonly node: Node; readonly key: string }[];
}

type Place = { readonly line: number; readonly column: number };

/**
 * Each problem with its line and column, in the order of the file. A path that does not exist gets the place
 * of its existing part. The one problem of all repeated keys becomes one for each of them.
 */
export async function placeProblems(
  file: string,
  text: string,
  problems: readonly Problem[],
): Promise<PlacedProblem[]> {
  if (problems.length === 0) return [];
  const plain = text.replace(/^\uFEFF/, "");
  const lines = plain.split(/\r?\n/);
  const put = (problem: Problem, place: Place): PlacedProblem => {
    const line = Math.min(place.line, lines.length);
    return { ...problem, file, line, column: place.column, source: lines[line - 1]! };
  };
  const tab = problems.some(({ message }) => message === tabIndents().message) && await tabPlace(plain);
  const whole = problems.some((p) => p.level === "error" && p.path.length === 0);
  const syntax = tab || (whole && syntaxErrorPlace(plain));
  if (syntax) return problems.map((problem) => put(problem, syntax));

  const source = await read(plain, lines);
  const placed = problems.flatMap((problem) =>
    problem.message === repeatedKeys().message
      ? source.repeated.map(({ node, key }) => put(repeatedKey(key, problem.path), placeOf(source, node)))
      : [put(problem, placeOf(source, find(source, problem.path, problem.at)))]
  );
  return placed.sort((a, b) => a.line - b.line || a.column - b.column);
}

/**
 * Values and problems of a text, including tabs as indentation. The quick parser ignores such tabs, and would
 * silently move a key to another level. The slow parser is used only if a line begins with a tab.
 */
export async function readYaml(text: string): Promise<ParsedYaml> {
  const parsed = parseYaml(text);
  if (!TAB_FIRST.test(text) || await tabPlace(text.replace(/^\uFEFF/, "")) === undefined) return parsed;
  return { value: null, problems: [tabIndents()], reprinted: [] };
}

const TAB_FIRST = /^ *\t/m;

/** The names of a CommonJS package: the runtime exports each, a bundle only `default`. */
async function loadParser(): Promise<typeof import("yaml")> {
  const loaded: typeof import("yaml") & { default?: typeof import("yaml") } = await import("yaml");
  return loaded.default ?? loaded;
}

/** Whether the first error is that of a tab. A block of text that ends at a tab has another code. */
async function tabPlace(text: string): Promise<Place | undefined> {
  const yaml = await loadParser();
  const options = { schema: "failsafe", uniqueKeys: false, strict: false, logLevel: "silent" } as const;
  const [first] = yaml.parseDocument(text, options).errors;
  const line = first?.linePos?.[0].line;
  if (first === undefined || line === undefined) return undefined;
  const start = TAB_FIRST.exec(text.split(/\r?\n/)[line - 1] ?? "")?.[0];
  if (start === undefined) return undefined;
  const bad = first.code === "TAB_AS_INDENT" || syntaxErrorPlace(text) !== undefined;
  return bad ? { line, column: start.length } : undefined;
}

async function read(text: string, lines: readonly string[]): Promise<Source> {
  const yaml = await loadParser();
  const counter = new yaml.LineCounter();
  const options = { lineCounter: counter, schema: "failsafe", uniqueKeys: false, strict: false } as const;
  const doc = yaml.parseDocument(text, { ...options, logLevel: "silent" });
  const source = {
    yaml,
    doc,
    lines: counter,
    text: lines,
    targets: new Map(),
    pairs: new Map(),
    repeated: [],
  };
  survey(source);
  return source;
}

/**
 * One walk over the text: targets of aliases (the last anchor of that name before them), and repeated keys.
 */
function survey({ yaml, doc, targets, repeated }: Source): void {
  const anchors = new Map<string, Node>();
  yaml.visit(doc, {
    Node(_, node) {
      if (yaml.isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (!yaml.isMap(node)) return;
      const seen = new Set<string>();
      for (const { key } of node.items) {
        if (!yaml.isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) repeated.push({ node: key, key: name });
        seen.add(name);
      }
    },
  });
}

/** The node at which a message points. */
function find(source: Source, path: SpecPath, at: "key" | "value"): Node | null {
  const { yaml } = source;
  let node: unknown = source.doc.contents;
  let key: Node | null = null;
  for (const step of path) {
    const inside = follow(source, node);
    if (yaml.isMap(inside)) {
      const pair = pairsOf(source, inside).get(String(step));
      if (pair === undefined) return key ?? asNode(source, node);
      [key, node] = [asNode(source, pair.key), pair.value];
    } else if (yaml.isSeq(inside) && typeof step === "number" && step < inside.items.length) {
      [key, node] = [null, inside.items[step]];
    } else return key ?? asNode(source, node);
  }
  const value = asNode(source, node);
  const empty = value?.range == null || value.range[0] === value.range[1];
  return key !== null && (at === "key" || empty) ? key : value;
}

/**
 * The pairs of a mapping by key. As in the quick parser, the last of a repeated key counts, and own keys
 * override merged ones.
 */
function pairsOf(source: Source, map: YAMLMap): Map<string, Pair> {
  const known = source.pairs.get(map);
  if (known !== undefined) return known;
  const pairs = new Map<string, Pair>();
  source.pairs.set(map, pairs);
  const own = map.items.map((pair) => [keyText(source, pair), pair] as const);
  for (const [key, pair] of own) {
    if (key !== "<<") continue;
    const value = follow(source, pair.value);
    const merged = source.yaml.isSeq(value) ? value.items.toReversed() : [value];
    for (const item of merged.map((item) => follow(source, item))) {
      if (source.yaml.isMap(item)) { for (const [k, p] of pairsOf(source, item)) pairs.set(k, p); }
    }
  }
  for (const [key, pair] of own) pairs.set(key, pair);
  return pairs;
}

function keyText(source: Source, pair: Pair): string {
  const key = follow(source, pair.key);
  return source.yaml.isScalar(key) ? String(key.value) : "";
}

function follow({ yaml, targets }: Source, node: unknown): unknown {
  return yaml.isAlias(node) ? targets.get(node) : node;
}

function asNode({ yaml }: Source, node: unknown): Node | null {
  return yaml.isNode(node) ? node : null;
}

function placeOf({ lines }: Source, node: Node | null): Place {
  const { line, col } = lines.linePos(node?.range?.[0] ?? 0);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
