/** What jobs of a real Grid Engine use. It has no separate figures for reads and writes. */

import { assertEquals } from "../assert.ts";
import { APPETITE, assertAppetite } from "./appetite.ts";
import { siteOf, specText, trial } from "./trial.ts";

const SITE = await siteOf("alice");

Deno.test("sge: figures are those of the program", async () => {
  const spec = specText({ type: "sge", queue: "all.q", mem: "1G" }, {
    eats: { cmd: APPETITE, run: ["procs: 1", "walltime: 10"] },
  });
  await trial(SITE, spec, async (study) => {
    assertEquals((await study.run()).code, 0);
    const [eats] = await study.steps();
    assertAppetite(eats!, false);
    const { given, readBytes, writtenBytes } = eats!.attempts[0]!;
    assertEquals([readBytes, writtenBytes], [null, null]);
    assertEquals(given, { cpus: 1, nodes: null, nodeMemoryBytes: 2 ** 30, limitSeconds: 600 });
  });
});
