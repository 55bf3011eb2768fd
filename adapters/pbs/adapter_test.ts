import { assert, assertEquals } from "../../tests/assert.ts";
import { testAdapter, testOnFake } from "../../tests/test_adapter.ts";
import { chainSpec } from "../../lib/app/adapter_suite/end_to_end.ts";
import { prefixed } from "../../lib/app/adapter_suite/heads.ts";
import { pbs } from "./mod.ts";

const OPTIONS = {
  fake: import.meta.resolve("./fake"),
  recorded: import.meta.resolve("./recorded"),
  directives: { mark: "#PBS", read },
};

testAdapter(pbs, OPTIONS);

/**
 * qsub(1B), "Directives", and pbs_isexecutable() of OpenPBS: directives end at the first
 * ordinary line. Blank lines, comments and lines that begin with a colon do not end them. A line that ends in a backslash continues on the next
 * line.
 */
function read(script: string): string[] {
  const found: string[] = [];
  for (const line of script.replaceAll("\\\n", "").split("\n")) {
    const directive = prefixed(/^\s*#PBS(?=\s)/)(line);
    if (directive.length === 0 && !/^(?::|\s*(?:#|$))/.test(line)) return found;
    found.push(...directive);
  }
  return found;
}

testOnFake("a study on an old version, without history and JSON", pbs, OPTIONS, async (stage) => {
  Deno.writeTextFileSync(`${stage.folder}/spec.yaml`, chainSpec({ type: "pbs" }));
  const { code, stderr } = await stage.shell("exec maestro run -y -fg -s 0.3 -o study spec.yaml", {
    FAKE_OLD: "1",
  });
  assertEquals(code, 0, stderr);
  assertEquals(stage.lines("ledger"), ["bad", "each1", "each2", "first", "last"]);
  const refused = stage.lines("fake.refused");
  assertEquals([...new Set(refused)], [
    "qstat: PBS is not configured to maintain job history",
    "qstat: invalid option -- 'F'",
  ]);
  // Two may be under way when the first one learns it.
  assert(refused.length <= 6, refused.join());
});
