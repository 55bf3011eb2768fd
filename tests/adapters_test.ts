import { ADAPTERS } from "../adapters/mod.ts";
import { contract } from "./adapter_contract.ts";
import { assertEquals } from "./assert.ts";

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
