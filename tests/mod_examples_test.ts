/** The examples in the documentation of the library are type-checked and run. */

import { realSystem } from "../lib/system.ts";
import { assertEquals } from "./assert.ts";
import { HANG_MS, inFreshFolder } from "./maestro.ts";

/** Each with its line. (`deno test --doc` cannot run them: it finds imports that are not used.) */
function examples(): { line: number; code: string }[] {
  const text = Deno.readTextFileSync(new URL("../mod.ts", import.meta.url));
  return [...text.matchAll(/^ \* ```ts\n([^]*?)^ \* ```$/gm)].map((match) => ({
    line: text.slice(0, match.index).split("\n").length,
    code: match[1]!.replace(/^ \* ?/gm, "").replace(
      '"@maestro/conductor"',
      JSON.stringify(new URL("../mod.ts", import.meta.url).href),
    ),
  }));
}

Deno.test("library: the examples in mod.ts have the right types, and run", async () => {
  await inFreshFolder(async (folder) => {
    const system = realSystem([]);
    const files = examples().map(({ line, code }) => {
      const file = `${folder}/line_${line}.ts`;
      system.writeText(file, code);
      return file;
    });
    assertEquals(files.length >= 3, true, "there are examples");
    const config = new URL("../deno.json", import.meta.url).pathname;
    const argv = [Deno.execPath(), "check", "--quiet", "--config", config, ...files];
    const { code, stderr } = await system.run(argv, { timeoutMs: HANG_MS, env: { NO_COLOR: "1" } });
    assertEquals([code, stderr], [0, ""]);
    for (const file of files) await import(`file://${file}`);
  });
});
