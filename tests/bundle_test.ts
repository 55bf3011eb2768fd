/**
 * The program as it is in the one file: bundled, evaluated as a script, far from its sources. What it says and does is
 * what it says and does when it is run from its sources. How the file unpacks itself is in onefile_test.ts.
 */

import { asFunction, bundle, START } from "../.ci/bundle.ts";
import { RUNTIME_FLAGS } from "../.ci/compile.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "./assert.ts";
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
  // What bundles packages that are CommonJS asks for their imports by a function that has another short name in each
  // part, and writes the scheme before all that is built in.
  const calls = program.matchAll(
    /(?<![\w$.])(?:[\w$]+\((["'`])(node:.*?)\1|(?:require|import)\((["'`])(.*?)\3)/g,
  );
  const asked = [...new Set([...calls].map(([, , built, , any]) => built ?? any!))].sort();
  assertEquals(asked, ["node:buffer", "node:crypto", "node:process"]);
  for (const name of asked) assertEquals(typeof process.getBuiltinModule(name), "object", name);
});

Deno.test("bundle: parts are evaluated when they are needed, and --version needs few", () =>
  inFreshFolder(async (folder) => {
    await unpack(`${folder}/far`);
    const counted = START.replace("(0, eval)(", "(console.error(name), eval)(");
    await Deno.writeTextFile(`${folder}/far/start.js`, counted);
    const needed = async (...words: string[]) =>
      (await runIn(folder, [`${folder}/far/maestro`, ...words])).stderr.split("\n")
        .filter((line) => line.endsWith(".js"));
    const few = await needed("--version");
    assertEquals(few[0], "cli.js");
    assertEquals(few.some((name) => name.startsWith("status-")), false);
    const more = await needed("status", folder);
    assertEquals(new Set(more).size, more.length);
    assertEquals(more.some((name) => name.startsWith("status-")), true);
    assertEquals(more.some((name) => name.startsWith("report-")), false);
  }));

Deno.test("bundle: what is no function is not packed; exports of all kinds are handed over", () => {
  const part = (module: string) => asFunction("a.js", module, ["a.js", "b.js"]);
  const run = (module: string) =>
    (0, eval)(part(module))((name: string) => ({ x: `x of ${name}`, default: 1 }));
  assertEquals(run('import{x as $y}from"./b.js";import"./c.js";var z=1;export{$y as default,z};'), {
    default: "x of b.js",
    z: 1,
  });
  assertEquals(run("function f(){return {a:3}}export default f();\n/* a licence */\n/* another */\n"), {
    a: 3,
    default: { a: 3 },
  });
  assertEquals(run("var a=typeof import.meta.url;\n"), {});
  assertThrows(() => part('import x from"./b.js";export{x as y};'), Error);
  assertThrows(() => part('import("./other.js");'), Error);
  assertThrows(() => part("await 1;"), Error);
});
