/** What README and docs say is so: their commands run, and their tables name what the program has, no more, no less. */

import config from "../deno.json" with { type: "json" };
import { FLAGS } from "../lib/commands/app.ts";
import { EXIT } from "../lib/errors.ts";
import { LEVELS } from "../lib/spec_keys.ts";
import { assert, assertEquals } from "./assert.ts";
import { inFreshFolder, type Outcome, ROOT, runIn } from "./maestro.ts";

const read = (path: string) => Deno.readTextFileSync(`${ROOT}/${path}`);
const DOCS = [
  "README.md",
  "CONTRIBUTING.md",
  ...[...Deno.readDirSync(`${ROOT}/docs`)].map(({ name }) => `docs/${name}`).filter((name) =>
    name.endsWith(".md")
  ),
].sort();

/** Texts of the code blocks in a language. */
function blocks(path: string, language: string): string[] {
  return [...read(path).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, word, text]) =>
    word === language ? [text!] : []
  );
}

/** The section below a heading, up to the next one of its level or above. */
function section(path: string, heading: string): string {
  const level = /^#+/.exec(heading)![0].length;
  const text = read(path).split(`\n${heading}\n`)[1];
  assert(text !== undefined, `${path} has no section "${heading}"`);
  return text.split(new RegExp(`^#{1,${level}} `, "m"))[0]!;
}

/** The words in backquotes in the first column of a section's tables. */
function firstColumn(text: string): string[] {
  return text.split("\n").filter((line) => line.startsWith("|")).flatMap((line) =>
    [...line.split("|")[1]!.matchAll(/`([^`]+)`/g)].map(([, word]) => word!)
  );
}

const commandLines = (path: string) => blocks(path, "sh").flatMap((block) => block.trim().split("\n"));

Deno.test("docs: every task they name is one, and every other command is maestro's", () => {
  for (const path of DOCS) {
    for (const line of commandLines(path)) {
      const task = /^(?:npx --yes deno@2\.9\.6|deno) task (\w+)/.exec(line)?.[1];
      assert(task === undefined ? line.startsWith("maestro ") : task in config.tasks, `${path}: ${line}`);
    }
  }
});

async function runLines(path: string): Promise<{ line: string; outcome: Outcome }[]> {
  return await inFreshFolder(async (folder) => {
    await Deno.symlink(`${ROOT}/samples`, `${folder}/samples`);
    const outcomes = [];
    for (const line of commandLines(path).filter((line) => line.startsWith("maestro "))) {
      outcomes.push({ line, outcome: await runIn(folder, ["/bin/sh", "-c", line]) });
    }
    return outcomes;
  });
}

Deno.test("docs: the tour of the README works as it stands", async () => {
  const outcomes = await runLines("README.md");
  assert(outcomes.length > 8);
  for (const { line, outcome } of outcomes) assertEquals([line, outcome.code], [line, 0], outcome.stderr);
});

Deno.test("docs: every other example is understood", async () => {
  for (const path of DOCS.filter((path) => path !== "README.md")) {
    for (const { line, outcome } of await runLines(path)) {
      const understood = outcome.code !== EXIT.usage || outcome.stderr.includes("no terminal to ask on");
      assert(understood && outcome.code !== EXIT.bug, `${path}: ${line}\n${outcome.stderr}`);
    }
  }
});

Deno.test("docs: whole specs in them have no problem", async () => {
  let number = 0;
  for (const path of DOCS) {
    for (const spec of blocks(path, "yaml").filter((text) => text.startsWith("description:"))) {
      number++;
      const { code, stderr } = await inFreshFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/spec.yaml`, spec);
        return await runIn(folder, ["maestro", "lint", "spec.yaml"]);
      });
      assertEquals([code, stderr], [0, "0 errors, 0 warnings\n"], path);
    }
  }
  assert(number > 1);
});

/** Sections of cli.md whose commands do not stand alone. */
const SECTIONS: Readonly<Record<string, string>> = {
  hold: "## hold and release",
  release: "## hold and release",
};

