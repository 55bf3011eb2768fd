/**
 * The program as it is in the one file: bundled, evaluated as a script, far from its sources. What it says and does is
 * what it says and does when it is run from its sources. How the file unpacks itself is in onefile_test.ts.
 */

import { bundle, RUNTIME_FLAGS, START } from "../.ci/compile.ts";
import { assertEquals, assertStringIncludes } from "./assert.ts";
import { inFreshFolder, type Outcome, runIn } from "./maestro.ts";

const program = bundle();

/** A folder as the head (.ci/head.sh) unpacks it, and what starts the program there. */
async function unpack(folder: string): Promise<string> {
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/maestro.js`, program);
  await Deno.writeTextFile(`${folder}/start.js`, START);
  const start = `exec '${Deno.execPath()}' ${RUNTIME_FLAGS} '${folder}/start.js' "$@"`;
  await Deno.writeTextFile(
    `${folder}/maestro`,
    `#!/bin/sh\nexport MAESTRO_FILE="$0" DENO_DIR=/dev/null\n${start}\n`,
    { mode: 0o755 },
  );
  return `${folder}/maestro`;
}

/** Runs a script twice, each time in a fresh folder with a spec: as the one file, and from the sources. */
async function both(script: string, files: Readonly<Record<string, string>>): Promise<[Outcome, Outcome]> {
  const once = (far: boolean) =>
    inFreshFolder(async (folder) => {
      const file = far ? await unpack(`${folder}/far`) : "maestro";
      await Deno.mkdir(`${folder}/here`);
      for (const [name, text] of Object.entries(files)) {
        await Deno.writeTextFile(`${folder}/here/${name}`, text);
      }
      return await runIn(`${folder}/here`, ["/bin/sh", "-c", script.replaceAll("maestro", file)]);
    });
  return [await once(true), await once(false)];
}

const WRONG = `description: {name: wrong, description: Two mistakes.}
study:
  - {name: a, description: Steps have no such key., run: {cmd: echo $(S), depend: []}}
global.parameters:
  S: {values: {range: {start: 1, stop: 3}}, label: S.%%}
`;

for (
  const command of ["maestro lint wrong.yaml", "maestro lint --json wrong.yaml", "maestro run -y wrong.yaml"]
) {
  Deno.test(`bundle: ${command} says what is wrong, and where`, async () => {
    const [bundled, source] = await both(command, { "wrong.yaml": WRONG });
    assertEquals(bundled, source);
    assertEquals(bundled.code, 65);
    assertStringIncludes(bundled.stdout + bundled.stderr, "Unknown key");
  });
}

Deno.test("bundle: all that it asks the runtime for is built into it", () => {
  // What bundles packages that are CommonJS asks for their imports by a function that has a name of one or two letters.
  const asks = /([\w$]+)=\(?\(?\w=>typeof require/.exec(program)?.[1] ?? "require";
  const call = new RegExp(
    `(?<![\\w$.])(?:${asks.replaceAll("$", "\\$")}|require|import)\\((["'\`])(.*?)\\1`,
    "g",
  );
  const asked = [...new Set([...program.matchAll(call)].map(([, , name]) => name!))].sort();
  assertEquals(asked, ["node:buffer", "node:crypto", "node:process"]);
  for (const name of asked) assertEquals(typeof process.getBuiltinModule(name), "object", name);
});
