/**
 * Our result for a spec is that of LLNL's Maestro. Each golden case that Maestro expands is compared node by node,
 * and its scripts line by line for each scheduler. `golden_deviations.ts` lists the intended differences.
 */

import { createHash } from "node:crypto";
import { ADAPTERS } from "../adapters/mod.ts";
import { bindStudy } from "../lib/plan/bind.ts";
import { nodeScripts } from "../lib/plan/node_script.ts";
import { allParents, commandOf, paramsOf, restartOf } from "../lib/plan/node_text.ts";
import { expand } from "../lib/plan/plan.ts";
import { checkSpec } from "../lib/spec/spec.ts";
import type { Batch, Parameter, Problem, Spec, YamlValue } from "../lib/spec/types.ts";
import type { Plan, PlanNode } from "../lib/plan/types.ts";
import { isPrinted } from "../lib/spec/python_text.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { assert, assertEquals, assertMatch } from "./assert.ts";
import {
  ADDED,
  brokenByMaestro,
  COLLISIONS,
  isOdd,
  LINE_RULES,
  LINES,
  OTHER_NODES,
  type OtherNode,
  type Reason,
  REASONS,
  REFUSED,
  TEXTS,
} from "./golden_deviations.ts";

interface ExpectedNode {
  readonly name: string;
  readonly parents: readonly string[];
  readonly workspace: string;
  readonly cmd: string;
  readonly restart: string;
  readonly params: Readonly<Record<string, string>>;
}

interface ExpectedScripts {
  readonly nodes: Readonly<Record<string, { scheduled: boolean; script?: string; restart?: string }>>;
  readonly files: Readonly<Record<string, string>>;
  /** Nodes over whose script Maestro died. */
  readonly node_errors?: Readonly<Record<string, unknown>>;
}

interface Expected {
  readonly ok: boolean;
  readonly args: { readonly hashws?: boolean };
  readonly study: { readonly name: string; readonly description: string };
  readonly parameters: readonly {
    readonly key: string;
    readonly name: string;
    readonly labels: readonly string[];
    readonly values: readonly string[];
    /** Python's names of their types. */
    readonly types: readonly string[];
  }[];
  readonly nodes: readonly ExpectedNode[];
  readonly scripts: Readonly<Record<string, ExpectedScripts>>;
}

/** A node of ours, the node of Maestro's it is compared with, and what is known of the difference. */
interface Pair {
  readonly node: PlanNode;
  readonly theirs: ExpectedNode;
  readonly other: OtherNode | undefined;
}

const GOLDEN = new URL("golden/", import.meta.url);
const SCHEDULERS = Object.values(ADAPTERS);
const CWD = "/cwd";
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** Entries of the tables that were needed, by their text; how often each reason was. */
const needed = new Set<string>();
const reasons = new Map<Reason, number>();
const compared = { cases: 0, nodes: 0, scripts: 0, "scripts over which Maestro died": 0 };

function need(entry: string, reason: Reason): void {
  needed.add(entry);
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}

function read(name: string, file: string): string {
  return Deno.readTextFileSync(new URL(`${name}/${file}`, GOLDEN));
}

const cases = [...Deno.readDirSync(GOLDEN)].filter(({ isDirectory }) => isDirectory).map(({ name }) => name)
  .sort().map((name) => ({ name, expected: JSON.parse(read(name, "expected.json")) as Expected }))
  .filter(({ expected }) => expected.ok);

for (const { name, expected } of cases) {
  const refused = REFUSED[name];
  Deno.test(`golden: ${name}`, () => {
    if (refused) {
      assertEquals(errors(checkSpec(parseYaml(read(name, "spec.yaml")).value, SCHEDULERS).problems), [
        refused[1],
      ]);
      need(`refused ${name}`, refused[0]);
      return;
    }
    compareCase(name, expected);
  });
}

Deno.test("golden: every listed deviation is one", () => {
  const listed = [
    ...Object.keys(REFUSED).map((name) => `refused ${name}`),
    ...Object.entries(OTHER_NODES).flatMap(([name, { nodes, gone = [] }]) => [
      ...nodes.map(({ ours }) => `node ${name} ${ours}`),
      ...gone.map((node) => `gone ${name} ${node}`),
    ]),
    ...Object.keys(COLLISIONS).map((name) => `collisions ${name}`),
    ...TEXTS.map((entry) => `text ${entry}`),
    ...LINES.map((entry) => `line ${entry}`),
    ...LINE_RULES.map((_, i) => `rule ${i}`),
    ...ADDED.map(({ type, line }) => `added ${type} ${line}`),
  ];
  assertEquals(listed.filter((entry) => !needed.has(entry)), []);
  assertEquals(Object.keys(REASONS).filter((reason) => !reasons.has(reason as Reason)), []);
  console.log(Object.entries(compared).map(([what, count]) => `${count} ${what}`).join(", "));
  for (const [reason, count] of [...reasons].sort(([, a], [, b]) => b - a)) {
    console.log(`${count}\t${reason}: better for ${REASONS[reason]}`);
  }
});

