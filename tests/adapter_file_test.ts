/** Adapters in files: what is wrong with them, and where; files that end or stop the process that loads them. */

import { adapterFrom } from "../lib/app/adapter_file.ts";
import { checkedAdapter } from "../lib/app/checked_adapter.ts";
import { AdapterFault } from "../lib/errors.ts";
import type { SchedulerAdapter, SubmitRequest } from "../adapters/adapter.ts";
import { LOADED, neverLoads } from "../lib/app/own_adapter.ts";
import { realSystem, type RunResult, type System } from "../lib/system.ts";
import { assert, assertEquals, assertThrows } from "./assert.ts";
import { blocksOf } from "./docs_blocks.ts";
import { ROOT } from "./maestro.ts";

const GOOD = blocksOf(Deno.readTextFileSync(`${ROOT}/docs/add-a-scheduler.md`))
  .find(({ language }) => language === "js")!.text;
const with_ = (from: string, to: string) => GOOD.replace(from, () => to);
const own = (fields: string) => with_('name: "tsp",', `name: "tsp", ${fields},`);
const ofScheduler = (fields: string) => with_('environment: ["TS_SOCKET"],', `${fields},`);

async function problemsOf(text: string): Promise<string[]> {
  const { problems } = await adapterFrom(realSystem([]), "/a.js", text);
  return problems.map(({ message, line, column }) => `${line}:${column} ${message}`);
}

Deno.test("adapter files: what is wrong, and where", async () => {
  const loads = "The adapter cannot be loaded: ";
  const imports = "An adapter's file imports nothing";
  const table: readonly (readonly [text: string, ...problems: string[]])[] = [
    [GOOD],
    [`\uFEFF${GOOD.replaceAll("\n", "\r\n")}`],
    ["", "1:1 The file exports no adapter"],
    ["export default null;", "1:1 The file exports no adapter"],
    ['export default "slurm";', "1:1 The file exports no adapter"],
    ["export default [];", "1:1 The file exports no adapter"],
    ["export default async () => ({});", "1:1 The function returns a promise"],
    ["export default () => {\n  throw new Error('boom');\n};", `2:9 ${loads}boom`],
    ["throw null;", `1:1 ${loads}null`],
    ["throw Symbol('x');", `1:1 ${loads}Symbol(x)`],
    ["throw { toString() { throw 1; } };", `1:1 ${loads}what it throws has no words`],
    [
      "export default new Proxy({}, {\n  ownKeys() {\n    throw new Error('trap');\n  },\n});",
      `3:11 ${loads}trap`,
    ],
    ['import"node:fs";', `1:1 ${imports}`],
    ['import\nfs from "node:fs";', `1:1 ${imports}`],
    ['const a = 1; import fs from "node:fs";', `1:14 ${imports}`],
    ['const fs = await import("node:fs");', `1:18 ${imports}`],
    ['export { a } from "./a.js";', `1:1 ${imports}`],
    // A word in a comment or a text, and a field, are no imports.
    [`// import x\n/* import y\n*/ const a = "import z", b = \`import "c"\`, d = { import: 1 };\n${GOOD}`],
    [
      with_('name: "tsp"', 'name: "../x"'),
      '46:5 "name" is letters, digits and _, in lower case, and not local, not "../x"',
    ],
    [
      with_('name: "tsp"', 'name: "local"'),
      '46:5 "name" is letters, digits and _, in lower case, and not local, not "local"',
    ],
    [own('infix: "../evil"'), '46:18 "infix" is letters, digits, _, - and ., not "../evil"'],
    [own('jobIdSign: "../%j"'), '46:18 "jobIdSign" is a word without / and \\, not "../%j"'],
    [own('jobIdSign: ["%j"]'), '46:18 "jobIdSign" is a text, not ["%j"]'],
    [
      ofScheduler("environments: []"),
      '69:7 Unknown field "scheduler.environments". Did you mean "environment"?',
    ],
    [
      ofScheduler("bulk: { most: 0, argv: ['x'], input: () => '', parse: () => [] }"),
      '69:15 "scheduler.bulk.most" is a number above 0, not 0',
    ],
    [ofScheduler("uptime: { argv: () => [], parse: () => 1 }")],
    [
      ofScheduler("uptime: { argv: [], parse: () => 1 }"),
      '68:34 "scheduler.uptime.argv" is a function, not []',
    ],
    [with_('argv: ["tsp", "-V"]', "argv: 5"), '68:34 "scheduler.version.argv" is a list of texts, not 5'],
    [
      with_("queries: [{", "queries: [{}, {"),
      '3:1 Missing field "scheduler.queries[0].argv": a function',
      '3:1 Missing field "scheduler.queries[0].parse": a function',
    ],
  ];
  for (const [text, ...problems] of table) assertEquals(await problemsOf(text), problems, text.slice(0, 300));
});

