/** Adapters in files: the example of docs/add-a-scheduler.md, found by name and named by a spec; what is refused. */

import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { blocksOf } from "./docs_blocks.ts";
import { inFreshFolder, ROOT, runIn } from "./maestro.ts";

const BLOCKS = blocksOf(Deno.readTextFileSync(`${ROOT}/docs/add-a-scheduler.md`));
const ADAPTER = BLOCKS.find(({ language }) => language === "js")!.text;
const FAKE = BLOCKS.find(({ text }) => text.startsWith("#!/bin/sh\n"))!.text;

const SPEC = (type: string) =>
  `description: {name: own, description: a job}
batch: {type: ${type}}
study: [{name: job, description: one, run: {cmd: "echo ran >> $(SPECROOT)/ledger", procs: 1}}]
`;

/** A folder with the adapter, its fake and a spec; `maestro` finds the fake. */
async function prepared(folder: string, type: string): Promise<void> {
  await Deno.mkdir(`${folder}/fake`);
  await Deno.writeTextFile(`${folder}/fake/tsp`, FAKE, { mode: 0o755 });
  await Deno.writeTextFile(`${folder}/own.js`, ADAPTER, { mode: 0o644 });
  await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC(type));
}

/** Runs shell commands with the fake on PATH. */
function shell(folder: string, commands: string) {
  const setup = `export FAKE='${folder}/queue' FAKE_ENGINE='${ROOT}/templates/fake_engine.sh'
export PATH='${folder}/fake':$PATH\n`;
  return runIn(folder, ["/bin/sh", "-c", setup + commands]);
}

const ledger = (folder: string) => {
  try {
    return Deno.readTextFileSync(`${folder}/ledger`);
  } catch {
    return "";
  }
};

Deno.test("own adapter: a spec names a file; run loads it only when the user agrees, lint, plan and graph never", () =>
  inFreshFolder(async (folder) => {
    await prepared(folder, "./own.js");
    const lint = await shell(folder, "exec maestro lint spec.yaml");
    assertEquals(lint.code, 0, lint.stderr);
    assertStringIncludes(lint.stderr, "warning: The adapter ./own.js is not loaded here");
    assertStringIncludes(lint.stderr, "at spec.yaml:2:");
    for (const command of ["plan", "graph"]) {
      const { code, stderr } = await shell(folder, `exec maestro ${command} spec.yaml`);
      assertEquals([code, stderr.includes("is not loaded here")], [0, true], stderr);
    }
    // -y and an answer that waits are no answers to this question.
    for (const run of ["maestro run -y -o no spec.yaml", "yes | maestro run -o no spec.yaml"]) {
      const { code, stderr } = await shell(folder, run);
      assertEquals(code, 65, stderr);
      assertStringIncludes(stderr, "error: The adapter ./own.js is a program, and nobody agreed to run it");
    }
    const { code, stderr } = await shell(
      folder,
      "exec maestro run -y -fg -s 0.2 --trust-adapter -o study spec.yaml",
    );
    assertEquals(code, 0, stderr);
    assertEquals(ledger(folder), "ran\n");
    const facts = JSON.parse(Deno.readTextFileSync(`${folder}/study/meta/adapter.json`));
    assertEquals([facts.name, facts.file], ["tsp", `${folder}/own.js`]);
    assertEquals(Deno.readTextFileSync(`${folder}/study/meta/adapter.js`), ADAPTER);
  }));

Deno.test("own adapter: on a terminal, run asks before it loads a file, and -y does not answer", () =>
  inFreshFolder(async (folder) => {
    await prepared(folder, "./own.js");
    const answered = (answer: string, name: string) => {
      const steps = [["expect", "Load it? [y/N] "], ["send", `${answer}\n`]].map((step) =>
        JSON.stringify(step)
      );
      const terminal = `python3 ${ROOT}/tests/on_terminal.py 24 200`;
      return shell(
        folder,
        `printf '%s\\n' '${steps.join("' '")}' | ${terminal} maestro run -y -fg -s 0.2 -o ${name} spec.yaml`,
      );
    };
    const no = await answered("n", "no");
    assertEquals([no.code, ledger(folder)], [65, ""], no.stdout);
    assertStringIncludes(no.stdout, `runs with your rights: ${folder}/own.js`);
    const yes = await answered("y", "yes");
    assertEquals([yes.code, ledger(folder)], [0, "ran\n"], yes.stdout);
  }));

Deno.test("own adapter: a study uses its copy, and asks no more; a copy that was changed is not run", () =>
  inFreshFolder(async (folder) => {
    await prepared(folder, "./own.js");
    const laid = await shell(folder, "exec maestro run -n --trust-adapter -o study spec.yaml");
    assertEquals(laid.code, 0, laid.stderr);
    await Deno.remove(`${folder}/own.js`);
    const copy = `${folder}/study/meta/adapter.js`;
    await Deno.writeTextFile(copy, `${ADAPTER}// changed\n`);
    const refused = await shell(folder, "exec maestro resume -fg study");
    assertEquals(refused.code, 77, refused.stderr);
    assertStringIncludes(refused.stderr, "The adapter of the study is not loaded: it was changed");
    assertEquals(ledger(folder), "");
    const trusted = await shell(folder, "exec maestro resume -fg --trust-adapter study");
    assertEquals(trusted.code, 0, trusted.stderr);
    assertEquals(ledger(folder), "ran\n");
  }));