function errors(problems: readonly Problem[]): string[] {
  return problems.filter(({ level }) => level === "error").map(({ message }) => message);
}

function checked(name: string, value: YamlValue): Spec {
  const { spec, problems } = checkSpec(value, SCHEDULERS);
  assertEquals(errors(problems), [], name);
  return spec!;
}

function planOf(spec: Spec, hashWorkspaces: boolean): Plan {
  const { study, problems } = bindStudy(spec, {
    root: "@OUT@",
    specRoot: "@SPECROOT@",
    cwd: CWD,
    hashWorkspaces,
  });
  assertEquals(errors(problems), []);
  // Maestro 1.1.12 named folders by MD5, 1.2 numbers them; both are read.
  return expand(hashWorkspaces ? { ...study!, hashWorkspaces: "md5" } : study!, md5);
}

function compareCase(name: string, expected: Expected): void {
  const { value } = parseYaml(read(name, "spec.yaml"));
  const spec = checked(name, asMaestroReads(name, value, expected));
  const plan = planOf(spec, expected.args.hashws ?? false);
  compared.cases++;
  assertEquals({ name: spec.name, description: spec.description }, expected.study);
  assertEquals(
    spec.parameters.map(({ raws: _, ...parameter }) => parameter),
    expected.parameters.map(({ key, name, values, labels }) => ({ key, name, values, labels })),
  );
  spec.parameters.forEach((parameter, i) => compareTypes(parameter, expected.parameters[i]!.types));
  const pairs = pairsOf(name, plan, expected);
  const workspaces = compareWorkspaces(name, plan, pairs);
  for (const pair of pairs) compareNode(name, plan, pair, pairs, workspaces);
  for (const [type, scripts] of Object.entries(expected.scripts)) {
    const scheduled = { ...plan, study: { ...plan.study, batch: batchFor(type, spec.batch) } };
    for (const pair of pairs) compareScripts(name, type, scheduled, pair, scripts, workspaces);
  }
}

/**
 * Values that are text, and values that are numbers, truth values or nothing: files in `meta` distinguish
 * them.
 */
function compareTypes({ key, values, raws = new Map() }: Parameter, types: readonly string[]): void {
  values.forEach((value, i) => {
    // Lists, mappings and dates are text here.
    if (!["str", "int", "float", "bool", "NoneType"].includes(types[i]!)) return;
    const isText = !isPrinted(value) || raws.has(value);
    assertEquals(isText, types[i] === "str", `type of ${value} of ${key}`);
  });
}

/** The spec with what Maestro prints for the few scalars that stay as written here; all else is compared. */
function asMaestroReads(name: string, value: YamlValue, expected: Expected): YamlValue {
  const top = value as Record<string, Record<string, { [key: string]: YamlValue }>>;
  const parameters = new Map(checked(name, value).parameters.map((parameter) => [parameter.key, parameter]));
  const reason: Reason = "text that YAML 1.1 takes for something else stays";
  for (const { key, values } of expected.parameters) {
    const ours = parameters.get(key)!.values;
    const list = top["global.parameters"]![key]!["values"] as YamlValue[];
    values.forEach((theirs, i) => {
      if (ours[i] === theirs) return;
      assertEquals(brokenByMaestro(ours[i]!), theirs, `value ${ours[i]} of ${key}`);
      need("plain scalars", reason);
      list[i] = theirs;
    });
  }
  const variables = top["env"]?.["variables"] ?? {};
  for (const [variable, text] of Object.entries(variables)) {
    const theirs = brokenByMaestro(text as string);
    if (theirs === undefined) continue;
    need("plain scalars", reason);
    variables[variable] = theirs;
  }
  return value;
}

/** Each node of ours beside its counterpart; every node of Maestro's must have one or be listed as gone. */
function pairsOf(name: string, plan: Plan, expected: Expected): Pair[] {
  const theirs = new Map(expected.nodes.map((node) => [node.name, node]));
  const { reason, nodes = [], gone = [] } = OTHER_NODES[name] ?? {};
  const others = new Map(nodes.map((other) => [other.ours, other]));
  const left = new Set(theirs.keys());
  const pairs = plan.nodes.flatMap((node): Pair[] => {
    const other = others.get(node.name);
    if (other) need(`node ${name} ${node.name}`, reason!);
    if (other && other.theirs === undefined) {
      assertEquals([node.workspace, parentNames(plan, node)], [other.workspace, other.parents]);
      return [];
    }
    const counterpart = theirs.get(other?.theirs ?? node.name);
    assert(counterpart, `Maestro has no node ${node.name}`);
    left.delete(counterpart.name);
    return [{ node, theirs: counterpart, other }];
  });
  assertEquals([...left].sort(), [...gone].sort(), "nodes that we do not have");
  for (const node of gone) need(`gone ${name} ${node}`, reason!);
  return pairs;
}

