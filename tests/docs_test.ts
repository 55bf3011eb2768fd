/**
 * README and docs are true: their tables list exactly what the program has. `docs_run_test.ts` runs their
 * commands.
 */

import { programs } from "../bench/all.ts";
import config from "../deno.json" with { type: "json" };
import { FLAGS } from "../lib/commands/app.ts";
import { EXIT_MEANINGS } from "../lib/exits.ts";
import { LEVELS } from "../lib/spec/spec_keys.ts";
import { STEP_EVENTS } from "../lib/study/state/step_events.ts";
import { STEP_STATE, STUDY_STATE } from "../lib/study/states.ts";
import { WHOLE_EVENTS } from "../lib/study/study_facts.ts";
import { applyEvent, newProgress } from "../lib/study/state/fold.ts";
import { type StatusJson, statusJson } from "../lib/view/render_json.ts";
import { statusView } from "../lib/view/status.ts";
import { WAITS_FOR } from "../lib/view/waiting.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { blocksOf, DOCS } from "./docs_blocks.ts";
import { runIn } from "./hosted.ts";
import { inFreshFolder, ROOT } from "./maestro.ts";
import { makePlan, SETTINGS } from "./make.ts";

/** Of blocks in Markdown. */
const LANGUAGES = ["sh", "text", "yaml", "json", "awk", "ts", "js"];

const read = (path: string) => Deno.readTextFileSync(`${ROOT}/${path}`);

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

Deno.test("docs: tasks that they name are some", () => {
  for (const path of DOCS) {
    for (const [, task] of read(path).matchAll(/(?:npx --yes deno@2\.9\.6|\bdeno) task ([\w:]+)/g)) {
      assert(task! in config.tasks, `${path}: ${task}`);
    }
  }
});