Deno.test("docs: cli.md has every option of every command, and no other", () => {
  const common = section("docs/cli.md", "### Options of all commands");
  for (const [command, { values, switches, short }] of Object.entries(FLAGS)) {
    const text = section("docs/cli.md", SECTIONS[command] ?? `## ${command}`);
    const long = [...values, ...switches];
    for (const name of long) assert(text.includes(`--${name}`), `${command} --${name} is not in docs/cli.md`);
    for (const letter of Object.keys(short)) {
      assert(new RegExp(`\`-${letter}\\b|\\[-${letter}\\b`).test(text), `${command} -${letter}`);
    }
    for (const [, name] of text.matchAll(/--([a-z][a-z-]*)/g)) {
      assert(long.includes(name!) || common.includes(`--${name}`), `${command} has no option --${name}`);
    }
  }
});

Deno.test("docs: cli.md has every exit code", () => {
  const codes = [...section("docs/cli.md", "## Exit codes").matchAll(/^\| (\d+) +\|/gm)].map(([, code]) =>
    Number(code)
  );
  assertEquals(codes, Object.values(EXIT).toSorted((a, b) => a - b));
});

Deno.test("docs: spec.md has every key of the format", () => {
  const text = read("docs/spec.md");
  for (const [level, { keys }] of Object.entries(LEVELS)) {
    for (const { name } of keys) {
      const named = text.includes(`\`${name}\``) || text.includes(`\`dependencies.${name}\``) ||
        text.includes(`## ${name}\n`);
      assert(named, `key "${name}" of ${level} is not in docs/spec.md`);
    }
  }
});

Deno.test("docs: json.md has every field, and no other", async () => {
  await inFreshFolder(async (folder) => {
    const json = async (...words: string[]) =>
      JSON.parse((await runIn(folder, ["maestro", ...words])).stdout);
    await Deno.writeTextFile(`${folder}/bad.yaml`, "study: []\n");
    const plan = await json("plan", "--json", `${ROOT}/samples/restart.yaml`);
    await runIn(folder, ["maestro", "run", "-n", "-o", "out", `${ROOT}/samples/hello_world.yaml`]);
    const status = await json("status", "--json", "out");
    const lint = await json("lint", "--json", "bad.yaml");
    const fields = (...objects: object[]) => objects.flatMap((object) => Object.keys(object));
    for (
      const [heading, expected] of [
        ["## maestro plan --json", fields(plan, plan.steps[0])],
        ["## maestro status --json", fields(status, status.steps[0])],
        ["## maestro lint --json", fields(lint.problems[0])],
      ] as const
    ) assertEquals(firstColumn(section("docs/json.md", heading)), expected, heading);
  });
});

Deno.test("docs: json.md has every event of the journal, and no other", () => {
  const events = /export type StudyEvent =([\s\S]*?);\n\n/.exec(read("lib/types.ts"))![1]!;
  const names = [...events.matchAll(/event: ((?:"\w+"(?: \| )?)+)/g)].flatMap(([, words]) =>
    [...words!.matchAll(/"(\w+)"/g)].map(([, name]) => name!)
  );
  const documented = firstColumn(section("docs/json.md", "## The journal")).filter((word) =>
    word !== "event"
  );
  assertEquals(documented.toSorted(), names.toSorted());
});

Deno.test("docs: design.md names every file of lib, and no other", () => {
  const files = [...Deno.readDirSync(`${ROOT}/lib`)].filter(({ name }) => /(?<!\.d)\.ts$/.test(name)).map((
    { name },
  ) => name);
  const named = [...section("docs/design.md", "## Modules").matchAll(/`(\w+\.ts)`/g)].map(([, name]) =>
    name!
  );
  assertEquals(
    [...new Set(named)].filter((name) => name !== "cli.ts" && name !== "mod.ts").toSorted(),
    files.toSorted(),
  );
});

Deno.test("docs: links lead somewhere", () => {
  for (const path of DOCS) {
    const folder = path.includes("/") ? path.replace(/\/[^/]*$/, "/") : "";
    for (const [, link] of read(path).matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(link!)) continue;
      const [file, anchor] = link!.split("#");
      const target = file === "" ? path : `${folder}${file}`;
      assert(Deno.statSync(`${ROOT}/${target}`), link);
      if (!anchor) continue;
      const anchors = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
        heading!.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")
      );
      assert(anchors.includes(anchor), `${path} links to ${link}`);
    }
  }
});