function parentNames(plan: Plan, node: PlanNode): string[] {
  return allParents(plan, node).map((parent) => plan.nodes[parent]!.name).sort();
}

/** Checks every workspace; gives those that differ, ours to Maestro's, the longest first. */
function compareWorkspaces(
  name: string,
  plan: Plan,
  pairs: readonly Pair[],
): [ours: string, theirs: string][] {
  const users = Map.groupBy(pairs, ({ theirs }) => theirs.workspace);
  const differing: [string, string][] = [];
  let hashed = 0;
  for (const { node, theirs, other } of pairs) {
    if (node.workspace === (other?.workspace ?? theirs.workspace)) {
      if (other) differing.push([node.workspace, theirs.workspace]);
      continue;
    }
    // Several of Maestro's nodes would work in one folder: ours has a hash behind it.
    assert(users.get(theirs.workspace)!.length > 1, `workspace of ${node.name}: ${node.workspace}`);
    assertEquals(node.workspace.replace(/-[0-9a-f]{8}$/, ""), theirs.workspace);
    differing.push([node.workspace, theirs.workspace]);
    hashed++;
    need(`collisions ${name}`, "colliding names get a hash");
  }
  assertEquals(hashed, COLLISIONS[name] ?? 0, "workspaces with a hash");
  assertEquals(
    new Set(plan.nodes.map(({ workspace }) => workspace)).size,
    plan.nodes.length,
    "distinct workspaces",
  );
  return differing.sort(([a], [b]) => b.length - a.length);
}

/** Our text with Maestro's paths in it, so that it can be compared. */
function withTheirPaths(text: string, workspaces: readonly (readonly [string, string])[]): string {
  let mapped = text.replaceAll(CWD, "@CWD@");
  for (const [ours, theirs] of workspaces) {
    const pattern = new RegExp(`@OUT@/${ours.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w.()-])`, "g");
    mapped = mapped.replace(pattern, () => `@OUT@/${theirs}`);
  }
  return mapped;
}

/** Maestro's text, with the listed pieces that it does not replace filled in. */
function withOurTexts(name: string, node: string, text: string): string {
  return TEXTS.filter((entry) => entry[0] === name && (entry[1] ?? node) === node).reduce((result, entry) => {
    const [, , theirs, ours, reason] = entry;
    if (result.includes(theirs)) need(`text ${entry}`, reason);
    return result.replaceAll(theirs, () => ours);
  }, text);
}

function compareNode(
  name: string,
  plan: Plan,
  { node, theirs, other }: Pair,
  pairs: readonly Pair[],
  workspaces: readonly [string, string][],
): void {
  compared.nodes++;
  const ourNames = new Map(pairs.map((pair) => [pair.theirs.name, pair.node.name]));
  const gone = new Set(OTHER_NODES[name]?.gone);
  const parents = theirs.parents.filter((parent) => !gone.has(parent)).map((parent) => ourNames.get(parent)!);
  assertEquals(parentNames(plan, node), [...(other?.parents ?? parents)].sort(), `parents of ${node.name}`);
  for (const [place, text] of [["cmd", commandOf(plan, node)], ["restart", restartOf(plan, node)]] as const) {
    const wanted = withOurTexts(name, node.name, theirs[place]);
    assertEquals(withTheirPaths(text, workspaces), wanted, `${place} of ${node.name}`);
  }
  const params = Object.entries(theirs.params).filter(([key]) => !other?.without?.includes(key));
  assertEquals(Object.entries(paramsOf(plan, node)), params, `params of ${node.name}`);
}

/** As when the golden files were made: another type overrides host, bank and queue. */
function batchFor(type: string, batch: Batch): Batch {
  return batch.type === type ? batch : { host: "hosta", bank: "banka", queue: "queuea", ...batch, type };
}

