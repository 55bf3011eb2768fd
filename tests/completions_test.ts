/** Completion: candidates at the cursor, and the shells that ask for them. */

import { complete, type Known } from "../lib/view/complete.ts";
import { commandFacts } from "../lib/commands/app.ts";
import { COMMON_FLAGS } from "../lib/commands/describe.ts";
import { assert, assertEquals } from "./assert.ts";
import { inFreshFolder, runIn } from "./maestro.ts";

const KNOWN: Known = {
  studies: () => ["out", "old"],
  steps: (directory) => Promise.resolve(directory === "out" ? ["plot", "plot_SIZE.1"] : []),
  parameters: (directory) => Promise.resolve(directory === "out" ? ["SIZE=1", "SIZE=2"] : []),
};

const words = async (line: string) =>
  (await complete(line.split(" "), commandFacts(), COMMON_FLAGS, KNOWN)).map(({ word }) => word);

Deno.test("completion: candidates at the cursor", async () => {
  const table: [line: string, expected: string[]][] = [
    ["sta", ["status"]],
    ["-c resu", ["resume", "results"]],
    ["-d 3 sta", ["status"]],
    ["status o", ["out", "old"]],
    ["status l", ["last"]],
    ["status --lay", ["--layout"]],
    ["status --layout n", ["narrow"]],
    ["status --layout=l", ["--layout=legacy"]],
    ["status out --step plot_", ["plot_SIZE.1"]],
    ["status --state T", ["TIMEDOUT"]],
    ["status out --param SIZE=2", ["SIZE=2"]],
    ["logs out pl", ["plot", "plot_SIZE.1"]],
    ["logs -n 3 out S", ["SIZE=1", "SIZE=2"]],
    ["logs -n ", []],
    ["completions f", ["fish"]],
    ["run s", []],
    ["list o", []],
    ["nonsense x", []],
  ];
  for (const [line, expected] of table) assertEquals(await words(line), expected, line);
});

const SPEC = `description: {name: s, description: d}
study:
  - {name: plot, description: d, run: {cmd: "true $(SIZE)"}}
global.parameters: {SIZE: {values: [1, 2], label: SIZE.%%}}
`;

const LINES = [
  "maestro stat",
  "maestro logs out SIZE=1",
  "maestro rerun --step=plot_SIZE.2",
  "maestro plan sp",
];

/** How each shell is asked for what it would offer. */
const SHELLS: Readonly<Record<string, { script: (line: string) => string; expected: readonly string[] }>> = {
  bash: {
    script: (line) =>
      `source <(maestro completions bash)
COMP_LINE='${line}' COMP_POINT=${line.length}; _maestro 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`,
    // Bash puts it behind the last = by itself; files are its own matter.
    expected: ["status", "1", "plot_SIZE.2", ""],
  },
  zsh: {
    script: (line) =>
      `functions[compdef]=true; eval "$(maestro completions zsh)"
_describe() { print -l -- "\${items[@]%%:*}"; }; _files() { print files; }
words=(\${=:-${line}}); CURRENT=\${#words}; _maestro`,
    expected: ["status", "SIZE=1", "--step=plot_SIZE.2", "files"],
  },
  fish: {
    script: (line) => `maestro completions fish | source; complete -C '${line}' | cut -f 1`,
    expected: ["status", "SIZE=1", "--step=plot_SIZE.2", "spec.yaml"],
  },
};

/** Whether a test is left out for want of a program: never silently, and not where CI=true. */
async function lacks(program: string): Promise<boolean> {
  const found = (await runIn("/", ["/bin/sh", "-c", `command -v ${program}`])).code === 0;
  if (found || Deno.env.get("CI") === "true") return false;
  console.error(`!!! LEFT OUT: the tests with ${program}, for it is not here !!!`);
  return true;
}

for (const [shell, { script, expected }] of Object.entries(SHELLS)) {
  Deno.test({
    name: `completion: in ${shell}`,
    ignore: await lacks(shell),
    async fn() {
      await inFreshFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/spec.yaml`, SPEC);
        await runIn(folder, ["maestro", "run", "-n", "-o", "out", "spec.yaml"]);
        const found = [];
        for (const line of LINES) {
          found.push((await runIn(folder, [shell, "-c", script(line)])).stdout.trim());
        }
        assertEquals(found, [...expected]);
      });
    },
  });
}

Deno.test({
  name: "completion: in bash, a name that means something to the shell stays a name",
  ignore: await lacks("bash"),
  fn: () =>
    inFreshFolder(async (folder) => {
      const names = ["$(touch hit)", "`touch hit`", "a*", "b; touch hit", "c'd"];
      const steps = names.map((name) =>
        `- {name: ${JSON.stringify(name)}, description: d, run: {cmd: "true"}}\n`
      );
      const text = `description: {name: n, description: d}\nstudy:\n${steps.join("")}`;
      await Deno.writeTextFile(`${folder}/spec.yaml`, text);
      await runIn(folder, ["maestro", "run", "-n", "-o", "out", "spec.yaml"]);
      await Deno.writeTextFile(`${folder}/ab`, "");
      const line = "maestro logs out ";
      // What is completed is read by the shell once more.
      const script = `source <(maestro completions bash)
COMP_LINE='${line}' COMP_POINT=${line.length}; _maestro 2>/dev/null
for word in "\${COMPREPLY[@]}"; do eval "printf '%s\\n' $word"; done; [ ! -e hit ]`;
      const { code, stdout } = await runIn(folder, ["bash", "-c", script]);
      assertEquals({ code, words: stdout.trim().split("\n") }, { code: 0, words: names });
    }),
});

Deno.test({
  name: "man page: mandoc has no complaints",
  ignore: await lacks("mandoc"),
  async fn() {
    const { stdout } = await runIn("/", ["/bin/sh", "-c", "maestro man | mandoc -T lint"]);
    assertEquals(
      stdout.split("\n").filter((line) => !/STYLE: input text line longer/.test(line)).join("\n"),
      "",
    );
  },
});

Deno.test("man page: every command and option is in it", async () => {
  const { stdout } = await runIn("/", ["maestro", "man"]);
  for (const { name, flags } of commandFacts()) {
    assert(stdout.includes(`.SS ${name}\n`), name);
    for (const flag of flags) assert(stdout.includes(`\\-\\-${flag.name.replaceAll("-", "\\-")}`), flag.name);
  }
});
