import { ADAPTERS, findAdapter } from "../adapters/mod.ts";
import { EVERYTHING } from "../lib/app/adapter_suite/samples.ts";
import { fillTemplate } from "../lib/plan/script.ts";
import type { Adapter } from "../adapters/adapter.ts";
import type { Resources } from "../lib/plan/types.ts";
import { checkSpec } from "../lib/spec/spec.ts";
import { LEVELS } from "../lib/spec/spec_keys.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { assertEquals, assertStringIncludes } from "./assert.ts";

Deno.test("docs/schedulers.md says which keys of batch each scheduler reads", () => {
  const page = Deno.readTextFileSync(new URL("../docs/schedulers.md", import.meta.url));
  const rows = page.split("## Keys of `batch`")[1]!.split("## ")[0]!.split("\n").filter((line) =>
    line.startsWith("|")
  )
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const names = rows[0]!.slice(1);
  assertEquals(names, Object.keys(ADAPTERS));
  for (const [column, name] of names.entries()) {
    const said = rows.slice(2).filter((row) => row[column + 1] !== "ignored" || row[0] === "`host`")
      .flatMap((row) => [...row[0]!.matchAll(/`(\w+)`/g)].map(([, key]) => key!));
    // Maestro's specs have a host, which nobody reads.
    const known = [...ADAPTERS[name]!.batchKeys, ...(name === "local" ? ["host"] : [])];
    assertEquals(said.sort(), known.sort(), name);
  }
});

/** The rows of a table of the page, cells trimmed; the first is its head. */
function tableOf(heading: string): string[][] {
  const page = Deno.readTextFileSync(new URL("../docs/schedulers.md", import.meta.url));
  return page.split(`## ${heading}`)[1]!.split("## ")[0]!.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("docs/schedulers.md says which keys of run each scheduler has no use for", () => {
  const [head, , ...rows] = tableOf("Keys of `run`");
  const keys = rows.map(([cell]) => cell!.replaceAll("`", ""));
  const known = LEVELS.run.keys.map(({ name }) => name);
  const ofAll = [
    "cmd",
    "depends",
    "after",
    "allow-failure",
    "shell",
    "env",
    "pre",
    "post",
    "restart",
    "retry",
  ];
  const ofNone = [...ofAll, "pack", "pack at once", "batch"];
  assertEquals(keys.toSorted(), known.filter((name) => !ofNone.includes(name)).toSorted());
  for (const [name, { ignores, scheduler }] of Object.entries(ADAPTERS)) {
    if (scheduler === undefined) continue;
    const columns = head!.flatMap((cell, i) => cell.split(" ")[0] === name ? [i] : []);
    const said = rows.filter((row) => columns.every((column) => row[column] === "ignored"))
      .map(([cell]) => cell!.replaceAll("`", ""));
    const ignored = keys.filter((key) => Object.hasOwn(ignores, key) && key !== "procs" && key !== "nodes");
    assertEquals(said.toSorted(), ignored.toSorted(), name);
  }
});

/** All that an adapter may say to its scheduler of a job, and to its launcher, when everything is asked for. */
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

/** Whether a text has what a page cites: an option as a word of its own, up to its value. */
function says(text: string, cited: string): boolean {
  const start = cited.split("…")[0]!.replace(/[ ,]$/, "");
  const literal = start.replace(/[^\w ]/g, "\\$&");
  return new RegExp(
    `${start.startsWith("-") ? "(?:^|\\s)" : ""}${literal}${/\w$/.test(start) ? "(?![a-z-])" : ""}`,
    "m",
  )
    .test(text);
}

Deno.test("docs/schedulers.md names no option that is never given", () => {
  const keys = new Set([...LEVELS.run.keys, ...LEVELS.batch.keys].map(({ name }) => name));
  const lost: string[] = [];
  for (const heading of ["Keys of `batch`", "Keys of `run`"]) {
    const [head, , ...rows] = tableOf(heading);
    for (const [column, title] of head!.entries()) {
      const [name, ...program] = title.replaceAll("`", "").split(" ");
      const adapter = findAdapter(name!);
      if (column === 0 || adapter === undefined) continue;
      const { job, launcher } = saidBy(adapter);
      const columns = head!.filter((other) => other.split(" ")[0] === name).length;
      const isLauncher = columns > 1 && program.length > 0 && program.join(" ") !== "flux batch";
      const text = columns === 1 ? `${job}\n${launcher}` : isLauncher ? launcher : job;
      for (const row of rows) {
        for (const [, cited] of row[column]!.matchAll(/`([^`]+)`/g)) {
          // Other keys of the spec, and a value of the row's own.
          if (!keys.has(cited!) && cited !== "false" && !says(text, cited!)) {
            lost.push(`${title}, ${row[0]}: ${cited}`);
          }
        }
      }
    }
  }
  assertEquals(lost, []);
});

Deno.test("a name longer than a scheduler takes is cut before its token", () => {
  const token = `${"m".repeat(12)}-100000-10`;
  // OpenLava 2.2, OpenPBS 23.06 and Son of Grid Engine 8.1.9 refuse more.
  // OpenLava 4.0 and LSF take thousands: only OpenLava 2.2 gets a short one, once it has refused a long one.
  const short = new Set(["bsub -J of more than 127 bytes"]);
  for (const [name, most] of [["lsf", 127], ["pbs", 230], ["sge", 512], ["lsf", 4094]] as const) {
    const files = { script: "/s", workspace: "/w", out: "o", err: "e" };
    for (const jobName of ["x".repeat(900), "é".repeat(900)]) {
      const lacks = most === 127 ? short : new Set<string>();
      const request = { ...files, jobName, token, resources: {}, batch: { type: name }, lacks };
      const argv = findAdapter(name)!.scheduler!.submit(request);
      const given = argv[argv.findIndex((word) => word === "-N" || word === "-J") + 1]!;
      assertEquals(given.endsWith(`+${token}`), true, given);
      assertEquals(new TextEncoder().encode(given).length <= most, true, `${name}: ${given.length}`);
      if (most === 4094) assertEquals(given, `${jobName}+${token}`);
    }
  }
});

Deno.test("what a scheduler has no use for in batch has a hint", () => {
  const all = new Set(Object.values(ADAPTERS).flatMap(({ batchKeys }) => batchKeys));
  for (const [name, { batchKeys, ignores, scheduler }] of Object.entries(ADAPTERS)) {
    if (scheduler === undefined) continue;
    for (const key of all) {
      const [read, hinted] = [batchKeys.includes(key), Object.hasOwn(ignores, key)];
      assertEquals(read !== hinted, true, `${name}: ${key}`);
    }
  }
});

Deno.test("a scheduler's other words are its name in batch, in a step's batch and in what lint suggests", () => {
  const look = (type: string, own: string) => {
    const text = `description: {name: a, description: b}
batch: {type: ${type}}
study: [{name: s, description: d, run: {cmd: x, procs: 1, batch: {type: ${own}}}}]
`;
    const { spec, problems } = checkSpec(parseYaml(text).value, Object.values(ADAPTERS));
    return { type: spec?.batch.type, messages: problems.map(({ message, hint }) => `${message} ${hint}`) };
  };
  for (const { name, otherNames = [] } of Object.values(ADAPTERS)) {
    for (const word of otherNames) {
      assertEquals(look(word.toUpperCase(), word), { type: name, messages: [] });
      assertEquals(look(name, word), { type: name, messages: [] });
      assertEquals(findAdapter(word), undefined);
    }
  }
  const [message] = look("gridengin", "local").messages;
  assertStringIncludes(message!, 'Unknown batch type "gridengin" Did you mean "gridengine"?');
});