function compareScripts(
  name: string,
  type: string,
  plan: Plan,
  pair: Pair,
  expected: ExpectedScripts,
  workspaces: readonly [string, string][],
): void {
  const { node, theirs } = pair;
  const wanted = expected.nodes[theirs.name];
  const ours = nodeScripts(plan, node, ADAPTERS[type]!, { attempt: 1, retries: 0, token: "t-0-1" });
  if (!wanted) {
    assert("error" in expected, `Maestro has no script of ${theirs.name} for ${type}`);
    compared["scripts over which Maestro died"]++;
    return;
  }
  assertEquals(ours.scheduled, wanted.scheduled, `${type}: whether ${node.name} is scheduled`);
  for (const kind of ["script", "restart"] as const) {
    const file = wanted[kind];
    const mine = ours[kind];
    assertEquals(mine !== undefined, file !== undefined, `${type}: ${kind} of ${node.name}`);
    if (!mine || file === undefined) continue;
    const where = `${type}: ${kind} of ${node.name}`;
    comparePath(pair, kind, mine.file, file, where);
    // Where workspaces collide, Maestro's file is that of the node that came last.
    const users = Object.values(expected.nodes).filter((entry) => entry[kind] === file).length;
    if (users > 1) continue;
    compared.scripts++;
    const added = ADDED.filter(({ type: own, when }) =>
      own === type && when(ours.resources, plan.study.batch)
    );
    const text = ours.scheduled ? withoutGuard(mine.text) : mine.text;
    const lines = withTheirPaths(text, workspaces).split("\n").filter((line) => {
      const entry = added.find((entry) => entry.line.test(line));
      if (entry) need(`added ${type} ${entry.line}`, "what is asked for is passed on");
      return entry === undefined;
    });
    const context = {
      type,
      scheduled: ours.scheduled,
      shell: plan.study.batch["shell"] as string | undefined,
      theirName: theirs.name.replaceAll(" ", "_"),
      ourName: isOdd(node.name) ? node.fileBase : node.name.replaceAll(" ", "_"),
      exclusive: name === "quirk-resources-param" ? theirs.params["X"] : undefined,
    };
    const theirText = withOurTexts(name, node.name, expected.files[file]!);
    const wantedLines = ourLines(name, theirText.split("\n"), context);
    if (type === "flux") assertEquals(onlyTasks(lines), onlyTasks(wantedLines), where);
    else assertEquals(lines, wantedLines, where);
  }
}

/** The lines behind all leading comments by which a script that is submitted runs once and leaves its exit code. */
const GUARD = /# maestro: .*\n\{ case "\$.*\/\.maestro\/guard-\d+\.sh' .*\n\n/;

function withoutGuard(text: string): string {
  assertMatch(text, GUARD);
  need("guard", "an attempt runs once and leaves its exit code");
  return text.replace(GUARD, "");
}

/**
 * A script for Flux without the differences between Maestro 1.2 and 1.1.12, which made these files. These are
 * the header, and all options of the launcher except the number of tasks. `tests/maestro` compares both with
 * 1.2.1 itself.
 */
function onlyTasks(lines: readonly string[]): string[] {
  return lines.filter((line) => !/^#(INFO|flux:|MAESTRO-INFO) /.test(line)).map((line) =>
    line.replace(
      /(flux (?:mini )?run)((?: +-[nNcgo](?: +[^-\s]\S*)?| --setopt=\S+)*)/,
      (_, words, options) => {
        const tasks = /-n +(\d+)/.exec(options)?.[1] ?? /-N +(\d+)/.exec(options)?.[1];
        return `${words} -n ${tasks}`;
      },
    )
  );
}

/** The script's place: Maestro leaves blanks and odd characters in the name of a restart script. */
function comparePath(
  { node, theirs, other }: Pair,
  kind: "script" | "restart",
  ours: string,
  file: string,
  where: string,
): void {
  const path = `${theirs.workspace}/${ours}`;
  if (path === file) return;
  if (other) {
    const base = file.slice(theirs.workspace.length + 1).replace(safe(theirs.name), () => safe(other.ours));
    assertEquals(ours, base, where);
    return;
  }
  assertEquals(kind, "restart", `${where}: ${path}, not ${file}`);
  assertEquals(
    path,
    `${theirs.workspace}/${file.slice(theirs.workspace.length + 1).replace(node.name, safe)}`,
    where,
  );
  need("restart", "a restart's file is named like its script");
}

function safe(name: string): string {
  return name.replace(/[^-_.() A-Za-z0-9]/g, "").replaceAll(" ", "_");
}

/** Maestro's lines as we would have them. */
function ourLines(
  name: string,
  lines: readonly string[],
  context: Omit<Parameters<typeof LINE_RULES[number]["apply"]>[1], "first">,
): string[] {
  return lines.flatMap((line, i) => {
    const entry = LINES.find((entry) => entry[0] === name && entry[1] === context.type && entry[2] === line);
    if (entry) need(`line ${entry}`, entry[4]);
    let result: string | null = entry ? entry[3] : line;
    LINE_RULES.forEach(({ reason, apply }, rule) => {
      if (result === null) return;
      const before = result;
      result = apply(before, { ...context, first: i === 0 });
      if (result !== before) need(`rule ${rule}`, reason);
    });
    return result ?? [];
  });
}
