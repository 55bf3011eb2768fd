/** The examples in the documentation of the library are type-checked and run. */

import { realSystem } from "../lib/system.ts";
import { assertEquals } from "./assert.ts";
import { HANG_MS, inFreshFolder } from "./maestro.ts";

/** Each with its place. (`deno test --doc` cannot run them: it finds imports that are not used.) */
function examples(path: string): { place: string; code: string }[] {
  const text = Deno.readTextFileSync(new URL(`../${path}`, import.meta.url));
  return [...text.matchAll(/^ \* ```ts\n([^]*?)^ \* ```$/gm)].map((match) => ({
    place: `${path.replaceAll("/", "_")}_${text.slice(0, match.index).split("\n").length}`,
    code: match[1]!.replace(/^ \* ?/gm, "").replace(
      '"@maestro/conductor"',
      JSON.stringify(new URL("../mod.ts", import.meta.url).href),
    ),
  }));
}

Deno.test("library: the examples in its documentation have the right types, and run", async () => {
  await inFreshFolder(async (folder) => {
    const system = realSystem([]);
    const all = ["mod.ts", "lib/app/library.ts"].flatMap(examples);
    const files = all.map(({ place, code }) => {
      const file = `${folder}/${place}.ts`;
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
