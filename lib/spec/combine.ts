/** `global.combine` of a spec: how the values of parameters become combinations. */

import {
  type Block,
  exclude,
  type Gathered,
  include,
  rowsOf,
  type SweptParameter,
  TOP,
} from "./combine_rows.ts";
import { isMapping, readLevel } from "./spec_values.ts";
import * as sweep from "./sweep_problems.ts";
import type { Parameter, Problem, SpecPath, YamlValue } from "./types.ts";

/** The parameters, each with one value for each combination. */
export function combineColumns(
  value: { [key: string]: YamlValue },
  columns: readonly SweptParameter[],
  problems: Problem[],
): Parameter[] {
  const before = problems.length;
  const section = readLevel(value, "combine", { name: `"${TOP}"`, path: [TOP] }, problems);
  const wrong = () => problems.slice(before).some(({ level }) => level === "error");
  const [zip, product] = [section.get("zip"), section.get("product")];
  if (zip !== undefined && product !== undefined) problems.push(sweep.zipAndProduct([TOP]));
  if (wrong()) return [...columns];
  const kind = product === undefined ? "zip" : "product";
  const items = (product ?? zip ?? columns.map(({ key }) => key)) as YamlValue[];
  const group: Group = { columns, seen: new Set(), problems };
  const block = combine(group, kind, items, [TOP, kind]);
  const left = columns.filter((_, i) => !group.seen.has(i)).map(({ key }) => key);
  if (left.length > 0 && !wrong()) problems.push(sweep.notCombined(left, [TOP, kind]));
  const bad = wrong();
  const without = rowsOf(section.get("exclude"), "exclude", columns, problems);
  const more = rowsOf(section.get("include"), "include", columns, problems);
  if (!block || bad) return [...columns];
  const kept = exclude(block, without, columns, problems);
  const parameters = gather(block, kept, columns);
  include(parameters, more, columns, problems);
  if (parameters[0]?.values.length === 0 && !wrong()) problems.push(sweep.nothingLeft([TOP]));
  return parameters;
}

/** State that all groups share while they are read. */
interface Group {
  readonly columns: readonly SweptParameter[];
  readonly seen: Set<number>;
  readonly problems: Problem[];
}

function combine(
  group: Group,
  kind: "zip" | "product",
  items: readonly YamlValue[],
  path: SpecPath,
): Block | undefined {
  const blocks = items.map((item, i) => readItem(group, item, [...path, i]));
  const whole = blocks.filter((block) => block !== undefined);
  if (whole.length < blocks.length) return undefined;
  const name = `{${kind}: ${whole.map((block) => block.name).join(", ")}}`;
  return kind === "zip"
    ? zipped(whole, name, path, group.problems)
    : product(whole, name, path, group.problems);
}

function readItem(group: Group, item: YamlValue, path: SpecPath): Block | undefined {
  const { columns, seen, problems } = group;
  if (isMapping(item)) {
    const [[kind, items] = ["", null], ...more] = Object.entries(item);
    if ((kind === "zip" || kind === "product") && Array.isArray(items) && more.length === 0) {
      return combine(group, kind, items, [...path, kind]);
    }
  }
  if (typeof item !== "string") {
    problems.push(sweep.notAGroup(path));
    return undefined;
  }
  const column = columns.findIndex(({ key }) => key === item);
  if (column < 0) problems.push(sweep.combinesUnknown(item, path, columns.map(({ key }) => key)));
  else if (seen.has(column)) problems.push(sweep.combinesTwice(item, path));
  else {
    seen.add(column);
    const count = columns[column]!.values.length;
    return { columns: [column], rows: [Int32Array.from({ length: count }, (_, i) => i)], count, name: item };
  }
  return undefined;
}

function zipped(
  blocks: readonly Block[],
  name: string,
  path: SpecPath,
  problems: Problem[],
): Block | undefined {
  const first = blocks[0];
  if (!first) return { columns: [], rows: [], count: 0, name };
  const other = blocks.findIndex(({ count }) => count !== first.count);
  if (other >= 0) {
    const { name, count } = blocks[other]!;
    problems.push(sweep.unequalGroups(name, count, [...path, other], first.name, first.count));
    return undefined;
  }
  return {
    columns: blocks.flatMap(({ columns }) => columns),
    rows: blocks.flatMap(({ rows }) => rows),
    count: first.count,
    name,
  };
}

/** The Cartesian product. The last parameter changes fastest. */
function product(
  blocks: readonly Block[],
  name: string,
  path: SpecPath,
  problems: Problem[],
): Block | undefined {
  const count = blocks.reduce((total, block) => total * block.count, 1);
  if (count > sweep.MOST) {
    problems.push(sweep.tooManyCombinations(path, count));
    return undefined;
  }
  let repeat = count;
  const rows = blocks.flatMap((block) => {
    repeat /= block.count;
    const each = repeat;
    return block.rows.map((row) =>
      Int32Array.from({ length: count }, (_, i) => row[Math.floor(i / each) % block.count]!)
    );
  });
  return { columns: blocks.flatMap(({ columns }) => columns), rows, count, name };
}

function gather(block: Block, kept: readonly number[], columns: readonly SweptParameter[]): Gathered[] {
  return columns.map(({ key, name, values, labels, raws }, column) => {
    const row = block.rows[block.columns.indexOf(column)]!;
    return {
      key,
      name,
      ...(raws ? { raws } : {}),
      values: kept.map((i) => values[row[i]!]!),
      labels: kept.map((i) => labels[row[i]!]!),
    };
  });
}