Deno.test("own adapter: readers of a study do not run its copy", () =>
  inFreshFolder(async (folder) => {
    await prepared(folder, "./own.js");
    const { code, stderr } = await shell(
      folder,
      "exec maestro run -y -fg -s 0.2 --trust-adapter -o study spec.yaml",
    );
    assertEquals(code, 0, stderr);
    await Deno.writeTextFile(
      `${folder}/study/meta/adapter.js`,
      `Deno.writeTextFileSync("${folder}/ran", "");`,
    );
    for (
      const command of ["status study", "logs --out study job", "logs --script study job", "report study"]
    ) {
      const read = await shell(folder, `exec maestro ${command}`);
      assertEquals([command, read.code], [command, 0], read.stderr);
    }
    assertEquals([...Deno.readDirSync(folder)].some(({ name }) => name === "ran"), false);
  }));

Deno.test("own adapter: one in the user's folder is found by its name", () =>
  inFreshFolder(async (folder) => {
    await prepared(folder, "tsp");
    const unknown = await shell(folder, "exec maestro lint spec.yaml");
    assertStringIncludes(unknown.stderr, 'Unknown batch type "tsp"');
    await Deno.mkdir(`${folder}/.config/maestro/adapters`, { recursive: true });
    await Deno.rename(`${folder}/own.js`, `${folder}/.config/maestro/adapters/tsp.js`);
    const { code, stderr } = await shell(
      folder,
      "maestro lint spec.yaml && exec maestro run -y -fg -s 0.2 -o study spec.yaml",
    );
    assertEquals(code, 0, stderr);
    assertEquals(ledger(folder), "ran\n");
    // XDG_CONFIG_HOME names another folder.
    const moved = await shell(folder, "export XDG_CONFIG_HOME=$PWD/else; exec maestro lint spec.yaml");
    assertEquals(moved.code, 65);
  }));

Deno.test("own adapter: a file that others can write, or whose folder they can, is not loaded", () =>
  inFreshFolder(async (folder) => {
    await prepared(folder, "./own.js");
    const run = "exec maestro run -y --trust-adapter -o no spec.yaml";
    for (const [path, mode] of [[`${folder}/own.js`, 0o664], [folder, 0o777]] as const) {
      const before = (await Deno.stat(path)).mode! & 0o777;
      await Deno.chmod(path, mode);
      const { code, stderr } = await shell(folder, run);
      assertEquals(code, 65, stderr);
      assertStringIncludes(stderr, `others can write ${path}`);
      await Deno.chmod(path, before);
    }
  }));

/** Files that are no adapter, and what is shown of each: the message and the place. */
const BAD: Readonly<Record<string, readonly [text: string, message: string, place: string]>> = {
  syntax: ["export default {\n  name: 'x',\n  a: ),\n};\n", "The adapter cannot be loaded", "own.js:3:6"],
  throws: [
    "const a = null;\n\nexport default () => a.b.c;\n",
    "Cannot read properties of null",
    "own.js:3:24",
  ],
  imports: ["// note\nimport fs from 'node:fs';\nexport default fs;\n", "imports nothing", "own.js:2:1"],
  nothing: ["export const x = 1;\n", "exports no adapter", "own.js:1:1"],
  missing: [ADAPTER.replace("    batchKeys:", "    batchKey:"), 'Missing field "batchKeys"', "own.js:3:1"],
  type: [ADAPTER.replace(/ {4}template: .*/, "    template: 7,"), '"template" is a text, not 7', "own.js:"],
  inside: [
    ADAPTER.replace("      cancelMeansGone:", "      cancelMeansGon:"),
    'Unknown field "scheduler.cancelMeansGon". Did you mean "cancelMeansGone"?',
    "own.js:",
  ],
};

for (const [name, [text, message, place]] of Object.entries(BAD)) {
  Deno.test(`own adapter: a bad file is shown with its place: ${name}`, () =>
    inFreshFolder(async (folder) => {
      await prepared(folder, "./own.js");
      assert(text !== ADAPTER);
      await Deno.writeTextFile(`${folder}/own.js`, text);
      for (const command of ["adapter check own.js", "run -y --trust-adapter -o no spec.yaml"]) {
        const { code, stderr } = await shell(folder, `exec maestro ${command}`);
        assertEquals([command, code], [command, 65], stderr);
        assertStringIncludes(stderr, message);
        assertStringIncludes(stderr, place);
      }
    }));
}

Deno.test("own adapter: a file with a loop that does not end is reported", () =>
  inFreshFolder(async (folder) => {
    await prepared(folder, "./own.js");
    await Deno.writeTextFile(`${folder}/own.js`, "while (true) {}\nexport default {};\n");
    const { code, stderr } = await shell(folder, "exec maestro adapter test own.js");
    assertEquals(code, 65, stderr);
    assertStringIncludes(stderr, "The adapter is not loaded after 30 seconds");
  }));

Deno.test("own adapter: maestro adapter test runs the suite over a file, studies included", () =>
  inFreshFolder(async (folder) => {
    await prepared(folder, "./own.js");
    const { code, stdout } = await shell(folder, "exec maestro adapter test own.js --fake fake");
    assertEquals(code, 0, stdout);
    assertStringIncludes(stdout, "ok        study: a conductor is killed, and nothing runs twice\n");
    assertStringIncludes(stdout, "UNPROVEN  No answer of the real scheduler is recorded");
    assert(/^tsp: \d+ passed, 0 failed, 2 not proven$/m.test(stdout), stdout);
    await Deno.writeTextFile(`${folder}/own.js`, ADAPTER.replace("tagged(plainName(jobName), token)", '"x"'));
    const failed = await shell(folder, "exec maestro adapter check own.js");
    assertEquals(failed.code, 65, failed.stdout);
    assertStringIncludes(failed.stdout, "FAILED    commands: a submission names the script and the token\n");
    const none = await shell(folder, "exec maestro adapter test none.js");
    assertEquals(none.code, 66);
    assertEquals((await shell(folder, "exec maestro adapter tests own.js")).code, 64);
  }));
