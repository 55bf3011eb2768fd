/** Random specs. Each has a set of features; `FEATURES` lists those of which a run needs its share. */

import { broken } from "./broken.ts";
import { environment, type Names } from "./generate_env.ts";
import { steps } from "./generate_steps.ts";
import { Draw } from "./random.ts";
import { double, ODD_SCALARS, quoted, textScalar, values } from "./scalars.ts";
import { list, map, type MapTree, raw, type Tree } from "./spec_text.ts";

/** A spec to be compared. */
export interface Generated {
  readonly tree: Tree;
  /** Text before the first key. */
  readonly before: string;
  readonly crlf: boolean;
  /** Options of `run`. */
  readonly options: readonly string[];
  /** Files beside the spec: path and text. */
  readonly files: Readonly<Record<string, string>>;
  readonly features: ReadonlySet<string>;
}

export const FEATURES = [
  ...[
    "parameters",
    "funnels",
    "labels",
    "parameter generators",
    "odd scalars",
    "misread scalars",
    "odd names",
  ],
  ...[
    "unicode",
    "CRLF",
    "literal block scalars",
    "folded block scalars",
    "chomping",
    "merge keys",
    "aliases",
  ],
  ...[
    "hashed workspaces",
    "restarts",
    "variables",
    "env labels",
    "path dependencies",
    "git dependencies",
    "sources",
  ],
  ...["workspace tokens", "OUTPUT_PATH", "SPECROOT", "tokens in descriptions", "tokens in resources"],
  ...["launcher", "launcher with sizes", "resources", "local", "slurm", "lsf", "flux", "repeated values"],
  ...[
    "special characters",
    "names that begin alike",
    "unknown keys",
    "broken specs",
    "long labels",
    "shells",
  ],
  "comments",
  "quoted keys",
  "tags",
  "lists and mappings as values",
  "plain scalars of several lines",
  "names that are taken",
  "several forms of depends",
  "steps in any order",
] as const;

const PARAMETERS = ["N", "NX", "N_MAX", "SIZE", "SIZE2", "TRIAL", "iter", "A.B", "P-1", "Temp"];

/** The spec of a seed. */
export function generate(seed: number): Generated {
  const draw = new Draw(seed);
  const batch = batchOf(draw);
  const parameters = parametersOf(draw);
  const names: Names = {
    parameters: parameters.map(({ key }) => key),
    scheduler: batch.type,
    variables: [],
    numbers: parameters.filter(({ values }) =>
      values.every((value) => value.kind === "raw" && /^[1-9]\d*$/.test(value.text))
    ).map(({ key }) => key),
  };
  const env = environment(draw, names);
  const study = steps(draw, { ...names, variables: env.names, numbers: [...names.numbers, ...env.numbers] });
  const options = optionsOf(draw);
  const files: Record<string, string> = { ...env.files };
  const entries: [string, Tree][] = [["description", descriptionOf(draw)]];
  if (env.tree) entries.push(["env", env.tree]);
  if (batch.tree) entries.push(["batch", batch.tree]);
  entries.push(["study", study]);
  if (parameters.length > 0) {
    draw.note("parameters");
    if (draw.feature("parameter generators", 0.15)) {
      files["pgen.py"] = generatorOf(draw, parameters.map(({ key }) => key));
      options.push("-p", "pgen.py");
      if (draw.chance(0.5)) options.push("--pargs", `COUNT:${draw.between(1, 3)}`);
      if (draw.chance(0.5)) entries.push(["global.parameters", parametersTree(draw, parameters)]);
    } else {
      entries.push(["global.parameters", parametersTree(draw, parameters)]);
    }
  }
  if (draw.feature("unknown keys", 0.13)) entries.push(["x-notes", map([["author", raw("somebody")]])]);
  const tree = withQuotedKeys(draw, shuffled(draw, map(entries)));
  const whole = draw.feature("broken specs", 0.11) ? broken(draw, tree) : tree;
  const crlf = draw.feature("CRLF", 0.14);
  const before = draw.feature("comments", 0.14)
    ? draw.pick(["# A study.\n", "---\n", "%YAML 1.1\n---\n# x\n\n"])
    : "";
  return { tree: whole, before, crlf, options, files, features: draw.features };
}

/** Keys in quotes, now and then. */
function withQuotedKeys(draw: Draw, tree: MapTree): MapTree {
  if (!draw.feature("quoted keys", 0.14)) return tree;
  const quote = (name: string) => draw.chance(0.5) ? `"${name}"` : `'${name}'`;
  return {
    ...tree,
    entries: tree.entries.map(([key, value]) => [draw.chance(0.5) ? quote(key) : key, value]),
  };
}

/** Sections in another order, now and then; anchors stay before their aliases, for those are within one section. */
function shuffled(draw: Draw, tree: MapTree): MapTree {
  return draw.chance(0.1) ? { ...tree, entries: draw.some(tree.entries, tree.entries.length) } : tree;
}

function descriptionOf(draw: Draw): Tree {
  const name = draw.pick(["study", "lulesh sample1", "my-study_2", "größe", "a.b", "test: one"]);
  if (/[^\x20-\x7e]/.test(name)) draw.note("unicode");
  const entries: [string, Tree][] = [
    ["name", name.includes(":") ? raw(double(name)) : quoted(draw, name)],
    [
      "description",
      textScalar(draw, [draw.pick(["A study.", "Sweeps over sizes", "It's a test: of words"])]),
    ],
  ];
  if (draw.chance(0.1)) entries.push(["author", raw("me")]);
  return map(entries);
}

interface BatchDraw {
  readonly type: string;
  readonly tree: Tree | undefined;
}

