import { ADAPTERS, findAdapter } from "../adapters/mod.ts";
import { contract } from "./adapter_contract.ts";
import { checkSpec } from "../lib/spec.ts";
import { LEVELS } from "../lib/spec_keys.ts";
import { parseYaml } from "../lib/yaml.ts";
import { assertEquals, assertStringIncludes } from "./assert.ts";

for (const [name, adapter] of Object.entries(ADAPTERS)) contract(name, adapter);

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
    const ignored = keys.filter((key) => Object.hasOwn(ignores, key) && key !== "procs");
    assertEquals(said.toSorted(), ignored.toSorted(), name);
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