Deno.test("adapter files: one that ends or stops the process that tries it has a problem", async () => {
  const tried = (result: Partial<RunResult>) => {
    const run = () => Promise.resolve({ code: 0, stdout: "", stderr: "", timedOut: false, ...result });
    return neverLoads({ selfCommand: ["maestro"], run } as unknown as System, "/a.js");
  };
  assertEquals(await tried({ stdout: LOADED }), undefined);
  // Its problems have their places when it is loaded here.
  assertEquals(await tried({ code: 65 }), undefined);
  const message = async (result: Partial<RunResult>) => (await tried(result))!.message;
  const loads = "The adapter cannot be loaded: ";
  assertEquals(await message({}), `${loads}the file ends the process, exit code 0`);
  assertEquals(await message({ code: 3 }), `${loads}the file ends the process, exit code 3`);
  assertEquals(
    await message({ code: 1, stderr: "\x1b[31merror: \x1b[0mTop-level await promise never resolved\n" }),
    `${loads}Top-level await promise never resolved`,
  );
  assert((await message({ code: 124, timedOut: true })).endsWith("is not loaded after 30 seconds"));
});

/** An adapter in which one function of its scheduler is another. */
async function broken(change: (scheduler: SchedulerAdapter) => object): Promise<SchedulerAdapter> {
  const { adapter } = await adapterFrom(realSystem([]), "/a.js", GOOD);
  const scheduler = { ...adapter!.scheduler!, ...change(adapter!.scheduler!) } as SchedulerAdapter;
  return checkedAdapter({ ...adapter!, scheduler }).scheduler!;
}

Deno.test("adapter files: a function that throws or returns anything gives no answer", async () => {
  const result = { code: 0, stdout: "1\n", stderr: "", timedOut: false };
  const boom = () => {
    throw new Error("boom");
  };
  const unclear = async (parseSubmit: () => unknown) =>
    (await broken(() => ({ parseSubmit }))).parseSubmit(result) as { kind: string; reason?: string };
  for (const wrong of [undefined, 7, {}, { kind: "accepted", jobId: 7 }, { kind: "maybe", reason: "x" }]) {
    assertEquals((await unclear(() => wrong)).kind, "unclear", String(wrong));
  }
  assertEquals((await unclear(boom)).reason, "parseSubmit of the adapter throws: boom");
  assertEquals(
    await unclear(() => ({ kind: "accepted", jobId: "7" })),
    { kind: "accepted", jobId: "7" } as object,
  );
  const faults:
    readonly (readonly [change: object, call: (broken: SchedulerAdapter) => unknown, message: string])[] = [
      [{ submit: boom }, (s) => s.submit({} as SubmitRequest), "submit of the adapter throws: boom"],
      [
        { submit: () => 5 },
        (s) => s.submit({} as SubmitRequest),
        "submit of the adapter returns what it may not: 5",
      ],
      [
        { submit: () => [] },
        (s) => s.submit({} as SubmitRequest),
        "submit of the adapter returns what it may not: []",
      ],
      [
        { cancel: () => ["x", 5] },
        (s) => s.cancel(["1"]),
        'cancel of the adapter returns what it may not: ["x",5]',
      ],
      [{ find: () => ({}) }, (s) => s.find("t"), "find of the adapter returns what it may not: {}"],
      [
        { queries: [{ argv: () => ["q"], parse: () => [{ jobId: "1", word: "x", phase: "dancing" }] }] },
        (s) => s.queries[0]!.parse(result, ["1"]),
        'queries[0].parse of the adapter returns what it may not: [{"jobId":"1","word":"x","phase":"dancing"}]',
      ],
    ];
  for (const [change, call, message] of faults) {
    const scheduler = await broken(() => change);
    assertThrows(() => call(scheduler), AdapterFault, message);
  }
  // A bundle of which nobody knows what was submitted.
  const bulk = { most: 2, argv: ["b"], input: () => "", parse: boom };
  assertEquals((await broken(() => ({ bulk }))).bulk!.parse(result, 2), [undefined, undefined]);
});