const SHELLS = ["/bin/bash", "/bin/sh", "/bin/bash -l", "/usr/bin/env python3", "/bin/tcsh -f"];

function batchOf(draw: Draw): BatchDraw {
  const type = draw.pick(["local", "local", "slurm", "slurm", "lsf", "flux"]);
  draw.note(type);
  if (type === "local" && draw.chance(0.6)) return { type, tree: undefined };
  const entries: [string, Tree][] = type === "local" && draw.chance(0.3) ? [] : [["type", raw(type)]];
  const maybe = (key: string, probability: number, texts: readonly string[]) => {
    if (draw.chance(probability)) entries.push([key, raw(draw.pick(texts))]);
  };
  if (type !== "local") {
    entries.push(["host", raw("quartz")], ["bank", raw(draw.pick(["baasic", "science", "'123'", '""']))]);
    entries.push(["queue", raw(draw.pick(["pbatch", "pdebug"]))]);
    maybe("nodes", 0.15, ["1", "2"]);
    maybe("reservation", 0.12, ["test_reservation", "r1"]);
  }
  if (type === "slurm") {
    maybe("qos", 0.15, ["normal", "standby"]);
    maybe("procs", 0.1, ["4"]);
    maybe("gres", 0.05, ["ignore"]);
  }
  if (type === "flux") {
    maybe("version", 0.15, ["0.49.0", "0.26.0"]);
    if (draw.chance(0.15)) {
      entries.push(["args", map([["mpi", raw("spectrum")], ["verbose", raw("1")]], { flow: true })]);
    }
  }
  if (draw.feature("shells", 0.15)) entries.push(["shell", raw(draw.pick(SHELLS))]);
  if (entries.length === 0) return { type, tree: undefined };
  return { type, tree: map(draw.chance(0.3) ? draw.some(entries, entries.length) : entries) };
}

interface ParameterDraw {
  readonly key: string;
  readonly values: readonly Tree[];
  readonly label: string;
}

function parametersOf(draw: Draw): ParameterDraw[] {
  if (draw.chance(0.12)) return [];
  const alike = draw.chance(0.12) ? draw.pick([["N", "NX"], ["SIZE", "SIZE2"], ["N", "N_MAX"]]) : [];
  const others = PARAMETERS.filter((key) => !alike.includes(key));
  const keys = [...alike, ...draw.some(others, draw.pick([1, 1, 2, 2, 3]) - (alike.length > 0 ? 1 : 0))];
  if (keys.some((key) => keys.some((other) => other !== key && other.startsWith(key)))) {
    draw.note("names that begin alike");
  }
  if (keys.some((key) => /[^A-Za-z_0-9]/.test(key))) draw.note("odd names");
  const count = draw.between(1, 4);
  return keys.map((key) => ({ key, values: values(draw, count), label: labelOf(draw, key) }));
}

function labelOf(draw: Draw, key: string): string {
  draw.note("labels");
  if (draw.feature("long labels", 0.08)) return `${key}.%%.${"long-".repeat(draw.between(30, 38))}`;
  return draw.pick([
    ...[
      `${key}.%%`,
      `${key}.%%`,
      `${key}.%%`,
      "%%",
      `${key} %%`,
      `${key}-%%-x`,
      `${key}_%%_%%`,
      `é%%`,
      `#%%`,
      key,
      ".",
    ],
    `${key}=%%`,
  ]);
}

function parametersTree(draw: Draw, parameters: readonly ParameterDraw[]): Tree {
  const anchors = parameters.length > 1 && draw.feature("aliases", 0.32);
  return map(parameters.map(({ key, values, label }, i) => {
    if (/[^\x20-\x7e]/.test(label)) draw.note("unicode");
    const plain = list(values, { flow: draw.chance(0.6), ...(anchors && i === 0 ? { anchor: "vals" } : {}) });
    const entries: [string, Tree][] = [
      ["values", anchors && i > 0 ? raw("*vals") : plain],
      ["label", /^[%#.-]/.test(label) ? raw(double(label)) : quoted(draw, label)],
    ];
    return [key, map(draw.chance(0.2) ? entries.reverse() : entries)];
  }));
}

/** A Python generator with the parameters that the spec uses. */
function generatorOf(draw: Draw, keys: readonly string[]): string {
  const count = draw.between(1, 3);
  const literal = () => draw.pick(["1", "2.50", "'a b'", "True", "None", "1e-5", "'x'", "10", "0.1 + 0.2"]);
  const adds = keys.map((key) => {
    const valuesText = Array.from({ length: count }, literal).join(", ");
    const label = draw.pick([
      `"${key}.%%"`,
      `"%%"`,
      "None",
      `[${Array.from({ length: count }, (_, i) => `"${key}-${i}"`)}]`,
    ]);
    const name = draw.chance(0.2) ? `, name="The ${key}"` : "";
    return `    p.add_parameter("${key}", [${valuesText}], ${label}${name})`;
  });
  return [
    "from maestrowf.datastructures.core import ParameterGenerator",
    "",
    "",
    "def get_custom_generator(env, **kwargs):",
    "    p = ParameterGenerator()",
    ...adds,
    "    return p",
    "",
  ].join("\n");
}

function optionsOf(draw: Draw): string[] {
  const options: string[] = [];
  if (draw.feature("hashed workspaces", 0.14)) options.push("--hashws");
  if (draw.chance(0.1)) options.push("-r", String(draw.between(0, 3)));
  if (draw.chance(0.1)) options.push("--throttle", String(draw.between(0, 3)));
  return options;
}

export { ODD_SCALARS };
