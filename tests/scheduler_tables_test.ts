import { EVERYTHING } from "../lib/app/adapter_suite/samples.ts";
import type { Adapter } from "../adapters/adapter.ts";
import { fillTemplate } from "../lib/plan/script.ts";
import type { Resources } from "../lib/plan/types.ts";
import { LEVELS } from "../lib/spec/spec_keys.ts";
import { assertEquals } from "./assert.ts";
import { ROOT } from "./maestro.ts";
import { documented, TABLES, withTables } from "./scheduler_tables.ts";

const PAGE = `${ROOT}/docs/schedulers.md`;
const all = await documented();

Deno.test("docs/schedulers.md: its tables are those of the adapters", () => {
  const page = Deno.readTextFileSync(PAGE);
  const made = withTables(page, all);
  if (Deno.env.get("UPDATE") === "1") Deno.writeTextFileSync(PAGE, made);
  assertEquals(Deno.readTextFileSync(PAGE), made, "deno task update writes the tables");
  const found = [...made.matchAll(/<!-- made from adapters\/: (\w+) -->/g)].map(([, name]) => name!);
  assertEquals(found.toSorted(), [...TABLES].sort());
});

for (const { adapter, docs } of all) {
  const { name, batchKeys, ignores } = adapter;
  Deno.test(`docs of ${name}: each key of batch that it reads, and no other`, () => {
    const said = Object.keys(docs.batch).flatMap((key) => key.split(" or "));
    // Maestro's specs have a host, which nobody reads.
    assertEquals(said.sort(), batchKeys.filter((key) => key !== "host").sort());
  });

  Deno.test(`docs of ${name}: each key of run that it uses, and no other`, () => {
    const keys = LEVELS.run.keys.map(({ name }) => name);
    const said = [...Object.keys(docs.run), ...Object.keys(docs.launcher?.run ?? {})];
    assertEquals(said.filter((key) => !keys.includes(key)), [], "no key of run");
    // Of steps, nodes and procs always count; what `ignores` has of them is about batch.
    const ignored = said.filter((key) => Object.hasOwn(ignores, key) && key !== "nodes" && key !== "procs");
    assertEquals(ignored, [], "in docs.ts, and in ignores");
  });

  Deno.test(`docs of ${name}: no option is cited that is never given`, () => {
    const keys = new Set([...LEVELS.run.keys, ...LEVELS.batch.keys].map(({ name }) => name));
    const { job, launcher } = saidBy(adapter);
    const columns = [
      { cells: docs.batch, text: `${job}\n${launcher}` },
      { cells: docs.run, text: docs.launcher ? job : `${job}\n${launcher}` },
      { cells: docs.launcher?.run ?? {}, text: launcher },
    ];
    const lost = columns.flatMap(({ cells, text }) =>
      Object.entries(cells).flatMap(([key, cell]) =>
        [...cell.matchAll(/`([^`]+)`/g)].map(([, cited]) => cited!)
          // Other keys of the spec, and a value of the row's own.
          .filter((cited) => !keys.has(cited) && cited !== "false" && !says(text, cited))
          .map((cited) => `${key}: ${cited}`)
      )
    );
    assertEquals(lost, []);
  });
}

/** All options that an adapter can pass to its scheduler for a job, and to its launcher. */
function saidBy(adapter: Adapter): { readonly job: string; readonly launcher: string } {
  const job: string[] = [];
  const launched: string[] = [];
  const values = Object.fromEntries(adapter.batchKeys.map((key) => [key, "1"]));
  const leftOut = [{}, { version: "0.26.0" }, { launcher: "" }, { nodes: "" }, { pe: "" }, { procs: "" }];
  const asked = [EVERYTHING, { ...EVERYTHING, nodes: 1, nested: false }, { nodes: 2 }, {
    procs: 2,
    exclusive: true,
    "exclusive launcher": true,
  }];
  for (const more of leftOut) {
    for (const resources of asked as Resources[]) {
      for (const args of [{ key: "value" }, ["-key value"]]) {
        const batch = { type: adapter.name, ...values, shell: "/bin/sh", ...more, args };
        const files = { script: "/s", workspace: "/w", out: "o", err: "e" };
        const made = { jobName: "x", description: "x", resources, batch, ...files };
        job.push(fillTemplate(adapter.template, { ...adapter.fields(made), shell: "/bin/sh" }));
        job.push(adapter.scheduler?.submit({ ...made, token: "t" }).join(" ") ?? "");
        const { nodes, procs } = resources;
        launched.push(adapter.launcher({ nodes, procs, resources, batch }).join(" "));
      }
    }
  }
  const plain = (lines: string[]) => lines.join("\n").replace(/["']/g, "");
  return { job: plain(job), launcher: plain(launched) };
}

/** Whether a text contains the words of a citation: an option as a separate word, up to its value. */
function says(text: string, cited: string): boolean {
  const start = cited.split("…")[0]!.replace(/[ ,]$/, "");
  const literal = start.replace(/[^\w ]/g, "\\$&");
  return new RegExp(
    `${start.startsWith("-") ? "(?:^|\\s)" : ""}${literal}${/\w$/.test(start) ? "(?![a-z-])" : ""}`,
    "m",
  )
    .test(text);
}