Deno.test("docs: every block names its language, and commands are in blocks that are run", () => {
  for (const path of DOCS) {
    for (const { language, text, line, adjoins } of blocksOf(read(path))) {
      assert(LANGUAGES.includes(language), `${path}:${line}: a block of "${language}"`);
      // After commands comes their output.
      if (language !== "text" || adjoins) continue;
      // Placeholders make a line a synopsis.
      for (const command of text.split("\n").filter((line) => /^(?:\$ |maestro |deno |npx )/.test(line))) {
        assert(
          /^maestro \w+(?: .*[A-Z[|].*)?$|^maestro COMMAND/.test(command),
          `${path}:${line}: ${command}`,
        );
      }
    }
  }
});

Deno.test("docs: whole specs in them have no problem", async () => {
  let number = 0;
  for (const path of DOCS) {
    for (const { language, text: spec, marks } of blocksOf(read(path))) {
      // Commands after a file check it.
      if (language !== "yaml" || !spec.startsWith("description:") || marks.has("file")) continue;
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

/** Sections of cli.md that describe two commands. */
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

Deno.test("docs: cli.md has every exit code, in the words of the man page", () => {
  const rows = [...section("docs/cli.md", "## Exit codes").matchAll(/^\| (\d+) +\| (.*?) *\|$/gm)];
  assertEquals(
    rows.map(([, code, meaning]) => [Number(code), meaning!.replaceAll("`", "")]),
    EXIT_MEANINGS.map((row) => [...row]),
  );
});

Deno.test("docs: json.md has the states of steps and studies, in the order of their tables", () => {
  const states = (heading: string) =>
    section("docs/json.md", "## States").split(`\n${heading}\n`)[1]!.trimStart().split("\n\n")[0]!.split("\n")
      .map((line) => /^\| `(\w+)` +\| (.*?) *\|/.exec(line)?.slice(1)).filter((row) => row !== undefined);
  const rows = (table: Readonly<Record<string, { meaning: string }>>) =>
    Object.entries(table).map(([state, { meaning }]) => [state, meaning]);
  assertEquals(states("Of a step:"), rows(STEP_STATE));
  assertEquals(states("Of a study, with the exit code of `status --exit-code`:"), rows(STUDY_STATE));
});

Deno.test("docs: states.md explains every state, in the order of the tables", () => {
  const states = (heading: string) =>
    firstColumn(section("docs/states.md", heading)).filter((word) => /^[a-z]+$/i.test(word));
  assertEquals(states("## States of a step"), Object.keys(STEP_STATE));
  assertEquals(states("## States of a study"), Object.keys(STUDY_STATE));
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
    const list = await json("list", "--json");
    const cancel = await json("cancel", "--json", "-y", "out");
    const rerun = await json("rerun", "--json", "--dry", "out");
    const wait = await json("wait", "--json", "out");
    const error = await json("status", "--json", "nowhere");
    await runIn(folder, ["maestro", "run", "-n", "-o", "scored", `${ROOT}/samples/results.yaml`]);
    const results = await json("results", "--json", "scored");
    const stats = await json("results", "--stats", "--json", "scored");
    const doctor = await json("doctor", "--json");
    const fields = (...objects: object[]) => objects.flatMap((object) => Object.keys(object));
    for (
      const [heading, expected] of [
        ["## Errors", fields(error)],
        ["## maestro wait --json", fields(wait, wait.studies[0])],
        ["## maestro rerun --json", fields(rerun, rerun.steps[0])],
        ["## maestro cancel --json", fields(cancel, cancel.studies[0])],
        ["## maestro plan --json", fields(plan, plan.steps[0])],
        ["## maestro status --json", [...fields(status, status.steps[0]), ...fieldsOfSteps()]],
        ["## maestro results --json", fields(results, results.rows[0])],
        ["## maestro results --stats --json", fields(stats, stats.statistics[0])],
        ["## maestro list --json", fields(list, list.studies[0])],
        ["## maestro lint --json", fields(lint, lint.problems[0])],
        ["## maestro doctor --json", fields(doctor)],
      ] as const
    ) assertEquals(firstColumn(section("docs/json.md", heading)), expected, heading);
  });
});

/** Fields of attempts, of `waiting` and its words, and of the tally. */
function fieldsOfSteps(): string[] {
  const progress = newProgress(makePlan({ steps: [["a", "x"], ["b", "x"]] }), SETTINGS, () => false);
  applyEvent(progress, { event: "submitting", at: 1, step: "a", attempt: 1 });
  const view = statusView(progress, { alive: true }, 2);
  const { tally, steps: [a, b] }: StatusJson = JSON.parse(
    [...statusJson({ at: 2, progress, view })].join(""),
  );
  const fields = [a!.attempts[0]!, b!.waiting!, WAITS_FOR, tally].flatMap((each) => Object.keys(each));
  const rows = Object.entries(WAITS_FOR).map(([word, meaning]) => `| \`${word}\` | ${meaning} |`);
  const text = section("docs/json.md", "## maestro status --json").replace(/ +\|/g, " |");
  for (const row of rows) assertStringIncludes(text, row);
  return fields;
}

Deno.test("docs: json.md has every event of the journal with its fields and meaning, and no other", () => {
  const row = (
    event: string,
    { fields, doc }: { fields: Record<string, string>; doc: string },
    step: boolean,
  ) => {
    const names = Object.entries(fields).map(([name, about]) => about === "" ? name : `${name} (${about})`);
    return [event, [...step ? ["step"] : [], ...names].join(", "), doc];
  };
  const expected = [
    ...Object.entries(WHOLE_EVENTS).map(([event, about]) => row(event, about, false)),
    ...Object.entries(STEP_EVENTS).map(([event, about]) => row(event, about, true)),
  ];
  const rows = section("docs/json.md", "## The journal").matchAll(/^\| `(\w+)` *\| (.*?) *\| (.*?) *\|$/gm);
  assertEquals(
    [...rows].map((row) => row.slice(1).map((cell) => cell.replaceAll("`", ""))).filter(([name]) =>
      name !== "event"
    ),
    expected,
  );
});

Deno.test("docs: design.md names every file of lib where it is, and no other", () => {
  const chapters = section("docs/design.md", "## Modules").split(/^### /m).slice(1);
  const folders = chapters.map((chapter) => /^.*`(lib[^`]*)`/.exec(chapter)![1]!);
  for (const [i, chapter] of chapters.entries()) {
    const files = [...Deno.readDirSync(`${ROOT}/${folders[i]}`)].map(({ name }) => name)
      .filter((name) => /(?<!\.d)\.ts$/.test(name));
    const named = [...chapter.matchAll(/`(\w+\.ts)`/g)].map(([, name]) => name!);
    assertEquals(
      [...new Set(named)].filter((name) => name !== "cli.ts" && name !== "mod.ts").toSorted(),
      files.toSorted(),
      folders[i],
    );
  }
  const foldersBelow = (folder: string): string[] =>
    [...Deno.readDirSync(`${ROOT}/${folder}`)].filter(({ isDirectory }) => isDirectory)
      .flatMap(({ name }) => [`${folder}/${name}`, ...foldersBelow(`${folder}/${name}`)]);
  assertEquals([...folders, "lib/commands"].toSorted(), ["lib", ...foldersBelow("lib")].toSorted());
});

/** Links of a page to files, from the project's root. */
function targetsOf(path: string): string[] {
  const folder = path.includes("/") ? path.replace(/\/[^/]*$/, "/") : "";
  return [...read(path).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!)
    .filter((link) => !/^https?:/.test(link))
    .map((link) => new URL(link, `file:///${folder}`).pathname.slice(1));
}

Deno.test("docs: README links to every page", () => {
  const linked = targetsOf("README.md");
  assertEquals(DOCS.filter((path) => path !== "README.md" && !linked.includes(path)), []);
});

const NEED = /^(?:Tutorial|How-to|Reference|Explanation)(?: and (?:how-to|reference|explanation))?: /;

Deno.test("docs: the first sentence of every page states the need that it serves", () => {
  const firstOf = (path: string) => read(path).split("\n").find((line) => /^[^#<\s]/.test(line))!;
  assertEquals(DOCS.filter((path) => path !== "README.md" && !NEED.test(firstOf(path))), []);
});

/** Columns of a table that fit beside each other in a browser. */
const COLUMNS = 8;

Deno.test("docs: no table is too wide", () => {
  const wide = DOCS.flatMap((path) =>
    read(path).split("\n").filter((line) =>
      /^\|(?: *:?-+:? *\|)+$/.test(line) && line.split("|").length - 2 > COLUMNS
    )
      .map(() => path)
  );
  assertEquals(wide, []);
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

Deno.test("docs: performance.md has every bench, and no other", () => {
  const benches = firstColumn(section("docs/performance.md", "## Questions"));
  assertEquals(benches.toSorted(), programs());
});
