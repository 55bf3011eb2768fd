/** The `study` section of random specs. */

import type { Names } from "./generate_env.ts";
import type { Draw } from "./random.ts";
import { double, quoted, textScalar } from "./scalars.ts";
import { list, map, type MapTree, raw, type Tree } from "./spec_text.ts";

const NAMES = ["make", "run-sim", "post", "gather", "check", "plot", "scan", "archive"];
const ODD_NAMES = [
  "run sim",
  "post.2",
  "pre(1)",
  "_x",
  "a+b",
  "größe",
  "step@1",
  "run",
  "logs",
  "x,y",
  "a/b",
];

/** A list of steps, each after those that it depends on. */
export function steps(draw: Draw, names: Names): Tree {
  const count = draw.between(1, 5);
  const plain = draw.some(NAMES, count);
  const stepNames = plain.map((name) => {
    if (!draw.feature("odd names", 0.09)) return name;
    const odd = draw.pick(ODD_NAMES);
    if (/[^\x20-\x7e]/.test(odd)) draw.note("unicode");
    return odd;
  });
  const unique = [...new Set(stepNames)];
  const merged = unique.length > 1 && names.scheduler !== "local" && draw.feature("merge keys", 0.25);
  const items = unique.map((name, i) => step(draw, names, name, unique.slice(0, i), merged ? i : undefined));
  // Anchors come before their aliases.
  const shuffles = !merged && items.length > 1 && draw.feature("steps in any order", 0.2);
  return list(shuffles ? draw.some(items, items.length) : items);
}

function step(
  draw: Draw,
  names: Names,
  name: string,
  before: readonly string[],
  merged: number | undefined,
): Tree {
  const run: [string, Tree][] = [];
  const depends = draw.some(before, draw.pick([0, 1, 1, 2])).flatMap((other) => {
    if (!draw.feature("funnels", 0.35)) return [other];
    return draw.feature("several forms of depends", 0.2)
      ? draw.pick([[other, `${other}_*`], [`${other}*`]])
      : [`${other}_*`];
  });
  const commands = { names, name, before, depends, scheduled: false };
  const resources = resourcesOf(draw, names);
  commands.scheduled = resources.some(([key]) => key === "nodes" || key === "procs");
  if (merged !== undefined && merged > 0) {
    run.push(["<<", raw("*res")]);
    commands.scheduled = true;
  }
  run.push(["cmd", textScalar(draw, commandLines(draw, commands))]);
  if (draw.feature("restarts", 0.2)) {
    run.push(["restart", textScalar(draw, commandLines(draw, commands).slice(0, 2))]);
  }
  if (depends.length > 0) {
    run.push([
      "depends",
      list(depends.map((item) => raw(/^[A-Za-z_][\w.*-]*$/.test(item) ? item : double(item))), {
        flow: draw.chance(0.7),
      }),
    ]);
  } else if (draw.chance(0.15)) run.push(["depends", list([])]);
  if (merged === 0) {
    // The first step's resources are what the others merge.
    const shared: [string, Tree][] = [["nodes", raw("1")], ["procs", raw(draw.pick(["1", "4"]))], [
      "walltime",
      raw(draw.pick(['"00:10:00"', "'5'"])),
    ]];
    return wrap(draw, names, name, map([...run, ...shared], { anchor: "res" }));
  }
  run.push(...resources);
  return wrap(draw, names, name, map(draw.chance(0.2) ? draw.some(run, run.length) : run));
}

function wrap(draw: Draw, names: Names, name: string, run: MapTree): Tree {
  const entries: [string, Tree][] = [
    ["name", /^[A-Za-z][\w-]*$/.test(name) ? raw(name) : raw(double(name))],
    ["description", textScalar(draw, [stepDescription(draw, names, name)])],
    ["run", run],
  ];
  return map(entries);
}

function stepDescription(draw: Draw, { parameters, variables }: Names, name: string): string {
  const base = draw.pick([`Runs ${name}`, `The ${name} step.`, "Does things", "é: non-ASCII", 'Says "hi"']);
  if (/[^\x20-\x7e]/.test(base)) draw.note("unicode");
  const tokens = [...parameters.map((key) => `$(${key})`), ...variables.map((key) => `$(${key})`)];
  if (tokens.length > 0 && draw.feature("tokens in descriptions", 0.12)) {
    return `${base} for ${draw.pick(tokens)}`;
  }
  return base;
}

interface Commands {
  readonly names: Names;
  readonly name: string;
  readonly before: readonly string[];
  readonly depends: readonly string[];
  readonly scheduled: boolean;
}

function commandLines(draw: Draw, commands: Commands): string[] {
  return Array.from({ length: draw.between(1, 4) }, () => commandLine(draw, commands));
}

