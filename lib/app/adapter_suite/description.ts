/** Cases about an adapter's description: its name, keys and template, what each key has an effect on, its launcher. */

import type { Adapter } from "../../../adapters/adapter.ts";
import type { Resources } from "../../plan/types.ts";
import { fillTemplate } from "../../plan/script.ts";
import type { Batch } from "../../spec/types.ts";
import { expect, expectSame } from "./expect.ts";
import { EVERYTHING, request, TOKEN } from "./samples.ts";
import type { SuiteCase } from "./cases.ts";

/** Fields that no header needs, for templates of earlier versions. */
const UNUSED: ReadonlySet<string> = new Set(["out", "err"]);

export function descriptionCases(adapter: Adapter): SuiteCase[] {
  const cases = [
    { name: "description: a name, an infix, and keys that are named once", run: () => nameCase(adapter) },
    { name: "description: the template uses every field, and no other", run: () => templateCase(adapter) },
    { name: "description: the launcher is made of plain words", run: () => launcherCase(adapter) },
  ];
  if (adapter.scheduler === undefined) return cases;
  return [
    ...cases,
    { name: "description: each key has an effect, or a hint", run: () => keysCase(adapter) },
    { name: "description: names of logs differ, and hold the job's id once", run: () => logCase(adapter) },
  ];
}

function nameCase(adapter: Adapter): void {
  const { name, infix, batchKeys, otherNames = [] } = adapter;
  expect(/^[a-z][a-z0-9_]*$/.test(name), "name: letters, digits and _, in lower case", name);
  expect(
    adapter.scheduler === undefined || /^[\w.-]+$/.test(infix),
    "infix: what scripts have before .sh",
    infix,
  );
  expectSame(batchKeys, [...new Set(batchKeys)], "batchKeys: each once");
  for (const other of otherNames) {
    expect(/^[a-z][a-z0-9_]*$/.test(other), "otherNames: letters, digits and _, in lower case", other);
  }
}

function templateCase(adapter: Adapter): void {
  expect(
    adapter.template.startsWith("#!@shell@\n"),
    "template: its first line is #!@shell@",
    adapter.template,
  );
  const used = [...new Set([...adapter.template.matchAll(/@(\w+)@/g)].map(([, field]) => field!))];
  const made = Object.entries(adapter.fields(request(adapter, EVERYTHING, "x", "1")))
    .flatMap(([field, value]) => value === undefined && UNUSED.has(field) ? [] : [field]);
  const known = [...made, "shell"];
  const lost = used.filter((field) => !known.includes(field) && field !== "name");
  expectSame(lost, [], "template: fields that `fields` does not return");
  expectSame(
    known.filter((field) => !used.includes(field)),
    [],
    "fields: values that the template does not use",
  );
}

function launcherCase(adapter: Adapter): void {
  const batch = { type: adapter.name };
  for (const [nodes, procs] of [[undefined, 4], [2, undefined], [2, 4], [undefined, undefined]]) {
    const words = adapter.launcher({ nodes, procs, resources: EVERYTHING, batch });
    expect(
      words.every((word) => /^[\w.,:=/-]+$/.test(word)),
      "launcher: words without blanks or quotes",
      words,
    );
    if (adapter.scheduler === undefined) expectSame(words, [], "launcher: none without a scheduler");
    else expect(words.length > 0, "launcher: at least one word, such as mpirun");
  }
}

function logCase({ logName, jobIdSign }: Adapter): void {
  const [out, err, other] = [logName("a", "out"), logName("a", "err"), logName("b", "out")];
  expect(new Set([out, err, other]).size === 3, "logName: another one for each job and stream", [
    out,
    err,
    other,
  ]);
  expect(out.endsWith(".out") && err.endsWith(".err"), "logName: ends in .out or .err", [out, err]);
  if (jobIdSign === undefined) return;
  for (const name of [out, err]) {
    expect(name.split(jobIdSign).length === 2, `logName: holds jobIdSign (${jobIdSign}) once`, name);
  }
}

/** Values of keys of `run` that only some schedulers use. `nodes`, `procs`, `gpus` and cores concern every job. */
const OF_RUN: Readonly<Record<string, Resources>> = {
  "cores per task": { "cores per task": 3 },
  gpus: { gpus: 4 },
  walltime: { walltime: "01:30:00" },
  reservation: { reservation: "r" },
  qos: { qos: "q" },
  exclusive: { exclusive: true },
  nested: { nested: false },
  waitable: { waitable: true },
  priority: { priority: "high" },
  "tasks per rs": { "tasks per rs": 3 },
  "rs per node": { "rs per node": 3 },
  "cpus per rs": { "cpus per rs": 3 },
  bind: { bind: "packed" },
  "bind gpus": { "bind gpus": "packed" },
};

/** Keys of `batch` that no adapter reads, or whose effect is not in what it makes. */
const SILENT: ReadonlySet<string> = new Set(["host", "shell", "args"]);

const SIZES: readonly Resources[] = [{ nodes: 1 }, { procs: 2 }, { nodes: 2, procs: 4 }, {
  nodes: 1,
  gpus: 1,
}];

function keysCase(adapter: Adapter): void {
  const { batchKeys, ignores } = adapter;
  const hinted = (key: string) => Object.hasOwn(ignores, key);
  const problems: string[] = [];
  for (const key of batchKeys) {
    if (hinted(key)) problems.push(`ignores: "${key}" is one of batchKeys, and these are not ignored`);
    if (SILENT.has(key)) continue;
    const values = ["7", "0.26.0"].map((text): Batch => ({ type: adapter.name, [key]: text }));
    const mapping: Batch = { type: adapter.name, [key]: { setopt: { a: "b" } } };
    if (!SIZES.some((size) => [...values, mapping].some((batch) => differs(adapter, size, {}, batch)))) {
      problems.push(`batchKeys: "${key}" has no effect on the header, the submission or the launcher`);
    }
  }
  for (const [key, asked] of Object.entries(OF_RUN)) {
    const effect = SIZES.some((size) => differs(adapter, size, asked));
    if (effect && hinted(key)) problems.push(`ignores: "${key}" of run has an effect`);
    if (!effect && !hinted(key)) {
      problems.push(`"${key}" of run has no effect: read it, or give a hint in ignores (what to do instead)`);
    }
  }
  expect(problems.length === 0, problems.join("\n"));
}

/** Whether a resource or a key of `batch` changes what an adapter makes. */
function differs(
  adapter: Adapter,
  size: Resources,
  more: Resources,
  more2: Batch = { type: adapter.name },
): boolean {
  return made(adapter, size, { type: adapter.name }) !== made(adapter, { ...size, ...more }, more2);
}

/** All that an adapter makes of a job. */
function made(adapter: Adapter, resources: Resources, batch: Batch): string {
  const files = { script: "/s", workspace: "/w", out: "o", err: "e" };
  const asked = { jobName: "x", description: "x", resources, batch, ...files };
  const { nodes, procs } = resources;
  return JSON.stringify([
    fillTemplate(adapter.template, { ...adapter.fields(asked), shell: "/bin/sh" }),
    adapter.scheduler?.submit({ ...asked, token: TOKEN }),
    adapter.launcher({ nodes, procs, resources, batch }),
  ]);
}
