/** docs/add-a-scheduler.md as somebody follows it: its files are written beside a copy of the project, and its suite is run. */

import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { type Block, blocksOf } from "./docs_blocks.ts";
import { inFreshFolder, ROOT } from "./maestro.ts";

const PAGE = Deno.readTextFileSync(`${ROOT}/docs/add-a-scheduler.md`);
const BLOCKS = blocksOf(PAGE);
const LINES = PAGE.split("\n");

/** The file that the words before a block name first. */
function fileOf({ line }: Block): string | undefined {
  return /^`([\w./]+)`/.exec(LINES[line - 4] ?? "")?.[1];
}

const versionsOf = (file: string) => BLOCKS.filter((block) => fileOf(block) === file).map(({ text }) => text);
const blockWith = (start: string) => BLOCKS.find(({ text }) => text.startsWith(start))!.text;

/** A copy of the project: links, but for the folders that get something new. */
async function copyProject(folder: string): Promise<void> {
  const link = (path: string) => Deno.symlink(`${ROOT}/${path}`, `${folder}/${path}`);
  for (const { name } of Deno.readDirSync(ROOT)) {
    if (!name.startsWith(".") && name !== "adapters" && name !== "templates") await link(name);
  }
  for (const part of ["adapters", "templates"]) {
    await Deno.mkdir(`${folder}/${part}`);
    for (const { name } of Deno.readDirSync(`${ROOT}/${part}`)) await link(`${part}/${name}`);
  }
  await Deno.remove(`${folder}/adapters/mod.ts`);
  await Deno.copyFile(`${ROOT}/adapters/mod.ts`, `${folder}/adapters/mod.ts`);
}

async function write(path: string, text: string, mode = 0o644): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text, { mode });
}

/** Runs the suite of the adapter in a copy. */
async function suite(folder: string): Promise<{ code: number; said: string }> {
  // A bundle of the project does not have the new adapter.
  const { MAESTRO_BUNDLE: _, MAESTRO_UNDER_TEST: __, UPDATE: ___, SUITE: ____, ...environment } = Deno.env
    .toObject();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--no-check", "adapters/tsp"],
    cwd: folder,
    clearEnv: true,
    env: { ...environment, NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  return { code, said: text.decode(stdout) + text.decode(stderr) };
}

Deno.test("add a scheduler: the stub fails with the sentences of the page, and the finished adapter passes", () =>
  inFreshFolder(async (folder) => {
    await copyProject(folder);
    for (const file of ["templates/tsp.sh", "mod.ts", "jobs.ts", "adapter_test.ts"]) {
      const path = file.includes("/") ? file : `adapters/tsp/${file}`;
      await write(`${folder}/${path}`, versionsOf(path)[0]!);
    }
    const stub = await suite(folder);
    assertEquals([stub.code, /(\d+) failed/.exec(stub.said)?.[1]], [1, "9"], stub.said);
    for (const line of blockWith("tsp: it has a row\n").split("\n")) assertStringIncludes(stub.said, line);

    const rows = Deno.readTextFileSync(`${folder}/adapters/mod.ts`);
    const row = rows.replace(/^import type .*\n/m, '$&import { tsp } from "./tsp/mod.ts";\n').replace(
      "slurm,",
      "slurm, tsp,",
    );
    await write(`${folder}/adapters/mod.ts`, row);
    const mod = versionsOf("adapters/tsp/mod.ts")[0]!
      .replace(/ {2}batchKeys: .*\n {2}ignores: \{\},\n/, "")
      .replace("  launcher: () => [],\n", blockWith("  otherNames:"))
      .replace(
        "import { tspJobs",
        'import { mpiLauncher, OF_FLUX, OF_LSF } from "../values.ts";\nimport { tspJobs',
      );
    await write(`${folder}/adapters/tsp/mod.ts`, mod);
    await write(`${folder}/adapters/tsp/jobs.ts`, versionsOf("adapters/tsp/jobs.ts")[1]!);
    const plain = await suite(folder);
    assertEquals(plain.code, 0, plain.said);
    for (const line of blockWith("tsp: !!! UNPROVEN").split("\n").slice(0, 2)) {
      assertStringIncludes(plain.said, line.replace(/ \(.*/, ""));
    }

    await write(`${folder}/adapters/tsp/fake/tsp`, versionsOf("adapters/tsp/fake/tsp")[0]!, 0o755);
    const tests = versionsOf("adapters/tsp/adapter_test.ts")[0]!
      .replace("testAdapter(tsp, {});\n", blockWith("testAdapter(tsp, {\n"));
    await write(`${folder}/adapters/tsp/adapter_test.ts`, tests);
    const whole = await suite(folder);
    assertEquals(whole.code, 0, whole.said);
    assert(/study: a conductor is killed, and nothing runs twice \.\.\. ok/.test(whole.said), whole.said);
  }));
