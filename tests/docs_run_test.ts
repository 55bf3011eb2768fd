/**
 * Every command in README and docs is run, file by file, in order, in one folder for each file. `samples/` is
 * there, and `maestro` and the fakes of all schedulers are on PATH. A ```text block right after a ```sh block
 * is the expected output. A line `...` in it matches any lines. UPDATE=1 rewrites the output. Marks before a
 * block:
 *
 *     <!-- file: NAME -->        its text becomes that file
 *     <!-- exit: N -->           its commands end with that code
 *     <!-- not run: WHY -->      its commands cannot be run here
 */

import { ADAPTERS } from "../adapters/mod.ts";
import { assert, assertEquals } from "./assert.ts";
import { type Block, blocksOf, DOCS } from "./docs_blocks.ts";
import { inFreshFolder, ROOT, runIn } from "./maestro.ts";
import { steady } from "./steady.ts";

const UPDATE = Deno.env.get("UPDATE") === "1";
/** The folders with the schedulers' fakes, as a PATH. */
const FAKES = Object.keys(ADAPTERS).map((name) => `${ROOT}/adapters/${name}/fake`).join(":");
/** The folder in which the docs' commands are run, as the docs show it. */
const SHOWN = "/home/ada";

async function runDocument(path: string): Promise<void> {
  const markdown = await Deno.readTextFile(`${ROOT}/${path}`);
  const blocks = blocksOf(markdown);
  const printed = new Map<Block, string>();
  await inFreshFolder(async (folder) => {
    await Deno.symlink(`${ROOT}/samples`, `${folder}/samples`);
    try {
      for (const [i, block] of blocks.entries()) {
        const file = block.marks.get("file");
        if (file !== undefined) await Deno.writeTextFile(`${folder}/${file}`, block.text);
        if (block.language !== "sh") continue;
        const output = await runBlock(folder, block, `${path}:${block.line}`);
        const next = blocks[i + 1];
        if (output === undefined || next?.language !== "text" || !next.adjoins) continue;
        if (!UPDATE) assertPrinted(output, next.text, folder, `${path}:${next.line}`);
        else if (!matches(output, next.text, folder)) printed.set(next, output.replaceAll(folder, SHOWN));
      }
    } finally {
      await endAll(folder);
    }
  });
  if (printed.size > 0) await Deno.writeTextFile(`${ROOT}/${path}`, withTexts(markdown, printed));
}

/** What the commands of a block print, on both streams; undefined where they are not run. */
async function runBlock(folder: string, { text, marks }: Block, where: string): Promise<string | undefined> {
  const why = marks.get("not run");
  if (why !== undefined) {
    assert(/\w+ \w+/.test(why), `${where} does not say why it is not run`);
    return undefined;
  }
  const script =
    `exec 2>&1; FAKE='${folder}/.batch' FAKE_ENGINE='${ROOT}/templates/fake_engine.sh' COLUMNS=100 PATH='${FAKES}':$PATH
export FAKE FAKE_ENGINE COLUMNS PATH\n${text}`;
  const { code, stdout } = await runIn(folder, ["/bin/sh", "-ec", script]);
  assertEquals([where, code], [where, Number(marks.get("exit") ?? 0)], stdout);
  return stdout;
}

/**
 * Ends processes that the commands left running, so that they do not write into a folder that is being
 * removed.
 */
async function endAll(folder: string): Promise<void> {
  const { stdout } = await runIn(folder, ["maestro", "list", "--json"]);
  if (stdout === "") return;
  const studies: { state: string; directory: string }[] = JSON.parse(stdout).studies;
  const live = studies.filter(({ state }) =>
    !["initialized", "finished", "failed", "cancelled"].includes(state)
  );
  if (live.length > 0) {
    await runIn(folder, [
      "maestro",
      "cancel",
      "-y",
      ...live.map(({ directory }) => directory),
    ]);
  }
}

const comparable = (text: string, folder: string) =>
  steady(text.replaceAll(SHOWN, folder), folder).trimEnd().split("\n");

/** Whether the lines are those of the documentation, in which `...` matches any lines. */
function matches(output: string, shown: string, folder: string): boolean {
  const pattern = comparable(shown, folder).map((line) =>
    line === "..." ? "(?:.*\n)*?" : `${escaped(line)}\n`
  );
  return new RegExp(`^${pattern.join("")}$`).test(`${comparable(output, folder).join("\n")}\n`);
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function assertPrinted(output: string, shown: string, folder: string, where: string): void {
  if (matches(output, shown, folder)) return;
  assertEquals(comparable(output, folder), comparable(shown, folder), `${where} is not what is printed`);
  throw new Error(`${where} is not what is printed`);
}

function withTexts(markdown: string, texts: ReadonlyMap<Block, string>): string {
  const lines = markdown.split("\n");
  for (const [{ line, text }, output] of [...texts].reverse()) {
    lines.splice(line - 1, text.split("\n").length - 1, ...output.trimEnd().split("\n"));
  }
  return lines.join("\n");
}

for (const path of DOCS) {
  Deno.test(`docs: commands of ${path} do what it states`, () => runDocument(path));
}