function commandLine(draw: Draw, { names, before, depends, scheduled }: Commands): string {
  const { parameters, variables } = names;
  const kind = draw.next();
  const launcher = () => {
    if (!scheduled && !draw.chance(0.1)) return "";
    draw.note("launcher");
    if (!draw.feature("launcher with sizes", 0.3)) return "$(LAUNCHER) ";
    return `$(LAUNCHER)[${draw.pick(["1n, 1p", "1p", "1n,1p", "1, 1", "1p,1n", "2n, 4p", "1n"])}] `;
  };
  if (kind < 0.3 && parameters.length > 0) {
    const key = draw.pick(parameters);
    return `${launcher()}./sim --${draw.pick(["n", "size"])} $(${key}${
      draw.pick(["", "", "", ".label", ".name"])
    })`;
  }
  if (kind < 0.5 && variables.length > 0) return `${launcher()}echo $(${draw.pick(variables)}) > out.txt`;
  if (kind < 0.62 && before.length > 0 && (depends.length > 0 || draw.chance(0.06))) {
    draw.note("workspace tokens");
    const from = depends.length > 0 && draw.chance(0.97)
      ? draw.pick(depends).replace(/_?\*$/, "")
      : draw.pick(before);
    const token = `$(${from}.workspace)`;
    return draw.pick([
      `cp ${token}/out.txt .`,
      `ls ${token}`,
      `cat ${token}/*/out.txt`,
      `PATH=$PATH:${token} x`,
      `x "${token}":${token}/y`,
    ]);
  }
  if (kind < 0.68) {
    draw.note(kind < 0.65 ? "OUTPUT_PATH" : "SPECROOT");
    return kind < 0.65 ? "echo $(OUTPUT_PATH) $(WORKSPACE)" : "cp $(SPECROOT)/input.txt $(WORKSPACE)/";
  }
  if (kind < 0.74) {
    draw.note("unicode");
    return draw.pick(["echo 'grüße'", "echo 日本 # é", "printf 'é\\n'"]);
  }
  return draw.pick([
    ...[
      "echo hello",
      "# a comment",
      "date",
      "  echo indented",
      "cd x && make",
      "for i in 1 2; do echo $i; done",
    ],
    ...[
      "sed 's/a/$(UNKNOWN)/' f",
      'echo "$(date)" > now',
      "x=$((1+2))",
      "#SBATCH --constraint=cpu",
      "#BSUB -R x",
      "awk '{print $1}' f",
    ],
    ...["echo 'it''s' \"q\"", "cat <<EOT", "true", "./x [a] $(LAUNCHERX)", "echo 100% done: yes"],
  ]);
}

const COUNTS: readonly (readonly [string, readonly string[]])[] = [
  ["nodes", ["1", "2", "4"]],
  ["procs", ["1", "2", "8", "36"]],
];

function resourcesOf(draw: Draw, { scheduler, numbers }: Names): [string, Tree][] {
  if (scheduler === "local" ? draw.chance(0.8) : draw.chance(0.25)) return [];
  draw.note("resources");
  const entries: [string, Tree][] = [];
  const maybe = (key: string, probability: number, texts: readonly string[]) => {
    if (draw.chance(probability)) entries.push([key, raw(draw.pick(texts))]);
  };
  for (const [key, texts] of COUNTS) {
    const plain = numbers.filter((name) => /^\w+$/.test(name));
    if (draw.chance(0.2) && plain.length > 0) {
      draw.note("tokens in resources");
      entries.push([key, raw(double(`$(${draw.pick(plain)})`))]);
    } else maybe(key, 0.7, texts);
  }
  maybe("walltime", 0.5, [
    '"00:10:00"',
    "01:00:00",
    "'5'",
    "60",
    '"1:30"',
    "00:60",
    '"01:59:30"',
    "10:00:00",
    "12:30",
  ]);
  maybe("cores per task", 0.25, ["1", "4"]);
  maybe("gpus", 0.2, ["0", "1", "2"]);
  maybe("exclusive", 0.2, [
    "True",
    "False",
    "true",
    "yes",
    "{allocation: true}",
    "{launcher: true, allocation: false}",
  ]);
  maybe("reservation", 0.1, ["res1", "'my res'"]);
  maybe("qos", 0.1, ["standby"]);
  if (scheduler === "lsf") {
    maybe("tasks per rs", 0.3, ["1", "2"]);
    maybe("rs per node", 0.3, ["1", "4"]);
    maybe("cpus per rs", 0.3, ["1", "8"]);
    maybe("bind", 0.2, ["rs", "none"]);
    maybe("bind gpus", 0.15, ["packed"]);
  }
  if (scheduler === "flux") {
    maybe("nested", 0.3, ["True", "False"]);
    maybe("waitable", 0.1, ["True"]);
    maybe("priority", 0.3, ["high", "medium", "held", "0.5"]);
  }
  if (numbers.length > 0 && draw.feature("tokens in resources", 0.2)) {
    const walltime: [string, Tree] = ["walltime", quoted(draw, `$(${draw.pick(numbers)})`)];
    return [...entries.filter(([key]) => key !== "walltime"), walltime];
  }
  return entries;
}
