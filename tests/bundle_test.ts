/**
 * The bundle, and the program as the self-extracting file evaluates it: in parts, far from its sources. It prints and
 * does the same as from its sources. How the file unpacks itself is in onefile_test.ts.
 */

import { bundle, bundleInto } from "../.ci/bundle.ts";
import { asFunction, joinParts, LOADER } from "../.ci/parts.ts";
import { RUNTIME_FLAGS } from "../.ci/self_extracting.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "./assert.ts";
import { inFreshFolder, type Outcome, ROOT, runIn, VERSION } from "./maestro.ts";

const files = bundle();
const program = joinParts(files);

/** A folder as the head (.ci/head.sh) unpacks it, and what starts the program there. */
async function unpack(folder: string): Promise<string> {
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/maestro.js`, program);
  await Deno.writeTextFile(`${folder}/start.js`, LOADER);
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
  Deno.test(`bundle: ${command} reports what is wrong, and where`, async () => {
    const [bundled, source] = await both(command, { "wrong.yaml": WRONG });
    assertEquals(bundled, source);
    assertEquals(bundled.code, 65);
    assertStringIncludes(bundled.stdout + bundled.stderr, "Unknown key");
  });
}

/** Packages that users run; those of tests and of the build are not among them. */
const PACKAGES = ["@stricli/core", "deno-std", "fflate", "yaml"];
/** This one is published bundled: the map of its file names no source. */
const PUBLISHED_BUNDLED = /^dagre\.esm-\w+\.js\.map$/;

Deno.test("bundle: holds modules of the program and the packages that it imports, nothing of the tests", () =>
  inFreshFolder((folder) => {
    bundleInto(folder, ["--sourcemap", "external"]);
    const maps = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".map"));
    assert(maps.length > 20, `${maps.length} maps`);
    const packages = new Set<string>();
    for (const { name } of maps) {
      const { sources } = JSON.parse(Deno.readTextFileSync(`${folder}/${name}`)) as { sources: string[] };
      // A file without a source only passes on what others export.
      const { size } = Deno.statSync(`${folder}/${name.slice(0, -".map".length)}`);
      if (sources.length === 0) assert(size < 2000 || PUBLISHED_BUNDLED.test(name), `${name}: ${size} bytes`);
      for (const source of sources) {
        const { pathname } = new URL(source, `file://${folder}/`);
        const found = /\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+)\/\d/.exec(pathname)?.[1];
        if (found !== undefined) packages.add(found);
        else {assert(
            /^(cli\.ts|(lib|adapters|templates)\/.+)$/.test(pathname.replace(`${ROOT}/`, "")),
            pathname,
          );}
      }
    }
    assertEquals([...packages].sort(), PACKAGES);
    assertEquals([...files.values()].some((text) => text.includes("playwright")), false);
    return Promise.resolve();
  }));

Deno.test("bundle: its version is that of deno.json", async () => {
  const [bundled, source] = await both("maestro --version", {});
  assertEquals(bundled.stdout, `maestro ${VERSION} (self-extracting)\n`);
  assertEquals(source.stdout, `maestro ${VERSION} (from source)\n`);
});

Deno.test("bundle: it asks the runtime for three modules that are built in, and for nothing by `require`", () => {
  const text = [...files.values()].join("\n");
  const asked = [...text.matchAll(/(?:\bimport\s*\(?|\}\s*from)\s*(["'`])(?!\.\/)(.*?)\1/g)].map((
    [, , name],
  ) => name!);
  // The text of an adapter is no module of the runtime.
  const modules = asked.filter((name) => !name.startsWith("data:"));
  assertEquals([...new Set(modules)].sort(), ["node:crypto", "node:v8", "node:vm"]);
  assertEquals(/Dynamic require|\brequire\s*\(|typeof require/.exec(text)?.[0], undefined);
});

Deno.test("bundle: parts are evaluated when they are needed, and --version needs few", () =>
  inFreshFolder(async (folder) => {
    await unpack(`${folder}/far`);
    const counted = LOADER.replace("(0, eval)(", "(console.error(name), eval)(");
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
  assertEquals(run("var a=3;export{a};\n/* a licence */\n/* another */\n"), { a: 3 });
  assertEquals(run("var a=typeof import.meta.url;\n"), {});
  assertThrows(() => part('import x from"./b.js";export{x as y};'), Error);
  assertThrows(() => part('import("./other.js");'), Error);
  assertThrows(() => part("await 1;"), Error);
  assertThrows(() => part("export default 1;"), Error);
});
