/** Names and values of users on a terminal: no control character of theirs has an effect there. */

import { visibleLines } from "../lib/cells.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { inFreshFolder, ROOT, runIn } from "./maestro.ts";

/** Escape, bell, a control character of eight bits, and a change of direction. */
const SPEC = String.raw`description: {name: "st\eudy\x07", description: "d\e[2J"}
env:
  variables: {X: "\e]0;title\x07"}
study:
  - {name: "a\e[31m\e[2Jx", description: d, run: {cmd: "printf 'out\\033[2J\\033[31mred\\033[0m 1\\r2\\n'"}}
  - {name: constructor, description: d, run: {cmd: "echo $(P)"}}
  - {name: __proto__, description: d, run: {cmd: "echo b", depends: [constructor_*]}}
  - {name: "$(touch hit)", description: d, run: {cmd: "exit 3"}}
global.parameters:
  P: {values: ["v\e[2J1", "\u009b31m2", "\u202etoString"], label: "P.%%"}
`;
// deno-lint-ignore no-control-regex
const RAW = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/;

const SPEC_COMMANDS = [
  ...["lint spec.yaml", "plan spec.yaml", "graph spec.yaml", "graph --format dot spec.yaml"],
  ...["graph --format mermaid spec.yaml", "run --dry -y -o dry spec.yaml"],
];
const STUDY_COMMANDS = [
  ...["status out", "status --layout flat out", "status --layout legacy out", "status --layout narrow out"],
  ...["events out", "list .", "logs out a", "rerun --dry out", "cancel -y out", "cancel -y --step a out"],
  ...[
    "hold out",
    "release out",
    "clean -y out",
    "export -o crate out",
    "report -o page.html out",
    "wait out",
  ],
];

Deno.test("control characters of names and values are shown as escapes by every command", () =>
  inFreshFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/spec.yaml`, SPEC);
    const wrong: string[] = [];
    const tryAll = async (commands: readonly string[]) => {
      for (const command of commands) {
        const { code, stdout, stderr } = await runIn(folder, ["maestro", ...command.split(" ")]);
        const text = command.startsWith("logs") ? stderr : stdout + stderr;
        if (RAW.test(text) || code === 70) wrong.push(`${command}: ${code} ${JSON.stringify(text)}`);
      }
    };
    await tryAll(SPEC_COMMANDS);
    assertEquals((await runIn(folder, ["maestro", "run", "-y", "-fg", "-o", "out", "spec.yaml"])).code, 2);
    await tryAll(STUDY_COMMANDS);
    assertEquals(wrong, []);
  }));

Deno.test("control characters on the command line are shown as escapes in messages", () =>
  inFreshFolder(async (folder) => {
    const bad = "x\x1b[2J\x07\u009b31m";
    for (
      const words of [
        ...[["status", bad], ["logs", bad, bad], ["run", bad], ["lint", bad], [bad], ["status", `--${bad}`]],
        ...[["list", bad], ["run", "-o", bad, "none"], ["update", "--throttle", bad, "."], ["help", bad]],
        ...[["completions", bad], ["graph", "--format", bad, "x"], ["template", bad, "x"]],
      ]
    ) {
      const { code, stdout, stderr } = await runIn(folder, ["maestro", ...words]);
      assert(!RAW.test(stdout + stderr), JSON.stringify({ words, stdout, stderr }));
      assert(code !== 0 && code !== 70, JSON.stringify({ words, code, stderr }));
    }
  }));

Deno.test("words that every object of JavaScript has are ordinary words", () =>
  inFreshFolder(async (folder) => {
    for (const word of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
      for (
        const words of [["completions", word], ["completions", word, "a"], ["help", word], [word], [
          "schema",
          word,
        ]]
      ) {
        const { code, stderr } = await runIn(folder, ["maestro", ...words]);
        assert([2, 64].includes(code), `${words}: ${code} ${stderr}`);
      }
    }
  }));

Deno.test("logs: unchanged in a pipe; on a terminal only styles, tabs and ends of lines keep their effect", () =>
  inFreshFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/spec.yaml`, SPEC);
    await runIn(folder, ["maestro", "run", "-y", "-fg", "-o", "out", "spec.yaml"]);
    const words = ["maestro", "logs", "--out", "out", "a"];
    assertEquals((await runIn(folder, words)).stdout, "out\x1b[2J\x1b[31mred\x1b[0m 1\r2\n");
    const terminal = ["python3", `${ROOT}/tests/on_terminal.py`, "24", "200"];
    const { code, stdout } = await runIn(folder, [
      "sh",
      "-c",
      '"$@" </dev/null',
      "sh",
      ...terminal,
      ...words,
    ]);
    if (code === 127) return console.error("LEFT OUT: logs on a terminal. It needs python3.");
    assertStringIncludes(stdout, "out\\x1b[2J\x1b[31mred\x1b[0m 1\r2\r\n");
  }));

Deno.test("a text of several lines keeps its lines and styles, and nothing else", () => {
  const kept = "a\n\tb \x1b[1;31merror:\x1b[0m c\n";
  assertEquals(visibleLines(kept), kept);
  assertEquals(visibleLines("\r1 of 2\r"), "\r1 of 2\r");
  assertEquals(
    visibleLines("a\rb\x1b[2J\x1b]0;t\x07\x00\u009b1m\n"),
    "a\\rb\\x1b[2J\\x1b]0;t\\x07\\x00\\u009b1m\n",
  );
});
