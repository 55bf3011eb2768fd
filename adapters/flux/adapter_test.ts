import { assert, assertEquals } from "../../tests/assert.ts";
import { testAdapter, testOnFake } from "../../tests/test_adapter.ts";
import { chainSpec } from "../../lib/app/adapter_suite/end_to_end.ts";
import { flux } from "./mod.ts";

const OPTIONS = {
  fake: import.meta.resolve("./fake"),
  recorded: import.meta.resolve("./recorded"),
};

testAdapter(flux, OPTIONS);

const LEDGER = ["bad", "each1", "each2", "first", "last"];

testOnFake("a study on a Flux before 0.48", flux, OPTIONS, async (stage) => {
  Deno.writeTextFileSync(`${stage.folder}/spec.yaml`, chainSpec({ type: "flux" }));
  const { code, stderr } = await stage.shell("exec maestro run -y -fg -s 0.3 -o study spec.yaml", {
    FAKE_OLD: "1",
  });
  assertEquals(code, 0, stderr);
  assertEquals(stage.lines("ledger"), LEDGER);
  const refused = stage.lines("fake.refused");
  assertEquals([...new Set(refused)], [
    "flux-jobs: error: unrecognized arguments: --json",
    "flux: `batch' is not a flux command.  See 'flux --help'",
    "flux: `python' is not a flux command.  See 'flux --help'",
  ]);
  // Two may be under way when the first one learns it.
  assert(refused.length <= 9, refused.join());
});

testOnFake("many steps go in few processes", flux, OPTIONS, async (stage) => {
  const values = Array.from({ length: 12 }, (_, i) => i + 1).join(", ");
  const spec = chainSpec({ type: "flux" }).replace("values: [1, 2]", `values: [${values}]`);
  Deno.writeTextFileSync(`${stage.folder}/spec.yaml`, spec);
  const { code, stderr } = await stage.shell("exec maestro run -y -fg -s 2 -o study spec.yaml");
  assertEquals(code, 0, stderr);
  assertEquals(stage.lines("ledger").length, 15);
  const calls = stage.lines("fake.calls");
  assertEquals(calls.filter((call) => call === "batch").length, 15);
  // The twelve together, and maybe the two that can start at once.
  assert([1, 2].includes(calls.filter((call) => call === "python").length), calls.join());
});

for (const nested of [true, false]) {
  const what = `an instance with the anonymous queue alone takes a spec with a queue (nested: ${nested})`;
  testOnFake(what, flux, OPTIONS, async (stage) => {
    const spec = chainSpec({ type: "flux", queue: "normal" }).replaceAll(
      "procs: 1",
      `procs: 1, nested: ${nested}`,
    );
    Deno.writeTextFileSync(`${stage.folder}/spec.yaml`, spec);
    const { code, stderr } = await stage.shell("exec maestro run -y -fg -s 0.3 -o study spec.yaml", {
      FAKE_ANONYMOUS: "1",
    });
    assertEquals(code, 0, stderr);
    assertEquals(stage.lines("ledger"), LEDGER);
    // Learnt once, noted in the log, and left out of the scripts, which can be submitted by hand.
    const said = stderr.split("\n").filter((line) => line.includes("named queues"));
    assertEquals(said.length, 1, stderr);
    // Two steps begin together, before it is known.
    assert(stage.lines("fake.refused").length <= 2, stderr);
    const script = Deno.readTextFileSync(`${stage.folder}/study/last/last.flux.sh`);
    assert(!script.includes("normal"), script);
  });
}
